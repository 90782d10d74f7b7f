"""F17: a large share of lines that are no pings."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.reprocess.plan import entries_of
from tests.faults.bench import Bench
from tests.faults.feed import Feed
from tests.faults.size import SEED, sized
from tests.faults.truth import Truth
from tests.support.shared import make_pings
from tests.system.made import Made, thinned

BAD = 0.3


@pytest.mark.case("F17")
def test_every_bad_line_of_every_file_is_counted_with_its_reason(
    bench: Callable[..., Bench], truth: Truth, tmp_path: Path
) -> None:
    files, pings = sized(6, 100), sized(8, 20)
    root = tmp_path / "made"
    expected = make_pings(root, files=files, pings=pings, seed=SEED, bad=BAD, format="gz")
    thinned(Made(root, sorted(expected), {}), share=60)
    bodies = {key: (root / key).read_bytes() for key in expected}
    feed = Feed(bodies, files * pings)
    one = bench(feed, SOFT_TIME_LIMIT="40", TIME_LIMIT="45", VISIBILITY_TIMEOUT="50", LEASE="50").start()
    one.upload()
    bad = sum(counts["bad"] for counts in expected.values())
    one.record.fault("bad line", bad)
    one.wait_published()
    entries = [entry for state in channel_states(one.services) for entry in entries_of(state)]
    reports = {report.key: report for entry in entries for report in entry.reports}
    counted = {key: {"good": r.good, "bad": sum(r.bad.values())} for key, r in reports.items()}
    assert counted == expected
    reasons = Counter[str]()
    for report in reports.values():
        reasons.update(report.bad)
    assert len(reasons) >= 4
    assert reasons.total() == bad
    one.record.note(f"of {files * pings} lines; reasons: {dict(sorted(reasons.items()))}")
    one.check(truth.of(feed))
