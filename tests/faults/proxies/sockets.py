"""Ends of connections."""

import socket
import struct
from contextlib import suppress


def hang_up(connection: socket.socket) -> None:
    """Resets the connection; what waits on it, at either end, is woken. No effect on a dead one."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # close() alone would wait for the thread that reads from it
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
