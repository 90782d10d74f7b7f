"""What `up` asks of Celery's side of the broker, without loading this package's app and its settings."""

from celery import Celery
from kombu import Connection
from kombu.exceptions import OperationalError
from redis import RedisError

from telemetry_tasks.errors import InfrastructureError

PING_SECONDS = 1.0


def worker_answers(broker_url: str, prefix: str, node: str) -> bool:
    """Whether the worker of the deployment with this ``key_prefix`` takes commands.

    Raises ``InfrastructureError`` when the broker does not answer.
    """
    app = Celery(broker=broker_url, set_as_current=False)
    # the workers accept nothing but msgpack, remote control included
    options = {"global_keyprefix": prefix}
    app.conf.update(task_serializer="msgpack", accept_content=["msgpack"], broker_transport_options=options)
    try:
        return bool(app.control.ping(destination=[node], timeout=PING_SECONDS, limit=1))
    except (OperationalError, RedisError, OSError) as error:
        raise InfrastructureError(f"the broker does not answer: {error}") from error
    finally:
        app.close()


def restore_unacknowledged(broker_url: str, prefix: str) -> int:
    """Puts messages that a dead worker had taken back into their queues; returns how many.

    Only right while no worker is alive on the broker, which `up` knows of its own. Elsewhere Celery's
    visibility timeout does it, later. Raises ``InfrastructureError`` when the broker does not answer.
    """
    try:
        with Connection(broker_url, transport_options={"global_keyprefix": prefix}) as connection:
            channel = connection.default_channel
            tags = channel.client.hkeys(f"{prefix}{channel.unacked_key}")  # HKEYS gets no prefix from kombu
            for tag in tags:
                channel.qos.restore_by_tag(tag.decode(), leftmost=True)
            return len(tags)
    except (OperationalError, RedisError, OSError) as error:
        raise InfrastructureError(f"the broker does not answer: {error}") from error
