from pathlib import Path

from telemetry_tasks.core.definitions import KINDS, STARTUP_PREFIX
from telemetry_tasks.core.histograms import histogram_shape
from telemetry_tasks.formats.pings.saved_session.definitions import parse_definitions
from telemetry_tasks.pipeline.definition_sources import DefinitionSources
from telemetry_tasks.simulation.measures import MODELS, definitions_folder, simulated_definitions
from telemetry_tasks.simulation.regressions import PLANS
from telemetry_tasks.storage.definitions.folder import FolderDefinitions


def test_every_definition_has_a_model_and_every_model_a_definition() -> None:
    file = parse_definitions((definitions_folder() / "Histograms.json").read_bytes())
    assert file.left_out == {}
    assert {name for name in MODELS if name in file.definitions} == set(file.definitions)
    assert all(name.removeprefix(STARTUP_PREFIX) in file.definitions for name in MODELS)


def test_every_kind_of_histogram_is_there() -> None:
    definitions = simulated_definitions().values()
    assert {definition.kind for definition in definitions} == set(KINDS)
    assert {definition.original_kind for definition in definitions} == {None, "count", "categorical"}
    assert all(definition.description for definition in definitions)


def test_every_regression_is_of_a_measure_that_exists() -> None:
    assert {plan.measure for plan in PLANS} <= set(MODELS)


def test_the_folder_serves_as_a_source_for_every_revision() -> None:
    folder = definitions_folder()
    assert isinstance(folder, Path)
    sources = DefinitionSources([FolderDefinitions(folder)], parse_definitions)
    for revision in ("https://hg.example.org/example-nightly/rev/0123456789ab", "whatever that is"):
        for name, definition in simulated_definitions().items():
            assert sources.meaning_of(name, histogram_shape(definition.buckets), revision) == definition


def test_every_planted_regression_is_in_the_documentation() -> None:
    table = (Path(__file__).resolve().parents[2] / "docs" / "simulation.md").read_text()
    for plan in PLANS:
        days = f"{plan.first}–{plan.last}" if plan.first != plan.last else f"{plan.first} "
        line = next(line for line in table.splitlines() if line.startswith(f"| `{plan.measure}` |"))
        assert f"| {plan.channel} | {days}" in line
        assert f"× {plan.factor}" in line
        assert (plan.os or "everywhere") in line
