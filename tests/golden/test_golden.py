"""Stored and published bytes stay as they are. ``python -m tests.golden.kinds`` accepts an intended change."""

from functools import cache

import pytest

from tests.golden.fleet import counted
from tests.golden.kinds import EXPECTED, texts


@cache
def _texts() -> dict[str, str]:
    return texts(counted())


@pytest.mark.parametrize("name", sorted(path.name for path in EXPECTED.iterdir()))
def test_the_fleet_gives_the_golden_text(name: str) -> None:
    assert _texts()[name] == (EXPECTED / name).read_text("utf-8")


def test_every_kind_has_a_golden_text() -> None:
    assert set(_texts()) == {path.name for path in EXPECTED.iterdir()}
