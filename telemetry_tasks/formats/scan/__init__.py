"""Scanners: lines of pings into an accumulator. ``json_line`` is right, the others are fast and as right."""

from importlib.util import find_spec

from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.formats.pings.contract import PingFormat
from telemetry_tasks.formats.scan.contract import Scanner

NATIVE, SIMD, AUTO = "native", "simd", "auto"
BACKENDS = (AUTO, NATIVE, SIMD)


def backend_in_use(backend: str = AUTO) -> str:
    """Which scanner ``backend`` means here: ``native`` where the part in C was built, else ``simd``.

    Raises ``OperatorError`` where it was asked for and is not there.
    """
    built = find_spec("telemetry_tasks.formats.scan._native") is not None
    if backend not in BACKENDS:
        raise OperatorError(f"kernel {backend!r} is not known; choose one of: {', '.join(BACKENDS)}")
    if backend == NATIVE and not built:
        raise OperatorError("the native kernel is not built: install with a compiler at hand, or a wheel that has it")
    return NATIVE if built and backend != SIMD else SIMD


def scanner(accumulator: Accumulator, ping_format: PingFormat, limits: Limits, backend: str = AUTO) -> Scanner:
    """A scanner for the accumulator. Only what is used is imported: either brings its own libraries."""
    if backend_in_use(backend) == NATIVE:
        from telemetry_tasks.formats.scan.native import NativeScanner

        return NativeScanner(accumulator, ping_format, limits)
    from telemetry_tasks.formats.scan.simd import SimdScanner

    return SimdScanner(accumulator, ping_format, limits)
