"""The kernels that scan lines and write rows: the C extension if it was built, otherwise SIMD and numpy."""

from importlib.util import find_spec

from telemetry_tasks.errors import OperatorError

NATIVE, SIMD, AUTO = "native", "simd", "auto"
KERNELS = (AUTO, NATIVE, SIMD)


def kernel_in_use(package: str, kernel: str = AUTO) -> str:
    """``native`` if ``package`` has its C extension built and ``kernel`` is not ``simd``, else ``simd``.

    Raises ``OperatorError`` if ``kernel`` is unknown, or is ``native`` and not built.
    """
    built = find_spec(f"{package}._native") is not None
    if kernel not in KERNELS:
        raise OperatorError(f"unknown kernel {kernel!r}; use one of: {', '.join(KERNELS)}")
    if kernel == NATIVE and not built:
        raise OperatorError("the native kernel is not built; install a C compiler and reinstall, or install a wheel")
    return NATIVE if built and kernel != SIMD else SIMD
