"""Tables are tables for every renderer: with a head, and no row with more or fewer cells than that."""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT


def tables(page: Path) -> Iterator[list[str]]:
    """The lines of each table of a page."""
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text("utf-8"), flags=re.S | re.M)
    for of_table, lines in groupby(text.splitlines(), lambda line: line.startswith("|")):
        if of_table:
            yield list(lines)


def cells(row: str) -> int:
    """How many: only an escaped bar is part of a cell, also in code."""
    return len(re.findall(r"(?<!\\)\|", row.rstrip())) - 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_table_has_a_head_and_rows_like_it(page: Path) -> None:
    for head, *rows in tables(page):
        assert rows, head
        assert re.fullmatch(r"\|( *:?-+:? *\|)+", rows[0]), head
        assert [row for row in rows if cells(row) != cells(head)] == []
