"""How cost grows: every benchmark at 1, 4 and 16 times the data, and its cost for each unit of it.

    python benchmarks/growth.py [--rounds 1] [--json] [--only kernel,merge,pipeline,publish,state,intake] [--scale 1.0]

Linear means that 16 times the data cost 16 times as much: "drift" is the cost per unit at the largest size divided by
that at the smallest, minus 1; "4× to 16×" is the same without the smallest, at which fixed costs weigh most. The goal
is at most 15 %; less than 0 means that a fixed cost is shared.
"""

import argparse
import json
from collections.abc import Callable

import intake
import merge
import pipeline
import publish
import state
from harness import LIBRARY, Contestant, data_folder, made_pings, measure

SIZES = (1, 4, 16)
UNITS: dict[str, tuple[int, str]] = {
    "kernel": (5, "files of 100 pings"),
    "merge": (5, "results of 100 pings"),
    "pipeline": (5, "files of 100 pings"),
    "publish": (90, "measures"),
    "state": (24, "measures"),
    "intake": (6000, "files"),
}
GOAL = 0.15


def _measured(name: str, units: int, rounds: int) -> list[dict[str, object]]:
    run: dict[str, Callable[[], list[dict[str, object]]]] = {
        "kernel": lambda: _kernel(units, rounds),
        "merge": lambda: _merge(units, rounds),
        "pipeline": lambda: pipeline.rows(rounds, None, units),
        "publish": lambda: publish.rows(units, rounds, "memory"),
        "state": lambda: state.rows(units, rounds),
        "intake": lambda: intake.rows(units, rounds),
    }
    return run[name]()


def _kernel(files: int, rounds: int) -> list[dict[str, object]]:
    with data_folder(None) as folder:
        command = (*LIBRARY, "aggregate", str(made_pings(folder, files)), "-o", str(folder / "all.tt"))
        return [{"row": "aggregate", "cpu": each.cpu} for each in measure([Contestant("", command)], rounds)]


def _merge(files: int, rounds: int) -> list[dict[str, object]]:
    with data_folder(None) as folder:
        command = (*LIBRARY, "merge", *merge.parts(made_pings(folder, files)), "-o", str(folder / "all.tt"))
        return [{"row": "merge", "cpu": each.cpu} for each in measure([Contestant("", command)], rounds)]


def rows(names: list[str], rounds: int, scale: float) -> list[dict[str, object]]:
    """A row a step: its CPU seconds at each size, and the drift."""
    out: list[dict[str, object]] = []
    for name in names:
        unit, what = UNITS[name]
        found = [_measured(name, max(1, int(unit * scale * size)), rounds) for size in SIZES]
        for step in zip(*found, strict=True):
            cpu = [float(str(row["cpu"])) for row in step if "cpu" in row]
            if len(cpu) == len(SIZES):
                unit_cost = [each / size for each, size in zip(cpu, SIZES, strict=True)]
                drift, late = (unit_cost[-1] / each - 1 if each else 0.0 for each in unit_cost[:2])
                labels = {f"{size}×": round(value, 3) for size, value in zip(SIZES, cpu, strict=True)}
                row = {"row": f"{name}: {step[0]['row']}", "unit": f"{int(unit * scale)} {what}", **labels}
                out.append({**row, "drift": round(drift, 2), "late": round(late, 2)})
    return out


def table(found: list[dict[str, object]]) -> str:
    """The rows in Markdown."""
    lines = ["| | 1× is | CPU s 1× | 4× | 16× | drift | 4× to 16× |", "|---|---|---:|---:|---:|---:|---:|"]
    for row in found:
        drifts = (f"{float(str(row[name])):+.0%}" for name in ("drift", "late"))
        cells = (row["row"], row["unit"], *(row[f"{size}×"] for size in SIZES), *drifts)
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join([*lines, "", f"Goal: at most +{GOAL:.0%}."])


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", default=",".join(UNITS))
    parser.add_argument("--scale", type=float, default=1.0)
    chosen = parser.parse_args()
    found = rows(chosen.only.split(","), chosen.rounds, chosen.scale)
    print(json.dumps(found, indent=1) if chosen.json else table(found))


if __name__ == "__main__":
    main()
