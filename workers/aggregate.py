"""A worker that turns ping files into partial results: the kind to have many of.

``python -m workers.aggregate``; ``TELEMETRY_WORKER_PROCESSES`` says how many processes it has.
"""

from workers.start import become_worker

if __name__ == "__main__":
    become_worker("aggregate")
