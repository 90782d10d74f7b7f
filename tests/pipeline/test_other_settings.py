"""Settings of pings that change: nothing is mixed, it is said what to do, and that works."""

from dataclasses import replace
from typing import Any

import pytest

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.reading import Reading
from telemetry_tasks.formats.pings.registry import ping_format
from telemetry_tasks.formats.pings.saved_session.format import SavedSession
from telemetry_tasks.pipeline.inspect.status import status
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.other_settings import OtherSettings
from telemetry_tasks.pipeline.publish.snapshot import Published, publish, publish_channel_version
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint, list_checkpoints
from telemetry_tasks.pipeline.recovery.restore import ensure_state
from telemetry_tasks.pipeline.reprocess.attempts import NO_RESULT
from telemetry_tasks.pipeline.reprocess.jobs import load_job, start_job
from telemetry_tasks.pipeline.reprocess.plan import plan_jobs
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.reprocess.switch import reprocess_here, switch_job
from telemetry_tasks.pipeline.state.merge import merge_slice, plan_merges, reduce_batch
from telemetry_tasks.storage.state_values import BuiltWith
from tests.pipeline.publishing import assert_intact, folder, processed, seen, take_in
from tests.support.deployment import (
    DIMENSIONS,
    FALLBACK_REVISION,
    aggregate_all,
    merge_all,
    published_bytes,
    run_all,
)
from tests.support.pings import key, ping, ping_file
from tests.support.stage import Make, Stage

NAME, OTHER = "nightly/28", "beta/27"
A, B, C = key("a"), key("b"), key("c")
OTHER_KEY = A.replace("nightly/28", "beta/27")


def changed(stage: Stage, **settings: Any) -> Stage:
    """A process with other settings on the same stores and the same state."""
    dimensions = settings.get("dimensions", DIMENSIONS)
    fallback = settings.get("fallback_revision", FALLBACK_REVISION)
    reading = Reading("saved-session", settings.get("version", 1), dimensions, fallback).fingerprint
    form = ping_format("saved-session", dimensions, fallback)
    return stage.over(replace(stage.services, ping_format=form, reading=reading))


CHANGES: dict[str, dict[str, Any]] = {
    "added": {"dimensions": (*DIMENSIONS, "locale=info.locale")},
    "removed": {"dimensions": DIMENSIONS[:-1]},
    "reordered": {"dimensions": DIMENSIONS[::-1]},
    "replaced": {"dimensions": (*DIMENSIONS[:-1], "locale=info.locale")},
    "version": {"version": 2},
    "fallback": {"fallback_revision": "http://hg.mozilla.org/mozilla-central/rev/ad0ae007aa9e"},
}
NAMED = {"version": "version of the ping format", "fallback": "TELEMETRY_FALLBACK_REVISION"}


@pytest.fixture(params=sorted(CHANGES))
def change(request: pytest.FixtureRequest) -> str:
    return request.param


def codes(stage: Stage) -> dict[str, str]:
    found = status(stage.services, stage.services.published.now())
    findings = [finding for finding in found.findings if finding.code.startswith("other-")]  # no processes run here
    return {finding.name: f"{finding.text}; {finding.remedy}" for finding in findings}


def publish_again(stage: Stage) -> Published:
    stage.clock.pass_(5)
    return publish(stage.services)


def reprocess_all(stage: Stage, selection: Selection | None = None) -> list[str]:
    plans = plan_jobs(stage.services, selection or Selection())
    return [reprocess_here(stage.services, plan).outcome for plan in plans]


def filter_tree(stage: Stage) -> Any:
    return seen(stage, f"{folder(stage)}/filter-tree.json")


def test_it_is_refused_by_name_until_it_is_reprocessed_and_then_all_is_as_if_it_had_always_been_so(
    make_stage: Make, change: str
) -> None:
    before = make_stage()
    ensure_state(before.services)
    take_in(before, A, OTHER_KEY)
    publish(before.services)
    after = changed(before, **CHANGES[change])
    named = NAMED.get(change, "TELEMETRY_DIMENSIONS")

    take_in(after, B)  # waits, and is merged into nothing
    assert after.state().merged().keys() == before.state().merged().keys()
    assert len(after.state().merged()) == 1
    done = publish_again(after)
    assert done.outcome == "nothing"
    assert done.refused.keys() == {NAME, OTHER}
    assert named in done.refused[NAME]
    assert "telemetry-tasks reprocess --channel nightly --version 28" in done.refused[NAME]
    said = codes(after)[f"other-settings:{NAME}"]
    assert named in said
    assert "reprocess --channel nightly --version 28" in said
    assert {finding.where for finding in verify(after.services)} >= {f"{NAME}: settings", f"{OTHER}: settings"}

    assert reprocess_all(after, Selection(channels=("nightly",), versions=("28",))) == ["switched"]
    assert f"other-settings:{NAME}" not in codes(after)
    merge_all(after.services)
    assert publish_again(after).versions == (NAME,)
    assert reprocess_all(after, Selection(channels=("beta",))) == ["switched"]
    assert publish_again(after).versions == (OTHER,)
    assert codes(after) == {}
    assert list(verify(after.services)) == []
    assert_intact(after)

    found = published_bytes(after.published)
    after.lose_state()
    fresh = changed(make_stage(), **CHANGES[change])
    ensure_state(fresh.services)
    fresh.upload(A, B, OTHER_KEY)
    run_all(fresh.services)
    assert published_bytes(fresh.published) == found


def test_an_empty_redis_finds_no_result_of_other_settings(stage: Stage) -> None:
    take_in(stage, A)
    publish(stage.services)
    stage.lose_state()
    after = changed(stage, **CHANGES["replaced"])
    after.published.delete([info.key for info in after.published.list("")])  # a new published prefix
    stage.clock.pass_(5)
    run_all(after.services)
    assert processed(after) == [A]
    assert "x86" not in str(filter_tree(after))
    assert list(verify(after.services)) == []


def test_finished_work_of_before_is_done_again_with_the_new_settings(stage: Stage) -> None:
    stage.upload(A)
    aggregate_all(stage.services)
    after = changed(stage, **CHANGES["removed"])
    (job,) = plan_merges(after.services)
    reduce_batch(after.services, NAME, job.batch, [merge_slice(after.services, NAME, part) for part in job.slices])
    assert after.state().merged() == {}
    aggregate_all(after.services)  # renamed, and sent again
    aggregate_all(after.services)
    merge_all(after.services)
    assert after.state().built_with().reading == after.services.reading
    publish(after.services)
    assert processed(after) == [A]


def test_a_slice_of_a_worker_with_other_settings_is_not_committed(stage: Stage) -> None:
    stage.upload(A)
    aggregate_all(stage.services)
    (job,) = plan_merges(stage.services)
    slices = [merge_slice(stage.services, NAME, part) for part in job.slices]
    after = changed(stage, **CHANGES["added"])
    assert "other settings" in reduce_batch(after.services, NAME, job.batch, slices)
    assert after.state().merged() == {}


def test_a_worker_of_before_cannot_add_to_what_was_moved_over(stage: Stage) -> None:
    take_in(stage, A)
    stage.upload(B)
    aggregate_all(stage.services)
    (job,) = plan_merges(stage.services)
    slices = [merge_slice(stage.services, NAME, part) for part in job.slices]
    after = changed(stage, **CHANGES["removed"])
    assert reprocess_all(after) == ["switched"]
    assert reduce_batch(stage.services, NAME, job.batch, slices) == "settings"
    assert len(after.state().merged()) == 1


def test_a_part_of_it_cannot_be_moved_over(stage: Stage) -> None:
    take_in(stage, A)
    take_in(stage, B)
    after = changed(stage, **CHANGES["version"])
    with pytest.raises(OtherSettings, match=r"other-settings: .*reprocess --channel nightly --version 28"):
        plan_jobs(after.services, Selection(files=(A,)))


def test_files_that_counted_under_the_old_settings_meanwhile_end_the_job(stage: Stage) -> None:
    take_in(stage, A)
    after = changed(stage, **CHANGES["removed"])
    (plan,) = plan_jobs(after.services, Selection())
    take_in(stage, B)  # by a worker that was not restarted yet
    outcome = reprocess_here(after.services, plan).outcome
    assert outcome.startswith("other-settings")
    assert after.state().jobs() == {}
    assert reprocess_all(after) == ["switched"]
    publish(after.services)
    assert processed(after) == [A, B]


def test_what_cannot_be_computed_with_the_new_settings_is_discovered_again(stage: Stage) -> None:
    take_in(stage, A)
    take_in(stage, B)
    publish(stage.services)
    after = changed(stage, **CHANGES["removed"])
    (plan,) = plan_jobs(after.services, Selection())
    start_job(after.services, plan)
    state = after.state()
    bad, good = sorted(plan.partitions)
    state.note_done(plan.id, state.run_id(plan.id), bad, NO_RESULT)
    reprocessed = reprocess_here(after.services, plan)
    assert (reprocessed.outcome, reprocessed.kept) == ("switched", 1)
    assert set(state.merged()) == {good}
    assert load_job(state, plan.id) is None
    assert switch_job(after.services, NAME, plan.id).outcome == "gone"
    take_in(after)
    publish_again(after)
    assert processed(after) == [A, B]
    assert list(verify(after.services)) == []


def test_the_others_are_published_and_a_checkpoint_has_all_of_them(stage: Stage) -> None:
    take_in(stage, A)
    publish(stage.services)
    after = changed(stage, **CHANGES["replaced"])
    take_in(after, OTHER_KEY)
    done = publish_again(after)
    assert (done.outcome, done.versions, [*done.refused]) == ("published", (OTHER,), [NAME])
    checkpoint(after.services)
    assert len(list_checkpoints(after.published)) == 1
    after.lose_state()
    ensure_state(after.services)
    assert after.state().built_with() == BuiltWith(stage.services.reading, frozenset({Limits().fingerprint}))
    assert f"other-settings:{NAME}" in codes(after)
    assert reprocess_all(after, Selection(channels=("nightly",))) == ["switched"]
    publish_again(after)
    assert list(verify(after.services)) == []


def test_a_worker_that_was_not_restarted_publishes_nothing_of_what_was_moved_over(stage: Stage) -> None:
    take_in(stage, A)
    after = changed(stage, **CHANGES["added"])
    reprocess_all(after)
    with pytest.raises(OtherSettings) as caught:
        publish_channel_version(stage.services, "20131206120000", NAME)
    assert caught.value.reason == "other-settings"


def test_a_worker_that_publishes_while_it_is_moved_over_shows_nothing_of_it(
    stage: Stage, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(stage, A)
    publish(stage.services)
    take_in(stage, B)
    after = changed(stage, **CHANGES[change])

    def switch(name: str) -> None:
        if name == "compact.before-read":
            monkeypatch.undo()
            assert reprocess_all(after) == ["switched"]

    monkeypatch.setattr("telemetry_tasks.pipeline.state.compact.failpoint", switch)
    assert NAME in publish_again(stage).failed
    assert publish_again(after).versions == (NAME,)
    assert list(verify(after.services)) == []


def test_changed_limits_count_for_new_files_and_status_says_that_others_were_counted_differently(stage: Stage) -> None:
    take_in(stage, A)
    after = stage.over(replace(stage.services, limits=Limits(array_length=20)))
    take_in(after, B)
    assert publish(after.services).outcome == "published"
    said = codes(after)
    assert said.keys() == {f"other-limits:{NAME}"}
    assert "TELEMETRY_LIMIT_ARRAY_LENGTH was 10000 and is 20" in said[f"other-limits:{NAME}"]
    assert reprocess_all(after) == ["switched"]
    assert codes(after) == {}


def test_files_that_a_changed_format_puts_elsewhere_are_counted_there(stage: Stage) -> None:
    class Renamed:
        """The usual format, of an application that renumbered its versions."""

        def __init__(self) -> None:
            self._real = stage.services.ping_format

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

        def key(self, key: str) -> Any:
            return replace(self._real.key(key), channel_version="nightly/29")

    take_in(stage, A)
    publish(stage.services)
    after = changed(stage, version=2)
    after = stage.over(replace(after.services, ping_format=Renamed()))  # type: ignore[arg-type]
    assert reprocess_all(after) == ["switched"]
    assert stage.state().merged() == {}
    discover(after.services, after.input.now(), all_now=True)
    take_in(after)
    publish_again(after)
    assert processed(after) == [A]
    assert len(after.state("nightly/29").merged()) == 1


def test_a_format_that_gives_a_row_too_few_values_has_bad_lines_and_harms_nothing(stage: Stage) -> None:
    class Short(SavedSession):
        def row(self, key: Any, info: Any) -> Any:
            row = super().row(key, info)
            return row._replace(dimensions=row.dimensions[:2]) if info["OS"] == "Odd" else row

    other = stage.over(replace(stage.services, ping_format=Short(DIMENSIONS, "none")))
    odd = ping()
    odd["info"] = {**odd["info"], "OS": "Odd"}
    other.upload(A, body=ping_file(ping(), odd))
    run_all(other.services)
    health = seen(other, f"{folder(other).rsplit('/', 2)[0]}/health.json")["versions"][NAME]
    assert health["bad_lines"] == {"wrong-number-of-dimensions": 1}
