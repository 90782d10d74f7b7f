"""Every benchmark, one after the other, as ``make bench`` runs them.

    python benchmarks/all.py [--only kernel,merge] [--full] [--limit 1800]

Without ``--full`` it is a quick look: one round, small data. A benchmark that fails or takes longer than ``--limit``
seconds is named at the end; the others go on. Figures to keep go to RESULTS.md with date and command.
"""

import argparse
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
PATIENCE = 60.0
"""Seconds for an interrupted benchmark to stop its servers."""

SMALL = {
    "kernel": ("--rounds", "1", "--small"),
    "merge": ("--rounds", "1"),
    "pipeline": ("--rounds", "1", "--files", "20"),
    "publish": ("--rounds", "1", "--measures", "96"),
    "layout2": ("--rounds", "1", "--measures", "5"),
    "parts": ("--measures", "96", "--part-mib", "4"),
    "state": ("--rounds", "1", "--measures", "24"),
    "intake": ("--files", "5000"),
    "exactness": ("--rounds", "1"),
    "growth": ("--scale", "0.1"),
    "page": ("--runs", "1"),
}


def failure(name: str, arguments: tuple[str, ...], limit: float | None) -> str | None:
    """Runs a benchmark. Returns why it failed, None if it did not."""
    command = (sys.executable, str(HERE / f"{name}.py"), *arguments)
    process = subprocess.Popen(command, cwd=HERE.parent)
    try:
        code = process.wait(limit)
    except subprocess.TimeoutExpired:
        _stop(process)
        return f"not done within {limit:g} s"
    return f"exit code {code}" if code else None


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Interrupts it, so that it stops its servers."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main() -> None:
    """The command; fails if a benchmark failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(SMALL), help="names, with commas between them")
    parser.add_argument("--full", action="store_true", help="the sizes and rounds that RESULTS.md is about: hours")
    parser.add_argument("--limit", type=float, help="seconds for each; none when not given")
    chosen = parser.parse_args()
    names = chosen.only.split(",")
    if unknown := sorted(set(names) - set(SMALL)):
        parser.error(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(SMALL)}")
    failed: dict[str, str] = {}
    for name in names:
        begin = time.perf_counter()
        print(f"\n## {name}\n", flush=True)
        if why := failure(name, () if chosen.full else SMALL[name], chosen.limit):
            failed[name] = why
        print(f"\n({time.perf_counter() - begin:.0f} s)", flush=True)
    if failed:
        sys.exit("\n".join(f"failed: {name}: {why}" for name, why in failed.items()))


if __name__ == "__main__":
    main()
