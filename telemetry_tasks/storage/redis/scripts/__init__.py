"""The Lua scripts of the state: each file's head describes what it does, its keys and its arguments.

All begin with ``prefix.lua``, which defines what they share.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from redis.exceptions import NoScriptError


@cache
def source(name: str) -> str:
    """The text of a script, after the prefix of all."""
    return _text("prefix") + _text(name)


def _text(name: str) -> str:
    return files(__name__).joinpath(f"{name}.lua").read_text(encoding="utf-8")


@cache
def _digest(name: str) -> str:
    return hashlib.sha1(source(name).encode(), usedforsecurity=False).hexdigest()


def run(client: Any, name: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
    """Runs a script, by its digest if the server knows it.

    Otherwise sends the text with the call. redis-py would load it and then call it by its digest: the script may
    be flushed in between.
    """
    try:
        return client.evalsha(_digest(name), len(keys), *keys, *arguments)
    except NoScriptError:
        return client.eval(source(name), len(keys), *keys, *arguments)
