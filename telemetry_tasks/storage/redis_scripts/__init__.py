"""The Lua scripts of the state: each file's head says what it does, with which keys and arguments."""

from functools import cache
from importlib.resources import files


@cache
def source(name: str) -> str:
    """The text of a script."""
    return files(__name__).joinpath(f"{name}.lua").read_text(encoding="utf-8")
