"""The secrets of a process, as texts that nothing may show."""

import os
import re
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from telemetry_tasks.settings.all import SECRETS, Settings
from telemetry_tasks.settings.environment import settings

OF_OTHERS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
"""Variables with secrets that are not settings."""


_LOGIN = re.compile(r"(?<=://)[^@/\s]*@")


def hidden(text: str) -> str:
    """The text without the secrets of this process's environment, and without the logins of URLs."""
    for secret in _longest_first():
        text = text.replace(secret, "…")
    return _LOGIN.sub("…@", text)


@lru_cache(maxsize=1)
def _longest_first() -> tuple[str, ...]:
    return tuple(sorted((value for value in secret_values(settings()) if len(value) > 3), key=len, reverse=True))


def secret_values(settings: Settings) -> frozenset[str]:
    """Passwords of URLs and logins, keys; as they are written and as they are sent."""
    found: set[str] = {os.environ.get(name, "") for name in OF_OTHERS}
    for name in SECRETS:
        secret = getattr(settings, name)
        if secret is not None:
            found |= _parts(secret.get_secret_value())
    return frozenset(found - {""})


def _parts(text: str) -> set[str]:
    if "://" in text:
        return _of_url(text)
    # a login, or several: user:password,user:password; or a secret of its own
    return {text, *(login.partition(":")[2] for login in text.split(","))}


def _of_url(url: str) -> set[str]:
    """The password between ``://`` and the last ``@``, and one in the query."""
    login = url.partition("://")[2].rpartition("@")[0]
    written = {login.partition(":")[2]}
    try:
        query = urlsplit(url).query
    except ValueError:  # an odd host; the setting's own check says so
        query = ""
    written |= {value for name, _, value in (part.partition("=") for part in query.split("&")) if name == "password"}
    return written | {unquote(text) for text in written}
