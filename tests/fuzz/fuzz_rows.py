"""Rows written by the part in C, by numpy and orjson, and number by number: the same to the byte, on random tables.

python -m tests.fuzz.fuzz_rows --minutes 10 [--seed N]
"""

import argparse
import random
import time

import numpy as np
import orjson

from telemetry_tasks.core.tables.table import Table
from telemetry_tasks.formats.kernels import SIMD
from telemetry_tasks.formats.rows import row_texts, rows_backend
from telemetry_tasks.formats.rows.plain import texts_of
from tests.fuzz.tables import random_table

BACKENDS = tuple(dict.fromkeys((rows_backend(), SIMD)))


class Disagreement(AssertionError):
    """Two that should agree do not."""


def slow_texts(table: Table, ids: np.ndarray | None) -> list[bytes]:
    """What is right: a list of numbers for each line, each number on its own."""
    lines = table.values()
    if ids is not None:
        lines = [[*line, id] for line, id in zip(lines, ids.tolist(), strict=True)]
    return [b"[" + b",".join(texts_of([number]) for number in line) + b"]" for line in lines]


def compare(table: Table, ids: np.ndarray | None) -> None:
    """Raises ``Disagreement`` where a backend writes anything else than what is right."""
    right = slow_texts(table, ids)
    for backend in BACKENDS:
        if (found := row_texts(table, ids, backend)) != right:
            raise Disagreement(f"{backend} writes {found}, not {right}")
    for line in right:
        orjson.loads(line)


def fuzz(seconds: float, seed: int) -> int:
    """Compares random tables for so long; how many."""
    chance, end, tables = random.Random(seed), time.monotonic() + seconds, 0
    while not tables or time.monotonic() < end:
        try:
            compare(*random_table(chance))
        except Disagreement as found:
            found.add_note(f"table {tables + 1} of seed {seed}")
            raise
        tables += 1
    return tables


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--share", type=float, default=1.0, help="of the minutes that are used")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    print(f"seed {options.seed}, {', '.join(BACKENDS)}", flush=True)
    print(f"{fuzz(60 * options.minutes * options.share, options.seed)} tables, no disagreement")


if __name__ == "__main__":
    main()
