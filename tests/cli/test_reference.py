"""The help, the page of commands and the commands themselves say the same."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from telemetry_tasks.cli.catalogue import COMMANDS
from telemetry_tasks.cli.main import app
from telemetry_tasks.cli.reference import reference
from tests.cli.invoking import run

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "commands.md"


def command(name: str) -> Any:
    group: Any = get_command(app)
    return group.commands[name].load()


def examples() -> Iterator[str]:
    """Every example of the page."""
    for block in re.findall(r"```sh usage\n(.*?)```", PAGE.read_text(), re.DOTALL):
        yield from block.splitlines()


def test_the_page_is_the_one_that_the_commands_give() -> None:
    assert PAGE.read_text() == reference(), "run: python -m telemetry_tasks.cli.reference > docs/commands.md"


@pytest.mark.parametrize("arguments", [[], ["status"], ["reprocess"]])
def test_a_flag_is_shown_without_a_value(arguments: list[str]) -> None:
    assert "bool" not in run(*arguments, "--help").out.lower()


@pytest.mark.parametrize("given", ["--data", "--environment=x", "--debug"])
def test_a_global_option_behind_the_command_is_said_to_stand_before_it(given: str) -> None:
    ran = run("status", given)
    assert ran.code == 2
    said = " ".join(ran.err.replace("│", " ").split())
    assert f"it stands before the command: telemetry-tasks {given.partition('=')[0]} … status" in said


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    ran = run(name, "--help")
    assert ran.code == 0
    assert "Examples" in ran.out
    assert f"### {name}\n" in PAGE.read_text()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_a_command_says_of_itself(name: str) -> None:
    assert command(name).help.split("\n\n")[0].strip() == COMMANDS[name][2]


@pytest.mark.parametrize("example", sorted(set(examples())))
def test_the_options_of_every_example_exist(example: str) -> None:
    for part in re.split(r"&&|\|", example):
        words = shlex.split(part)
        if words[:1] != ["telemetry-tasks"]:
            continue
        if words[1:2] == ["--data"]:
            words = words[:1] + words[3:]
        known = command(words[1])
        options = {name for each in known.params for name in (*each.opts, *each.secondary_opts)}
        assert {word.split("=")[0] for word in words[2:] if re.match(r"--?[a-z]", word)} <= options


@pytest.mark.parametrize(
    "page", [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"], ids=lambda page: page.name
)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text() if page.exists() else ""
    named = re.findall(r"telemetry-tasks (?:--data \S+ )?([a-z][a-z-]+)", text)
    assert set(named) <= {*COMMANDS, "up"}


def test_every_variable_that_help_names_is_a_setting() -> None:
    from telemetry_tasks.settings import Settings

    named = set(re.findall(r"TELEMETRY_[A-Z0-9_]+", PAGE.read_text())) - {"TELEMETRY_ENVIRONMENT", "TELEMETRY_DEBUG"}
    fields = {name.removeprefix("TELEMETRY_").lower() for name in named}
    families = {field for field in fields if field.endswith("_")}  # TELEMETRY_LIMIT_…
    assert fields - families <= Settings.model_fields.keys()
    assert all(any(name.startswith(family) for name in Settings.model_fields) for family in families)
