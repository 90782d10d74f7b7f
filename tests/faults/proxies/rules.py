"""Which requests fail, and how: chosen by method and path, at a share, reproducibly."""

import random
import re
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Fault(Enum):
    """What may happen to a request."""

    UNAVAILABLE = "answered 503 SlowDown, not forwarded"
    ERROR = "answered 500 InternalError, not forwarded"
    FORBIDDEN = "answered 403 AccessDenied, not forwarded"
    CONFLICT = "answered 409 ConditionalRequestConflict, not forwarded"
    DROP = "connection closed, not forwarded"
    LOSE = "forwarded and done, connection closed without the answer"
    LATE_ERROR = "forwarded and done, answered 500 InternalError all the same"
    TRUNCATE = "half of the answer's body, then closed"
    DAMAGE = "wrong bytes in the answer's body, of the right length"
    DELAY = "forwarded late"
    ERROR_IN_200 = "answered 200 with an Error in the body, not forwarded"
    PORTAL = "answered 200 with a web page, not forwarded"
    EMPTIED = "forwarded, answered with the headers and an empty body"


OF_BODIES = {Fault.TRUNCATE, Fault.DAMAGE}


@dataclass(frozen=True, slots=True)
class Rule:
    """``fault`` for a ``share`` of the requests whose method and path (with query) match.

    At most ``times`` ones in all, and of each path only the ``first`` ones.
    """

    fault: Fault
    share: float = 1.0
    method: str = ".*"
    path: str = ".*"
    times: int | None = None
    seconds: float = 0.5
    first: int | None = None

    def matches(self, method: str, path: str) -> bool:
        return bool(re.fullmatch(self.method, method) and re.search(self.path, path))


class Dice:
    """Says what happens to each request. The n-th request for a path fares alike in every run with one seed,
    in whatever order the threads come."""

    def __init__(self, seed: int, rules: Iterable[Rule] = ()) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self._seen: Counter[tuple[str, str]] = Counter()
        self.rules = list(rules)

    @property
    def rules(self) -> list[Rule]:
        """The rules in force; set them at any time. The first that matches and strikes is taken."""
        return self._rules

    @rules.setter
    def rules(self, rules: Iterable[Rule]) -> None:
        with self._lock:
            self._rules = list(rules)
            self._struck: Counter[int] = Counter()

    def throw(self, method: str, path: str) -> Rule | None:
        """The rule that strikes this request, or None."""
        with self._lock:
            self._seen[method, path] += 1
            seen = self._seen[method, path]
            chance = random.Random(f"{self._seed} {method} {path} {seen}")
            for number, rule in enumerate(self._rules):
                spent = rule.times is not None and self._struck[number] >= rule.times
                spent = spent or (rule.first is not None and seen > rule.first)
                if not spent and rule.matches(method, path) and chance.random() < rule.share:
                    self._struck[number] += 1
                    return rule
        return None
