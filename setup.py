"""The optional parts in C; everything else about the package is in setup.cfg.

Built for Python's stable interface, so one wheel a platform serves every Python from 3.11 on. Without a compiler
the package works as well, on pysimdjson and numpy: ``telemetry-tasks doctor`` says what is in use.
"""

from setuptools import Extension, setup


def part(package: str, source: str, *headers: str) -> Extension:
    """The module ``_native`` of a package, from the C files in its folder ``csrc``."""
    folder = f"telemetry_tasks/{package}/csrc"
    return Extension(
        f"telemetry_tasks.{package.replace('/', '.')}._native",
        sources=[f"{folder}/{source}.c"],
        depends=[f"{folder}/{header}.h" for header in headers],
        define_macros=[("Py_LIMITED_API", "0x030B0000")],
        # no fused multiply-add: sums and logarithms are to be those of every other machine
        extra_compile_args=["-O3", "-std=gnu11", "-ffp-contract=off", "-Wall", "-Wextra"],
        py_limited_api=True,
        optional=True,
    )


setup(
    ext_modules=[
        part("formats/pings/arrays", "scanner", "numbers", "tables", "text"),
        part("formats/rows", "rows"),
        part("formats/layouts/v2", "varints"),
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
