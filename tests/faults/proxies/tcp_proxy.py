"""A TCP proxy, for Redis: connections are cut, frozen, delayed, or lose the answers to what was done."""

import contextlib
import re
import socket
import threading
import time
from collections import Counter
from types import TracebackType

from tests.faults.proxies.sockets import hang_up
from tests.servers.ports import HOST


class TcpFaultProxy:
    """``with TcpFaultProxy(server.port) as proxy: redis.from_url(proxy.redis_url)``.

    ``delay`` (seconds, for every piece in either direction) may be set at any time. ``counts`` has connections
    ``accepted`` and ``cut``, and replies ``lost``. ``replacement`` is a pattern and what stands in its place in
    every piece that the server sends, of the same length.
    """

    def __init__(self, upstream_port: int, upstream_host: str = HOST) -> None:
        self._upstream_host, self.upstream_port = upstream_host, upstream_port
        self.delay = 0.0
        self.replacement: tuple[bytes, bytes] | None = None
        self.counts: Counter[str] = Counter()
        self.port = 0
        self._listener: socket.socket | None = None
        self._flowing = threading.Event()
        self._flowing.set()
        self._lock = threading.Lock()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._replies_to_lose = 0

    @property
    def redis_url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def up(self) -> None:
        """Takes connections, always on the same port."""
        if self._listener is None:
            self._listener = socket.create_server((HOST, self.port), backlog=128)
            self.port = self._listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def down(self) -> None:
        """Cuts all connections and refuses new ones until ``up()``."""
        if self._listener is not None:
            listener, self._listener = self._listener, None
            # wakes accept(); close() alone would leave it waiting, and the port open
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.cut()

    def cut(self) -> None:
        """Resets every connection; new ones are welcome."""
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            self._end(pair, "cut")

    def freeze(self) -> None:
        """Nothing goes through any more, until ``thaw()``; connections stay open and new ones are accepted."""
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    def lose_replies(self, count: int = 1) -> None:
        """The next ``count`` pieces that the server sends are thrown away and their connections cut."""
        with self._lock:
            self._replies_to_lose = count

    def __enter__(self) -> "TcpFaultProxy":
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.thaw()
        self.down()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:  # down() closed it
                return
            try:
                server = socket.create_connection((self._upstream_host, self.upstream_port), timeout=5)
            except OSError:
                hang_up(client)
                client.close()
                continue
            server.settimeout(None)
            for connection in (client, server):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pair = (client, server)
            with self._lock:
                self._pairs.add(pair)
                self.counts["accepted"] += 1
            threading.Thread(target=self._pump, args=(pair, client, server), daemon=True).start()
            threading.Thread(target=self._pump, args=(pair, server, client), daemon=True).start()

    def _pump(self, pair: tuple[socket.socket, socket.socket], source: socket.socket, target: socket.socket) -> None:
        try:
            while piece := source.recv(1 << 16):
                self._flowing.wait()
                if self.delay:
                    time.sleep(self.delay)
                if source is pair[1] and self._loses_this():
                    break
                if source is pair[1] and self.replacement:
                    piece = re.sub(*self.replacement, piece)
                target.sendall(piece)
        except OSError:  # either end has gone
            pass
        self._end(pair, "ended")

    def _loses_this(self) -> bool:
        with self._lock:
            lost = self._replies_to_lose > 0
            self._replies_to_lose -= lost
            self.counts["lost"] += lost
        return lost

    def _end(self, pair: tuple[socket.socket, socket.socket], why: str) -> None:
        with self._lock:
            if pair not in self._pairs:
                return
            self._pairs.remove(pair)
            self.counts[why] += 1
        for connection in pair:
            hang_up(connection)
            connection.close()
