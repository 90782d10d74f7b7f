"""A scrape: all sources at once, each in a thread of its own and within a time; what does not answer is ``up 0``."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from functools import partial

import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family

from telemetry_tasks import metrics as m
from telemetry_tasks.errors import TelemetryError
from telemetry_tasks.exporter.samples import Sample

log = structlog.get_logger()
SECONDS = 4.0
"""A scrape ends within this time: Prometheus gives up after 10 s."""

Source = Callable[[], Iterable[Sample]]


class Scraper:
    """A collector for prometheus_client's registry. ``counters`` reads what was counted; it belongs to the state."""

    def __init__(self, sources: Mapping[str, Source], counters: Callable[[], Mapping[str, float]]) -> None:
        self._sources = dict(sources)
        self._counters = counters
        self._pools = {name: ThreadPoolExecutor(1, thread_name_prefix=name) for name in [*sources, "counters"]}
        self._busy: dict[str, Future[object]] = {}

    def describe(self) -> Iterable[Family]:
        """Nothing: else registering would already scrape."""
        return ()

    def collect(self) -> Iterator[Family]:
        """The families of one scrape."""
        began = time.monotonic()
        begun = {name: self._begin(name, partial(_read, source)) for name, source in self._sources.items()}
        counters = self._begin("counters", lambda: dict(self._counters()))
        samples: list[Sample] = []
        for name, future in begun.items():
            found = self._result(name, future, began)
            samples += found or ()  # type: ignore[arg-type]
            samples.append(Sample(m.UP, float(found is not None), (name,)))
        fields = self._result("counters", counters, began) or {}
        samples.append(Sample(m.SCRAPE_SECONDS, time.monotonic() - began))
        yield from _families(samples, fields)  # type: ignore[arg-type]

    def _begin(self, name: str, source: Callable[[], object]) -> Future[object] | None:
        """Starts to read a source, unless the last one still hangs: threads must not pile up."""
        last = self._busy.get(name)
        if last is not None and not last.done():
            return None
        self._busy[name] = self._pools[name].submit(source)
        return self._busy[name]

    def _result(self, name: str, future: Future[object] | None, began: float) -> object | None:
        try:
            return None if future is None else future.result(max(0.0, began + SECONDS - time.monotonic()))
        except NotInTime:
            log.warning("no answer in time", service=name, seconds=SECONDS)
        except TelemetryError as error:
            log.warning("no answer", service=name, reason=str(error))
        return None


def _read(source: Source) -> list[Sample]:
    return list(source())


def _families(samples: Iterable[Sample], fields: Mapping[str, float]) -> Iterator[Family]:
    by_metric: dict[str, list[Sample]] = {}
    for sample in samples:
        by_metric.setdefault(sample.metric.name, []).append(sample)
    for metric in m.METRICS:
        if metric.kind == m.GAUGE:
            gauge = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
            for sample in by_metric.get(metric.name, ()):
                gauge.add_metric(sample.labels, sample.value)
            yield gauge
        else:
            yield _summed(metric, m.sums_of(metric, fields))


def _summed(metric: m.Metric, sums: Mapping[tuple[str, ...], Mapping[str, float]]) -> Family:
    if metric.kind == m.COUNTER:
        counter = CounterMetricFamily(metric.name, metric.help, labels=metric.labels)
        for labels, parts in sorted(sums.items()):
            counter.add_metric(labels, parts[""])
        return counter
    histogram = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
    for labels, parts in sorted(sums.items()):
        count, buckets = 0.0, []
        for bound in (*map(str, metric.buckets), m.INFINITY):
            count += parts.get(bound, 0.0)
            buckets.append((bound, count))
        histogram.add_metric(labels, buckets, parts.get(m.SUM, 0.0))
    return histogram
