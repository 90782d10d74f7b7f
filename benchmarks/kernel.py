"""Ping files to a result in one process, its start included, against ``xz -dc`` of the same pings packed as lzma.

    python benchmarks/kernel.py [--rounds 5] [--json] [--data FOLDER] [--against REF] [--small]

Rows: 2000 and 8000 made pings packed as lzma; the 2000 as zstd and gzip; a file of 100 pings (5 MB); the scanner in C
("native") and that of pysimdjson and numpy ("simd"). "command" is `telemetry-tasks aggregate`, with all its
start-up; the others are the same work by `library.py`, as a worker does it, with the imports that this needs.
The last rows show that memory stays flat with a budget.
"""

from pathlib import Path

from harness import AGGREGATE, LIBRARY, Contestant, Row, data_folder, document, made_pings, measure, options, table, xz
from released import add_option, with_released

FLOORS = {2000: "xz -dc, 2000 pings", 8000: "xz -dc, 8000 pings", 100: "xz -dc, 100 pings"}
BUDGET = 40 << 20


def aggregate(name: str, folder: Path, kernel: str, floor: int, goal: float | None, **settings: object) -> Contestant:
    """The kernel over a folder, by the command if its name says so."""
    environment = {"TELEMETRY_KERNEL": kernel} | {f"TELEMETRY_{k.upper()}": str(v) for k, v in settings.items()}
    program = (*AGGREGATE, "--root", str(folder)) if name.startswith("command") else (*LIBRARY, "aggregate")
    return Contestant(
        name, (*program, str(folder), "-o", str(folder) + f".{kernel}.tt"), FLOORS[floor], goal, environment
    )


def contestants(folder: Path, small: bool) -> list[Contestant]:
    """Every row, its floor before it."""
    few, one = made_pings(folder, 20), made_pings(folder, 1, seed=3)
    zst, gz = made_pings(folder, 20, packed="zst"), made_pings(folder, 20, packed="gz")
    rows = [
        xz(FLOORS[2000], few),
        aggregate("native, lzma, 2000 pings", few, "native", 2000, 1.8),
        aggregate("command, native, lzma, 2000 pings", few, "native", 2000, 1.8),
        aggregate("simd, lzma, 2000 pings", few, "simd", 2000, 3.5),
        aggregate("native, zstd, 2000 pings", zst, "native", 2000, 1.0),
        aggregate("native, gzip, 2000 pings", gz, "native", 2000, None),
        aggregate("simd, zstd, 2000 pings", zst, "simd", 2000, None),
        xz(FLOORS[100], one),
        aggregate("native, lzma, 100 pings (5 MB)", one, "native", 100, None),
        aggregate("command, native, lzma, 100 pings (5 MB)", one, "native", 100, None),
    ]
    if small:
        return rows
    many = made_pings(folder, 80, seed=2)
    return [
        *rows,
        xz(FLOORS[8000], many),
        aggregate("native, lzma, 8000 pings", many, "native", 8000, 1.6),
        aggregate("command, native, lzma, 8000 pings", many, "native", 8000, 1.6),
        aggregate(f"native, 8000 pings, budget {BUDGET >> 20} MiB", many, "native", 8000, None, memory_budget=BUDGET),
    ]


def rows(rounds: int, kept: Path | None, small: bool, against: str | None = None) -> list[Row]:
    """The measured rows."""
    with data_folder(kept) as folder:
        return measure(with_released(contestants(folder, small), against, folder), rounds)


def main() -> None:
    """The command."""
    parser = options(__doc__)
    add_option(parser)
    parser.add_argument("--small", action="store_true", help="leave out the rows of 8000 pings")
    chosen = parser.parse_args()
    found = rows(chosen.rounds, chosen.data, chosen.small, chosen.against)
    print(document(found) if chosen.json else table(found))


if __name__ == "__main__":
    main()
