"""What reading may raise. ``str(error)`` is one line that says what happened, and what to do where that is known."""


class ReaderError(Exception):
    """What is published cannot be read: the place does not answer, or an object is damaged."""


class NotThere(ReaderError):
    """A channel/version, a measure, a key, an option, or an object that does not exist."""
