"""The Lua scripts of the state: each file's head says what it does, with which keys and arguments."""

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from redis.exceptions import NoScriptError


@cache
def source(name: str) -> str:
    """The text of a script."""
    return files(__name__).joinpath(f"{name}.lua").read_text(encoding="utf-8")


@cache
def _digest(name: str) -> str:
    return hashlib.sha1(source(name).encode(), usedforsecurity=False).hexdigest()


def run(client: Any, name: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
    """Runs a script, by its digest where the server knows it.

    One that does not is sent the text with the call. redis-py loads it first and calls it by its digest then: between
    the two it may be flushed again.
    """
    try:
        return client.evalsha(_digest(name), len(keys), *keys, *arguments)
    except NoScriptError:
        return client.eval(source(name), len(keys), *keys, *arguments)
