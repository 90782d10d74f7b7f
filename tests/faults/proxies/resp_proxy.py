"""A proxy that reads the Redis protocol: it answers commands with an error of its own, and cuts chosen connections."""

import contextlib
import socket
import threading
from collections import Counter
from io import BufferedReader
from types import TracebackType

from tests.faults.proxies.sockets import hang_up
from tests.servers.ports import HOST

ALWAYS_ALLOWED = frozenset({b"HELLO", b"AUTH", b"CLIENT", b"SELECT", b"SUBSCRIBE", b"PSUBSCRIBE", b"PUBLISH", b"INFO"})
"""What Redis answers while it loads or has lost its master."""


class RespFaultProxy:
    """``with RespFaultProxy(server.port) as proxy: redis.from_url(proxy.redis_url)``. Takes requests in RESP arrays.

    While ``refuse_with`` is an error line (without the leading ``-``), it answers every command that is not in
    ``allowed``. Transactions are refused or forwarded whole. ``refused`` counts commands by name.
    While it is ``lost``, each new connection is reset as soon as it is made, and counted in ``turned_away``.
    """

    def __init__(self, upstream_port: int) -> None:
        self._upstream_port = upstream_port
        self.refuse_with = ""
        self.allowed: frozenset[bytes] = ALWAYS_ALLOWED
        self.refused: Counter[bytes] = Counter()
        self.lost = False
        self.turned_away = 0
        self._listener = socket.create_server((HOST, 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._pairs: dict[tuple[socket.socket, socket.socket], set[bytes]] = {}
        self._lock = threading.Lock()

    @property
    def redis_url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def lose(self, *commands: bytes) -> None:
        """Resets every connection, those on which ``commands`` were sent first, and each new one at once."""
        self.lost = True
        for command in commands:
            self.cut(command)
        self.cut()

    def cut(self, command: bytes | None = None) -> int:
        """Resets the connections on which this command was sent, or all. Returns how many."""
        with self._lock:
            pairs = [pair for pair, seen in self._pairs.items() if command is None or command in seen]
        for pair in pairs:
            self._end(pair)
        return len(pairs)

    def __enter__(self) -> "RespFaultProxy":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):  # wakes accept()
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            server = None if self.lost else self._connected()
            if server is None:
                hang_up(client)
                client.close()
                self.turned_away += 1
                continue
            pair = (client, server)
            for connection in pair:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._pairs[pair] = set()
            for pump in (self._requests, self._answers):
                threading.Thread(target=pump, args=(pair,), daemon=True).start()

    def _connected(self) -> socket.socket | None:
        try:
            return socket.create_connection((HOST, self._upstream_port))
        except OSError:
            return None

    def _requests(self, pair: tuple[socket.socket, socket.socket]) -> None:
        client, server = pair
        error, in_transaction = "", False
        with contextlib.suppress(OSError, ValueError), client.makefile("rb") as stream:
            while True:
                raw, name = read_command(stream)
                self._pairs[pair].add(name)
                if not in_transaction:
                    error = self.refuse_with
                in_transaction = name == b"MULTI" or (in_transaction and name not in (b"EXEC", b"DISCARD"))
                if error and name not in self.allowed:
                    self.refused[name] += 1
                    client.sendall(f"-{error}\r\n".encode())
                else:
                    server.sendall(raw)
        self._end(pair)

    def _answers(self, pair: tuple[socket.socket, socket.socket]) -> None:
        client, server = pair
        with contextlib.suppress(OSError):
            while piece := server.recv(1 << 16):
                client.sendall(piece)
        self._end(pair)

    def _end(self, pair: tuple[socket.socket, socket.socket]) -> None:
        with self._lock:
            if self._pairs.pop(pair, None) is None:
                return
        for connection in pair:
            hang_up(connection)
            connection.close()


def read_command(stream: BufferedReader) -> tuple[bytes, bytes]:
    """The bytes of the next request, and its name in capitals. Raises ``OSError`` at the end of the stream."""
    head = stream.readline()
    if not head.startswith(b"*"):
        raise ConnectionResetError("the client has gone, or sends no RESP array")
    raw, parts = [head], []
    for _ in range(int(head[1:])):
        length = stream.readline()
        part = stream.read(int(length[1:]) + 2)
        raw += [length, part]
        parts.append(part[:-2])
    return b"".join(raw), parts[0].upper()
