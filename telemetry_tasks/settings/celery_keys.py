"""The location of Celery's keys in Redis."""


def key_prefix(redis_prefix: str) -> str:
    """The first part of every key and channel of Celery's in a deployment: queues, results, remote control, events."""
    return f"{redis_prefix}:celery:"
