import pytest

from telemetry_tasks.pipeline.epoch import EmptyState
from telemetry_tasks.pipeline.intake.discover import LOOKED_UP, UNUSABLE, Discovery, discover, discover_in_time
from tests.support.deployment import begin_later_epoch
from tests.support.pings import key
from tests.support.stage import Make, Stage


def look(stage: Stage, *, later: float = 0.0, all_now: bool = False) -> Discovery:
    stage.clock.pass_(later)
    return discover(stage.services, stage.input.now(), all_now=all_now)


def files_of(found: Discovery) -> list[list[str]]:
    return [[file.key for file in partition.files] for partition in found.partitions]


def test_files_of_one_channel_version_become_one_partition(stage: Stage) -> None:
    stage.upload(key("a"), key("b"), key("c", version="28.0a2"))
    found = look(stage, all_now=True)
    assert files_of(found) == [[key("a"), key("b"), key("c", version="28.0a2")]]
    assert (found.seen, found.new, found.left, found.changed) == (3, 3, 0, ())


def test_channels_and_versions_are_kept_apart(stage: Stage) -> None:
    stage.upload(key("a"), key("b", version="27.0a1"), key("c", channel="aurora"))
    names = [partition.channel_version for partition in look(stage, all_now=True).partitions]
    assert names == ["aurora/28", "nightly/27", "nightly/28"]
    assert stage.services.state.channel_versions() == names


def test_young_files_are_left_for_a_fuller_partition(stage: Stage) -> None:
    stage.upload(key("a"))
    assert look(stage, later=30).left == 1
    stage.upload(key("b"))
    assert files_of(look(stage, later=31)) == [[key("a"), key("b")]]


def test_a_partition_is_closed_at_its_number_of_files(stage: Stage) -> None:
    stage = stage.with_options(partition_files=2)
    stage.upload(key("a"), key("b"), key("c"))
    found = look(stage)
    assert files_of(found) == [[key("a"), key("b")]]
    assert found.left == 1


def test_a_partition_is_closed_before_it_grows_beyond_its_size(stage: Stage) -> None:
    stage = stage.with_options(partition_bytes=1000)
    for name, size in (("a", 600), ("b", 300), ("c", 200), ("d", 5000), ("e", 1)):
        stage.upload(key(name), body=b"x" * size)
    assert files_of(look(stage, all_now=True)) == [[key("a"), key("b")], [key("c")], [key("d")], [key("e")]]


def test_older_files_are_grouped_before_newer_ones(stage: Stage) -> None:
    stage = stage.with_options(partition_files=1)
    stage.upload(key("z"))
    stage.clock.pass_(1)
    stage.upload(key("a"))
    assert files_of(look(stage, all_now=True)) == [[key("z")], [key("a")]]


def test_looking_again_finds_nothing_new(stage: Stage) -> None:
    stage.upload(key("a"))
    look(stage, all_now=True)
    again = look(stage, later=3600, all_now=True)
    assert (again.seen, again.partitions, again.left, again.changed) == (1, (), 0, ())


def test_of_two_that_look_at_once_each_file_goes_to_one(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.upload(key("a"), key("b"))
    other = stage.with_options(partition_files=1)
    first = stage.state()
    first.begin()
    known = stage.input.before

    def look_first(verb: str, prefix: str) -> None:
        stage.input.before = known
        discover(other.services, stage.input.now())
        stage.upload(key("c"))

    stage.input.before = look_first
    found = look(stage, all_now=True)
    assert files_of(found) == [[key("c")]]
    assert stage.state().counts().waiting == 3


def test_a_file_that_another_registered_after_the_look_is_left_out(stage: Stage) -> None:
    stage.upload(key("a"), key("b"), key("c"))
    other = stage.with_options(partition_files=1).services
    stage.requests.after_next("registered", lambda: discover(other, stage.input.now(), prefix=key("b"), all_now=True))
    assert files_of(look(stage, all_now=True)) == [[key("a"), key("c")]]


@pytest.mark.parametrize(
    "unusable",
    ["readme.txt", "saved_session/Firefox/nightly/28.0a1/x", key("a").replace("20131201030201", "2013")],
)
def test_files_whose_key_says_nothing_are_kept_apart(stage: Stage, unusable: str) -> None:
    stage.upload(key("a"), unusable)
    by_name = {p.channel_version: [f.key for f in p.files] for p in look(stage, all_now=True).partitions}
    assert by_name == {UNUSABLE: [unusable], "nightly/28": [key("a")]}


def test_a_file_that_was_replaced_is_reported_until_it_is_reprocessed(stage: Stage) -> None:
    stage.upload(key("a"), key("b"))
    look(stage, all_now=True)
    stage.upload(key("a"), body=b"other")
    for _ in range(2):
        found = look(stage, all_now=True)
        assert (found.changed, found.partitions) == ((key("a"),), ())


def begin_again(stage: Stage) -> None:
    begin_later_epoch(stage.services.state)


def test_files_registered_in_an_epoch_that_is_over_are_found_again(stage: Stage) -> None:
    stage.upload(key("a"))
    look(stage, all_now=True)
    late = stage.state()
    begin_again(stage)
    late.begin()
    assert files_of(look(stage, all_now=True)) == [[key("a")]]
    assert stage.state().counts().waiting == 1


def test_the_same_files_give_the_same_partition_and_changed_ones_another(stage: Stage) -> None:
    stage.upload(key("a"), key("b"))
    first = look(stage, all_now=True).partitions[0].id
    begin_again(stage)
    assert look(stage, all_now=True).partitions[0].id == first
    begin_again(stage)
    stage.upload(key("b"), body=b"other")
    assert look(stage, all_now=True).partitions[0].id != first


def test_an_empty_state_is_restored_before_anything_is_registered(make_stage: Make) -> None:
    fresh = make_stage()
    fresh.upload(key("a"))
    with pytest.raises(EmptyState):
        look(fresh, all_now=True)


def test_only_files_below_the_prefix_are_looked_at(stage: Stage) -> None:
    stage.upload(key("a"), key("b", channel="aurora"))
    found = discover(stage.services, stage.input.now(), "saved_session/Firefox/aurora/", all_now=True)
    assert files_of(found) == [[key("b", channel="aurora")]]


def test_a_listing_that_takes_too_long_goes_on_in_the_next_task_and_begins_again_after_its_end(stage: Stage) -> None:
    stage.upload(*(key(f"{number:04d}") for number in range(2 * LOOKED_UP + 1)))
    stage.clock.pass_(61)
    passes = [discover_in_time(stage.services, stage.input.now(), 0.0) for _ in range(4)]
    assert [found.new for found in passes] == [LOOKED_UP, LOOKED_UP, 1, 0]
    assert [found.whole for found in passes] == [False, False, False, False]
    found = discover_in_time(stage.services, stage.input.now(), 60.0)
    assert (found.seen, found.new, found.whole, found.reached) == (2 * LOOKED_UP + 1, 0, True, "")
