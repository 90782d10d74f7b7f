"""A server in a thread of this process, and clients that write bytes of their own."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp

from telemetry_tasks.web.patience import PatientProtocol
from telemetry_tasks.web.server import listening, server
from tests.servers.ports import HOST


@contextmanager
def running(app: ASGIApp, protocol: type[PatientProtocol] = PatientProtocol) -> Iterator[int]:
    """Serves ``app``; gives the port."""
    listener = listening(HOST, 0)
    port = listener.getsockname()[1]
    ours = server(app, protocol)
    # without its handlers of signals, which belong to the main thread
    thread = threading.Thread(target=lambda: asyncio.run(ours._serve([listener])))
    thread.start()
    try:
        yield port
    finally:
        ours.should_exit = ours.force_exit = True
        thread.join()


def connected(port: int, *, receive_buffer: int | None = None) -> socket.socket:
    """A client. A small ``receive_buffer`` leaves most of an answer with the server until it is read."""
    client = socket.socket()
    if receive_buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(20)
    client.connect((HOST, port))
    return client


def rest_of(client: socket.socket) -> bytes:
    """All that comes until the server ends the connection."""
    parts = []
    try:
        while part := client.recv(1 << 16):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)
