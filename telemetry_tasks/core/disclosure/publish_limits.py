"""What may be published: smallest cells, options of dimensions, cells of a channel/version."""

import re
from dataclasses import asdict, dataclass
from functools import lru_cache

from telemetry_tasks.core.reading import fingerprint

AllowedOptions = tuple[tuple[str, tuple[str, ...]], ...]
"""Pairs of a dimension and its options, exact or with ``*`` for anything. Other dimensions are not restricted."""


RECORDED = {
    "minimum_submissions": "submissions",
    "most_options": "options",
    "allowed_options": "allowed",
    "most_cells": "cells",
    "most_measures": "measures",
}
"""The name of each limit in a published index."""


@dataclass(frozen=True, slots=True)
class PublishLimits:
    """``minimum_submissions`` of a published cell. ``most_options`` of a dimension.

    ``most_cells``: (kind of date, date, population) of a channel/version, so also most rows of a measure.
    ``most_measures`` of a channel/version, the ones with the most records.
    The limits do not change the state: what collapsed is published again when they are lifted.
    """

    minimum_submissions: int = 1
    most_options: int = 1000
    allowed_options: AllowedOptions = ()
    most_cells: int = 1_000_000
    most_measures: int = 5_000

    @property
    def fingerprint(self) -> str:
        """Lines of ``name=value``: the index records them, so a change of limits publishes a channel/version again."""
        return fingerprint({RECORDED[name]: value for name, value in asdict(self).items()})

    def allows(self, dimension: str, option: str) -> bool:
        """Whether the option, as published, is on the list of its dimension, or the dimension has no list."""
        pattern = _patterns(self.allowed_options).get(dimension)
        return pattern is None or pattern.match(option) is not None


USUAL = PublishLimits()
"""The default limits, also of the settings."""


@lru_cache(maxsize=8)
def _patterns(allowed: AllowedOptions) -> dict[str, re.Pattern[str]]:
    """For each dimension that has a list, a pattern that matches the allowed options."""
    return {
        dimension: re.compile(
            rf"(?:{'|'.join('.*'.join(map(re.escape, option.split('*'))) for option in options)})\Z", re.DOTALL
        )
        for dimension, options in allowed
    }
