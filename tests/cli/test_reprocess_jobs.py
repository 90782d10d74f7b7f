"""``reprocess`` and jobs that are under way, refused, cancelled, or that could not be computed."""

import pytest

from telemetry_tasks.app import app
from telemetry_tasks.formats.job import JobPlan
from telemetry_tasks.pipeline.epoch import channel_state
from telemetry_tasks.pipeline.reprocess.jobs import start_job
from telemetry_tasks.pipeline.reprocess.plan import plan_jobs
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.reprocess.switch import reprocess_here
from tests.cli.conftest import its_services
from tests.cli.invoking import run
from tests.support.shared import REAL_KEYS


def planned(version: str) -> JobPlan:
    (plan,) = plan_jobs(its_services(), Selection(versions=(version,)))
    return plan


def under_way(version: str) -> set[str]:
    return set(channel_state(its_services(), f"nightly/{version}").jobs())


def test_a_dry_run_cancels_nothing(counted: None) -> None:
    plan = planned("28")
    start_job(its_services(), plan)
    assert f"Job {plan.id} would be cancelled" in run("reprocess", "--cancel", plan.id, "--dry-run").out
    assert under_way("28") == {plan.id}
    assert "there is no job 1234" in run("reprocess", "--cancel", "1234", "--dry-run").error
    assert run("reprocess", "--cancel", plan.id, "--json").document == {"dry_run": False, "cancelled": plan.id}
    assert under_way("28") == set()
    assert f"there is no job {plan.id}" in run("reprocess", "--cancel", plan.id).error


@pytest.mark.parametrize("how", ["--here", "--no-wait"])
def test_where_one_job_is_refused_no_other_is_started(counted: None, how: str) -> None:
    plan = planned("28")
    start_job(its_services(), plan)
    its_services().input.put(REAL_KEYS["corrupted.lzma"], b"other bytes, so that it would be another job")
    assert f"--cancel {plan.id}" in run("reprocess", how).error
    assert (under_way("22"), under_way("28")) == (set(), {plan.id})


def sent() -> int:
    """Messages on their way to the workers that compute."""
    with app.connection_for_read() as connection:
        return int(connection.default_channel.queue_declare("aggregate").message_count)


def test_a_job_whose_command_was_stopped_before_it_was_sent_is_sent_by_the_next(counted: None) -> None:
    plan = planned("28")
    start_job(its_services(), plan)
    before = sent()
    assert run("reprocess", "--version", "28", "--no-wait").code == 0
    assert sent() == before + len(plan.partitions)


@pytest.fixture
def hopeless(counted: None, monkeypatch: pytest.MonkeyPatch) -> JobPlan:
    """A job whose partition has had all its attempts."""
    monkeypatch.setenv("TELEMETRY_RETRY_DELAY", "0")
    monkeypatch.setenv("TELEMETRY_MAX_ATTEMPTS", "2")
    plan = planned("22")
    start_job(its_services(), plan)
    state = channel_state(its_services(), "nightly/22")
    (partition,) = plan.partitions
    for _ in range(2):
        assert state.begin_attempt(plan.id, state.run_id(plan.id), partition, 60)
        state.release_attempt(plan.id, state.run_id(plan.id), partition, counts=True)
    return plan


def test_what_could_not_be_computed_is_said(hopeless: JobPlan) -> None:
    ran = run("reprocess", "--version", 22, "--here")
    assert ran.code == 1
    assert "nothing of it could be computed" in ran.error


def test_the_bar_does_not_count_what_another_is_at(counted: None) -> None:
    services, plan = its_services(), planned("22")
    start_job(services, plan)
    state = channel_state(services, "nightly/22")
    (partition,) = plan.partitions
    assert state.begin_attempt(plan.id, state.run_id(plan.id), partition, 60)
    steps: list[int] = []
    assert reprocess_here(services, plan, steps.append).outcome == "unfinished"
    assert sum(steps) == 0


def test_from_results_says_what_to_do_where_one_is_gone_and_that_helps(counted: None) -> None:
    run("publish")
    results = its_services().results
    results.delete([info.key for info in results.list("results/nightly/22/")])
    ran = run("reprocess", "--from-results")
    assert ran.code == 1
    assert "nightly/22: a partial result is gone or damaged: run telemetry-tasks reprocess without" in ran.error
    assert run("reprocess", "--version", 22, "--here").code == 0
    assert run("reprocess", "--from-results").code == 0
    assert run("verify").code == 0
