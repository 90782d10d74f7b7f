"""Dashboard and alert rules name only metrics that are declared, and every alert says what to do."""

import json
import re
from pathlib import Path

import pytest
import yaml

from telemetry_tasks.metrics import HISTOGRAM, METRICS

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "monitoring"
NAME = re.compile(r"telemetry_[a-z_]+")
RULES = yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"][0]["rules"]


def declared() -> set[str]:
    parts = [f"{m.name}_{part}" for m in METRICS if m.kind == HISTOGRAM for part in ("bucket", "sum", "count")]
    return {*parts, *(metric.name for metric in METRICS)}


def test_the_dashboard_shows_every_metric_and_no_other() -> None:
    panels = json.loads((FOLDER / "grafana-dashboard.json").read_text())["panels"]
    shown = {name for panel in panels for target in panel["targets"] for name in NAME.findall(target["expr"])}
    assert shown <= declared()
    for metric in METRICS:
        assert any(name.startswith(metric.name) for name in shown), f"{metric.name} is on no panel"
    assert len({panel["id"] for panel in panels}) == len(panels)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_names_declared_metrics_and_says_what_to_do(rule: dict[str, dict[str, str]]) -> None:
    names = set(NAME.findall(str(rule["expr"])))
    assert names
    assert names <= declared()
    assert {"summary", "action", "runbook"} == rule["annotations"].keys()
    page, _, heading = rule["annotations"]["runbook"].partition("#")
    headings = [line.strip("# \n").lower() for line in (ROOT / page).read_text().splitlines() if line.startswith("#")]
    assert heading in [re.sub(r"[^a-z -]", "", text).replace(" ", "-") for text in headings]
