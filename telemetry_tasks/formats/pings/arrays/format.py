"""The base of formats whose histograms are arrays of numbers: it brings the scanners."""

from abc import abstractmethod
from collections.abc import Mapping

from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.formats.kernels import NATIVE
from telemetry_tasks.formats.pings.arrays import kernel_of_scanner
from telemetry_tasks.formats.pings.arrays.lines import ArrayLines
from telemetry_tasks.formats.pings.contract import DefinitionFile, FileKey, Scanner


class ArrayPings(ArrayLines):
    """A ``PingFormat``. The class of a format names the parts of its lines (see ``ArrayLines``)."""

    name: str
    version: int
    key_pattern: str

    @abstractmethod
    def key(self, key: str) -> FileKey:
        """See ``PingFormat``."""

    @abstractmethod
    def definitions(self, body: bytes, constants: Mapping[str, int]) -> DefinitionFile:
        """See ``PingFormat``."""

    def scanner(self, accumulator: Accumulator, limits: Limits, kernel: str) -> Scanner:
        """See ``PingFormat``. Imports only the scanner that is used, as each needs its own libraries."""
        if kernel_of_scanner(kernel) == NATIVE:
            from telemetry_tasks.formats.pings.arrays.native import NativeScanner

            return NativeScanner(accumulator, self, limits)
        from telemetry_tasks.formats.pings.arrays.simd import SimdScanner

        return SimdScanner(accumulator, self, limits)
