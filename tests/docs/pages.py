"""The documentation as a reader meets it: pages, their fenced blocks, their headings and links."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = (README, ROOT / "static" / "README.md", *sorted((ROOT / "docs").glob("*.md")))

_FENCE = re.compile(r"(?P<indent> *)```(?P<info>.*)\n")
_HEADING = re.compile(r"#{1,6} +(.*?) *#*\n?\Z")
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")


@dataclass(frozen=True)
class Block:
    """A fenced block: the language and the tags of its first line, and what is inside."""

    page: Path
    line: int
    language: str
    tags: frozenset[str]
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order. An unclosed one is an ``AssertionError``."""
    opened: re.Match[str] | None = None
    start, inside = 0, []
    for number, line in enumerate(page.read_text("utf-8").splitlines(keepends=True), 1):
        fence = _FENCE.fullmatch(line if line.endswith("\n") else line + "\n")
        if opened is None and fence:
            opened, start, inside = fence, number, []
        elif opened is not None and fence:
            assert not fence["info"].strip(), f"{page}:{number}: a block opens inside the one of line {start}"
            language, *tags = opened["info"].split() or [""]
            yield Block(page, start, language, frozenset(tags), "".join(inside))
            opened = None
        elif opened is not None:
            inside.append(line.removeprefix(opened["indent"]))
    assert opened is None, f"{page}:{start}: the block is not closed"


ALL = tuple(block for page in PAGES for block in blocks(page))


def prose(page: Path) -> str:
    """A page without its blocks and its inline code."""
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text("utf-8"), flags=re.S | re.M)
    return re.sub(r"`[^`\n]*`", "``", text)


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as GitHub makes them."""
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text("utf-8"), flags=re.S | re.M)
    seen: Counter[str] = Counter()
    found = set()
    for line in text.splitlines():
        if heading := _HEADING.match(line):
            plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
            name = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
            found.add(f"{name}-{seen[name]}" if seen[name] else name)
            seen[name] += 1
    return found


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Each link of a page to a file of the repository: the file, and the anchor or an empty string."""
    for match in _LINK.finditer(prose(page)):
        target, _, anchor = match[1].partition("#")
        if not re.match(r"[a-z]+:", match[1]):
            yield ((page.parent / target).resolve() if target else page), anchor
