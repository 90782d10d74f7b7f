"""Every process of the manifests starts with the environment that Kubernetes gives it, and its probes find it well."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.files import WORKERS, objects, pod
from tests.deploy.processes import Sandbox, answers, image_environment, own_port, running, until_well
from tests.embedded.waiting import wait_until
from tests.servers.moto import MotoServer
from tests.servers.redis import RedisServer

KINDS = (*WORKERS, "beat", "flower", "metrics", "page")
NEIGHBOURS = {"redis": 6379, "broker": 6379, "state": 6379, "celery": 5555, "kubernetes": 443}
"""Further services that a namespace may have."""


def service_links(services: dict[str, int]) -> dict[str, str]:
    """The variables that Kubernetes sets in each pod for each Service: name and port."""
    found = {}
    for number, (service, port) in enumerate(sorted(services.items()), 10):
        name, host = service.upper().replace("-", "_"), f"10.96.0.{number}"
        found |= {
            f"{name}_SERVICE_HOST": host,
            f"{name}_SERVICE_PORT": str(port),
            f"{name}_SERVICE_PORT_HTTP": str(port),
            f"{name}_PORT": f"tcp://{host}:{port}",
            f"{name}_PORT_{port}_TCP": f"tcp://{host}:{port}",
            f"{name}_PORT_{port}_TCP_PROTO": "tcp",
            f"{name}_PORT_{port}_TCP_PORT": str(port),
            f"{name}_PORT_{port}_TCP_ADDR": host,
        }
    return found


def of(kind: str, name: str) -> dict[str, Any]:
    (found,) = [each for _, each in objects() if (each["kind"], each.get("metadata", {}).get("name")) == (kind, name)]
    return found


def container_environment(container: dict[str, Any], sandbox: Sandbox) -> dict[str, str]:
    """``envFrom`` and ``env``; a source that this does not know is an error."""
    found: dict[str, str] = {}
    for source in container["envFrom"]:
        (key,) = source
        found |= of({"configMapRef": "ConfigMap"}[key], source[key]["name"])["data"]
    for variable in container.get("env", ()):
        found[variable["name"]] = variable["value"]
    return {name: sandbox.here(value) for name, value in found.items()}


@pytest.fixture(scope="module")
def state() -> Iterator[RedisServer]:
    with RedisServer(durable=True) as server:
        yield server


@pytest.fixture
def sandbox(tmp_path: Path, state: RedisServer) -> Sandbox:
    """A pod's file system with the secret mounted, as in the example but for the addresses."""
    box = Sandbox(tmp_path / "pod")
    for name, text in of("Secret", "telemetry")["stringData"].items():
        box.write(f"/run/secrets/telemetry/{name}", text if not name.endswith("_url") else state.url)
    return box


@pytest.fixture(scope="module")
def buckets(s3_server: MotoServer) -> None:
    for name, value in of("ConfigMap", "telemetry")["data"].items():
        if name in ("TELEMETRY_INPUT_URL", "TELEMETRY_RESULTS_URL", "TELEMETRY_PUBLISHED_URL"):
            s3_server.ensure_bucket(value.removeprefix("s3://"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("buckets")
def test_a_process_starts_beside_any_service_and_is_found_well_by_its_probes(
    kind: str, sandbox: Sandbox, s3_server: MotoServer
) -> None:
    (container,) = pod(kind)["containers"]
    services = {each["metadata"]["name"]: 80 for _, each in objects() if each["kind"] == "Service"}
    assert {"flower", "metrics", "page"} <= set(services)
    environment = {
        **image_environment(sandbox),
        **service_links({**services, **NEIGHBOURS}),
        **container_environment(container, sandbox),
        # in place of AWS and of the role of the service account
        "AWS_ENDPOINT_URL": s3_server.endpoint_url,
        "AWS_ACCESS_KEY_ID": "role",
        "AWS_SECRET_ACCESS_KEY": "of-the-account",
    }
    url = own_port(kind, environment)
    with running(container["command"], environment, sandbox) as process:
        for name in ("startupProbe", "readinessProbe", "livenessProbe"):
            if url:
                assert url.endswith(container[name]["httpGet"]["path"])
                wait_until(lambda: answers(process, url), 240, every=0.5)
            else:
                probe = [sandbox.here(word) for word in container[name]["exec"]["command"]]
                until_well(process, environment, probe)
