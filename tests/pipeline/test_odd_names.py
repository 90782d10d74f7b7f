"""Names at the edges: what may be in a key of a ping file, in a channel and in a version."""

from dataclasses import replace

import pytest
from annotated_types import Le

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.partition import LONGEST_KEY
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.settings import Settings
from tests.pipeline.publishing import missing, processed, take_in
from tests.support.deployment import aggregate_all, merge_all
from tests.support.pings import FLAG, histogram, key, ping
from tests.support.stage import Stage


@pytest.mark.parametrize("end", ["\n", "\r", "\x85", "\u2028", "\t", "\x01"])
def test_a_key_that_would_end_a_line_is_one_line_of_the_lists(stage: Stage, end: str) -> None:
    take_in(stage, key(f"a{end}b"), key("c"))
    stage.upload(key(f"broken{end}x"), key("broken"), body=b"\x1f\x8b\x08")
    aggregate_all(stage.services)
    merge_all(stage.services)
    assert publish(stage.services).outcome == "published"
    shown = end.encode("unicode_escape").decode()
    assert processed(stage) == [key(f"a{shown}b"), key("c")]
    assert set(missing(stage)) == {key(f"broken{shown}x"), key("broken")}
    assert list(verify(stage.services)) == []


def test_a_channel_that_is_called_as_a_folder_of_ours_shares_no_file_with_it(stage: Stage) -> None:
    take_in(stage, key("a", version="manifest"), key("b", channel="files", version="nightly"))
    for day in (6, 7):
        assert publish(stage.services).outcome == "published"
        assert list(verify(stage.services)) == []
        stage.clock.pass_(5)
        take_in(stage, key("c", version="manifest", day=day), key("d", channel="files", version="nightly", day=day))


def test_the_longest_names_that_are_taken_in_can_be_published(stage: Stage) -> None:
    longest = next(part.le for part in Settings.model_fields["limit_name_length"].metadata if isinstance(part, Le))
    services = replace(stage.services, limits=Limits(name_length=longest))
    whole = stage.over(services)
    long = ping()
    long["histograms"]["M" * longest] = histogram(FLAG)
    take_in(whole, key("a", channel="c" * 100, version="1" * 100), pings=[long])
    assert publish(services).versions == (f"{'c' * 100}/{'1' * 100}",)
    assert max(len(info.key) for info in stage.published.list()) < LONGEST_KEY - 100  # there may be a prefix
