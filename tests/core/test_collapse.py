"""Which populations are published as OTHER, and what is told of them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_tasks.core.disclosure.collapse import (
    OTHER,
    Collapsed,
    Population,
    collapse_options,
    collapse_populations,
    compose,
)
from telemetry_tasks.core.disclosure.publish_limits import PublishLimits

TWO = ("OS", "arch")
PINGS = {("a", "x"): 5, ("b", "x"): 3, ("c", "y"): 3, ("d", "z"): 1}
POPULATIONS = st.dictionaries(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("xyz")), st.integers(0, 20), min_size=1
)


def test_without_limits_every_population_is_published_as_itself() -> None:
    collapse = collapse_options(PINGS, TWO, PublishLimits())
    assert collapse.where == {each: each for each in PINGS}
    assert (collapse.parts, collapse.changes_anything) == ((), False)


def test_options_beyond_the_limit_become_other_the_smallest_first() -> None:
    collapse = collapse_options(PINGS, TWO, PublishLimits(most_options=3))
    assert collapse.where == {
        ("a", "x"): ("a", "x"),
        ("b", "x"): ("b", "x"),
        ("c", "y"): (OTHER, "y"),
        ("d", "z"): (OTHER, "z"),
    }
    assert collapse.parts == (Collapsed("too-many-options", "OS", 2, 4, ("c", "d")),)


def test_options_that_are_not_on_the_list_of_their_dimension_become_other() -> None:
    collapse = collapse_options(PINGS, TWO, PublishLimits(allowed_options=(("OS", ("a", "c")),)))
    assert collapse.where[("a", "x")] == ("a", "x")
    assert collapse.where[("b", "x")] == (OTHER, "x")
    assert collapse.where[("d", "z")] == (OTHER, "z")
    assert collapse.parts == (Collapsed("not-allowed", "OS", 2, 4, ("b", "d")),)


def test_what_is_not_allowed_takes_no_place_among_the_options() -> None:
    limits = PublishLimits(most_options=3, allowed_options=(("OS", ("b", "c", "d")),))
    collapse = collapse_options(PINGS, TWO, limits)
    assert {target[0] for target in collapse.where.values()} == {"b", OTHER}
    assert [(part.reason, part.number, part.pings) for part in collapse.parts] == [
        ("not-allowed", 1, 5),
        ("too-many-options", 2, 4),
    ]


@pytest.mark.parametrize(
    ("pattern", "option", "allowed"),
    [
        ("6.1", "6.1", True),
        ("6.1", "6x1", False),
        ("6.1", "6.1.2", False),
        ("6.*", "6.1.7601", True),
        ("6.*", "16.1", False),
        ("*64", "x86-64", True),
        ("*", "", True),
        ("a*c*e", "abcde", True),
        ("[a]", "a", False),
        ("[a]", "[a]", True),
        ("a", "a\n", False),
        ("a*", "a\nb", True),
        ("winnt", "WINNT", False),
    ],
)
def test_a_list_holds_options_and_patterns_with_stars(pattern: str, option: str, allowed: bool) -> None:
    limits = PublishLimits(allowed_options=(("OS", ("another", pattern)),))
    assert limits.allows("OS", option) == allowed
    assert limits.allows("arch", option)


def cells_of(pings: dict[Population, int], dates: int) -> list[tuple[str, str, Population]]:
    days = [f"201312{day + 1:02d}" for day in range(dates)]
    return [cell for each in pings for day in days for cell in ((day, "", each), ("", day, each))]


def test_the_smallest_populations_collapse_until_the_cells_fit() -> None:
    cells = cells_of(PINGS, dates=2)
    assert collapse_populations(cells, PINGS, 16, 2).parts == ()
    collapse = collapse_populations(cells, PINGS, 12, 2)
    assert collapse.where == {
        ("a", "x"): ("a", "x"),
        ("b", "x"): ("b", "x"),
        ("c", "y"): (OTHER, OTHER),
        ("d", "z"): (OTHER, OTHER),
    }
    assert collapse.parts == (Collapsed("too-many-cells", "", 2, 4),)


def test_where_dates_alone_are_too_many_only_other_is_left() -> None:
    collapse = collapse_populations(cells_of(PINGS, dates=3), PINGS, 1, 2)
    assert set(collapse.where.values()) == {(OTHER, OTHER)}


@given(POPULATIONS, st.integers(1, 40), st.integers(1, 3))
def test_no_more_cells_are_left_than_the_limit_or_than_there_are_dates(
    pings: dict[Population, int], most: int, dates: int
) -> None:
    cells = cells_of(pings, dates)
    where = collapse_populations(cells, pings, most, 2).where
    left = {(build, submission, where[population]) for build, submission, population in cells}
    assert len(left) <= max(most, 2 * dates)
    kept = [pings[source] for source, target in where.items() if source == target]
    moved = [pings[source] for source, target in where.items() if source != target]
    assert not kept or not moved or min(kept) >= max(moved)


@given(POPULATIONS, st.integers(2, 5), st.integers(1, 40), st.randoms())
def test_the_order_in_which_populations_appear_decides_nothing(
    pings: dict[Population, int], options: int, most: int, chance: random.Random
) -> None:
    shuffled = dict(chance.sample(list(pings.items()), len(pings)))
    limits = PublishLimits(most_options=options, allowed_options=(("OS", ("a", "b", "c", "d")),))

    def collapsed(some: dict[Population, int]) -> tuple[list[tuple[Population, Population]], tuple[Collapsed, ...]]:
        first = collapse_options(some, TWO, limits)
        sums = dict.fromkeys(first.where.values(), 0)
        for source, target in first.where.items():
            sums[target] += some[source]
        both = compose(first, collapse_populations(cells_of(sums, 2), sums, most, 2))
        return sorted(both.where.items()), both.parts

    assert collapsed(pings) == collapsed(shuffled)


def test_no_two_limits_have_the_same_fingerprint() -> None:
    others = [
        PublishLimits(2),
        PublishLimits(most_options=2),
        PublishLimits(most_cells=2),
        PublishLimits(allowed_options=(("a", ("b",)),)),
    ]
    assert len({each.fingerprint for each in (PublishLimits(), *others)}) == len(others) + 1
