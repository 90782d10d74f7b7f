"""The bench of the fault suite, and the table of its cases at the end of a run (also in the file FAULTS_TABLE)."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.bench import Bench
from tests.faults.feed import Feed
from tests.faults.record import Record
from tests.faults.size import FULL, SEED
from tests.faults.table import markdown
from tests.faults.truth import Truth
from tests.servers.redis import RedisServer
from tests.servers.weed import WeedServer

PROPERTY = "fault_case"
rows: list[dict[str, Any]] = []
"""Those of all processes in the one that started them; its own in a process that runs a share of the tests."""


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):  # only the process that has all rows writes the table
        os.environ.pop("FAULTS_TABLE", None)
    config.addinivalue_line("markers", "case(name): the row of the table of faults that a test is")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In full size a case takes minutes."""
    if FULL:
        for item in items:
            if item.get_closest_marker("case"):
                item.add_marker(pytest.mark.timeout(1500))


@pytest.fixture
def record(request: pytest.FixtureRequest) -> Record:
    """The row of this test."""
    marker = request.node.get_closest_marker("case")
    title = request.node.originalname.removeprefix("test_").replace("_", " ")
    seed = request.node.callspec.params.get("seed", SEED) if hasattr(request.node, "callspec") else SEED
    made = Record(marker.args[0] if marker else "", title, seed)
    request.node.user_properties.append((PROPERTY, made.row))
    print(f"{made.row['case']}: {title}, FAULT_SEED={seed}")
    return made


@pytest.fixture(scope="session")
def truth() -> Iterator[Truth]:
    """The serial recomputation."""
    with RedisServer() as server:
        yield Truth(server)


@pytest.fixture
def bench(tmp_path: Path, record: Record, weed_server: WeedServer) -> Iterator[Callable[..., Bench]]:
    """Makes benches over SeaweedFS that end with the test: ``bench(feed, LEASE="30")``."""
    made: list[Bench] = []

    def make(feed: Feed, s3: WeedServer = weed_server, **settings: str) -> Bench:
        folder = tmp_path / f"bench-{len(made)}"
        folder.mkdir()
        made.append(Bench(folder, s3, record, feed, **settings))
        return made[-1]

    yield make
    failed = record.row.pop("complete", None) is None
    for each in made:
        each.close()
        if failed:
            print(each.logs())


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    row = dict(report.user_properties).get(PROPERTY)
    if isinstance(row, dict) and (report.when == "call" or (report.when == "setup" and report.failed)):
        rows.append({**row, "result": report.outcome, "duration": report.duration})
        if path := os.environ.get("FAULTS_TABLE"):  # after every case: a run that is cut short has a table, too
            Path(path).write_text(markdown(rows))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not rows:
        return
    terminalreporter.section("faults")
    terminalreporter.write(markdown(rows))
