"""The kernel and the merge as workers run them: the package as a library, without the command's options and settings.

    python benchmarks/library.py aggregate FOLDER -o RESULT
    python benchmarks/library.py merge RESULT… -o RESULT

Contestants of the benchmarks ``kernel`` and ``merge``; a process of its own each, its imports included. The kernel is
that of TELEMETRY_KERNEL, its budget that of TELEMETRY_MEMORY_BUDGET (bytes), as for the command.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from telemetry_tasks.cli.result_files import read_result, write_result

DIMENSIONS = ("reason", "appName", "OS", "osVersion", "arch")
FALLBACK_REVISION = "http://hg.mozilla.org/mozilla-central/rev/518f5bff0ae4"
"""The defaults of the settings."""


def aggregate(folder: Path, target: Path) -> None:
    """Ping files to a result."""
    from telemetry_tasks.cli.local_files import find_ping_files
    from telemetry_tasks.formats.kernels import AUTO
    from telemetry_tasks.formats.pings.registry import ping_format
    from telemetry_tasks.pipeline.aggregate.channel_sums import MEMORY_BUDGET
    from telemetry_tasks.pipeline.aggregate.files import PingFile
    from telemetry_tasks.pipeline.aggregate.files import aggregate as aggregate_files

    form = ping_format("saved-session", DIMENSIONS, FALLBACK_REVISION)
    found = find_ping_files([folder], folder, form)
    files = (PingFile(file.key, file.chunks, size=file.size) for file in found.files)
    budget = int(os.environ.get("TELEMETRY_MEMORY_BUDGET", MEMORY_BUDGET))
    write_result(target, aggregate_files(files, form, budget=budget, kernel=os.environ.get("TELEMETRY_KERNEL", AUTO)))


def merge(results: list[Path], target: Path) -> None:
    """Results to one."""
    from telemetry_tasks.core.result import merge_results

    write_result(target, merge_results([read_result(path) for path in results]))


def main() -> None:
    """The command."""
    what, *paths, option, target = sys.argv[1:]
    if option != "-o" or what not in ("aggregate", "merge"):
        sys.exit(__doc__)
    if what == "aggregate":
        aggregate(Path(paths[0]), Path(target))
    else:
        merge([Path(path) for path in paths], Path(target))


if __name__ == "__main__":
    main()
