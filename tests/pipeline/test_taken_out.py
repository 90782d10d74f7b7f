"""Files that only readers still know: an operator says that they are out, and nothing else is taken for such a one."""

import pytest

from telemetry_tasks.formats.layouts.v1.versions import VERSIONS
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint
from telemetry_tasks.pipeline.recovery.restore import restore
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.reprocess.taken_out import plan_taken_out, take_out
from tests.pipeline.publishing import assert_intact, processed, seen, take_in
from tests.support.deployment import published_bytes
from tests.support.pings import key
from tests.support.stage import Make, Stage

NAME = "nightly/28"
A, B = key("a"), key("b")
OTHER = key("o", channel="aurora", version="27.0a2")


def again(stage: Stage) -> str:
    stage.clock.pass_(5)
    return publish(stage.services).outcome


def out(stage: Stage, *files: str, **conditions: tuple[str, ...]) -> dict[str, list[str]]:
    """Takes them out, as far as there is something to take out; what that was."""
    plan = plan_taken_out(stage.services, Selection(files=files, **conditions))
    take_out(stage.services, plan)
    return plan


@pytest.fixture
def held_back(stage: Stage) -> Stage:
    """``A`` is shown, and neither in the bucket nor in the state; ``B`` and ``OTHER`` count."""
    take_in(stage, A, B, OTHER)
    publish(stage.services)
    stage.lose_state()
    restore(stage.services)
    stage.input.delete([A])
    take_in(stage, B, OTHER)
    assert again(stage) == "published"  # the other channel/version
    assert A in processed(stage)
    return stage


def test_publishing_goes_on_as_if_the_file_had_never_been_there(held_back: Stage, make_stage: Make) -> None:
    assert out(held_back, A) == {NAME: [A]}
    assert again(held_back) == "published"
    assert processed(held_back) == sorted([B, OTHER])
    assert_intact(held_back)
    never = make_stage()
    never.lose_state()
    restore(never.services)
    take_in(never, B, OTHER)
    publish(never.services)
    assert published_bytes(held_back.published) == published_bytes(never.published)


@pytest.mark.parametrize("step", ["commit", "load"])
def test_one_that_is_killed_half_way_is_done_by_the_next(stage: Stage, step: str) -> None:
    """Of a channel/version of which nothing is left; else there is no half way."""
    take_in(stage, A, OTHER)
    publish(stage.services)
    stage.lose_state()
    restore(stage.services)
    stage.input.delete([A])
    take_in(stage, OTHER)
    again(stage)

    def killed() -> None:
        raise KeyboardInterrupt

    stage.requests.before_next(step, killed)
    with pytest.raises(KeyboardInterrupt):
        out(stage, A)
    out(stage, A)
    assert again(stage) == "published"
    assert processed(stage) == [OTHER]
    assert_intact(stage)


def test_doing_it_again_does_nothing(held_back: Stage) -> None:
    assert out(held_back, A)
    assert out(held_back, A) == {}


def test_a_checkpoint_keeps_it(held_back: Stage) -> None:
    out(held_back, A)
    checkpoint(held_back.services)
    held_back.lose_state()
    restore(held_back.services)
    assert again(held_back) == "published"
    assert A not in processed(held_back)


def test_a_channel_version_of_which_nothing_is_left_is_shown_no_more(stage: Stage) -> None:
    take_in(stage, A, OTHER)
    publish(stage.services)
    stage.lose_state()
    stage.input.delete([A])
    take_in(stage, OTHER)
    assert out(stage, A) == {NAME: [A]}
    assert again(stage) == "published"
    assert processed(stage) == [OTHER]
    assert seen(stage, VERSIONS).keys() == {"aurora/27"}
    take_in(stage, B)
    assert again(stage) == "published"
    assert processed(stage) == sorted([B, OTHER])


def test_a_file_that_is_back_is_none_of_them_and_counts(held_back: Stage) -> None:
    held_back.upload(A)
    assert out(held_back, A) == {}
    take_in(held_back, A)
    assert again(held_back) == "published"
    assert A in processed(held_back)


def test_a_file_that_comes_back_later_counts(held_back: Stage) -> None:
    out(held_back, A)
    take_in(held_back, A)
    assert held_back.state().forgotten() == set()
    assert again(held_back) == "published"
    assert A in processed(held_back)


def test_a_file_that_the_state_knows_is_none_of_them(stage: Stage) -> None:
    take_in(stage, A, B)
    publish(stage.services)
    stage.lose_state()
    restore(stage.services)
    discover(stage.services, stage.input.now(), all_now=True)
    stage.input.delete([A])  # it is on its way, and found missing there
    assert out(stage, A, B) == {}


@pytest.mark.parametrize("conditions", [{"channels": ("beta",)}, {"versions": ("27",)}, {"measures": ("X",)}])
def test_the_other_conditions_hold(held_back: Stage, conditions: dict[str, tuple[str, ...]]) -> None:
    assert out(held_back, A, **conditions) == {}


def test_without_names_of_files_nothing_is_taken_out(held_back: Stage) -> None:
    assert plan_taken_out(held_back.services, Selection()) == {}
    assert plan_taken_out(held_back.services, Selection(missing=True)) == {}
    assert out(held_back, "*.z.*") == {}
    assert out(held_back, A[:-4] + "*") == {NAME: [A]}
