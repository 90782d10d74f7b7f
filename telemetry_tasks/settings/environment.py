"""The settings as environment variables give them: the only reader of the environment."""

import json
import os
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from telemetry_tasks.errors import OperatorError
from telemetry_tasks.settings.all import SECRETS, Settings


def load_settings(**overrides: object) -> Settings:
    """The settings of this process's environment. Raises ``OperatorError`` naming each bad variable."""
    try:
        return Settings(**{**_environment(), **overrides})  # type: ignore[arg-type]
    except ValidationError as error:
        problems = "; ".join(
            f"TELEMETRY_{str(e['loc'][0]).upper()}: {e['msg']}" if e["loc"] else e["msg"] for e in error.errors()
        )
        raise OperatorError(f"settings are not valid: {problems}") from error


def _environment() -> dict[str, object]:
    """The settings that are in the environment. Read by hand, since pydantic-settings doubles the time to start."""
    found: dict[str, object] = {}
    for name, field in Settings.model_fields.items():
        variable = f"TELEMETRY_{name.upper()}"
        text = os.environ.get(variable)
        if name in SECRETS:
            text = _secret(variable, text)
        if text is not None:
            found[name] = _list(variable, text) if isinstance(field.default, tuple) else text
    return found


def _secret(variable: str, text: str | None) -> str | None:
    """The secret, from the variable or from the file that ``…_FILE`` names. Raises ``OperatorError``, never with it."""
    file = os.environ.get(f"{variable}_FILE")
    if file is None:
        return text
    if text is not None:
        raise OperatorError(f"settings are not valid: {variable} and {variable}_FILE are both set: unset one of them")
    secret = _read(f"{variable}_FILE", file).rstrip("\r\n")
    if not secret:
        raise OperatorError(f"settings are not valid: {variable}_FILE: {file} is empty")
    return secret


def _list(variable: str, text: str) -> object:
    """The value of JSON text, or of the file that it names behind an ``@``. Raises ``OperatorError``."""
    where = ""
    if text.startswith("@"):
        where, text = f" in {text[1:]}", _read(variable, text[1:])
    try:
        return json.loads(text)
    except ValueError as error:
        example = '{"one": ["two"]}' if variable == "TELEMETRY_ALLOWED_OPTIONS" else '["one", "two"]'
        raise OperatorError(f"settings are not valid: {variable}: must be JSON{where}, as in {example}") from error


def _read(variable: str, file: str) -> str:
    try:
        return Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise OperatorError(f"settings are not valid: {variable}: {file} cannot be read: {reason}") from None


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return load_settings()
