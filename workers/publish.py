"""A worker that publishes snapshots, writes checkpoints, collects garbage.

``python -m workers.publish``; ``TELEMETRY_WORKER_PROCESSES`` says how many processes it has.
"""

from workers.start import become_worker

if __name__ == "__main__":
    become_worker("publish")
