"""``measures.json``."""

from dataclasses import replace

import pytest

from telemetry_tasks.core.definitions import enumerated
from telemetry_tasks.core.disclosure.volume import Volume
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.layouts.v1.histograms import definition_entry
from telemetry_tasks.formats.layouts.v1.measures import measures_document, read_measures, volume_entry
from tests.formats.layouts.v1.made import CHANNEL, FACTS, VOLUME, changed, text

DOCUMENT = measures_document(CHANNEL)


def test_it_tells_what_a_search_box_shows() -> None:
    assert text(DOCUMENT) == (
        '{"channel_version":"nightly/28","measures":{"SEEN":{"dates":2,"description":"Seen.","first":"20131201",'
        '"kind":"flag","last":"20131202","submissions":3}},"pings":4,"schema":1}'
    )
    assert read_measures(DOCUMENT.body) == {"SEEN": VOLUME}


def test_the_kind_of_the_client_is_told_if_it_is_another() -> None:
    labelled = definition_entry(enumerated(50, "", original_kind="categorical", labels=("a",)))
    document = measures_document(replace(CHANNEL, measures={"SEEN": replace(FACTS, definition=labelled)}))
    assert '"original_kind":"categorical"' in text(document)
    assert "labels" not in text(document)


@pytest.mark.parametrize(
    ("volume", "more"),
    [
        (VOLUME, set()),
        (replace(VOLUME, small_cells=2), {"small_cells", "left_out_cells"}),
        (replace(VOLUME, small_cells=2, left_out_cells=1), {"small_cells", "left_out_cells"}),
        (replace(VOLUME, unknown_definition=True), {"unknown_definition"}),
    ],
)
def test_what_is_usual_is_left_out(volume: Volume, more: set[str]) -> None:
    assert volume_entry(volume).keys() == {"submissions", "dates", "first", "last"} | more
    document = measures_document(replace(CHANNEL, measures={"SEEN": replace(FACTS, volume=volume)}))
    assert read_measures(document.body) == {"SEEN": volume}


@pytest.mark.parametrize("members", [{"schema": 2}, {"measures": {"SEEN": {"dates": 2}}}])
def test_damage_is_refused(members: dict[str, object]) -> None:
    with pytest.raises(DataError) as caught:
        read_measures(changed(DOCUMENT, **members))
    assert caught.value.reason == "bad-measures"
