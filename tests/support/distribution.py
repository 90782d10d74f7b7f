"""How ``pytest -n N`` shares out the files of tests where ``--background`` is given.

All processes but the last run whole files in the order of the collection: first those that start fleets and servers,
which wait a good part of their time. The last process is nice: it works while the others wait, hardly disturbs
their time limits, and takes only files that compute or have time of their own::

    gw0   faults ···   system ···   cli ···      web
    gw1   faults ···   workers ···  embedded ··· storage
    gw2   page   docs  pipeline     formats      core
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

PATIENT = ("page", "docs", "pipeline", "formats", "core", "golden", "simulation")
"""Folders whose tests have no time limit shorter than half a minute, those that wait first."""

NICENESS = 5


class WithBackground(LoadFileScheduling):
    """``loadfile`` in which the last process takes the files of ``PATIENT`` alone."""

    def _reschedule(self, node: WorkerController) -> None:
        if not node.shutting_down and in_background(node.workerinput) and next(self._patient(), None) is None:
            node.shutdown()  # it runs what it has
        else:
            super()._reschedule(node)

    def _assign_work_unit(self, node: WorkerController) -> None:
        if in_background(node.workerinput):
            scope = next(self._patient(), None)
            if scope is None:
                return
            self.workqueue.move_to_end(scope, last=False)
        super()._assign_work_unit(node)

    def _patient(self) -> Iterator[str]:
        """The files that may run in the background and wait for a process."""
        return (scope for scope in self.workqueue if scope.split("/")[1:2] and scope.split("/")[1] in PATIENT)


def in_background(workerinput: dict[str, Any]) -> bool:
    """Whether a process is the last one, of several."""
    last = int(workerinput["workercount"]) - 1
    return last > 0 and workerinput["workerid"] == f"gw{last}"


def be_nice() -> None:
    """Gives this process what the others leave of the CPU.

    Linux may share out the CPU by session first, and then by niceness within the session.
    """
    os.nice(NICENESS)
    with suppress(OSError):
        os.setsid()
        Path("/proc/self/autogroup").write_text(str(NICENESS))


def scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """What shares out the files; None where xdist's own choice holds."""
    return WithBackground(config, log) if config.getoption("--background") else None


def start(config: pytest.Config) -> None:
    """Makes this process nice if it is the one in the background; all wait until each has collected its tests."""
    if config.getoption("--background") and in_background(getattr(config, "workerinput", {"workercount": 1})):
        be_nice()
