"""A program for the tests of the supervisor: ``python -m tests.embedded.supervised FOLDER CHILD…``.

Each CHILD is ``name=kind``; they start one after the other and append what happens to ``FOLDER/events``.
Kinds: ``plain`` sleeps; ``deaf`` ignores SIGTERM, and is killed after a second; ``stone`` ignores it as well, and has
a minute; ``forks`` has a child of its own that ignores SIGTERM;
``watched`` is tied to its parent without the help of the kernel; ``once`` ends with 0; ``broken`` ends
with 3; ``never`` is never ready; ``finicky`` fails to start once while there is a file ``refuse``; ``noisy``
prints much.

What the supervisor does now and then is noted, too: ``supervisor looks PID``.
"""

import os
import sys
from pathlib import Path

from telemetry_tasks.embedded.child import ChildSpec
from telemetry_tasks.embedded.supervisor import Stage, Supervisor
from telemetry_tasks.errors import InfrastructureError, OperatorError

PRELUDE = """
import os, pathlib, signal, subprocess, sys, time
folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
def event(what):
    with open(folder / "events", "a") as events: events.write(f"{name} {what} {os.getpid()}\\n")
def ended(*_): event("ends"); sys.exit(0)
signal.signal(signal.SIGTERM, ended)
"""
SLEEP = "event('starts')\nwhile True: time.sleep(60)"
IGNORE = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
DEAF_CHILD = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
BODIES = {
    "deaf": IGNORE + SLEEP,
    "stone": IGNORE + SLEEP,
    "forks": f"subprocess.Popen([sys.executable, '-c', {DEAF_CHILD!r}])\n" + SLEEP,
    "once": "event('starts')\nsys.exit(0)",
    "broken": "event('starts')\nprint('no such luck')\nsys.exit(3)",
    "noisy": "for _ in range(4_100): print('x' * 1000)\n" + SLEEP,
}


def spec(folder: Path, name: str, kind: str) -> ChildSpec:
    def started() -> bool:
        events = folder / "events"
        return kind not in ("never", "broken") and events.exists() and f"{name} starts" in events.read_text()

    def before_start() -> None:
        if kind == "finicky" and (folder / "refuse").exists():
            (folder / "refuse").unlink()
            raise InfrastructureError("not now")

    return ChildSpec(
        name=name,
        command=(sys.executable, "-c", PRELUDE + BODIES.get(kind, SLEEP), str(folder), name),
        ready=started,
        ready_seconds=1.0 if kind == "never" else 60.0,
        stop_seconds=1.0 if kind == "deaf" else 60.0,
        before_start=before_start,
        may_finish=kind == "once",
        **({"tie": "watch"} if kind == "watched" else {}),  # type: ignore[arg-type]
    )


def main(folder: Path, children: list[str]) -> int:
    stages = [Stage((spec(folder, *child.split("=")),)) for child in children]

    def look() -> None:
        with (folder / "events").open("a") as events:
            events.write(f"supervisor looks {os.getpid()}\n")

    supervisor = Supervisor(
        stages, folder / "logs", say=lambda line: print(line, flush=True), look=look, look_seconds=0.2
    )
    try:
        supervisor.run(lambda: print("ready", flush=True))
    except OperatorError as error:
        print(error, flush=True)
        return 2
    print("stopped", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
