"""Measures commands: every contestant in turn, several rounds, medians; CPU, wall, peak memory, ratio to a floor.

Other things run on most machines. So the contestants of a round follow each other closely, and the figure to quote
is the ratio to the floor (``xz -dc`` of the same files) of the same round.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MAKE_PINGS = ROOT.parent / "shared" / "tools" / "make_pings.py"
AGGREGATE = (sys.executable, "-m", "telemetry_tasks.cli.main", "aggregate")
MERGE = (sys.executable, "-m", "telemetry_tasks.cli.main", "merge")
LIBRARY = (sys.executable, str(ROOT / "benchmarks" / "library.py"))


@dataclass(frozen=True)
class Contestant:
    """A command of a benchmark. ``floor`` names the contestant to compare it with, ``goal`` the ratio to reach.

    ``before`` names the same of an earlier version, if there is one; ``folder`` is where the command runs.
    """

    name: str
    command: Sequence[str]
    floor: str | None = None
    goal: float | None = None
    environment: Mapping[str, str] | None = None
    before: str | None = None
    folder: Path = ROOT


@dataclass(frozen=True)
class Run:
    """The cost of one run: CPU seconds including children, wall seconds, peak MiB."""

    cpu: float
    wall: float
    memory: float


def run(contestant: Contestant) -> Run:
    """One run. Drops its output, but raises if it fails."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        contestant.command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=contestant.folder,
        env={**os.environ, **(contestant.environment or {})},
    )
    assert process.stderr
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{contestant.name} failed: {errors.decode(errors='replace')}")
    return Run(_cpu(usage), wall, usage.ru_maxrss / 1024)


def _cpu(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime


@dataclass(frozen=True)
class Row:
    """The medians of a contestant. ``ratio`` is that of CPU to its floor, ``change`` to the earlier version's."""

    name: str
    cpu: float
    wall: float
    memory: float
    ratio: float | None
    goal: float | None
    change: float | None = None

    @property
    def verdict(self) -> str:
        """Whether the goal is reached."""
        if self.goal is None or self.ratio is None:
            return ""
        return "reached" if self.ratio <= self.goal else "missed"


def measure(contestants: Sequence[Contestant], rounds: int) -> list[Row]:
    """The medians over ``rounds`` interleaved rounds, after one that only fills the caches."""
    for contestant in contestants:
        run(contestant)
    runs: dict[str, list[Run]] = {contestant.name: [] for contestant in contestants}
    for _ in range(rounds):
        for contestant in contestants:
            runs[contestant.name].append(run(contestant))
    return [_row(contestant, runs) for contestant in contestants]


def _row(contestant: Contestant, runs: Mapping[str, Sequence[Run]]) -> Row:
    own = runs[contestant.name]

    def ratio(other: str | None) -> float | None:
        """The ratio of CPU, round by round."""
        return statistics.median(a.cpu / b.cpu for a, b in zip(own, runs[other], strict=True)) if other else None

    cpu, wall, memory = (statistics.median(getattr(each, name) for each in own) for name in ("cpu", "wall", "memory"))
    floor, before = ratio(contestant.floor), ratio(contestant.before)
    return Row(contestant.name, cpu, wall, memory, floor, contestant.goal, before)


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown; a column for the earlier version if there is one."""
    compared = any(row.change is not None for row in rows)
    heads = ["", "CPU s", "wall s", "peak MiB", "× floor", "goal", "", *(["× before"] if compared else [])]
    lines = [_line(heads), "|---|---:|---:|---:|---:|---:|---|" + ("---:|" if compared else "")]
    for row in rows:
        cells = [row.name, f"{row.cpu:.2f}", f"{row.wall:.2f}", f"{row.memory:.0f}", _number(row.ratio, ".2f")]
        cells += [_number(row.goal, "g"), row.verdict, *([_number(row.change, ".2f")] if compared else [])]
        lines.append(_line(cells))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(number: float | None, form: str) -> str:
    return "" if number is None else format(number, form)


def document(rows: Sequence[Row]) -> str:
    """The rows as JSON."""
    return json.dumps([{**vars(row), "verdict": row.verdict} for row in rows], indent=1)


def options(description: str | None, rounds: int = 5) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=rounds, help="rounds of which the medians are taken")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--data", type=Path, help="folder in which made pings are kept for the next time")
    return parser


@contextmanager
def data_folder(kept: Path | None) -> Iterator[Path]:
    """A folder for made data, temporary if none is given."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="telemetry-bench-") as name:
        yield Path(name)


def made_pings(folder: Path, files: int, pings: int = 100, packed: str = "lzma", seed: int = 1) -> Path:
    """A folder of made pings below ``folder``; made only if it does not exist."""
    target = folder / f"{files}x{pings}-{packed}-{seed}"
    if not target.exists():
        unfinished = target.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        arguments = ["--files", files, "--pings", pings, "--seed", seed, "--format", packed]
        subprocess.run([sys.executable, str(MAKE_PINGS), str(unfinished), *map(str, arguments)], check=True)
        (unfinished / "EXPECTED.json").unlink()
        unfinished.rename(target)
    return target


def files_below(folder: Path) -> list[str]:
    """The ping files below a folder."""
    return sorted(str(path) for path in folder.rglob("*") if path.is_file())


def xz(name: str, folder: Path) -> Contestant:
    """The floor: ``xz`` decompresses the files and drops the text."""
    return Contestant(name, ("xz", "--format=lzma", "-dc", *files_below(folder)))
