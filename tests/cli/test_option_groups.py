"""Dataclasses of options: Typer sees their fields, the command gets them whole."""

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from telemetry_tasks.cli.option_groups import grouped


@dataclass
class Size:
    width: Annotated[int, typer.Option(help="How wide.")]
    height: Annotated[int, typer.Option(help="How high.")] = 2


@dataclass
class Colour:
    red: bool = False


app = typer.Typer()


@app.command()
@grouped
def draw(*, size: Size, name: str = "x", colour: Colour) -> None:
    """Draws."""
    print(size, name, colour)


@pytest.mark.parametrize(
    ("arguments", "seen"),
    [
        ([], (Size(7), "x", Colour())),
        (["--height", "3", "--name", "y", "--red"], (Size(7, 3), "y", Colour(red=True))),
    ],
)
def test_a_command_gets_the_options_as_values(arguments: list[str], seen: tuple[object, ...]) -> None:
    ran = CliRunner().invoke(app, ["--width", "7", *arguments])
    assert (ran.exit_code, ran.output.strip()) == (0, " ".join(map(str, seen)))


def test_the_options_are_listed_in_order_with_their_help() -> None:
    shown = CliRunner().invoke(app, ["--help"], terminal_width=100).output
    places = [shown.index(option) for option in ("Draws.", "--width", "--height", "--name", "--red")]
    assert places == sorted(places)
    assert "How wide." in shown


def test_a_missing_option_of_a_group_is_an_error_of_use() -> None:
    assert CliRunner().invoke(app, []).exit_code == 2
