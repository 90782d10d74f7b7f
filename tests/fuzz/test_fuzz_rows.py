"""A short run of the fuzzer of rows; the long one is ``python -m tests.fuzz.fuzz_rows``."""

import random

import pytest

from telemetry_tasks.formats.rows import row_texts
from tests.fuzz import fuzz_rows
from tests.fuzz.fuzz_rows import Disagreement, compare, fuzz
from tests.fuzz.tables import random_table
from tests.support.seed import SEED


def test_rows_are_the_same_by_every_backend() -> None:
    assert fuzz(5.0, SEED) > 100


def test_a_difference_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz_rows, "row_texts", lambda *given: [*row_texts(*given), b"[]"])
    with pytest.raises(Disagreement):
        compare(*random_table(random.Random(1)))
