"""Scanners of pings with arrays of numbers. ``json_line`` is the reference; the others are fast and agree with it."""

from telemetry_tasks.formats.kernels import AUTO, kernel_in_use


def kernel_of_scanner(kernel: str = AUTO) -> str:
    """The scanner that ``kernel`` selects. Raises ``OperatorError`` (see ``kernel_in_use``)."""
    return kernel_in_use(__name__, kernel)
