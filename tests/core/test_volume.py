"""How much is shown of a measure."""

import numpy as np

from telemetry_tasks.core.disclosure.suppression import Suppressed, suppress_small
from telemetry_tasks.core.disclosure.volume import Volume, volume_of
from telemetry_tasks.core.histograms import histogram_shape
from telemetry_tasks.core.kinds_of_date import BY_BUILD, BY_SUBMISSION
from telemetry_tasks.core.tables.index import Key
from telemetry_tasks.core.tables.table import Table


def table(*lines: tuple[str, str, str, int]) -> Table:
    """Lines of kind of date, date, population and pings."""
    keys = tuple(Key(by, date, (population,)) for by, date, population, _ in lines)
    whole = np.array([[0] * 6 + [pings] for *_, pings in lines], np.int64).reshape(len(lines), 7)
    return Table("A", histogram_shape(1), keys, whole, np.zeros((len(lines), 5), np.int64), {}, ())


TABLE = table(
    (BY_BUILD, "20131201", "Linux", 5),
    (BY_BUILD, "20131203", "Linux", 4),
    (BY_BUILD, "20131203", "Mac", 1),
    (BY_SUBMISSION, "20131205", "Linux", 9),
)


def test_it_counts_submissions_and_dates_by_build_date_only() -> None:
    assert volume_of(Suppressed(TABLE, 0, 0)) == Volume(10, 2, "20131201", "20131203")


def test_a_table_without_build_dates_has_none() -> None:
    assert volume_of(Suppressed(table((BY_SUBMISSION, "20131205", "Linux", 9)), 0, 0)) == Volume(0, 0, "", "")
    assert volume_of(Suppressed(table(), 0, 0)) == Volume(0, 0, "", "")


def test_what_is_left_out_as_too_small_does_not_count() -> None:
    shown = volume_of(suppress_small(TABLE, 3), unknown_definition=True)
    assert shown == Volume(9, 2, "20131201", "20131203", 1, 1, True)
