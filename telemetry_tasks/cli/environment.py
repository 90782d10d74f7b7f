"""Settings from a file as `up` writes it, so that the other commands meet its services."""

import os
import re
import shlex
from pathlib import Path

from telemetry_tasks.embedded.data_folder import DataFolder
from telemetry_tasks.errors import OperatorError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
_LOGIN = ("AWS_SESSION_TOKEN", "AWS_PROFILE")
"""What a shell's own AWS login sets, and what would spoil keys that come from a file."""


def load_environment(file: Path) -> None:
    """Puts the variables of the file into this process. Raises ``OperatorError`` if the file is invalid."""
    variables = read_environment(file)
    if "AWS_ACCESS_KEY_ID" in variables:
        for name in _LOGIN:
            os.environ.pop(name, None)
    os.environ.update(variables)


def read_environment(file: Path) -> dict[str, str]:
    """The variables of lines ``NAME=value`` or ``export NAME=value``, quoted as a shell reads them."""
    try:
        words = shlex.split(file.read_text(), comments=True)
    except OSError as error:
        of_up = DataFolder(file.parent).environment == file
        advice = "is there an `up` that runs on this data folder?" if of_up else "name another file of settings"
        raise OperatorError(f"{file} cannot be read ({error.strerror}): {advice}") from error
    except ValueError as error:
        raise OperatorError(f"{file} is not a settings file ({error}): its lines are NAME=value") from error
    variables = {}
    for word in words:
        name, separator, value = word.partition("=")
        if word == "export":
            continue
        if not separator or not _NAME.match(name):
            raise OperatorError(f"{file} is not a settings file: {word[:40]!r} is not NAME=value")
        variables[name] = value
    return variables
