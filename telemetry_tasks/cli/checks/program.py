"""This program: its variables, its format of pings, the kernel that reads lines."""

import os
import sys
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import partial

import simdjson

from telemetry_tasks import __version__
from telemetry_tasks.cli.checks.check import NOTE, OK, Check, guarded
from telemetry_tasks.formats.kernels import NATIVE, SIMD
from telemetry_tasks.formats.pings.arrays import kernel_of_scanner
from telemetry_tasks.formats.pings.registry import ping_format
from telemetry_tasks.formats.rows import rows_backend
from telemetry_tasks.settings import SECRETS, Settings

OF_COMMANDS = ("TELEMETRY_ENVIRONMENT", "TELEMETRY_DEBUG", "TELEMETRY_FAILPOINTS")
"""Variables that are read although they are not settings."""


def check_program(settings: Settings) -> Iterator[Check]:
    """Version, variables, kernel, ping format."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield Check("Program", OK, f"telemetry-tasks {__version__} on Python {python}; settings are valid")
    yield from check_variables(os.environ)
    yield from guarded("Kernel", partial(_check_kernel, settings))
    yield from _check_rows(settings)
    yield from guarded("Ping format", partial(_check_format, settings))


def check_variables(names: Iterable[str]) -> Iterator[Check]:
    """A note on each variable ``TELEMETRY_…`` that nobody reads: it may be a setting with a slip of the pen."""
    known = {f"TELEMETRY_{name.upper()}" for name in Settings.model_fields} | set(OF_COMMANDS)
    known |= {f"TELEMETRY_{name.upper()}_FILE" for name in SECRETS}
    for name in sorted(names):
        if name.startswith("TELEMETRY_") and name not in known:
            close = get_close_matches(name, sorted(known), 1)
            advice = f"do you mean {close[0]}?" if close else "docs/configuration.md has those that there are"
            yield Check("Settings", NOTE, f"{name} is set, but is not a setting", advice)


def _check_kernel(settings: Settings) -> Iterator[Check]:
    if kernel_of_scanner(settings.kernel) == NATIVE:
        yield Check("Kernel", OK, "native: the part in C")
        return
    name, what = simdjson.Parser().implementation
    found = f"simd: pysimdjson and numpy, for {name} ({what})"
    if settings.kernel == SIMD:
        yield Check("Kernel", OK, found)
    else:
        yield Check("Kernel", NOTE, found, "for twice the speed install with a C compiler at hand, or from a wheel")


def _check_rows(settings: Settings) -> Iterator[Check]:
    if rows_backend(settings.kernel) == NATIVE:
        yield Check("Rows", OK, "native: published rows are written by the part in C")
    else:
        yield Check("Rows", OK, "simd: published rows are written by numpy and orjson")


def _check_format(settings: Settings) -> Iterator[Check]:
    form = ping_format(settings.ping_format, settings.dimensions, settings.fallback_revision)
    yield Check("Ping format", OK, f"{form.name}, by {', '.join(form.dimensions)}")
