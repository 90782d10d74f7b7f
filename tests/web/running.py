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
    """Serves ``app``; gives the port. The end cuts all connections."""
    listener = listening(HOST, 0)
    ends = threading.Event()

    async def serve() -> None:
        ours = server(app, protocol)
        serving = asyncio.create_task(ours.serve([listener]))
        await asyncio.to_thread(ends.wait)
        serving.cancel()
        for connection in list(ours.server_state.connections):
            connection.transport.abort()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        ends.set()
        thread.join()
        listener.close()


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
