"""The socket that a server listens on."""

import socket

import pytest

from telemetry_tasks.errors import OperatorError
from telemetry_tasks.web.server import listening
from tests.servers.ports import HOST


def test_an_answer_in_several_pieces_does_not_wait_for_acknowledgements() -> None:
    with listening(HOST, 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_a_port_that_is_taken_is_a_matter_for_the_operator() -> None:
    with listening(HOST, 0) as listener, pytest.raises(OperatorError, match="cannot listen"):
        listening(*listener.getsockname())
