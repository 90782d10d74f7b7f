"""Removes the change log of SeaweedFS's filer, which has a line for every object created or removed.

With a single filer nothing reads it, and nothing else removes it: a publish every minute writes a gigabyte per day. The
store's next vacuum frees the space.
"""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from telemetry_tasks.embedded.ports import LOOPBACK

FOLDER = "/topics/.system/log"
SECONDS = 600.0
"""Between two removals."""

TIMEOUT = 60.0
"""Seconds after which a removal that did not end is killed: the server does not answer."""


class ChangeLog:
    """``look()`` now and then: starts a removal when one is due, and does not wait for it.

    ``binary`` is SeaweedFS's program, ``master`` and ``filer`` are the ports of its services, ``output`` is the file
    that keeps what the last removal said.
    """

    def __init__(
        self,
        binary: str,
        master: int,
        filer: int,
        output: Path,
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._command = (binary, "shell", f"-master={LOOPBACK}:{master}", f"-filer={LOOPBACK}:{filer}")
        self._output, self._say, self._clock = output, say, clock
        self._removal: subprocess.Popen[bytes] | None = None
        self._began = clock()

    def look(self) -> None:
        """Raises nothing: the log takes room, and nothing depends on its removal."""
        now = self._clock()
        if self._removal is not None:
            self._watch(self._removal, now)
        elif now - self._began >= SECONDS:
            self._began = now
            self._start()

    def stop(self) -> None:
        """Ends a removal that is under way."""
        if self._removal is not None:
            self._removal.kill()
            self._removal.wait()
            self._removal = None

    def _start(self) -> None:
        try:
            with self._output.open("wb") as output:
                self._removal = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
                )
            assert self._removal.stdin is not None
            with self._removal.stdin as commands:
                commands.write(f"fs.rm -rf {FOLDER}\n".encode())
        except OSError as error:
            self._say(f"the object store's log of changes is not removed: {error.strerror}")

    def _watch(self, removal: subprocess.Popen[bytes], now: float) -> None:
        if removal.poll() is None and now - self._began < TIMEOUT:
            return
        if removal.poll() != 0:
            self._say(f"the object store's log of changes is not removed, it grows on; see {self._output}")
        self.stop()
