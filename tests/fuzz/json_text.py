"""JSON text as nobody sane writes it: members twice, numbers in every spelling, white space anywhere."""

import json
import random
from dataclasses import dataclass

Value = "Members | Raw | list | str"


@dataclass
class Raw:
    """Text that stands in the document as it is: a number in its spelling, a literal, or nonsense."""

    text: str


@dataclass
class Members:
    """An object; a name may come twice."""

    pairs: list[tuple[str, object]]


@dataclass(frozen=True)
class Style:
    """How a document is written."""

    comma: str = ", "
    colon: str = ": "
    ascii: bool = True
    escaped_names: bool = False
    blanks: random.Random | None = None

    def gap(self) -> str:
        """White space that may stand between any two tokens."""
        return self.blanks.choice(["", "", "", " ", "\t", " \r "]) if self.blanks else ""


STYLES = (Style(), Style(",", ":"), Style(", ", ":", ascii=False), Style(" ,", " : "))


def written(value: object, style: Style) -> str:
    """The value as text."""
    gap = style.gap
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=style.ascii)
    if isinstance(value, list):
        return "[" + gap() + style.comma.join(gap() + written(each, style) + gap() for each in value) + "]"
    assert isinstance(value, Members)
    members = (gap() + _name(name, style) + gap() + style.colon + written(each, style) for name, each in value.pairs)
    return "{" + gap() + style.comma.join(members) + gap() + "}"


def _name(name: str, style: Style) -> str:
    if style.escaped_names and name:
        return f'"\\u{ord(name[0]):04x}{name[1:]}"'
    return json.dumps(name, ensure_ascii=style.ascii)
