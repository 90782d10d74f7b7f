"""Output on terminals and in pipes whose encoding has not every character, such as ASCII and ISO-8859-1."""

import codecs
import io
import sys

_SPELLED = {
    "…": "...",
    "→": "->",
    "←": "<-",
    "–": "-",
    "—": "-",
    "−": "-",
    "×": "x",
    "·": ".",
    "“": '"',
    "”": '"',
    "’": "'",
}
_NAME = "telemetry-spelled"


def spelled(error: UnicodeError) -> tuple[str, int]:
    """The characters that cannot be encoded, in those that ASCII has; an error handler of ``codecs``."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    known = (_SPELLED.get(each) or each.encode("ascii", "backslashreplace").decode() for each in text)
    return "".join(known), error.end


def spell_out_what_cannot_be_shown() -> None:
    """Makes standard output and standard error take every text, whatever their encoding."""
    codecs.register_error(_NAME, spelled)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not takes_every_character(stream.encoding):
            stream.reconfigure(errors=_NAME)


def takes_every_character(encoding: str | None) -> bool:
    """Whether it is an encoding of Unicode."""
    return (encoding or "").lower().replace("_", "-").startswith("utf")
