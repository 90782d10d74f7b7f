"""A process that forks a child for each order it reads: children that can be killed anywhere cost milliseconds.

``ForkServer.run`` sends an order, a JSON line, and gives how the child ended: 0, or minus the signal.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.servers.process import dying_with_us

ROOT = Path(__file__).resolve().parents[2]


class ForkServer:
    """``with ForkServer(log) as server: server.run(redis_url, folder, ["publish"], "publish.before-switch=kill")``."""

    def __init__(self, log: Path) -> None:
        self.log = log

    def __enter__(self) -> "ForkServer":
        command = dying_with_us([sys.executable, "-m", "tests.faults.fork_server"])
        environment = {**os.environ, "TELEMETRY_FAILPOINTS": ""}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()

    def run(self, redis_url: str, folder: Path, steps: list[str], failpoints: str = "", **options: float) -> int:
        """Has a child do the steps; how it ended."""
        order = {
            "url": redis_url,
            "folder": str(folder),
            "steps": steps,
            "failpoints": failpoints,
            "options": options,
        }
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the server of forks died:\n{self.log.read_text()[-3000:]}"
        return int(answer)


def serve() -> None:
    """Reads orders until there are no more. What children print goes to the log."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    from tests.faults import steps  # before the forks, so that they need not

    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        child = os.fork()
        if not child:
            steps.run_and_exit(order)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


if __name__ == "__main__":
    serve()
