"""What deploys a fleet names what exists, runs as nobody special, is probed, and may stop in peace."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from telemetry_tasks.settings import SECRETS, Settings
from tests.deploy.files import (
    DOCKER,
    KUBERNETES,
    ROOT,
    SYSTEMD,
    WORKERS,
    compose,
    deployments,
    dockerfile,
    objects,
    pod,
)

FILES = sorted(
    path
    for folder in (DOCKER, ROOT / "deploy")
    for path in folder.rglob("*")
    if path.is_file() and "secrets" not in path.parts and path.name != "s3.env" and path.suffix != ".pyc"
)
SERVICES: dict[str, dict[str, Any]] = compose()["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "telemetry-tasks"}
KINDS = (*WORKERS, "beat", "flower", "metrics", "page")
SOFT_SHUTDOWN = Settings().soft_shutdown


def seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+)s", text)
    assert match, text
    return float(match[1])


def modules_in(text: str) -> Iterator[str]:
    """What ``python -m`` is given, in a shell's way or in a list's."""
    plain = re.sub(r"[\[\]\",']", " ", text)
    yield from re.findall(r"python3?\s+-m\s+(\w+(?:\.\w+)*(?:\.%i)?)", plain)


@pytest.mark.parametrize("path", [*FILES, ROOT / "Procfile"], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_and_every_setting_exists(path: Path) -> None:
    text = path.read_text("utf-8")
    for module in modules_in(text):
        if module not in ("venv", "workers.%i"):
            assert importlib.util.find_spec(module), module
    known = {f"TELEMETRY_{name.upper()}" for name in Settings.model_fields}
    known |= {f"TELEMETRY_{name.upper()}_FILE" for name in SECRETS}
    assert set(re.findall(r"TELEMETRY_[A-Z0-9_]+", text)) <= known


def test_every_kind_of_process_is_deployed_everywhere() -> None:
    entries = {f"workers.{kind}" for kind in KINDS}
    assert set(modules_in((ROOT / "Procfile").read_text())) == entries
    composed = {service["command"][2] for service in OURS.values() if service["command"][1] == "-m"}
    assert composed == entries
    assert {pod(name)["containers"][0]["command"][2] for name in deployments()} == entries
    assert {path.name for path in SYSTEMD.glob("*.service") if "probe" not in path.name} == {
        "telemetry-worker@.service",
        *(f"telemetry-{kind}.service" for kind in KINDS if kind not in WORKERS),
    }


# Docker


def test_what_the_dockerfile_copies_exists_and_is_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in ignored
    sources = [
        source.rstrip("/")
        for each in dockerfile()
        if each.name == "COPY" and "--from" not in each.arguments
        for source in each.arguments.split()[:-1]
    ]
    assert {"setup.py", "setup.cfg", "telemetry_tasks", "workers", "static", "celeryconfig.py"} <= set(sources)
    for source in sources:
        assert (ROOT / source).exists(), source
        assert f"!{source.split('/')[0]}" in ignored, source
    for name in re.findall(r"--from=(\S+)", (DOCKER / "Dockerfile").read_text("utf-8")):
        assert any(each.name == "FROM" and each.arguments.endswith(f" AS {name}") for each in dockerfile()), name


def test_the_image_is_built_in_stages_and_runs_as_nobody_special() -> None:
    last = max(each.stage for each in dockerfile())
    assert last == 2
    final = [each for each in dockerfile() if each.stage == last]
    assert final[0].arguments.endswith("-slim")
    assert [each.arguments for each in final if each.name == "USER"] == ["10001:10001"]
    assert not any("gcc" in each.arguments or "npm" in each.arguments for each in final)
    assert [each.arguments for each in final if each.name == "STOPSIGNAL"] == ["SIGTERM"]
    for each in dockerfile():
        if each.name == "FROM":
            assert re.fullmatch(r"(node|python):[\w.]+-slim( AS \w+)?", each.arguments), each.arguments


def test_the_build_looks_for_the_parts_in_c_in_what_was_installed() -> None:
    (checked,) = [each.arguments for each in dockerfile() if "._native" in each.arguments]
    stubs = sorted((ROOT / "telemetry_tasks").rglob("_native.pyi"))
    parts = ", ".join(".".join(stub.relative_to(ROOT).with_suffix("").parts) for stub in stubs)
    assert f'/opt/telemetry/bin/python -P -c "import {parts}"' in checked


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_of_compose_has_no_rights_that_it_does_not_need(name: str) -> None:
    service = SERVICES[name]
    assert int(service["user"].split(":")[0]) > 0
    assert service["cap_drop"] == ["ALL"]
    assert service.get("read_only") or name == "objects"
    for port in service.get("ports", ()):
        assert port.startswith("127.0.0.1:")


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_process_of_compose_is_probed_and_may_stop_in_peace(name: str) -> None:
    service = OURS[name]
    assert seconds(service["stop_grace_period"]) > SOFT_SHUTDOWN
    assert float(service["environment"]["TELEMETRY_SOFT_SHUTDOWN"]) == SOFT_SHUTDOWN
    if name == "buckets":
        return
    test = service["healthcheck"]["test"]
    assert test[:4] == ["CMD", "python", "-m", "workers.probe"]
    port = getattr(Settings(), f"{name}_port", None)
    if port is not None:
        assert f"127.0.0.1:{port}/" in test[4]
        assert service["ports"] == [f"127.0.0.1:{port}:{port}"]
        assert service["environment"][f"TELEMETRY_{name.upper()}_ADDRESS"] == "0.0.0.0"
    else:
        heartbeat = re.search(r"TELEMETRY_HEARTBEAT=(\S+)", (DOCKER / "Dockerfile").read_text("utf-8"))
        assert heartbeat
        assert test[4] == heartbeat[1]


def test_compose_keeps_the_state_and_drops_nothing_anywhere() -> None:
    for name in ("state", "broker"):
        (command,) = SERVICES[name]["command"]
        assert "--maxmemory-policy noeviction" in command
        assert ("--appendonly yes" in command) == (name == "state")
        assert "--requirepass" not in command
    assert SERVICES["state"]["volumes"] == ["state:/data"]


def test_everything_that_compose_mentions_is_declared() -> None:
    document = compose()
    for service in SERVICES.values():
        assert set(service.get("secrets", ())) <= set(document["secrets"])
        named = {volume.split(":")[0] for volume in service.get("volumes", ())}
        assert {name for name in named if not name.startswith(".")} <= set(document["volumes"])
        assert set(service.get("depends_on", ())) <= set(SERVICES)
        for value in service.get("environment", {}).values():
            if value.startswith("/run/secrets/"):
                assert value.removeprefix("/run/secrets/") in service["secrets"]


# Kubernetes


@pytest.mark.parametrize("name", KINDS)
def test_a_pod_has_no_rights_that_it_does_not_need(name: str) -> None:
    spec = pod(name)
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 10001
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = spec["containers"]
    context = container["securityContext"]
    assert context["readOnlyRootFilesystem"] is True
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert set(container["resources"]) == {"requests", "limits"}
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in spec["volumes"]}


@pytest.mark.parametrize("name", KINDS)
def test_a_pod_is_probed_and_may_stop_in_peace(name: str) -> None:
    spec = pod(name)
    assert spec["terminationGracePeriodSeconds"] > SOFT_SHUTDOWN
    (container,) = spec["containers"]
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        how = container[probe]
        if name in (*WORKERS, "beat"):
            command = how["exec"]["command"]
            assert command[:4] == ["python", "-m", "workers.probe", "/run/telemetry/heartbeat"]
            assert ("--ready" in command) == (probe == "readinessProbe")
        else:
            assert how["httpGet"]["port"] == container["ports"][0]["name"]
            assert container["ports"][0]["containerPort"] == getattr(Settings(), f"{name}_port")
    waited = container["startupProbe"]["periodSeconds"] * container["startupProbe"]["failureThreshold"]
    assert waited >= 300


def test_of_beat_and_the_exporter_there_is_one() -> None:
    assert deployments()["beat"]["replicas"] == deployments()["metrics"]["replicas"] == 1
    assert deployments()["beat"]["strategy"] == {"type": "Recreate"}


def test_the_kustomization_names_every_manifest_but_examples_and_what_needs_keda() -> None:
    (kustomization,) = [each for name, each in objects() if name == "kustomization.yaml"]
    left_out = {"kustomization.yaml", "scaling.yaml", "secret.example.yaml"}
    assert set(kustomization["resources"]) == {path.name for path in KUBERNETES.glob("*.yaml")} - left_out


def test_selectors_choose_the_pods_they_mean() -> None:
    for name, spec in deployments().items():
        labels = spec["template"]["metadata"]["labels"]
        assert spec["selector"]["matchLabels"] == labels == {"app.kubernetes.io/component": name}
    for _, each in objects():
        selector = each.get("spec", {}).get("selector", {}) if each["kind"] == "Service" else {}
        assert not selector or selector["app.kubernetes.io/component"] == each["metadata"]["name"]


def test_secrets_and_settings_are_those_that_pods_mount() -> None:
    by_name = {(each["kind"], each["metadata"]["name"]): each for _, each in objects() if "metadata" in each}
    keys = set(by_name["Secret", "telemetry"]["stringData"])
    text = "".join(path.read_text("utf-8") for path in KUBERNETES.glob("*.yaml"))
    assert set(re.findall(r"/run/secrets/telemetry/(\w+)", text)) == keys
    assert "TELEMETRY_SOFT_SHUTDOWN" in by_name["ConfigMap", "telemetry"]["data"]
    assert float(by_name["ConfigMap", "telemetry"]["data"]["TELEMETRY_SOFT_SHUTDOWN"]) == SOFT_SHUTDOWN
    assert all(isinstance(value, str) for value in by_name["ConfigMap", "telemetry"]["data"].values())


def test_aggregation_is_scaled_by_the_queue_that_its_tasks_are_sent_to() -> None:
    import celeryconfig

    (scaled,) = [each["spec"] for name, each in objects() if each["kind"] == "ScaledObject"]
    assert scaled["scaleTargetRef"] == {"name": "aggregate"}
    (trigger,) = scaled["triggers"]
    assert trigger["type"] == "redis"
    queue = celeryconfig.task_routes["aggregate_partition"]["queue"]
    assert trigger["metadata"]["listName"] == Settings().broker_prefix + queue
    assert "Needs KEDA" in (KUBERNETES / "scaling.yaml").read_text("utf-8")
