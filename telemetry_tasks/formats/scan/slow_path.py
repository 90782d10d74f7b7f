"""Raised by a fast scanner for a line that it leaves to ``json_line``."""


class NeedsSlowPath(Exception):
    """The line does not fit the fast path; nothing of it was added."""
