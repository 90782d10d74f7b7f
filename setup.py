"""The optional part in C; everything else about the package is in setup.cfg.

Built for Python's stable interface, so one wheel a platform serves every Python from 3.11 on. Without a compiler
the package works as well, on pysimdjson: ``telemetry-tasks doctor`` says which kernel is in use.
"""

from setuptools import Extension, setup

NATIVE = "telemetry_tasks/formats/scan/native"

setup(
    ext_modules=[
        Extension(
            "telemetry_tasks.formats.scan._native",
            sources=[f"{NATIVE}/scanner.c"],
            depends=[f"{NATIVE}/{name}.h" for name in ("numbers", "tables", "text")],
            define_macros=[("Py_LIMITED_API", "0x030B0000")],
            # no fused multiply-add: sums and logarithms are to be those of every other machine
            extra_compile_args=["-O3", "-std=gnu11", "-ffp-contract=off", "-Wall", "-Wextra"],
            py_limited_api=True,
            optional=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
