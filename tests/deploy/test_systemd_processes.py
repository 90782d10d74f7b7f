"""Every unit starts its process with the environment that systemd gives it, and its probe finds it well."""

import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.files import SYSTEMD, WORKERS, units
from tests.deploy.processes import Sandbox, answers, own_port, running, until_well
from tests.embedded.waiting import wait_until
from tests.servers.moto import MotoServer
from tests.servers.redis import RedisServer

UNITS = units()
KINDS = (*WORKERS, "beat", "flower", "metrics", "page")
BUCKETS = ("telemetry-pings", "telemetry-work", "telemetry")


def service(unit: str) -> dict[str, str]:
    return dict(UNITS[unit]["Service"])


def unit_of(kind: str) -> str:
    return "telemetry-worker@.service" if kind in WORKERS else f"telemetry-{kind}.service"


def probe_of(kind: str) -> str:
    """The probe's own command, without the restart that follows where it fails."""
    name = "telemetry-probe@.service" if kind in WORKERS else f"telemetry-{kind}-probe.service"
    return shlex.split(service(name)["ExecStart"])[2].split(" || ")[0]


def expanded(text: str, kind: str) -> str:
    """The specifiers that the units use."""
    return text.replace("%i", kind).replace("%t", "/run").replace("%S", "/var/lib")


@pytest.fixture(scope="module")
def state() -> Iterator[RedisServer]:
    with RedisServer(durable=True) as server:
        yield server


@pytest.fixture(scope="module")
def buckets() -> Iterator[MotoServer]:
    with MotoServer() as server:
        for name in BUCKETS:
            server.ensure_bucket(name)
        yield server


def environment_of(kind: str, sandbox: Sandbox, state: RedisServer, buckets: MotoServer) -> dict[str, str]:
    """``Environment=``, then the example of the file with the addresses of a reader's own; little else is there."""
    lines = (SYSTEMD / "environment.example").read_text("utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    given |= dict.fromkeys(("TELEMETRY_REDIS_URL", "TELEMETRY_BROKER_URL"), state.url)
    given |= {"AWS_ENDPOINT_URL": buckets.endpoint_url, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    own = dict(each.split("=", 1) for each in expanded(service(unit_of(kind)).get("Environment", ""), kind).split())
    found = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LANG": "C.UTF-8", **own, **given}
    found |= {"HOME": "/var/lib/telemetry", "USER": "telemetry", "LOGNAME": "telemetry", "SHELL": "/usr/sbin/nologin"}
    return {name: sandbox.here(value) for name, value in found.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_unit_starts_its_process_and_its_probe_finds_it_well(
    kind: str, tmp_path: Path, state: RedisServer, buckets: MotoServer
) -> None:
    sandbox = Sandbox(tmp_path / "host")
    unit = service(unit_of(kind))
    assert unit["WorkingDirectory"] == "/var/lib/telemetry"
    for folder in expanded(unit["RuntimeDirectory"], kind).split():
        Path(sandbox.here(f"/run/{folder}")).mkdir(parents=True, exist_ok=True)
    environment = environment_of(kind, sandbox, state, buckets)
    command = [sandbox.here(word) for word in shlex.split(expanded(unit["ExecStart"], kind))]
    url = own_port(kind, environment)
    with running(command, environment, sandbox) as process:
        if url:
            wait_until(lambda: answers(process, url), 240, every=0.5)
        else:
            probe = shlex.split(sandbox.here(expanded(probe_of(kind), kind)))
            until_well(process, {"PATH": environment["PATH"]}, probe)


@pytest.mark.parametrize("unit", sorted(UNITS))
def test_systemd_finds_nothing_wrong_with_a_unit(unit: str, tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path / "host")
    for name in UNITS:
        (tmp_path / name).write_text(sandbox.here((SYSTEMD / name).read_text("utf-8")), "utf-8")
    name = unit.replace("@.", "@merge.")
    ran = subprocess.run(
        ["systemd-analyze", "verify", f"./{name}"],
        cwd=tmp_path,
        env={"PATH": "/usr/sbin:/usr/bin:/bin", "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    ours = [line for line in ran.stderr.splitlines() if "telemetry" in line]
    assert (ran.returncode, ours) == (0, [])
