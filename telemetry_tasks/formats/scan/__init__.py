"""Scanners: lines of pings into an accumulator. ``json_line`` is right, the others are fast and as right."""

from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.formats.kernels import AUTO, NATIVE, kernel_in_use
from telemetry_tasks.formats.pings.contract import PingFormat
from telemetry_tasks.formats.scan.contract import Scanner


def backend_in_use(backend: str = AUTO) -> str:
    """Which scanner ``backend`` means here. Raises ``OperatorError`` (see ``kernel_in_use``)."""
    return kernel_in_use("telemetry_tasks.formats.scan", backend)


def scanner(accumulator: Accumulator, ping_format: PingFormat, limits: Limits, backend: str = AUTO) -> Scanner:
    """A scanner for the accumulator. Only what is used is imported: either brings its own libraries."""
    if backend_in_use(backend) == NATIVE:
        from telemetry_tasks.formats.scan.native import NativeScanner

        return NativeScanner(accumulator, ping_format, limits)
    from telemetry_tasks.formats.scan.simd import SimdScanner

    return SimdScanner(accumulator, ping_format, limits)
