"""The page on settings is what the settings say."""

from pathlib import Path

from telemetry_tasks.cli.configuration_reference import configuration
from telemetry_tasks.settings import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"


def test_the_page_on_settings_is_up_to_date() -> None:
    assert PAGE.read_text() == configuration(), "run: make docs"


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())
