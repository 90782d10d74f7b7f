"""Which populations are published as OTHER, and what is told of them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_tasks.core.disclosure.folding import OTHER, Fold, Population, fold_cells, fold_options, then
from telemetry_tasks.core.disclosure.publish_limits import PublishLimits

TWO = ("OS", "arch")
PINGS = {("a", "x"): 5, ("b", "x"): 3, ("c", "y"): 3, ("d", "z"): 1}
POPULATIONS = st.dictionaries(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("xyz")), st.integers(0, 20), min_size=1
)


def test_without_limits_every_population_is_published_as_itself() -> None:
    folding = fold_options(PINGS, TWO, PublishLimits())
    assert folding.where == {each: each for each in PINGS}
    assert (folding.folds, folding.moves) == ((), False)


def test_options_beyond_the_limit_become_other_the_smallest_first() -> None:
    folding = fold_options(PINGS, TWO, PublishLimits(options=3))
    assert folding.where == {
        ("a", "x"): ("a", "x"),
        ("b", "x"): ("b", "x"),
        ("c", "y"): (OTHER, "y"),
        ("d", "z"): (OTHER, "z"),
    }
    assert folding.folds == (Fold("too-many-options", "OS", 2, 4, ("c", "d")),)


def test_options_that_are_not_on_the_list_of_their_dimension_become_other() -> None:
    folding = fold_options(PINGS, TWO, PublishLimits(allowed=(("OS", ("a", "c")),)))
    assert folding.where[("a", "x")] == ("a", "x")
    assert folding.where[("b", "x")] == (OTHER, "x")
    assert folding.where[("d", "z")] == (OTHER, "z")
    assert folding.folds == (Fold("not-allowed", "OS", 2, 4, ("b", "d")),)


def test_what_is_not_allowed_takes_no_place_among_the_options() -> None:
    limits = PublishLimits(options=3, allowed=(("OS", ("b", "c", "d")),))
    folding = fold_options(PINGS, TWO, limits)
    assert {target[0] for target in folding.where.values()} == {"b", OTHER}
    assert [(fold.reason, fold.number, fold.pings) for fold in folding.folds] == [
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
    limits = PublishLimits(allowed=(("OS", ("another", pattern)),))
    assert limits.allows("OS", option) == allowed
    assert limits.allows("arch", option)


def cells_of(pings: dict[Population, int], dates: int) -> list[tuple[str, str, Population]]:
    days = [f"201312{day + 1:02d}" for day in range(dates)]
    return [cell for each in pings for day in days for cell in ((day, "", each), ("", day, each))]


def test_the_smallest_populations_are_folded_until_the_cells_fit() -> None:
    cells = cells_of(PINGS, dates=2)
    assert fold_cells(cells, PINGS, 16, 2).folds == ()
    folding = fold_cells(cells, PINGS, 12, 2)
    assert folding.where == {
        ("a", "x"): ("a", "x"),
        ("b", "x"): ("b", "x"),
        ("c", "y"): (OTHER, OTHER),
        ("d", "z"): (OTHER, OTHER),
    }
    assert folding.folds == (Fold("too-many-cells", "", 2, 4),)


def test_where_dates_alone_are_too_many_only_other_is_left() -> None:
    folding = fold_cells(cells_of(PINGS, dates=3), PINGS, 1, 2)
    assert set(folding.where.values()) == {(OTHER, OTHER)}


@given(POPULATIONS, st.integers(1, 40), st.integers(1, 3))
def test_no_more_cells_are_left_than_the_limit_or_than_there_are_dates(
    pings: dict[Population, int], most: int, dates: int
) -> None:
    cells = cells_of(pings, dates)
    where = fold_cells(cells, pings, most, 2).where
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
    limits = PublishLimits(options=options, allowed=(("OS", ("a", "b", "c", "d")),))

    def folded(some: dict[Population, int]) -> tuple[list[tuple[Population, Population]], tuple[Fold, ...]]:
        first = fold_options(some, TWO, limits)
        sums = dict.fromkeys(first.where.values(), 0)
        for source, target in first.where.items():
            sums[target] += some[source]
        both = then(first, fold_cells(cells_of(sums, 2), sums, most, 2))
        return sorted(both.where.items()), both.folds

    assert folded(pings) == folded(shuffled)


def test_no_two_limits_have_the_same_fingerprint() -> None:
    others = [
        PublishLimits(2),
        PublishLimits(options=2),
        PublishLimits(cells=2),
        PublishLimits(allowed=(("a", ("b",)),)),
    ]
    assert len({each.fingerprint for each in (PublishLimits(), *others)}) == len(others) + 1
