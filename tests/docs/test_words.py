"""What ``status`` shows is explained where the words are."""

import re
from pathlib import Path

import pytest

from telemetry_tasks.cli import status_screen
from tests.docs.pages import ROOT

SOURCE = Path(status_screen.__file__).read_text("utf-8")
LABELS = re.findall(r'Text\(f?"([\w-]+) {1,}', SOURCE.replace("not healthy", ""))
HEADINGS = [
    heading
    for table in re.findall(r'_table\(\(("[^)]*)\)', SOURCE)
    for heading in re.findall(r'"([\w-]+)"', table)  # of two words each is a plain sentence
]
PLAIN = {"redis", "published", "reprocessing"}
"""Said by the line itself, or explained as such."""


def explained() -> set[str]:
    text = (ROOT / "docs" / "concepts.md").read_text("utf-8")
    return {word.lower() for word in re.findall(r"\*\*([^*]+)\*\*", text)}


@pytest.mark.parametrize("word", sorted({*LABELS, *HEADINGS}))
def test_a_word_of_status_is_in_concepts(word: str) -> None:
    known, low = explained(), word.lower()
    stems = {
        low,
        low.removesuffix("s"),
        low.removesuffix("es"),
        low.removesuffix("d"),
        f"{low} file",
        f"ping {low}".removesuffix("s"),
    }
    assert low in PLAIN or stems & known


def test_words_were_found() -> None:
    assert {"ignored", "failure", "queues"} <= set(LABELS)
    assert {"aggregated", "merged", "registered"} <= set(HEADINGS)
