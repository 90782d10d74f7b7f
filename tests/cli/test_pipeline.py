"""From ``ingest`` to ``verify``, over stores in memory and a real Redis; the workers' part is done by calls."""

from pathlib import Path

import pytest

from telemetry_tasks.errors import StaleEpoch
from telemetry_tasks.formats.documents import read_lines
from telemetry_tasks.pipeline.epoch import channel_state
from telemetry_tasks.pipeline.failures import load_failures
from telemetry_tasks.pipeline.inspect.status import status
from telemetry_tasks.pipeline.publish.snapshot import plan_publish
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint
from telemetry_tasks.pipeline.reprocess.jobs import start_job
from telemetry_tasks.pipeline.reprocess.plan import plan_jobs
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.state.merge import SLICE_GONE, plan_merges
from telemetry_tasks.tasks import control, failures, merging, publishing
from telemetry_tasks.tasks.context import given_back
from telemetry_tasks.tasks.reprocessing import reprocess_partition, switch_reprocessed
from tests.cli.conftest import its_services
from tests.cli.invoking import Ran, run
from tests.support.backends import InRedis
from tests.support.deployment import aggregate_all, merge_all, published_bytes
from tests.support.living import all_live
from tests.support.shared import REAL_KEYS

BROKEN, SOUND = REAL_KEYS["corrupted.lzma"], REAL_KEYS["ss-ff-n-22.lzma"]


def act_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks that are called as functions have the services of the commands."""
    for module in ("context", "failures"):
        monkeypatch.setattr(f"telemetry_tasks.tasks.{module}.services", lambda settings: its_services())


def work() -> None:
    """What workers would do with the partitions."""
    services = its_services()
    aggregate_all(services)
    merge_all(services)


@pytest.fixture
def published(deployed: None, real_pings: Path) -> None:
    """The real pings, added up and published."""
    run("ingest", real_pings)
    work()
    assert run("publish").code == 0


def test_discover_registers_new_files_once(deployed: None, real_pings: Path) -> None:
    run("ingest", real_pings)
    first = run("discover", "--now", "--json")
    assert first.code == 0
    assert (first.document["seen"], first.document["new"], first.document["left"]) == (4, 4, 0)
    assert sorted(p["channel_version"] for p in first.document["partitions"]) == ["nightly/22", "nightly/28"]
    assert "0 new in 0 partitions" in run("discover", "--now").out


def test_discover_leaves_young_files_for_a_fuller_partition(
    deployed: None, real_pings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEMETRY_PARTITION_AGE", "3600")
    run("ingest", real_pings)
    assert "4 young files wait" in run("discover").out


def test_discover_names_files_that_changed(published: None, real_pings: Path) -> None:
    (real_pings / SOUND).write_bytes(b"other bytes")
    run("ingest", real_pings)
    assert run("discover", "--json").document["changed"] == [SOUND]


def test_publish_shows_what_is_added_up_then_has_nothing_to_do(deployed: None, real_pings: Path) -> None:
    run("ingest", real_pings)
    work()
    done = run("publish", "--json")
    assert (done.document["outcome"], done.document["channel_versions"]) == ("published", ["nightly/22", "nightly/28"])
    assert "Nothing to publish" in run("publish").out


def test_publish_can_wait_for_the_workers_and_says_when_they_do_nothing(deployed: None, real_pings: Path) -> None:
    run("ingest", real_pings)
    run("discover", "--now")
    ran = run("publish", "--wait", "--timeout", 0.1)
    assert ran.code == 4
    assert "2 partitions are not added up yet" in ran.error
    work()
    assert run("publish", "--wait", "--timeout", 5).code == 0


def test_before_the_first_discover_the_state_is_empty_and_that_is_said(deployed: None) -> None:
    ran = run("status", "--json")
    assert (ran.code, [finding["code"] for finding in ran.document["findings"]]) == (4, ["state-empty"])
    for command in ("publish", "checkpoint", "verify", "retry-missing"):
        ran = run(command)
        assert ran.code == 4
        assert "the state is empty: the next discover restores it" in ran.error


def test_status_tells_what_counts_and_what_is_missing(published: None) -> None:
    ran = run("status")
    assert ran.code == 1  # a file is missing
    assert "nightly/28" in ran.out
    document = run("status", "--json").document
    assert document["healthy"] is False
    assert sum(version["files"]["registered"] for version in document["versions"]) == 4
    assert [(each["code"], each["about"]) for each in document["findings"]] == [("file-missing", BROKEN)]
    assert document["missing"][0]["file"] == BROKEN
    assert document["missing"][0]["reason"].startswith("truncated")


def test_a_file_that_a_person_has_accepted_leaves_the_deployment_healthy(published: None) -> None:
    for _ in range(2):
        assert run("status", "--accept", BROKEN).code == 0
    ran = run("status", "--json")
    assert (ran.code, [(f["code"], f["accepted"]) for f in ran.document["findings"]]) == (0, [("file-missing", True)])
    assert run("status", "--unaccept").code == 1
    assert run("status", "--accept").code == 0
    its_services().input.put(BROKEN.replace(".lzma", ".2.lzma"), its_services().input.get(BROKEN).body)
    its_services().state.client.flushall()  # an acceptance outlives it
    all_live(InRedis(its_services().state.url).post)
    run("discover", "--now")
    work()
    run("publish")
    ran = run("status", "--json")
    assert sorted(f["accepted"] for f in ran.document["findings"] if f["code"] == "file-missing") == [False, True]
    assert ran.code == 1


def test_what_is_no_finding_cannot_be_accepted(published: None) -> None:
    assert "'nobody' is not the file or code of a finding: file-missing" in run("status", "--accept", "nobody").error
    assert run("status", "--accept", "--unaccept").code == 2
    assert run("status", "file-missing").code == 2


def test_status_is_healthy_where_nothing_needs_a_person(deployed: None, real_pings: Path) -> None:
    (real_pings / BROKEN).unlink()
    run("ingest", real_pings)
    work()
    run("publish")
    ran = run("status")
    assert ran.code == 0
    assert ran.out.startswith("healthy")


def test_status_counts_what_is_no_ping_file_and_calls_it_no_failure(deployed: None, real_pings: Path) -> None:
    (real_pings / BROKEN).unlink()
    run("ingest", real_pings)
    its_services().input.put("notes/read-me.txt", b"no pings")
    run("discover", "--now")
    work()
    run("publish")
    ran = run("status")
    assert ran.code == 0, ran.out
    assert "1 object of the input bucket" in ran.out
    document = run("status", "--json").document
    assert (document["ignored"], document["missing"], document["healthy"]) == (1, [], True)


def test_status_cannot_watch_and_give_a_document(deployed: None) -> None:
    assert run("status", "--watch", "--json").code == 2


def test_a_checkpoint_is_listed_and_restored(published: None) -> None:
    before = published_bytes(its_services().published)
    stamp = run("checkpoint", "--json").document["stamp"]
    assert run("restore", "--list").out.split() == [stamp]
    its_services().state.client.flushall()
    assert stamp in run("discover").out  # an empty Redis is restored by itself
    assert f"Restored checkpoint {stamp}" in run("restore", stamp).out
    assert run("restore", "--json").document == {"stamp": stamp}
    assert run("verify").code == 0
    run("publish")
    assert published_bytes(its_services().published) == before


def test_an_unknown_checkpoint_is_refused_and_the_known_ones_are_named(published: None) -> None:
    assert "telemetry-tasks checkpoint" in run("restore").error
    stamp = run("checkpoint", "--json").document["stamp"]
    assert stamp in run("restore", "20010101000000").error


def test_a_damaged_checkpoint_is_refused(published: None) -> None:
    stamp = run("checkpoint", "--json").document["stamp"]
    store = its_services().published
    for info in [*store.list(f"check-points/{stamp}/state/nightly/")]:
        store.put(info.key, b"damaged")
    assert "damaged" in run("restore", stamp).error
    ran = run("restore")
    assert "every checkpoint is damaged" in ran.error


def test_garbage_is_collected(published: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_GRACE_TIME", "0")
    its_services().results.put("merged-slices/nightly/28/lost", b"x")
    assert run("collect-garbage", "--json").document["merged_slices"] == 1


def test_verify_agrees_with_what_it_recomputes(published: None) -> None:
    ran = run("verify")
    assert ran.code == 0
    assert ran.out == "All agrees\n"
    assert run("verify", "--published-only", "--json").document == {"agrees": True, "complete": True, "findings": []}


def test_verify_finds_a_published_file_that_was_changed(published: None) -> None:
    store = its_services().published
    key = next(info.key for info in store.list("current/") if info.key.endswith("-by-build-date.json"))
    store.put(key, b'{"no date": []}')
    ran = run("verify", "--json")
    assert ran.code == 1
    assert any(key in finding["where"] for finding in ran.document["findings"])
    assert all("telemetry-tasks publish" in finding["repair"] for finding in ran.document["findings"])
    told = run("verify")
    assert told.code == 1
    assert "→ telemetry-tasks publish" in told.out


def test_verify_says_what_repairs_a_partial_result_and_that_does_it(published: None) -> None:
    results = its_services().results
    key = next(info.key for info in results.list("results/nightly/28/"))
    results.put(key, b"no result")
    (finding, *_) = run("verify", "--json").document["findings"]
    assert finding["repair"] == "telemetry-tasks reprocess --channel nightly --version 28"
    assert run(*finding["repair"].split()[1:], "--here").code == 0
    run("publish")
    assert run("verify").code == 0


def test_a_merge_whose_parts_are_gone_again_and_again_needs_a_person(
    deployed: None, real_pings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_here(monkeypatch)
    run("ingest", real_pings)
    aggregate_all(its_services())
    (merge, *_) = plan_merges(its_services())
    for moment in (1000.0, 1300.0):
        monkeypatch.setattr(failures.time, "time", lambda moment=moment: moment)
        merging.reduce_into_state([["merged-slices/nightly/gone"]], merge.channel_version, merge.batch)
    (failure,) = load_failures(its_services().state)
    assert (failure.reason, failure.times) == (SLICE_GONE, 2)
    assert "task-given-back" in {finding["code"] for finding in run("status", "--json").document["findings"]}


def test_reprocessing_takes_out_the_pings_of_a_file_that_is_gone(published: None) -> None:
    gone = REAL_KEYS["ss-ff-n-22-simple.lzma"]
    its_services().input.delete([gone])
    ran = run("reprocess", "--files", "*simple*", "--here", "--json")
    assert [job["outcome"] for job in ran.document["jobs"]] == ["switched"]
    run("publish")
    assert run("verify").code == 0
    store = its_services().published
    lists = [info.key for info in store.list("current/") if info.key.endswith("/FILES_PROCESSED")]
    assert gone in read_lines(store.get(lists[0]).body)
    assert gone not in read_lines(store.get(lists[-1]).body)


def test_reprocessing_takes_out_a_file_that_only_readers_still_know(
    published: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_here(monkeypatch)
    gone, services = REAL_KEYS["ss-ff-n-22-simple.lzma"], its_services()
    services.input.delete([gone])
    services.state.client.flushall()
    run("discover", "--now")
    work()
    assert f"telemetry-tasks reprocess --files {gone}" in run("publish").out.replace("\n", " ")
    publish_by_tasks()
    (failure,) = status(services, services.published.now()).failures
    assert failure.reason == f"nightly/22 is behind what is shown: readers would lose {gone}"
    would = run("reprocess", "--files", gone, "--dry-run")
    assert f"would be without {gone}: readers see" in would.out.replace("\n", " ")
    ran = run("reprocess", "--files", gone, "--json")
    assert (ran.code, ran.document["taken_out"], ran.document["jobs"]) == (0, [gone], [])
    assert "Nothing matches" in run("reprocess", "--files", gone).out
    assert run("publish").code == 0
    assert run("verify").code == 0


def publish_by_tasks() -> None:
    plan = plan_publish(its_services())
    assert plan is not None
    refs = [publishing.publish_channel_version(plan.stamp, name) for name in plan.changed]
    publishing.finish_publish(refs, plan.stamp)


def test_a_publish_before_the_first_discover_leaves_no_trouble_behind(
    deployed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_here(monkeypatch)
    publishing.publish()
    run("discover")
    assert run("status", "--json").document["failures"] == []
    assert "failure" not in run("status").out


def jobs(ran: Ran) -> list[str]:
    return [job["channel_version"] for job in ran.document["jobs"]]


def test_reprocessing_takes_only_what_meets_every_condition(published: None) -> None:
    assert jobs(run("reprocess", "--dry-run", "--json")) == ["nightly/22", "nightly/28"]
    assert jobs(run("reprocess", "--version", 22, "--dry-run", "--json")) == ["nightly/22"]
    assert jobs(run("reprocess", "--build-from", "2013-10-01", "--dry-run", "--json")) == ["nightly/28"]
    assert jobs(run("reprocess", "--submitted-to", "20131011", "--dry-run", "--json")) == ["nightly/22"]
    assert "Nothing matches" in run("reprocess", "--measure", "NO_SUCH", "--dry-run").out


def test_a_dry_run_changes_nothing(published: None) -> None:
    before = run("status", "--json").document["versions"]
    run("reprocess", "--dry-run")
    assert run("status", "--json").document["versions"] == before


def test_reprocessing_from_results_repairs_the_state(published: None) -> None:
    ran = run("reprocess", "--from-results", "--json")
    assert [each["changed"] for each in ran.document["channel_versions"]] == [False, False]
    assert run("reprocess", "--from-results", "--measure", "X").code == 2


def test_an_unknown_channel_is_refused_and_the_known_ones_are_named(published: None) -> None:
    for command in ("reprocess", "retry-missing"):
        error = run(command, "--channel", "aurora").error
        assert "no channel/version aurora/*" in error
        assert "nightly/22, nightly/28" in error


def test_an_unknown_job_is_refused(published: None) -> None:
    assert "there is no job 1234" in run("reprocess", "--cancel", "1234").error


def test_a_job_can_be_cancelled(published: None) -> None:
    sent = run("reprocess", "--channel", "nightly", "--version", 28, "--no-wait", "--json")
    job = sent.document["jobs"][0]["job"]
    assert sent.document["jobs"][0]["outcome"] == "sent"
    assert job in run("status").out
    assert run("reprocess", "--cancel", job).code == 0
    assert job not in run("status").out


def test_a_file_that_was_taken_out_stays_out_when_redis_is_lost_after_the_switch(published: None) -> None:
    checkpoint(its_services())
    its_services().input.delete([SOUND])
    assert jobs(run("reprocess", "--version", 22, "--here", "--json")) == ["nightly/22"]
    its_services().state.client.flushdb()
    run("discover", "--now")
    assert SOUND not in channel_state(its_services(), "nightly/22").registered([SOUND])


def test_the_workers_write_a_checkpoint_after_a_switch(published: None, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr("telemetry_tasks.tasks.reprocessing.app.send_task", sent.append)
    act_here(monkeypatch)
    (plan,) = plan_jobs(its_services(), Selection(versions=("22",)))
    start_job(its_services(), plan)
    for partition in plan.partitions:
        reprocess_partition(plan.channel_version, plan.id, partition)
    switch_reprocessed(plan.channel_version, plan.id)
    assert sent == ["checkpoint"]
    switch_reprocessed(plan.channel_version, plan.id)
    assert sent == ["checkpoint"]


def test_a_discover_whose_state_is_lost_meanwhile_leaves_the_rest_to_the_next(
    published: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*arguments: object, **named: object) -> None:
        raise StaleEpoch("the state was lost or restored while files were registered")

    act_here(monkeypatch)
    monkeypatch.setattr("telemetry_tasks.tasks.control.discover_in_time", lost)
    monkeypatch.setattr("telemetry_tasks.tasks.control.send_jobs", lost)  # is not reached
    control.discover()
    assert given_back.get()
    given_back.set(False)


def test_a_missing_file_that_was_repaired_counts_after_a_retry(published: None, real_pings: Path) -> None:
    sound = REAL_KEYS["ss-ff-n-28.lzma"]
    its_services().input.put(BROKEN, (real_pings / sound).read_bytes())
    ran = run("retry-missing", "--here", "--json")
    assert jobs(ran) == ["nightly/28"]
    run("publish")
    assert run("status").code == 0
    assert status(its_services(), its_services().published.now()).missing == ()
    assert "Nothing matches" in run("retry-missing").out
