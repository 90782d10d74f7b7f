"""The last process takes the patient tests, and only those; no test is lost or run twice."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.distribution import WithBackground, in_background

FLEETS = [f"tests/faults/test_{name}.py::test_{number}" for name in "ab" for number in range(3)]
REST = ["tests/storage/test_c.py::test_0", "tests/test_d.py::test_0", "tests/test_d.py::test_1"]
PATIENT = [f"tests/core/test_{name}.py::test_{number}" for name in "efghij" for number in range(2)]


class Node:
    """A process of xdist that runs one test after the other when it is told to."""

    def __init__(self, number: int, processes: int) -> None:
        self.gateway = SimpleNamespace(id=f"gw{number}")
        self.workerinput = {"workerid": f"gw{number}", "workercount": processes}
        self.queue: list[int] = []
        self.shutting_down = False

    def send_runtest_some(self, indices: list[int]) -> None:
        self.queue += indices

    def shutdown(self) -> None:
        self.shutting_down = True


def ran(tests: list[str], processes: int, first: int = 0) -> list[list[str]]:
    """The tests that each process ran, when process ``first`` is always the quickest."""
    config: Any = SimpleNamespace(
        getvalue=lambda _: [f"{processes}*popen"], option=SimpleNamespace(loadscopereorder=False)
    )
    scheduler = WithBackground(config)
    nodes: list[Any] = [Node(number, processes) for number in range(processes)]
    for node in nodes:
        scheduler.add_node(node)
        scheduler.add_node_collection(node, tests)
    scheduler.schedule()
    out: list[list[str]] = [[] for _ in nodes]
    order = [first, *(number for number in range(processes) if number != first)]
    while (busy := next((number for number in order if nodes[number].queue), None)) is not None:
        index = nodes[busy].queue.pop(0)
        out[busy].append(tests[index])
        scheduler.mark_test_complete(nodes[busy], index)
    assert scheduler.tests_finished
    assert all(node.shutting_down for node in nodes)
    return out


@pytest.mark.parametrize("first", range(3))
def test_every_test_runs_once_and_the_last_process_takes_patient_ones(first: int) -> None:
    shares = ran([*FLEETS, *REST, *PATIENT], 3, first)
    assert sorted(test for share in shares for test in share) == sorted([*FLEETS, *REST, *PATIENT])
    assert shares[2]
    assert set(shares[2]) <= set(PATIENT)
    for number in {0, 1} - {first}:
        assert shares[number]


def test_a_last_process_without_a_patient_test_runs_nothing() -> None:
    shares = ran([*FLEETS, *REST], 3)
    assert shares[2] == []
    assert sorted(shares[0] + shares[1]) == sorted([*FLEETS, *REST])


def test_patient_files_are_everybodys() -> None:
    shares = ran(PATIENT, 2)
    assert sorted(shares[0] + shares[1]) == PATIENT
    assert shares[0]


def test_one_process_alone_is_not_in_the_background() -> None:
    assert not in_background({"workerid": "gw0", "workercount": 1})
    assert ran([*FLEETS, *PATIENT], 1) == [[*FLEETS, *PATIENT]]
