"""Points at which a test makes the process die, stop or fail: ``TELEMETRY_FAILPOINTS="reduce.before-commit=kill"``.

Without that variable, ``failpoint`` does nothing. The
actions are ``kill`` (SIGKILL), ``stop`` (SIGSTOP), ``fail`` (``InfrastructureError``) and ``pass``;
``kill@3`` acts the third time. Separate several with commas. Unknown names are refused at start.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable

from telemetry_tasks.errors import InfrastructureError, OperatorError

VARIABLE = "TELEMETRY_FAILPOINTS"

POINTS = (
    *("discover.before-register", "discover.after-register"),
    *("aggregate.after-start", "aggregate.before-store", "aggregate.after-store", "aggregate.after-note"),
    *("merge.after-batch", "merge.before-slice", "merge.after-slice"),
    *("reduce.before-commit", "reduce.after-commit", "reduce.after-dissolve", "reduce.after-slices"),
    *("commit.half-staged", "commit.staged", "commit.done"),
    *("compact.before-read", "compact.before-switch", "compact.staged", "compact.after-switch"),
    *("publish.after-claim", "publish.half-part", "publish.after-part"),
    *("publish.before-folder", "publish.folder-claimed", "publish.half-folder"),
    *("publish.before-manifest", "publish.after-manifest", "publish.after-files", "publish.before-snapshot"),
    *("publish.half-snapshot", "publish.before-switch", "publish.after-switch", "publish.after-follow"),
    *("checkpoint.after-claim", "checkpoint.half-state", "checkpoint.after-state", "checkpoint.before-manifest"),
    *("checkpoint.before-list", "checkpoint.after-list"),
    *("restore.after-read", "restore.epoch-ended", "restore.after-begin", "restore.after-base", "restore.after-load"),
    *("restore.before-epoch", "restore.after-epoch"),
    *("garbage.before", "garbage.after-unlist", "garbage.before-heads", "garbage.after-heads", "garbage.after-delete"),
    *("reprocess.after-start", "reprocess.before-store", "reprocess.after-store", "reprocess.after-note"),
    *("reprocess.before-switch", "reprocess.after-switch", "reprocess.after-end"),
)
"""Every failpoint, in the order in which work passes them."""

_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


class Failpoints:
    """Acts if the failpoint is armed. ``armed`` is action by name."""

    def __init__(self, text: str) -> None:
        self.armed: dict[str, str] = {}
        self.reached: Counter[str] = Counter()
        self.arm(text)

    def arm(self, text: str) -> None:
        """Reads ``name=action,…``. Raises ``OperatorError`` for unknown names and actions."""
        for item in filter(None, text.split(",")):
            name, _, action = item.strip().partition("=")
            what, _, times = action.partition("@")
            if name not in POINTS or what not in (*_SIGNALS, "fail", "pass") or not (times or "1").isdigit():
                raise OperatorError(f"{VARIABLE}: {item!r} is not a failpoint with an action")
            self.armed[name] = action

    def __call__(self, name: str) -> None:
        self.reached[name] += 1
        what, _, times = self.armed.get(name, "pass").partition("@")
        if what == "pass" or self.reached[name] != int(times or 1):
            return
        if what == "fail":
            raise InfrastructureError(f"failpoint {name}")
        os.kill(os.getpid(), _SIGNALS[what])


def _nothing(name: str) -> None:
    """Does nothing, as in every deployment."""


_text = os.environ.get(VARIABLE)
failpoint: Callable[[str], None] = _nothing if _text is None else Failpoints(_text)
"""Marks a point by its name; see ``POINTS``."""
