"""Ranges of dates: numbers are cut into calendar months, so that old ones need not be touched for new ones."""

UNDATED = "all"
"""The range of rows without a date."""


def range_of(date: str) -> str:
    """The range of a date ``YYYYMMDD``, as ``2026-11``."""
    return f"{date[:4]}-{date[4:6]}" if date else UNDATED
