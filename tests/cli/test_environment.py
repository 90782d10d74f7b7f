"""Settings from a file, as `up` writes it."""

import os
from pathlib import Path

import pytest

from telemetry_tasks.cli.environment import load_environment, read_environment
from telemetry_tasks.embedded.data_folder import DataFolder
from telemetry_tasks.errors import OperatorError
from tests.cli.invoking import run, spawn

ODD = {"TELEMETRY_DEFINITIONS": '["/a folder/it\'s"]', "TELEMETRY_INPUT_URL": "s3://a b#c", "X": ""}


def test_what_up_writes_is_read_back(tmp_path: Path) -> None:
    DataFolder(tmp_path).write_environment(ODD)
    assert read_environment(DataFolder(tmp_path).environment) == ODD


def test_comments_and_plain_lines_are_read(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("# a comment\nA=1\n\nexport B='2 3' # more\n")
    assert read_environment(file) == {"A": "1", "B": "2 3"}


@pytest.mark.parametrize("text", ["rm -rf /", "A='open", "1A=2"])
def test_what_is_no_file_of_settings_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "env").write_text(text)
    with pytest.raises(OperatorError, match="is not a settings file"):
        read_environment(tmp_path / "env")


def test_keys_from_a_file_put_the_shells_own_login_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ACCESS_KEY_ID"):
        monkeypatch.setenv(name, "of the shell")
    (tmp_path / "env").write_text("AWS_ACCESS_KEY_ID=of-the-file\n")
    load_environment(tmp_path / "env")
    assert os.environ["AWS_ACCESS_KEY_ID"] == "of-the-file"
    assert "AWS_SESSION_TOKEN" not in os.environ
    assert "AWS_PROFILE" not in os.environ


def test_a_data_folder_without_an_up_is_refused(tmp_path: Path) -> None:
    assert "is there an `up` that runs on this data folder?" in run("--data", tmp_path, "status").error


def test_a_file_of_settings_that_is_not_there_is_refused_as_one(tmp_path: Path) -> None:
    assert run("--environment", tmp_path / "env", "status").error.endswith("name another file of settings")


def test_settings_of_the_file_win_over_those_of_the_shell(tmp_path: Path) -> None:
    DataFolder(tmp_path).write_environment({"TELEMETRY_PUBLISHED_URL": f"folder://{tmp_path}/of-the-file"})
    shell = {"TELEMETRY_PUBLISHED_URL": f"folder://{tmp_path}/of-the-shell"}
    assert "of-the-file" in spawn("--data", tmp_path, "restore", "--list", environment=shell).error
    named = {**shell, "TELEMETRY_ENVIRONMENT": str(tmp_path / "environment.sh")}
    assert "of-the-file" in spawn("restore", "--list", environment=named).error
