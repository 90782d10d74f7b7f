"""What may be published: smallest cells, options of dimensions, cells of a channel/version."""

import re
from dataclasses import asdict, dataclass
from functools import lru_cache

from telemetry_tasks.core.reading import fingerprint

AllowedOptions = tuple[tuple[str, tuple[str, ...]], ...]
"""Pairs of a dimension and its options, exact or with ``*`` for anything; dimensions that are not in it are free."""


@dataclass(frozen=True, slots=True)
class PublishLimits:
    """``submissions``: fewest a published cell may have. ``options``: most that a dimension may have.

    ``cells``: most (kind of date, date, population) of a channel/version; each measure has so many rows at most.
    ``measures``: most of a channel/version, the ones with the most records.
    The state knows none of these limits: what they fold is there again when they are lifted.
    """

    submissions: int = 1
    options: int = 1000
    allowed: AllowedOptions = ()
    cells: int = 1_000_000
    measures: int = 5_000

    @property
    def fingerprint(self) -> str:
        """Lines of ``name=value``: an index has them of a channel/version, so other limits publish it again."""
        return fingerprint(asdict(self))

    def allows(self, dimension: str, option: str) -> bool:
        """Whether the option, as published, is on the list of its dimension, or there is none."""
        pattern = _patterns(self.allowed).get(dimension)
        return pattern is None or pattern.match(option) is not None


USUAL = PublishLimits()
"""Where nobody asks for others; also what the settings start from."""


@lru_cache(maxsize=8)
def _patterns(allowed: AllowedOptions) -> dict[str, re.Pattern[str]]:
    """A pattern that matches what is allowed, of each dimension that has a list."""
    return {
        dimension: re.compile(
            rf"(?:{'|'.join('.*'.join(map(re.escape, option.split('*'))) for option in options)})\Z", re.DOTALL
        )
        for dimension, options in allowed
    }
