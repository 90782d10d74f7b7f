"""Runs commands in this process, and as a process of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from telemetry_tasks.cli.main import app

COMMAND = (sys.executable, "-m", "telemetry_tasks.cli.main")


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document on stdout."""
        assert self.out, f"exit code {self.code}, nothing on stdout: {self.err}"
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The one line of a refusal."""
        lines = [line for line in self.err.splitlines() if line.startswith("telemetry-tasks: error: ")]
        assert len(lines) == 1, self.err
        assert self.code not in (0, 2)
        assert "Traceback" not in self.err + self.out
        return lines[0]


def run(*arguments: object, input: str | bytes | None = None) -> Ran:
    """A command in this process; what it raises by mistake is raised here."""
    ran = CliRunner().invoke(app, [str(a) for a in arguments], input=input, catch_exceptions=False)
    return Ran(ran.exit_code, ran.stdout, ran.stderr)


def spawn(
    *arguments: object, environment: Mapping[str, str] | None = None, cwd: object = None, timeout: float = 300.0
) -> Ran:
    """A command as a user starts it; it has ``timeout`` seconds."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **(environment or {})},
        cwd=cwd,  # type: ignore[call-overload]
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)
