"""Log lines without secrets: known ones wherever they stand, and the login of every URL."""

import json
import re
from collections.abc import Iterable
from typing import Any

from structlog.typing import EventDict, WrappedLogger

HIDDEN = "…"
LEAST_CHARACTERS = 4
"""A shorter secret would hide ordinary words, and hardly is one."""

_LOGIN = re.compile(r"(?<=://)[^\s/@\"']*:[^\s/@\"']*(?=@)")


class Hiding:
    """The last processor of a line: takes the text, gives it without the secrets."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spelled = {way for secret in secrets if len(secret) >= LEAST_CHARACTERS for way in spellings(secret)}
        longest_first = sorted(spelled, key=lambda text: (-len(text), text))
        self._known = re.compile("|".join(map(re.escape, longest_first))) if spelled else None

    def __call__(self, _: WrappedLogger, __: str, line: Any) -> str:
        return self._hidden(line)

    def in_texts(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        """Before texts are shortened: half a secret would not be recognized afterwards."""
        for name in ("event", "exception"):
            if isinstance(event.get(name), str):
                event[name] = self._hidden(event[name])
        return event

    def _hidden(self, text: str) -> str:
        shown = _LOGIN.sub(HIDDEN, text)
        return self._known.sub(HIDDEN, shown) if self._known else shown


def spellings(secret: str) -> set[str]:
    """The secret as it is, as JSON and Python write it, and both of one inside the other."""
    plain = {secret, repr(secret)[1:-1], repr(secret.encode())[2:-1]}
    return plain | {json.dumps(text)[1:-1] for text in plain} | {json.dumps(t, ensure_ascii=False)[1:-1] for t in plain}
