"""The types of the C extension."""

from collections.abc import Callable

class Scanner:
    """See csrc/scanner.c."""

    def __new__(
        cls,
        info: bytes,
        histograms: bytes,
        measurements: bytes,
        fields: tuple[bytes, ...],
        log: Callable[[float], float],
        bounds: tuple[float, ...],
        line_bytes: int,
        array_length: int,
        most_histograms: int,
        most_simples: int,
        /,
    ) -> Scanner: ...
    def scan(self, owner: object, block: bytes | memoryview, /) -> tuple[int, int]: ...
    def forget_rows(self) -> None: ...
    def forget(self) -> None: ...
