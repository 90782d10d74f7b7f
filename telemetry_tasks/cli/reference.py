"""docs/commands.md from the commands themselves: ``python -m telemetry_tasks.cli.reference > docs/commands.md``."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from typer.main import get_command

from telemetry_tasks.cli.catalogue import COMMANDS, LazyCommand
from telemetry_tasks.cli.main import NAME, app

INTRODUCTION = """\
# Commands

This page is made from the commands' own help by `python -m telemetry_tasks.cli.reference > docs/commands.md`; a test
holds the two together.

`telemetry-tasks COMMAND --help` shows the same on the terminal. Settings are variables `TELEMETRY_…`
(docs/configuration.md). Results go to stdout, remarks, errors and progress bars to stderr. There are no bars and no
colours if it is not a terminal, or if `NO_COLOR` is set. With `--json` a command writes one JSON document to stdout.

| exit code | means |
|---|---|
| 0 | done |
| 1 | failed, the error says what to change; or `status` is not healthy, `doctor` or `verify` found something |
| 2 | wrong usage |
| 3 | done, but some of the input could not be read (`aggregate`) |
| 4 | a service is unavailable: try again |
| 130 | ended by Ctrl-C |

An error is one line on stderr, `telemetry-tasks: error: …`; `--debug` or `TELEMETRY_DEBUG=1` shows where in the
program it occurred. Wrong usage is shown in a frame, below the usage of the command.

`telemetry-tasks --install-completion` installs completion of commands and options for the shell that runs it (bash,
zsh, fish, PowerShell); `--show-completion` prints the script.
"""


def reference() -> str:
    """The whole page."""
    return "\n".join(_page())


def _page() -> Iterator[str]:
    group: Any = get_command(app)
    yield INTRODUCTION
    yield "## Global options\n\nThey stand before the command.\n"
    yield from _options(group)
    panel = ""
    for name, (its_panel, _, _) in COMMANDS.items():
        if its_panel != panel:
            panel = its_panel
            yield f"\n## {panel}"
        stub = group.commands[name]
        assert isinstance(stub, LazyCommand)
        yield from _command(name, stub.load())


def _command(name: str, command: Any) -> Iterator[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    usage = " ".join([NAME, name, "[OPTIONS]", *(_shown(argument) for argument in arguments)])
    yield f"\n### {name}\n\n`{usage}`\n\n{command.help.strip()}\n"
    examples = [line.strip().replace("\\[", "[") for line in (command.epilog or "").split("\n\n")]
    yield "\n".join(["```sh usage", *(line for line in examples if NAME in line), "```\n"])
    yield from _options(command)


def _options(command: Any) -> Iterator[str]:
    yield "| option | means | default |\n|---|---|---|"
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            yield f"| `{_shown(parameter)}` | {parameter.help} | {'required' if parameter.required else ''} |"
        elif "--help" not in parameter.opts:
            yield f"| {_names(parameter)} | {parameter.help} | {_default(parameter)} |"


def _shown(argument: Any) -> str:
    return str(argument.metavar or argument.name)


def _names(option: Any) -> str:
    value = "" if option.is_flag else f" {_value(option)}"
    return ", ".join(f"`{name}{value}`" for name in (*option.opts, *option.secondary_opts))


def _value(option: Any) -> str:
    if isinstance(option.default, StrEnum):
        return "\\|".join(type(option.default))
    return str(option.metavar or {int: "N", float: "NUMBER"}.get(type(option.default), "VALUE"))


def _default(option: Any) -> str:
    if option.required:
        return "required"
    default = option.default
    if default is None or default == "" or callable(default) or (option.is_flag and not default):
        return f"`{option.envvar}`" if option.envvar else ""
    if option.is_flag:
        return f"`{option.opts[0]}`"
    return f"`{default}`"


if __name__ == "__main__":
    print(reference(), end="")
