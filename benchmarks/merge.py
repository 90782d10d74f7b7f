"""Partial results to one result, against ``xz -dc`` of the ping files that they come from.

    python benchmarks/merge.py [--rounds 5] [--json] [--data FOLDER] [--against REF]

Rows: the results of 20 and of 80 ping files of 100 pings each, merged by one process, its start included: by the
command, and by `library.py`, as a worker does it. Prints also how large the results are, as they are stored and as the
text of the aggregator of 2013. With ``--against``, each version merges the results that it made itself: their form may
have changed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness import (
    AGGREGATE,
    LIBRARY,
    MERGE,
    ROOT,
    Contestant,
    data_folder,
    document,
    files_below,
    made_pings,
    measure,
    options,
    table,
    xz,
)
from released import add_option, environment_of, with_released

GOALS = {20: None, 80: 0.3}
SEEDS = {80: 2}
SMALLEST_FACTOR = 15
EXPORT = (sys.executable, "-m", "telemetry_tasks.cli.main", "export-result")


def parts_folder(pings: Path, tree: Path) -> Path:
    """Where the results of the ping files of a folder are, as the code of a tree makes them."""
    return pings.with_name(f"{pings.name}.{tree.name}.parts")


def parts(pings: Path, tree: Path = ROOT) -> list[str]:
    """A result for each ping file of a folder; made only if it does not exist."""
    target = parts_folder(pings, tree)
    target.mkdir(exist_ok=True)
    environment = {**os.environ, **environment_of(tree)}
    made = []
    for number, file in enumerate(files_below(pings)):
        part = target / f"{number:03}.tt"
        if not part.exists():
            command = (*AGGREGATE, "--root", str(pings), file, "-o", str(part))
            subprocess.run(command, check=True, cwd=tree, env=environment, capture_output=True)
        made.append(str(part))
    return made


def all_pings(folder: Path) -> list[tuple[int, Path]]:
    """How many ping files, and where they are, for each row."""
    return [(files, made_pings(folder, files, seed=SEEDS.get(files, 1))) for files in GOALS]


def own_parts(folder: Path, tree: Path) -> Mapping[str, str]:
    """The folders of results that the code of an earlier tree made, by those of this one."""
    folders = {}
    for _, pings in all_pings(folder):
        parts(pings, tree)
        folders[str(parts_folder(pings, ROOT))] = str(parts_folder(pings, tree))
    return folders


def contestants(folder: Path) -> list[Contestant]:
    """Every row, its floor before it."""
    rows = []
    for files, pings in all_pings(folder):
        floor = f"xz -dc, {files * 100} pings"
        arguments = (*parts(pings), "-o", str(folder / f"merged-{files}.tt"))
        rows += [
            xz(floor, pings),
            Contestant(f"merge of {files} results", (*LIBRARY, "merge", *arguments), floor, GOALS[files]),
            Contestant(f"command, merge of {files} results", (*MERGE, *arguments), floor, GOALS[files]),
        ]
    return rows


def sizes(folder: Path) -> dict[str, float]:
    """Bytes of 80 results as they are stored and as text."""
    stored = text = 0
    for part in parts(made_pings(folder, 80, seed=2)):
        stored += Path(part).stat().st_size
        text += len(subprocess.run((*EXPORT, part), check=True, cwd=ROOT, capture_output=True).stdout)
    return {"stored": stored, "text": text, "factor": round(text / stored, 1), "goal": SMALLEST_FACTOR}


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = options(__doc__)
    add_option(parser)
    chosen = parser.parse_args(arguments)
    with data_folder(chosen.data) as folder:
        found = measure(
            with_released(contestants(folder), chosen.against, folder, lambda tree: own_parts(folder, tree)),
            chosen.rounds,
        )
        size = sizes(folder)
    if chosen.json:
        print(json.dumps({"rows": json.loads(document(found)), "sizes": size}, indent=1))
        return
    print(table(found))
    print(
        f"\n80 results: {size['stored'] / 1e6:.1f} MB stored, {size['text'] / 1e6:.1f} MB as text: "
        f"{size['factor']} times smaller (goal: {SMALLEST_FACTOR})"
    )


if __name__ == "__main__":
    main()
