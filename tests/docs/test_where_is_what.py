"""Files that docs/contributing.md names as answers are there."""

import re

import pytest

from tests.docs.pages import ROOT

TEXT = (ROOT / "docs" / "contributing.md").read_text("utf-8")
ANSWERS = TEXT[TEXT.index("## Where is what") : TEXT.index("## Snippets")]
PATHS = sorted(set(re.findall(r"`([\w-]+(?:/[\w-]+)+\.\w+)`", ANSWERS)))


@pytest.mark.parametrize("path", PATHS)
def test_a_file_that_is_named_exists(path: str) -> None:
    assert (ROOT / path).is_file() or (ROOT / "telemetry_tasks" / path).is_file()


def test_at_least_twenty_questions_are_answered() -> None:
    questions = re.findall(r"^\| .*\? \| .*`", ANSWERS, re.M)
    assert len(questions) >= 20
    assert len(PATHS) > 40
