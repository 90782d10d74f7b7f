import json

import pytest

from telemetry_tasks.core.definitions import meaning_of
from telemetry_tasks.core.histograms import histogram_shape
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.layouts.v1.histograms import definition_entry
from telemetry_tasks.formats.pings.saved_session.definitions import parse_definitions
from tests.shared_data import REVISIONS, definition_file, evaluated, real_pings


def parsed(**entries: object):
    return parse_definitions(json.dumps(entries).encode())


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_bounds_of_real_definitions_are_those_the_old_server_computed(revision) -> None:
    file = parse_definitions(definition_file(revision))
    assert not file.left_out
    for name, expected in evaluated(revision).items():
        definition = meaning_of(name, histogram_shape(expected["bucket_count"]), file.definitions)
        assert not definition.unknown, name
        assert list(definition.bounds) == expected["buckets"], name
        assert (definition.low, definition.high) == (expected["min"], expected["max"]), name


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_unknown_constant_leaves_out_its_definition_and_no_other(revision) -> None:
    file = parse_definitions(definition_file(revision), constants={})
    assert set(file.left_out) == {"GC_REASON_2", "STARTUP_MEASUREMENT_ERRORS"}
    assert "JS::gcreason::NUM_TELEMETRY_REASONS is not known" in file.left_out["GC_REASON_2"]
    assert set(file.definitions) == set(json.loads(definition_file(revision))) - set(file.left_out)


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_array_of_a_real_ping_that_is_defined_fits_its_definition(revision) -> None:
    known = parse_definitions(definition_file(revision)).definitions
    fitting = 0
    for ping in real_pings():
        for name, array in ping["histograms"].items():
            definition = meaning_of(name, histogram_shape(len(array) - 5), known)
            if name in known or name.removeprefix("STARTUP_") in known:
                assert not definition.unknown, name
                fitting += 1
            else:
                assert "does not define" in definition.description
    assert fitting > 1500


def test_the_built_in_constants_give_the_lengths_that_real_clients_send() -> None:
    known = parse_definitions(definition_file("ad0ae007aa9e")).definitions
    for name in ("GC_REASON_2", "STARTUP_MEASUREMENT_ERRORS"):
        lengths = {len(ping["histograms"][name]) for ping in real_pings() if name in ping["histograms"]}
        assert lengths == {known[name].buckets + 5}


def test_newer_kinds_become_one_of_five_and_keep_their_name() -> None:
    file = parsed(
        N={
            "kind": "count",
            "description": "n",
            "bug_numbers": [1],
            "alert_emails": ["a@example.com"],
            "keyed": True,
        },
        C={"kind": "categorical", "labels": ["a", "b"], "description": "c"},
        W={"kind": "categorical", "labels": ["a"], "n_values": "60 + 4", "description": "w"},
    )
    assert definition_entry(file.definitions["N"]) == {
        "kind": "linear",
        "original_kind": "count",
        "description": "n",
        "low": 1,
        "high": 2,
        "n_buckets": 3,
    }
    assert file.definitions["N"].bounds == (0, 1, 2)
    assert definition_entry(file.definitions["C"]) == {
        "kind": "enumerated",
        "original_kind": "categorical",
        "description": "c",
        "low": 1,
        "high": 50,
        "n_values": 50,
        "labels": ["a", "b"],
    }
    assert file.definitions["W"].n_values == 64


def test_the_published_entry_has_evaluated_numbers() -> None:
    file = parsed(
        B={"kind": "boolean", "description": "b"},
        E={"kind": "enumerated", "n_values": "2 * 4", "description": "e"},
        X={"kind": "exponential", "low": "0", "high": "2 * 1000", "n_buckets": "20", "description": "x"},
    )
    assert definition_entry(file.definitions["B"]) == {
        "kind": "boolean",
        "description": "b",
        "low": 1,
        "high": 2,
        "n_buckets": 3,
    }
    assert definition_entry(file.definitions["E"]) == {
        "kind": "enumerated",
        "description": "e",
        "low": 1,
        "high": 8,
        "n_values": 8,
    }
    assert definition_entry(file.definitions["X"]) == {
        "kind": "exponential",
        "description": "x",
        "low": 1,
        "high": 2000,
        "n_buckets": 20,
    }


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ([], "not an object"),
        ({}, "kind None is not known"),
        ({"kind": ["flag"]}, "is not known"),
        ({"kind": "scalar"}, "kind 'scalar' is not known"),
        ({"kind": "linear", "n_buckets": 10}, "high is missing"),
        ({"kind": "linear", "high": "5 ** 5", "n_buckets": 10}, "high: "),
        ({"kind": "linear", "high": 3, "n_buckets": 10}, "10 buckets from 1 to 3"),
        ({"kind": "exponential", "high": 10, "n_buckets": True}, "n_buckets: True is not an integer"),
        ({"kind": "enumerated", "n_values": 0}, "n_values is 0"),
        ({"kind": "categorical", "labels": [1]}, "labels"),
    ],
)
def test_a_definition_that_cannot_be_used_is_left_out_with_its_reason(entry, why) -> None:
    file = parsed(BAD=entry, GOOD={"kind": "flag", "description": 7})
    assert set(file.definitions) == {"GOOD"}
    assert file.definitions["GOOD"].description == ""
    assert why in file.left_out["BAD"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"<html></html>", b"\xff", b'{"A": NaN}'])
def test_a_file_that_is_no_json_object_is_refused(body) -> None:
    with pytest.raises(DataError):
        parse_definitions(body)
