"""A worker that finds new ping files, starts merge rounds and sweeps.

``python -m workers.control``; ``TELEMETRY_WORKER_PROCESSES`` says how many processes it has.
"""

from workers.start import become_worker

if __name__ == "__main__":
    become_worker("control")
