import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from telemetry_tasks.embedded.ports import Ports, choose_ports
from telemetry_tasks.errors import OperatorError
from tests.servers.ports import free_ports


@pytest.fixture
def base() -> int:
    return free_ports(10, grpc=True)[0]


@pytest.fixture
def remembered(tmp_path: Path) -> Path:
    return tmp_path / "ports.json"


@pytest.fixture
def taken(base: int) -> Iterator[int]:
    """Another program listens on one port of the block."""
    with socket.create_server(("127.0.0.1", base + 3)):
        yield base + 3


def test_a_block_has_no_port_twice() -> None:
    every = Ports.from_base(18080).every()
    assert len(every) == len(set(every)) == 15
    assert max(every) < 32768


def test_ports_are_the_same_the_next_time(remembered: Path, base: int) -> None:
    assert choose_ports(remembered, base) == choose_ports(remembered) == Ports.from_base(base)


def test_without_a_wish_a_free_block_is_taken_and_remembered(remembered: Path) -> None:
    chosen = choose_ports(remembered)
    assert choose_ports(remembered) == chosen


def test_remembered_ports_that_another_program_took_are_given_up(remembered: Path, base: int, taken: int) -> None:
    remembered.write_text(f'{{"base": {base}}}')
    assert taken not in choose_ports(remembered).every()


def test_asked_ports_that_are_taken_are_refused(remembered: Path, base: int, taken: int) -> None:
    with pytest.raises(OperatorError, match=f"port {taken} is in use by another program"):
        choose_ports(remembered, base)


@pytest.mark.parametrize("base", [80, 55600, 70000])
def test_ports_that_leave_no_room_are_refused(remembered: Path, base: int) -> None:
    with pytest.raises(OperatorError, match="choose one between"):
        choose_ports(remembered, base)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"base": "x"}'])
def test_a_damaged_memory_is_named(remembered: Path, text: str) -> None:
    remembered.write_text(text)
    with pytest.raises(OperatorError, match=r"ports\.json .* remove it"):
        choose_ports(remembered)
