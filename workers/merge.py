"""A worker that adds up partial results and commits them to the state.

``python -m workers.merge``; ``TELEMETRY_WORKER_PROCESSES`` says how many processes it has.
"""

from workers.start import become_worker

if __name__ == "__main__":
    become_worker("merge")
