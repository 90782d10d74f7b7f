"""Whatever is in the place of a document, its reader gives a ``DataError`` with a reason and raises nothing else."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import packed
from telemetry_tasks.formats.layouts.v1.file_list import read_file_list
from telemetry_tasks.formats.layouts.v1.file_names import read_missing, read_processed
from telemetry_tasks.formats.layouts.v1.filter_tree import read_filter_tree
from telemetry_tasks.formats.layouts.v1.health import read_health
from telemetry_tasks.formats.layouts.v1.histograms import read_histograms
from telemetry_tasks.formats.layouts.v1.index import read_index
from telemetry_tasks.formats.layouts.v1.latest import read_current, read_latest
from telemetry_tasks.formats.layouts.v1.manifest import read_manifest
from telemetry_tasks.formats.layouts.v1.measures import read_measures
from telemetry_tasks.formats.layouts.v1.revisions import read_revisions
from telemetry_tasks.formats.layouts.v1.rows_by_date import read_rows
from telemetry_tasks.formats.layouts.v1.summary import read_summary
from telemetry_tasks.formats.layouts.v1.versions import read_names, read_paths

Reader = Callable[[bytes], Any]

REASONS: list[tuple[Reader, str]] = [
    (read_file_list, "bad-file-list"),
    (read_filter_tree, "bad-filter-tree"),
    (read_health, "bad-health"),
    (read_histograms, "bad-histograms"),
    (read_index, "bad-index"),
    (read_current, "bad-latest"),
    (read_latest, "bad-latest"),
    (read_manifest, "bad-manifest"),
    (read_measures, "bad-measures"),
    (read_names, "bad-versions"),
    (read_paths, "bad-versions"),
    (read_revisions, "bad-revisions"),
    (read_rows, "bad-rows"),
    (read_summary, "bad-summary"),
]
VALUES: list[Any] = [None, 5, "text", [5], [[]]]
OBJECT = {"schema": 1, "versions": 5, "measures": [], "x": None}
FORMS = [(reader, reason, value) for reader, reason in REASONS for value in VALUES]
FORMS += [(reader, reason, OBJECT) for reader, reason in REASONS if reader is not read_histograms]  # read one by one
READERS = [*(reader for reader, _ in REASONS), read_missing, read_processed]


@pytest.mark.parametrize(("reader", "reason", "value"), FORMS)
def test_json_of_another_form(reader: Reader, reason: str, value: Any) -> None:
    with pytest.raises(DataError) as caught:
        reader(packed(json.dumps(value).encode()))
    assert caught.value.reason == reason


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("body", [b"\x1f\x8b cut", packed(b"\xff\xfe")])
def test_bytes_that_are_no_text(reader: Reader, body: bytes) -> None:
    with pytest.raises(DataError) as caught:
        reader(body)
    assert caught.value.reason == "bad-document"


@pytest.mark.parametrize("reader", [reader for reader, _ in REASONS])
@pytest.mark.parametrize("body", [b"", b"{", b'{"a": NaN}'])
def test_bytes_that_are_no_json(reader: Reader, body: bytes) -> None:
    with pytest.raises(DataError) as caught:
        reader(packed(body))
    assert caught.value.reason == "bad-document"
