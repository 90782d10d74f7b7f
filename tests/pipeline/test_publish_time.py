"""A channel/version that needs longer than its time holds up no other, is told, and gets more time later."""

from dataclasses import replace

from telemetry_tasks.core.disclosure.file_limits import TOO_MANY_MEASURES
from telemetry_tasks.pipeline.deadline import Deadline
from telemetry_tasks.pipeline.inspect.status import status
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.publish.publish_time import has_turn, note_too_slow, seconds_too_few, time_for
from telemetry_tasks.pipeline.publish.snapshot import plan_publish, publish
from telemetry_tasks.pipeline.recovery.restore import ensure_state
from tests.pipeline.publishing import assert_intact, folder, seen, take_in
from tests.support.deployment import published_bytes
from tests.support.pings import CACHE, FLAG, UNKNOWN, key, ping
from tests.support.stage import Make, Stage

HUGE, HONEST = "nightly/28", "aurora/27"
HONEST_KEY = key("o", channel="aurora", version="27.0a2")


def codes(stage: Stage) -> dict[str, str]:
    findings = status(stage.services, stage.published.now()).findings
    return {each.code: each.about for each in findings if each.code not in ("no-worker", "no-beat")}


def slow(stage: Stage) -> Stage:
    """Nothing is written in time but what takes none: the honest channel/version is there already."""
    return stage.with_options(publish_seconds=1e-9, most_publish_seconds=60.0)


def test_what_is_not_written_in_time_is_left_out_and_told_and_comes_later(stage: Stage) -> None:
    take_in(stage, key("a"))
    done = publish(slow(stage).services)
    assert (done.outcome, set(done.failed)) == ("nothing", {HUGE})
    assert codes(stage) == {"publish-too-slow": HUGE}
    take_in(stage, HONEST_KEY)
    assert publish(stage.with_options(publish_seconds=60.0).services).outcome == "published"
    assert folder(stage, HONEST)


def test_in_its_pause_only_the_others_are_published(stage: Stage) -> None:
    take_in(stage, key("a"), HONEST_KEY)
    note_too_slow(stage.services, HUGE, Deadline(60.0))
    assert not has_turn(stage.services, HUGE)
    plan = plan_publish(stage.services)
    assert plan
    assert set(plan.changed) == {HONEST}


def test_it_has_twice_the_time_the_next_time_up_to_a_most_and_the_usual_when_it_was_written(stage: Stage) -> None:
    take_in(stage, key("a"))
    services = stage.with_options(publish_seconds=0.002, most_publish_seconds=0.005).services
    given = []
    for _ in range(3):
        deadline = time_for(services, HUGE)
        given.append(deadline.seconds)
        note_too_slow(services, HUGE, deadline)
    assert given == [0.002, 0.004, 0.005]
    services.state.drop_note(f"publish-pause:{HUGE}")
    roomy = replace(services, options=replace(services.options, most_publish_seconds=60.0, publish_seconds=60.0))
    services.state.set_note(f"publish-slow:{HUGE}", b"30.0", 60.0)
    assert publish(roomy).outcome == "published"
    assert seconds_too_few(services, HUGE) is None


def test_of_too_many_measures_those_with_the_most_records_are_published_and_the_rest_is_counted(
    stage: Stage,
) -> None:
    pings = [ping(FLAG, CACHE), ping(FLAG), ping(UNKNOWN, CACHE)]
    take_in(stage, key("a"), pings=pings)
    limits = replace(stage.services.options.publish_limits, most_measures=3)
    few = stage.with_options(publish_limits=limits)
    assert publish(few.services).outcome == "published"
    index = seen(few, f"{folder(few)}/measures.json")["measures"]
    assert len(index) == 3
    assert UNKNOWN not in index
    (part,) = seen(few, f"current/{folder(few).split('/')[1]}/health.json")["versions"][HUGE]["collapsed"]
    assert (part["reason"], part["number"], part["pings"]) == (TOO_MANY_MEASURES, 1, 1)
    assert codes(few) == {"measures-not-published": HUGE}
    assert_intact(few)
    assert list(verify(few.services)) == []
    assert publish(few.services).outcome == "nothing"
    assert publish(stage.services).outcome == "published"
    assert UNKNOWN in seen(stage, f"{folder(stage)}/measures.json")["measures"]


def test_which_measures_are_published_does_not_depend_on_the_order_of_files(make_stage: Make, stage: Stage) -> None:
    files = {key("a"): [ping(FLAG)], key("b"): [ping(CACHE)], key("c"): [ping(UNKNOWN)] * 2}
    found = []
    for order in (list(files), list(reversed(files))):
        stage.lose_state()
        made = make_stage()
        ensure_state(made.services)
        made = made.with_options(publish_limits=replace(made.services.options.publish_limits, most_measures=3))
        for name in order:
            take_in(made, name, pings=files[name])
            publish(made.services)
        found.append(published_bytes(made.published))
    assert found[0] == found[1]
