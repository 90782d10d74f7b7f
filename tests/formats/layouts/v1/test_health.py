"""``health.json``."""

import json
from dataclasses import replace

import pytest

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.layouts.v1.health import health_document, health_entry, read_health, read_health_entry
from tests.formats.layouts.v1.made import HEALTH, NAME, changed, text

DOCUMENT = health_document({NAME: HEALTH}, {})


def test_it_tells_all_of_a_channel_version() -> None:
    assert text(DOCUMENT) == (
        '{"schema":1,"versions":{"nightly/28":{"bad_lines":{"no-tab":1},"bytes":99,'
        '"collapsed":[{"dimension":"OS","number":7,"pings":9,"reason":"too-many-options"}],'
        '"days":{"20131203":{"bad_lines":1,"files":2,"pings":4}},"files":2,"first_build_date":"20131201",'
        '"implausible":{"by-build-date":{"first":"20131201","last":"20131202","number":1,"pings":1}},'
        '"last_build_date":"20131202","last_submission_date":"20131203","left_out":{},"missing":1,'
        '"missing_files":[{"file":"b","reason":"not-found"}],"pings":4,"small_cells":0,'
        '"unknown_definitions":["ODD"]}}}'
    )


def test_a_reader_gets_what_was_written() -> None:
    assert read_health(DOCUMENT.body) == {NAME: HEALTH}


def test_names_of_options_that_collapsed_are_not_told() -> None:
    named = replace(HEALTH, collapsed=(replace(HEALTH.collapsed[0], largest=("invented",)),))
    assert "invented" not in json.dumps(health_entry(named))
    assert read_health_entry(health_entry(named)) == HEALTH


def test_what_there_is_none_of_is_left_out() -> None:
    plain = replace(HEALTH, collapsed=(), implausible={})
    assert not {"collapsed", "implausible"} & health_entry(plain).keys()
    assert read_health_entry(health_entry(plain)) == plain


def test_implausible_versions_are_told_beside_the_versions() -> None:
    odd = {"nightly": {"first": "28", "last": "28", "number": 1, "pings": 1}}
    assert json.loads(text(health_document({}, odd))) == {"schema": 1, "versions": {}, "implausible": odd}


@pytest.mark.parametrize("member", sorted(health_entry(HEALTH).keys() - {"collapsed", "implausible"}))
def test_a_member_that_is_gone_is_damage(member: str) -> None:
    entry = {name: value for name, value in health_entry(HEALTH).items() if name != member}
    with pytest.raises(DataError) as caught:
        read_health(changed(DOCUMENT, versions={NAME: entry}))
    assert caught.value.reason == "bad-health"


def test_another_schema_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        read_health(changed(DOCUMENT, schema=2))
    assert caught.value.reason == "bad-health"
