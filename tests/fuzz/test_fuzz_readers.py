"""A short run of the fuzzer of the readers of files; the long one is ``python -m tests.fuzz.fuzz_readers``."""

import pytest

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats import partial
from tests.fuzz import fuzz_readers
from tests.fuzz.fuzz_readers import PACKED, read_ping_file, results, run
from tests.support.seed import SEED

SECONDS = 10.0


def test_damaged_files_and_results_give_data_errors_only() -> None:
    outcomes = run(SECONDS, SEED)
    names = {"ping file", "result", "cells", "partition", "ledger", "delta", "job"}
    assert {outcome.partition(":")[0] for outcome in outcomes} == names
    assert outcomes["result: bad-result"]
    assert outcomes["cells: bad-cells"]


def test_what_is_not_damaged_is_read() -> None:
    for data in PACKED[:-1]:
        read_ping_file(data)
    with pytest.raises(DataError, match="file-too-large"):
        read_ping_file(PACKED[-1])
    assert [partial.decode(data).pings for data in results()] == [0, 1, 30]


def test_what_a_reader_should_not_raise_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(data: bytes) -> None:
        raise IndexError

    monkeypatch.setattr(fuzz_readers, "read_ping_file", careless)
    with pytest.raises(IndexError) as caught:
        run(0.0, 1)
    assert "case 1 of seed 1" in caught.value.__notes__[0]
