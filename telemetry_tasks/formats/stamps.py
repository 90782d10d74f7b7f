"""Stamps: names of snapshots and checkpoints, which say when they were begun."""

import re
from datetime import UTC, datetime

STAMP = "%Y%m%d%H%M%S"


def stamp(moment: datetime) -> str:
    """``YYYYMMDDhhmmss`` in UTC."""
    return moment.astimezone(UTC).strftime(STAMP)


def parse_stamp(text: str) -> datetime:
    """The time of a stamp. Raises ``ValueError``."""
    return datetime.strptime(text, STAMP).replace(tzinfo=UTC)


def is_stamp(text: str) -> bool:
    """Whether the text is a stamp."""
    return re.fullmatch(r"[0-9]{14}", text) is not None
