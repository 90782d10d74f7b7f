"""Processes of a deployment, started plainly: the command and exactly the environment that its files give.

Paths of a container or host are those of ``Sandbox`` here, and addresses those of the tests' servers; nothing else
differs.
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import urllib3

from tests.deploy.files import ROOT, dockerfile
from tests.embedded.waiting import wait_until
from tests.servers.ports import HOST, free_port
from tests.servers.process import dying_with_us

PORTS = {"page": 8080, "flower": 5555, "metrics": 9808}
WHEN_ASKED = {"page": "/", "flower": "/healthcheck", "metrics": "/metrics"}
BIN = Path(sys.executable).parent


class Sandbox:
    """A folder in which the absolute paths of a container are found."""

    ROOTS = ("/run/secrets", "/run/telemetry", "/var/lib/telemetry", "/data", "/tmp", "/etc/telemetry")

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in self.ROOTS:
            (folder / name.lstrip("/")).mkdir(parents=True)
        (folder / "opt").mkdir()
        (folder / "opt/telemetry").symlink_to(BIN.parent, target_is_directory=True)

    def here(self, text: str) -> str:
        """The text with its paths moved into the folder."""
        text = re.sub(r"/(usr/share|opt)/telemetry/page\b", "\0", text)  # put in last: a clone may be below /tmp
        names = "|".join((*self.ROOTS, "/opt/telemetry"))
        moved = re.sub(rf"(?<![\w./])({names})(?![\w.-])", lambda found: f"{self.folder}{found[1]}", text)
        return moved.replace("\0", str(ROOT / "static"))

    def write(self, path: str, text: str) -> None:
        """A file at a path of the container."""
        place = Path(self.here(path))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")

    @property
    def home(self) -> Path:
        return self.folder / "var/lib/telemetry"


def image_environment(sandbox: Sandbox) -> dict[str, str]:
    """``ENV`` of the image, and what a container has in any case."""
    (line,) = [each.arguments for each in dockerfile() if each.name == "ENV"]
    found = {name: sandbox.here(value) for name, value in re.findall(r"(\w+)=(\S+)", line)}
    found["PATH"] = f"{BIN}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return found | {"HOME": str(sandbox.home), "HOSTNAME": "container-of-a-test"}


def own_port(kind: str, environment: dict[str, str]) -> str | None:
    """The address to ask; here others have the port that it has in a container, so it is given another."""
    if kind not in PORTS:
        return None
    port = free_port()
    environment[f"TELEMETRY_{kind.upper()}_PORT"] = str(port)
    return f"http://{HOST}:{port}{WHEN_ASKED[kind]}"


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], sandbox: Sandbox
) -> Iterator["subprocess.Popen[bytes]"]:
    """The process, which is to stop by SIGTERM with exit code 0. Its log is shown where the test fails."""
    log = sandbox.folder / "log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            dying_with_us(list(command)), cwd=sandbox.home, env=dict(environment), stdout=written, stderr=written
        )
    try:
        yield process
        process.terminate()
        assert process.wait(120) in (0, -15)
    except BaseException:
        print(log.read_text("utf-8", "replace")[-4000:])
        raise
    finally:
        process.kill()
        process.wait()


def is_well(process: "subprocess.Popen[bytes]", environment: Mapping[str, str], probe: Sequence[str]) -> bool:
    """Whether the probe's command says so, run beside the process; it fails where the process has ended."""
    assert process.poll() is None, f"it ended with exit code {process.returncode}"
    return subprocess.run(probe, env=dict(environment), capture_output=True, timeout=60).returncode == 0


def answers(process: "subprocess.Popen[bytes]", url: str) -> bool:
    """As a probe by HTTP: whether the server answers with a status below 400."""
    assert process.poll() is None, f"it ended with exit code {process.returncode}"
    try:
        return urllib3.request("GET", url, retries=False, timeout=20.0).status < 400
    except urllib3.exceptions.HTTPError:
        return False


def until_well(process: "subprocess.Popen[bytes]", environment: Mapping[str, str], probe: Sequence[str]) -> None:
    wait_until(lambda: is_well(process, environment, probe), 240, every=1.0)
