"""Scanners add lines of pings to an accumulator. ``json_line`` is the reference; the others are fast and agree."""

from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.formats.kernels import AUTO, NATIVE, kernel_in_use
from telemetry_tasks.formats.pings.contract import PingFormat
from telemetry_tasks.formats.scan.contract import Scanner


def backend_in_use(backend: str = AUTO) -> str:
    """The scanner that ``backend`` selects. Raises ``OperatorError`` (see ``kernel_in_use``)."""
    return kernel_in_use("telemetry_tasks.formats.scan", backend)


def scanner(accumulator: Accumulator, ping_format: PingFormat, limits: Limits, backend: str = AUTO) -> Scanner:
    """A scanner for the accumulator. Imports only the one that is used, as each needs its own libraries."""
    if backend_in_use(backend) == NATIVE:
        from telemetry_tasks.formats.scan.native import NativeScanner

        return NativeScanner(accumulator, ping_format, limits)
    from telemetry_tasks.formats.scan.simd import SimdScanner

    return SimdScanner(accumulator, ping_format, limits)
