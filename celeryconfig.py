"""Celery's settings, each with its why. Values that differ between deployments come from ``TELEMETRY_*`` variables.

Measured behind these choices: docs/operations.md. A file of this name in the working folder takes precedence.
"""

import os as _os

from telemetry_tasks.settings import refuse_celery_variables as _refuse
from telemetry_tasks.settings import settings as _load

# Celery would follow its own variables and not these settings.
_refuse(_os.environ)
_settings = _load()

# Redis carries the messages. Nothing depends on them: the sweep finds lost work.
broker_url = _settings.broker_address
if broker_url.startswith("rediss://"):
    # Flower reads this; everything else uses the address
    broker_use_ssl = {"ssl_cert_reqs": "required"}
    if _settings.redis_ca_file:
        broker_use_ssl["ssl_ca_certs"] = str(_settings.redis_ca_file)

# Chords need a result backend; the results are small keys.
result_backend = _settings.result_address

# Only msgpack: a client that can write to the broker must not be able to run code, which pickle would allow.
task_serializer = "msgpack"
result_serializer = "msgpack"
accept_content = ["msgpack"]
event_serializer = "json"  # what readers of events take besides their own; they are not tasks and ask for it themselves
result_accept_content = ["msgpack"]

# A message is acknowledged when its task has ended, so that another worker takes over if a worker is lost.
task_acks_late = True
task_reject_on_worker_lost = True

# A child that is killed under its task sends it back at most a few times; the state's count of attempts ends it.
task_retry_on_worker_lost = True

# One task at a time is reserved: prefetched ones would wait behind a long one while other workers idle.
worker_prefetch_multiplier = 1

# A task that hangs is asked to stop, then killed. What a worker has taken it renews while it lives
# (celery_guards/redelivery.py), so the visibility timeout does not limit tasks; what a killed worker had taken comes
# back after it. It has to be said in three places, and the shortest one wins.
task_soft_time_limit = _settings.soft_time_limit
task_time_limit = _settings.time_limit
_visibility_timeout = _settings.visibility_timeout
visibility_timeout = _visibility_timeout
broker_transport_options = {
    # several deployments can share a Redis: queues, unacknowledged messages, remote control and events
    "global_keyprefix": _settings.broker_prefix,
    "visibility_timeout": _visibility_timeout,
    # look for messages of lost workers every second instead of every 100 s
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    # a worker killed while it restores must not keep others from it for five minutes
    "unacked_mutex_expire": 30,
    "socket_timeout": 30,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 25,
}
result_backend_transport_options = {
    "global_keyprefix": _settings.broker_prefix,
    "visibility_timeout": _visibility_timeout,
}
redis_socket_timeout = 30
redis_socket_connect_timeout = 5
redis_socket_keepalive = True
redis_backend_health_check_interval = 25

# A restart of Redis must not end a chord or a worker for good.
result_backend_always_retry = True
result_backend_max_retries = 60
result_backend_base_sleep_between_retries_ms = 100
result_backend_max_sleep_between_retries_ms = 2000
broker_connection_retry_on_startup = True
broker_connection_max_retries = None
# nor a Redis that becomes a replica (UNBLOCKED, READONLY): errors of the server are tried again like lost connections
broker_channel_error_retry = True
worker_cancel_long_running_tasks_on_connection_loss = True

# Only the headers of chords need their results; they say so themselves. The chord has them as soon as they are there,
# so they are kept for minutes. What is left of a chord that never ended goes after a while that is longer than its
# tasks may take.
task_ignore_result = True
result_expires = 600
result_chord_expires = max(3600, int(2 * _settings.time_limit))
result_chord_join_timeout = 60

# Children are replaced now and then, to free memory that libraries leak.
worker_max_tasks_per_child = 200
worker_max_memory_per_child = 1_500_000  # KiB

# Stopped workers may finish their tasks for this long, then return the messages.
worker_soft_shutdown_timeout = _settings.soft_shutdown

# Events are for Flower; a sent-event per message would double the cost of sending.
worker_send_task_events = True
task_send_sent_event = False
task_track_started = False

# The processes log through structlog to stderr; Celery leaves that alone.
worker_hijack_root_logger = False
worker_redirect_stdouts = False

# Four kinds of work, each with its own workers if the load is high enough. No priorities: on Redis they poll.
task_default_queue = "control"
task_create_missing_queues = True
task_routes = {
    "discover": {"queue": "control"},
    "sweep": {"queue": "control"},
    "merge_round": {"queue": "control"},
    "drain_notifications": {"queue": "control"},
    "drain_finished_tasks": {"queue": "control"},
    "aggregate_partition": {"queue": "aggregate"},
    "download_and_merge": {"queue": "merge"},
    "reduce_into_state": {"queue": "merge"},
    "compact": {"queue": "merge"},
    "reprocess_partition": {"queue": "aggregate"},
    "switch_reprocessed": {"queue": "merge"},
    "publish": {"queue": "publish"},
    "publish_channel_version": {"queue": "publish"},
    "publish_part": {"queue": "publish"},
    "complete_parts": {"queue": "publish"},
    "finish_publish": {"queue": "publish"},
    "checkpoint": {"queue": "publish"},
    "collect_garbage": {"queue": "publish"},
}

imports = ("telemetry_tasks.tasks",)

# Every periodic task depends on the current state, never on its last run, and expires before the next: missed or
# duplicate ticks are harmless, and so are two beats.
timezone = "UTC"


def _every(task: str, seconds: float) -> dict[str, object]:
    # beat knows their names only: what the tasks themselves say of their results is not known to it
    return {"task": task, "schedule": seconds, "options": {"expires": max(seconds, 1.0), "ignore_result": True}}


# The intervals are settings, so that what runs for a person to watch is quicker than a fleet.
beat_schedule = {
    "discover": _every("discover", _settings.discover_interval),
    "merge_round": _every("merge_round", _settings.merge_interval),
    "sweep": _every("sweep", _settings.sweep_interval),
    "publish": _every("publish", _settings.publish_interval),
    "checkpoint": _every("checkpoint", _settings.checkpoint_interval),
    "collect_garbage": _every("collect_garbage", _settings.garbage_interval),
}
# Queues of other systems are drained if they are configured.
if _settings.notifications_queue_url:
    beat_schedule["drain_notifications"] = _every("drain_notifications", _settings.queue_interval)
if _settings.finished_tasks_queue_url:
    beat_schedule["drain_finished_tasks"] = _every("drain_finished_tasks", _settings.queue_interval)

# Beat looks at its schedule at least as often as the shortest interval.
beat_max_loop_interval = min(
    5.0, _settings.discover_interval, _settings.merge_interval, _settings.publish_interval, _settings.sweep_interval
)
