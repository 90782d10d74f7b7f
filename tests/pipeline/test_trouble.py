"""What tasks met lately: said at once, a problem when it lasts, forgotten when it is over."""

from telemetry_tasks.formats import trouble as trouble_format
from telemetry_tasks.pipeline.status import status
from telemetry_tasks.pipeline.trouble import KEPT, LASTING, NOTE, lasting, load_trouble, note_trouble
from tests.pipeline.conftest import Stage
from tests.support.living import all_live

FULL = "s3://results: writing: the server answered 500 InternalError"


def note(stage: Stage, *moments: float) -> None:
    all_live(stage.services.state.client)
    for moment in moments:
        note_trouble(stage.services.state, "aggregate_partition", FULL, moment)


def test_trouble_of_a_moment_is_said_and_is_no_problem(stage: Stage) -> None:
    note(stage, 100.0, 100.0 + LASTING - 1)
    found = status(stage.services, stage.input.now())
    assert found.healthy
    assert found.trouble is not None
    assert found.trouble.reason == FULL


def test_trouble_that_lasts_needs_a_person(stage: Stage) -> None:
    note(stage, 100.0, 130.0, 100.0 + 3 * LASTING)
    found = status(stage.services, stage.input.now())
    assert [(finding.code, finding.text) for finding in found.findings] == [
        ("task-trouble", f"tasks could not do their work for 3 min, 3 times; aggregate_partition: {FULL}")
    ]


def test_it_is_forgotten_when_nothing_more_happens(stage: Stage) -> None:
    note(stage, 100.0)
    left = stage.services.state.client.pttl(f"tt:note:{NOTE}")
    assert 0 < left <= KEPT * 1000


def test_where_nothing_happened_there_is_none(stage: Stage) -> None:
    assert load_trouble(stage.services.state) is None
    assert lasting(None) is None


def test_a_note_of_another_version_is_none(stage: Stage) -> None:
    for body in (b"\xc1", trouble_format.encode(trouble_format.Trouble(1, 2, 3, "a", "b"))[:-1]):
        stage.services.state.set_note(NOTE, body)
        assert load_trouble(stage.services.state) is None
