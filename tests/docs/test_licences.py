"""Licences of what the program needs: listed in docs/licences.md, and none that would bind it."""

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution

import pytest

from telemetry_tasks.cli.licences_reference import EXTRAS, direct, licence, reference, required
from tests.docs.pages import ROOT

ALLOWED = {
    *("0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MPL-2.0", "PSF-2.0"),
    *("Python-2.0", "Unlicense", "Zlib"),
}


def is_allowed(expression: str) -> bool:
    """Every part of an AND, and one of the parts of an OR, is allowed. Parentheses of one level."""
    words = re.sub(r"\(([^()]*)\)", lambda match: "MIT" if is_allowed(match[1]) else "no", expression)
    return all(any(part.strip() in ALLOWED for part in each.split(" OR ")) for each in words.split(" AND "))


def closure(names: Iterable[str]) -> set[str]:
    """The packages and all that they need in turn, as far as it is installed here."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            needed = distribution(name)
        except PackageNotFoundError:  # only needed on other systems, or with older versions of Python
            continue
        found.add(name)
        waiting += required(needed)
    return found


@pytest.mark.parametrize("extra", EXTRAS)
def test_what_is_needed_and_what_that_needs_has_an_allowed_licence(extra: str) -> None:
    found = {name: licence(distribution(name)) for name in closure(direct(extra))}
    assert found
    assert {name: its for name, its in found.items() if not is_allowed(its)} == {}


def test_expressions_are_understood() -> None:
    assert is_allowed("MPL-2.0 AND (Apache-2.0 OR MIT)")
    assert is_allowed("GPL-3.0-only OR MIT")
    assert not is_allowed("MIT AND GPL-3.0-only")
    assert not is_allowed("MIT AND (GPL-3.0-only OR AGPL-3.0-only)")
    assert not is_allowed("?")


def test_the_page_lists_every_package_that_is_needed() -> None:
    """Which licence stands there is of the day it was made: newer versions may say it in other words."""
    page = (ROOT / "docs" / "licences.md").read_text("utf-8")
    assert re.findall(r"^\| ([\w-]+) \|", page, re.M) == re.findall(r"^\| ([\w-]+) \|", reference(), re.M)
