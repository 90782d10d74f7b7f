"""Every benchmark, one after the other, as ``make bench`` runs them.

    python benchmarks/all.py [--only kernel,merge] [--quick]

``--quick`` is for a look: one round, small data. Figures to keep go to RESULTS.md with date and command.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
QUICK = {
    "kernel": ("--rounds", "1", "--small"),
    "merge": ("--rounds", "1"),
    "pipeline": ("--rounds", "1", "--files", "20"),
    "publish": ("--rounds", "1", "--measures", "96"),
    "state": ("--rounds", "1", "--measures", "24"),
    "intake": ("--files", "5000"),
    "growth": ("--scale", "0.1"),
    "page": ("--runs", "1"),
}


def main() -> None:
    """The command; ends with the number of benchmarks that failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(QUICK))
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    failed = []
    for name in chosen.only.split(","):
        begin = time.perf_counter()
        print(f"\n## {name}\n", flush=True)
        command = (sys.executable, str(HERE / f"{name}.py"), *(QUICK[name] if chosen.quick else ()))
        if subprocess.run(command, cwd=HERE.parent).returncode:
            failed.append(name)
        print(f"\n({time.perf_counter() - begin:.0f} s)", flush=True)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
