"""What must be published, by the slow, obvious rules of the oracle: rows by kind of date, date and population."""

import importlib.util
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import isclose
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.support.shared import SHARED

Rows = dict[tuple[str, str, str], dict[str, list[float]]]
"""(channel/version, measure, by-…-date) → "date/reason/app/OS/version/arch" → values, sums, submissions."""


def load_oracle() -> ModuleType:
    """The oracle as a module."""
    spec = importlib.util.spec_from_file_location("oracle", SHARED / "tools" / "oracle.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def alike(found: Sequence[float], wanted: Sequence[float], rel: float = 1e-6, least: float = 1e-6) -> bool:
    """Whether numbers differ by no more than a share of them, or ``least``: as ``pytest.approx``, but quick."""
    return len(found) == len(wanted) and all(
        isclose(ours, theirs, rel_tol=rel, abs_tol=least) for ours, theirs in zip(found, wanted, strict=True)
    )


def expected(root: Path, keys: Iterable[str]) -> tuple[Rows, dict[str, tuple[int, int]]]:
    """The rows over the ping files ``keys`` below ``root``, and (good, bad) lines by key.

    The oracle keeps cells of every length; what is published has, for a whole channel/version and both kinds of
    date, the length of the newest build (at equal build ids the longer).
    """
    oracle = load_oracle()
    cells = oracle.Cells()
    lines = {key: _add(oracle, cells, root, key) for key in keys}
    newest: dict[tuple[str, str], tuple[str, int]] = {}
    for (path, _), by_length in cells.of.items():
        channel, major, measure, _ = path.split("/")
        name = f"{channel}/{major}", measure
        for length, (_, (build, _revision)) in by_length.items():
            newest[name] = max(newest.get(name, ("", 0)), (build, length))
    rows: Rows = defaultdict(dict)
    for (path, population), by_length in cells.of.items():
        channel, major, measure, by = path.split("/")
        length = newest[f"{channel}/{major}", measure][1]
        if length in by_length:
            rows[f"{channel}/{major}", measure, by][population] = by_length[length][0]
    return dict(rows), lines


def _add(oracle: Any, cells: Any, root: Path, key: str) -> tuple[int, int]:
    good = bad = 0
    for line in oracle.lines_of(root / key):
        _, tab, body = line.partition(b"\t")
        try:
            if not tab:
                raise ValueError("no tab")
            oracle.add_ping(cells, key, json.loads(body.decode("utf-8"), parse_constant=float.fromhex))
            good += 1
        except ValueError:
            bad += 1
    return good, bad
