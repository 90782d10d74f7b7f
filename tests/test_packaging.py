"""What is built and installed is whole, and works away from the repository."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support.shared import REAL_KEYS, lay_real_pings

ROOT = Path(__file__).resolve().parents[1]
KEY = REAL_KEYS["ss-ff-n-28.lzma"]
MACHINE = re.compile(
    r"(?<![\w./-])/(?:work|root|home/\w+|Users/\w+)/|localhost:\d+/(?:simple|pypi|npm)|/(?:simple|artifactory|nexus)/"
)
REGISTRIES = re.compile(r"https?://[^\s\"'<>/]*(?:artifactory|nexus|verdaccio|devpi|npm-proxy|pypi-proxy)", re.I)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the files of the repository alone, so that nothing that only lies about is in it."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in tracked():
        (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / "source" / name)
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation")
    run(*pip, "--wheel-dir", str(folder), str(folder / "source"))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` of a fresh environment with the wheel; libraries are those of this one, the package is not."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=False)
    site = next(folder.glob("lib/python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        assert not any(name.startswith("telemetry_tasks-") and ".data/" in name for name in archive.namelist())
    pip = (sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--quiet", "--no-deps")
    run(*pip, str(wheel))
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"


def run(*command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TELEMETRY_", "PYTHON"))}
    ran = subprocess.run(command, cwd=cwd or Path("/"), env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran


def tracked() -> list[str]:
    """The files of the repository, those that are yet to be committed too, and nothing that it ignores."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).stdout
    return sorted({name for name in listed.split("\0") if name and (ROOT / name).is_file()})


def test_the_wheel_holds_the_data_that_the_package_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    scripts = {f"telemetry_tasks/storage/redis/scripts/{path.name}" for path in SCRIPTS}
    assert len(scripts) > 10
    wanted = {"telemetry_tasks/py.typed", "telemetry_tasks/simulation/Histograms.json", "celeryconfig.py", *scripts}
    assert wanted <= names


SCRIPTS = sorted((ROOT / "telemetry_tasks" / "storage" / "redis" / "scripts").glob("*.lua"))


def test_the_wheel_holds_no_tests_and_nothing_else_at_its_top(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"telemetry_tasks", "workers", "celeryconfig.py"}


def test_every_module_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {name for name in tracked() if re.match(r"(telemetry_tasks|workers)/.*\.py$", name)} <= names


def test_a_real_ping_file_is_aggregated_from_another_folder(installed: Path, tmp_path: Path) -> None:
    lay_real_pings(tmp_path / "pings")
    command = str(installed / "telemetry-tasks")
    arguments = ("aggregate", "--root", "pings", f"pings/{KEY}", "-o", "result")
    run(command, *arguments, cwd=tmp_path)
    assert (tmp_path / "result").stat().st_size > 10_000
    text = run(command, "export-result", "result", cwd=tmp_path).stdout
    path, cells = text.splitlines()[0].split("\t")
    assert path.startswith("nightly/28/")
    assert json.loads(cells)


def test_what_is_installed_is_what_runs(installed: Path, tmp_path: Path) -> None:
    code = "import telemetry_tasks, celeryconfig; print(telemetry_tasks.__file__); print(celeryconfig.__file__)"
    lines = run(str(installed / "python"), "-c", code, cwd=tmp_path).stdout.splitlines()
    assert all(line.startswith(str(installed.parent)) for line in lines), lines


def test_workers_find_their_settings_and_scripts_once_installed(installed: Path, tmp_path: Path) -> None:
    code = (
        "from telemetry_tasks.app import app; app.loader.import_default_modules();"
        "from telemetry_tasks.storage.redis.scripts import source;"
        "print(app.conf.task_serializer, 'aggregate_partition' in app.tasks, len(source('commit')) > 1000)"
    )
    assert run(str(installed / "python"), "-c", code, cwd=tmp_path).stdout.split() == ["msgpack", "True", "True"]


def test_no_tracked_file_names_a_path_of_a_machine_or_a_registry() -> None:
    found = []
    for name in tracked():
        if name == "tests/test_packaging.py":
            continue
        text = (ROOT / name).read_bytes().decode("utf-8", "replace")
        for pattern in (MACHINE, REGISTRIES):
            found += [f"{name}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []


def test_lock_files_name_no_registry() -> None:
    for name in tracked():
        if name.endswith("package-lock.json"):
            assert '"resolved"' not in (ROOT / name).read_text("utf-8"), name


@pytest.mark.parametrize("source", sorted(name for name in tracked() if name.endswith((".c", ".h"))))
def test_make_installs_again_when_a_part_in_c_changed(source: str, tmp_path: Path) -> None:
    for name in ("created", "embedded"):
        (tmp_path / name).touch()
    wanted = ["make", "--dry-run", f"VENV={tmp_path}", str(tmp_path / "embedded")]
    assert "pip install" not in run(*wanted, cwd=ROOT).stdout
    assert "pip install" in run(*wanted, f"--what-if={source}", cwd=ROOT).stdout
