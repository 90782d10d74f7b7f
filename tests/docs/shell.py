"""Shell blocks without running them: does bash understand them, and the program the commands in them?"""

import re
import shlex
import subprocess
from collections.abc import Iterator
from typing import Any

import typer
from typer.main import get_command

from telemetry_tasks.cli.main import NAME, app
from tests.docs.pages import ROOT

_SEPARATORS = {"|", "||", "&&", ";", "&", "(", ")", "{", "}", "then", "do", "else", "!", "$("}
_ENDS = {">", ">>", "<", "2>", "2>&1"}


def check_syntax(script: str) -> None:
    """Raises ``AssertionError`` with what bash says."""
    ran = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def check_commands(script: str) -> None:
    """Parses each command of ours as the program would, and asks make for each target."""
    for words in commands(script):
        if words[0].rsplit("/", 1)[-1] == NAME:
            check_usage(words[1:])
        elif words[0] == "make":
            targets = [word for word in words[1:] if "=" not in word]
            ran = subprocess.run(["make", "-n", *targets], cwd=ROOT, capture_output=True, text=True, check=False)
            assert ran.returncode == 0, ran.stderr


def check_usage(arguments: list[str]) -> None:
    """Raises what the program would answer wrong usage with; runs nothing."""
    if arguments[:1] in (["--install-completion"], ["--show-completion"]):
        return  # would install it, for the shell that runs the tests
    group: Any = get_command(app)
    try:
        with group.make_context(NAME, list(arguments)) as context:
            rest = [*context._protected_args, *context.args]
            if rest:
                name, command, left = group.resolve_command(context, rest)
                command.make_context(name, left, parent=context)
    except (typer.Exit, SystemExit) as done:  # --help and --version end so
        if (done.exit_code if isinstance(done, typer.Exit) else done.code) != 0:
            raise


def commands(script: str) -> Iterator[list[str]]:
    """The simple commands of a script, without assignments before them, comments and redirections."""
    for line in re.sub(r"\\\n", " ", script).splitlines():
        lexer = shlex.shlex(line.replace("$(", " ( "), posix=True, punctuation_chars="|&;()<>")
        lexer.whitespace_split = True
        words: list[str] = []
        redirected = False
        for word in lexer:
            if word in _SEPARATORS:
                if words:
                    yield words
                words, redirected = [], False
            elif word in _ENDS or redirected:
                redirected = not redirected
            elif words or not re.match(r"\w+=", word):
                words.append(word)
        if words:
            yield words
