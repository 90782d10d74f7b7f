"""Partial results as bytes: each says with which settings it was made."""

from dataclasses import replace

import msgpack
import pytest

from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.result import Result, merge_results
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.formats import partial
from telemetry_tasks.formats.pings.saved_session.format import SavedSession
from telemetry_tasks.pipeline.aggregate.files import PingFile, aggregate
from tests.support.deployment import READING
from tests.support.pings import FLAG, key, ping, ping_file

FORMAT = SavedSession(("reason", "appName", "OS", "osVersion", "arch"), "none")
BODY = ping_file(ping(FLAG), bad_lines=[b"no ping"])


def made(limits: Limits | None = None, name: str = "a") -> Result:
    return aggregate([PingFile(key(name), lambda: iter([BODY]), "etag", 7)], FORMAT, limits, settings=READING)


def test_a_result_says_with_which_settings_it_was_made() -> None:
    limits = Limits(histograms=7)
    data = partial.encode(made(limits))
    assert partial.decode(data).limits == (limits.fingerprint,)
    assert partial.decode(data).reading == READING
    assert partial.encode(partial.decode(data)) == data


def test_merged_results_say_all_the_limits_they_were_made_with() -> None:
    parts = [made(Limits(histograms=7), "a"), made(Limits(histograms=8), "b"), made(None, "c")]
    all = tuple(sorted(Limits(histograms=number).fingerprint for number in (7, 8, Limits().histograms)))
    for order in (parts, parts[::-1]):
        assert partial.decode(partial.encode(merge_results(order))).limits == all
    assert merge_results([]).limits == ()


def test_results_whose_rows_mean_different_things_are_not_merged() -> None:
    other = replace(made(name="b"), reading=READING.replace('"OS", ', ""))
    with pytest.raises(DataError) as caught:
        merge_results([made(name="a"), other])
    assert caught.value.reason == "mixed-settings"
    assert "TELEMETRY_DIMENSIONS" in str(caught.value)


@pytest.mark.parametrize("settings", [{"limits": 7}, {"limits": [7]}, {"limits": None}, {"reading": 7}])
def test_settings_that_are_no_texts_are_no_result(settings: dict[str, object]) -> None:
    document = {**msgpack.unpackb(partial.encode(made())), **settings}
    with pytest.raises(DataError, match="bad-result"):
        partial.decode(msgpack.packb(document))


def test_rows_with_different_numbers_of_dimensions_are_refused_with_a_reason() -> None:
    wider = aggregate([PingFile(key("b"), lambda: iter([BODY]))], SavedSession(("OS",), "none"))
    mixed = add_cells([made().cells["nightly/28"], wider.cells["nightly/28"]])
    with pytest.raises(DataError) as caught:
        cells_format.encode(mixed)
    assert caught.value.reason == "mixed-dimensions"
