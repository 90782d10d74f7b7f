"""Tracing: one trace a partition, from discovery to publication; nothing where it is off."""

import subprocess
import sys
from pathlib import Path

from tests.servers.moto import MotoServer
from tests.servers.redis import RedisServer
from tests.system.collector import Collector, collecting
from tests.system.made import made, thinned
from tests.system.processes import ROOT, Fleet, wait_until

STEPS = {"discover", "aggregate", "merge", "commit", "publish"}


def test_each_partition_is_one_trace_from_discovery_to_publication(
    tmp_path: Path, state_server: RedisServer, broker_server: RedisServer, s3_server: MotoServer
) -> None:
    pings = thinned(made(tmp_path / "pings", files=2, pings=4, seed=5))
    with collecting() as collector, _fleet(tmp_path, state_server, broker_server, s3_server, collector) as fleet:
        fleet.upload(pings.root, pings.keys)
        worker = fleet.worker()
        beat = fleet.beat()
        fleet.wait_published(pings.keys)
        wait_until(lambda: any(span.name == "publish" for span in collector.spans), 120, fleet.processes)
        beat.terminate()
        worker.terminate()  # and what is left is sent
        traces = collector.traces()
    assert traces
    whole = [spans for spans in traces.values() if {span.name for span in spans} >= STEPS]
    assert len(whole) == len(traces), {id: [span.name for span in spans] for id, spans in traces.items()}
    for id, spans in traces.items():
        (root,) = (span for span in spans if not span.parent_span_id)
        assert root.name == "discover"
        assert {span.parent_span_id for span in spans if span is not root} == {root.span_id}
        for span in spans:
            assert span.start_time_unix_nano <= span.end_time_unix_nano
            values = {attribute.key: attribute.value.string_value for attribute in span.attributes}
            assert values["partition"] == id


def _fleet(folder: Path, state: RedisServer, broker: RedisServer, s3: MotoServer, collector: Collector) -> Fleet:
    return Fleet(folder, state, broker, s3, TRACES_URL=collector.url)


def test_a_collector_that_is_away_holds_nothing_up(
    tmp_path: Path, state_server: RedisServer, broker_server: RedisServer, s3_server: MotoServer
) -> None:
    pings = thinned(made(tmp_path / "pings", files=1, pings=3, seed=6))
    with Fleet(tmp_path, state_server, broker_server, s3_server, TRACES_URL="http://127.0.0.1:9/v1/traces") as fleet:
        fleet.upload(pings.root, pings.keys)
        fleet.worker()
        fleet.beat()
        fleet.wait_published(pings.keys)


OFF = """
import sys
from telemetry_tasks.tasks.tracing import note_span
note_span("aggregate", ["0" * 32], 0.0)
print([name for name in sys.modules if name.startswith(("opentelemetry.sdk.trace", "opentelemetry.exporter"))])
"""


def test_nothing_that_traces_is_imported_where_tracing_is_off() -> None:
    """redis-py imports OpenTelemetry's metrics by itself where it is installed."""
    ran = subprocess.run([sys.executable, "-c", OFF], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ran.stdout == "[]\n", ran.stderr
