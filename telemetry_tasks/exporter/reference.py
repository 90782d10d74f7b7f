"""docs/metrics.md, made from the declarations: ``python -m telemetry_tasks.exporter.reference``."""

from telemetry_tasks.metrics import METRICS

HEAD = """# Metrics

`python -m workers.metrics` serves them on `TELEMETRY_METRICS_ADDRESS`:`TELEMETRY_METRICS_PORT`, path `/metrics`,
for Prometheus. It has no login: keep it on loopback or inside a network of your own. One exporter a deployment is
enough. A dashboard for Grafana and rules for alerts are in `deploy/monitoring/`; what to do about an alert is in
[operations](operations.md).

Numbers that the state, the broker or the published health know are read when a scrape asks: they are exact
however often a task was repeated, and they fall when files are reprocessed or taken out, so they are gauges. Times
and outcomes of tasks are added by every process to one hash in the state's Redis, and not taken from Celery's
events: so nothing is missed while no exporter runs, and the exporter needs no memory. They begin at zero again with
an empty Redis, as counters may.

A scrape ends within four seconds; a service that does not answer is `telemetry_up 0`, and its numbers are left out.

| metric | kind | labels | what it is | source |
|---|---|---|---|---|
"""


def page() -> str:
    """The page. This file is generated; edit ``metrics.py``."""
    rows = (
        f"| `{metric.name}` | {metric.kind} | {', '.join(metric.labels)} | {metric.help} | {metric.source} |"
        for metric in METRICS
    )
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(page(), end="")
