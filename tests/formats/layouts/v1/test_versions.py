"""``versions.json``, at the top and in a snapshot."""

from telemetry_tasks.formats.documents import IMMUTABLE, NO_CACHE
from telemetry_tasks.formats.layouts.v1.versions import names_document, paths_document, read_names, read_paths
from tests.formats.layouts.v1.made import FOLDER, INDEX, NAME, text


def test_at_the_top_are_the_folders_of_channel_versions_that_have_data() -> None:
    document = paths_document(INDEX)
    assert text(document) == f'{{"{NAME}":"{FOLDER}"}}'
    assert read_paths(document.body) == {NAME: FOLDER}
    assert document.cache_control == NO_CACHE


def test_in_a_snapshot_are_their_names() -> None:
    document = names_document(INDEX)
    assert text(document) == f'["{NAME}"]'
    assert read_names(document.body) == [NAME]
    assert document.cache_control == IMMUTABLE
