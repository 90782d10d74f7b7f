"""Links lead somewhere, and from the README everything is near."""

from pathlib import Path

import pytest

from tests.docs.pages import PAGES, README, ROOT, anchors, links

CLICKS = 2


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_to_a_file_and_to_a_heading_of_it(page: Path) -> None:
    broken = []
    for target, anchor in links(page):
        if not target.exists() or not target.is_relative_to(ROOT):
            broken.append(str(target))
        elif anchor and anchor not in anchors(target):
            broken.append(f"{target.name}#{anchor}")
    assert broken == []


def test_every_page_is_two_clicks_from_the_readme() -> None:
    reached = {README}
    for _ in range(CLICKS):
        pages = [page for page in reached if page.suffix == ".md"]
        reached |= {target for page in pages for target, _ in links(page) if target.exists()}
    assert [name(page) for page in PAGES if page not in reached] == []


def test_headings_are_named_as_github_names_them(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Redis & `S3`: what?\n## Same\n## Same\n```sh\n# no heading\n```\n## A [link](x.md)\n")
    assert anchors(page) == {"redis--s3-what", "same", "same-1", "a-link"}
