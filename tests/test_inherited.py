"""A forked process lets go of the connections of its parent, and the parent keeps them."""

import os
import socket
from collections.abc import Iterator

import pytest

from telemetry_tasks.app import give_up
from telemetry_tasks.celery_guards.forked_sockets import give_up_connections


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The two ends of a TCP connection."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        there, _ = server.accept()
        with there:
            yield client, there


def in_a_child(work: object) -> int:
    """Exit code of a fork that does the work and then ends."""
    child = os.fork()
    if not child:
        os._exit(0 if work() else 1)  # type: ignore[operator]
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_what_the_child_lets_go_of_stays_open_in_the_parent(pair: tuple[socket.socket, socket.socket]) -> None:
    client, there = pair

    def given_up() -> bool:
        count = give_up_connections()
        client.close()  # as the garbage collection of the object that believes it owns it
        return count >= 2

    assert in_a_child(given_up) == 0
    there.sendall(b"still there")
    assert client.recv(20) == b"still there"


def test_a_number_that_was_given_up_is_not_closed_under_what_comes_later(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    client, _ = pair

    def kept() -> bool:
        number = client.fileno()
        give_up_connections()
        with open(os.devnull, "rb") as later:
            client.close()
            return later.fileno() != number and later.read(1) == b""

    assert in_a_child(kept) == 0


def test_a_worker_without_children_keeps_its_connections(pair: tuple[socket.socket, socket.socket]) -> None:
    client, there = pair
    give_up()
    there.sendall(b"still there")
    assert client.recv(20) == b"still there"


def test_pipes_and_files_and_local_sockets_are_kept() -> None:
    read, write = os.pipe()
    here, there = socket.socketpair()
    with here, there:

        def kept() -> bool:
            give_up_connections()
            os.write(write, b"1")
            here.sendall(b"2")
            return os.read(read, 1) + there.recv(1) == b"12"

        assert in_a_child(kept) == 0
    os.close(read)
    os.close(write)
