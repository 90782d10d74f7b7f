"""The application with ping files that harm who reads them, for F16: ``celery -A tests.faults.poison worker``.

What a file does is told by its name (``HARMS``). Each attempt to read one is noted by a line in the file of that name
in ``FAULT_MARKS``, so that attempts are counted whose process did not live to tell.
"""

import os
import resource
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from telemetry_tasks.app import app
from telemetry_tasks.pipeline.aggregate import partition as work
from telemetry_tasks.pipeline.aggregate.files import PingFile
from tests.faults.feed import name_of

__all__ = ["app"]

ROOM = 128 << 20
"""Bytes that a reader of the memory-eater has beside what its process has already."""

_marks = Path(os.environ["FAULT_MARKS"])
_ping_file: Callable[..., PingFile] = work._ping_file


def _kills(real: PingFile) -> Iterator[bytes]:
    os.kill(os.getpid(), signal.SIGKILL)
    yield b""


def _eats_memory(real: PingFile) -> Iterator[bytes]:
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + ROOM, before[1]))
    try:
        eaten = []
        while True:
            eaten.append(bytearray(16 << 20))
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    yield b""


def _never_ends(real: PingFile) -> Iterator[bytes]:
    while True:
        pass
    yield b""


HARMS = {"kills": _kills, "eats": _eats_memory, "loops": _never_ends}
"""What a file does to its reader, by the beginning of its name."""


def _poisoned(services: Any, file: Any, *more: Any) -> PingFile:
    real, name = _ping_file(services, file, *more), name_of(file.key)
    with (_marks / name).open("a") as marks:
        marks.write(f"{os.getpid()}\n")
    harm = HARMS.get(name)
    return real if harm is None else PingFile(real.key, lambda: harm(real), real.etag, real.size)


work._ping_file = _poisoned
