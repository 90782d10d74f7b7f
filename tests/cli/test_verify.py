"""``verify`` where a service goes away in the middle: what it has found until then is told."""

from pathlib import Path

import pytest

from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.pipeline.inspect import verify as verifying
from tests.cli.conftest import its_services
from tests.cli.invoking import run
from tests.support.deployment import run_all


@pytest.fixture
def cut_off(deployed: None, real_pings: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A deployment with a finding, whose store goes away after it; the partial result that is gone."""

    def away(*arguments: object) -> None:
        raise InfrastructureError("the store does not answer")

    run("ingest", real_pings)
    services = its_services()
    run_all(services)
    gone = next(iter(services.results.list("results/"))).key
    services.results.delete([gone])
    monkeypatch.setattr(verifying, "check_newest_snapshot", away)
    return gone


def test_the_findings_until_then_are_told(cut_off: str) -> None:
    ran = run("verify")
    assert ran.code == 4
    assert cut_off in ran.out
    assert "1 finding, and the rest was not checked" in ran.out
    assert "the store does not answer" in ran.error


def test_a_document_says_that_it_is_not_all(cut_off: str) -> None:
    ran = run("verify", "--json")
    assert (ran.code, ran.document["agrees"], ran.document["complete"]) == (4, False, False)
    assert len(ran.document["findings"]) == 1
