"""Runs an ASGI application on uvicorn with our limits, until the process is told to end."""

import socket

import uvicorn
from starlette.types import ASGIApp

from telemetry_tasks.errors import OperatorError
from telemetry_tasks.web.patience import PatientProtocol

IDLE_SECONDS = 60
"""Between two requests of a connection."""

LARGEST_HEAD = 16 << 10
"""Bytes of a request before its body."""

MOST_CONNECTIONS = 1000
"""Beyond it requests are answered with 503; the file descriptors of a process are often 1024."""

STOP_SECONDS = 3
"""For answers that are on their way when the process is told to end."""

BACKLOG = 128


def listening(address: str, port: int) -> socket.socket:
    """A socket that listens. Raises ``OperatorError`` when the port cannot be had."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        listener = socket.create_server((address, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise OperatorError(f"cannot listen on {address} port {port}: {error.strerror}") from error
    # connections inherit it. asyncio does not set it for this socket, and without it a body waits 40 ms behind its
    # headers until the client acknowledges those
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def server(app: ASGIApp, protocol: type[PatientProtocol] = PatientProtocol) -> uvicorn.Server:
    """A server that is not started yet."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            loop="asyncio",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            # one line for each request that is not HTTP would be written by strangers
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            headers=[("Server", "telemetry-tasks")],
            backlog=BACKLOG,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
            limit_concurrency=MOST_CONNECTIONS,
            h11_max_incomplete_event_size=LARGEST_HEAD,
        )
    )


def serve(app: ASGIApp, address: str, port: int) -> None:
    """Serves until SIGTERM or SIGINT, which end the process as they would without a handler.

    Raises ``OperatorError`` when the port cannot be had.
    """
    with listening(address, port) as listener:
        server(app).run([listener])
