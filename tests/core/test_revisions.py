import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_tasks.core.revisions import Revision, parse_revision


@pytest.mark.parametrize(
    ("text", "revision"),
    [
        (
            "http://hg.mozilla.org/mozilla-central/rev/518f5bff0ae4",
            Revision("518f5bff0ae4", "mozilla-central"),
        ),
        ("https://hg.example.org/releases/beta/rev/a55c/", Revision("a55c", "releases/beta")),
        ("518f5bff0ae4", Revision("518f5bff0ae4")),
        ("https://host/repo/rev/1.2-x_y?style=raw", Revision("1.2-x_y", "repo")),
        ("https://host/../../etc/rev/518f", Revision("518f")),
        ("https://host/a b/rev/518f", Revision("518f")),
    ],
)
def test_a_revision_is_its_last_part_and_its_repository(text, revision) -> None:
    assert parse_revision(text) == revision


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "..",
        ".hidden",
        "http://host/",
        "http://host/repo/rev/..",
        "a b",
        "x\n",
        "x\x00",
        "ä",
        "x" * 101,
    ],
)
def test_what_is_not_safe_in_a_path_is_no_revision(text) -> None:
    assert parse_revision(text) is None


@given(st.text(alphabet="ab0./:\\%?#@ \n-_é", max_size=30))
def test_a_path_never_leaves_its_folder(text) -> None:
    revision = parse_revision(text)
    if revision is not None:
        for part in revision.path.split("/"):
            assert part.replace(".", "").replace("-", "").replace("_", "").isalnum() or part.strip("-_.") == ""
            assert not part.startswith(".")
            assert part.isascii()
            assert part
