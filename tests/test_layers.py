"""Imports point down only, the pure layers do no input or output, and loading the application connects nothing."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "telemetry_tasks"

LAYERS = {
    "errors": set(),
    "failpoints": {"errors"},
    "core": {"errors"},
    "formats": {"errors", "core"},
    "storage": {"errors", "failpoints", "core", "formats"},
    "pipeline": {"errors", "failpoints", "core", "formats", "storage"},
    "settings": {"errors", "core", "formats", "storage"},
    "logs": {"errors"},
    "heartbeat": {"errors", "core", "storage", "settings"},
    "inherited": set(),
    "stopping": set(),
    "bootstrap": {"errors", "core", "formats", "storage", "pipeline", "settings"},
    "verify_services": {"errors", "storage", "settings"},
    "refusing": {"errors", "core", "formats", "settings", "bootstrap"},
    "redelivery": {"settings"},
    "app": {
        *("errors", "settings", "logs", "heartbeat", "inherited", "redelivery", "stopping", "bootstrap"),
        "verify_services",
    },
    "clock": {"app"},
    "monitor": {"app", "settings", "logs"},
    "tasks": {"errors", "core", "formats", "pipeline", "settings", "bootstrap", "app"},
    "exporter": {"errors", "core", "formats", "storage", "pipeline", "settings", "logs", "bootstrap"},
    "simulation": {"errors", "core", "formats", "storage"},
    "embedded": {"errors", "settings", "formats", "storage", "simulation", "pipeline", "bootstrap"},
    "cli": {
        *("errors", "core", "formats", "storage", "pipeline", "settings", "logs", "bootstrap", "verify_services"),
        *("app", "tasks", "simulation", "embedded"),
    },
}
"""Which parts of the package each part may import, itself apart. ``workers`` may import all of them."""

STORAGE_CONTRACTS = {"objects", "queues", "state", "channel_state", "state_values"}
"""What the pipeline may know of storage: contracts, and nothing of S3, Redis, folders or memory."""

PURE = ("core", "formats")
INPUT_AND_OUTPUT = {
    *("asyncio", "ctypes", "email", "fcntl", "ftplib", "http", "logging", "mmap", "multiprocessing", "os", "pathlib"),
    *("pickle", "random", "secrets", "select", "selectors", "shelve", "shutil", "signal", "smtplib", "socket"),
    *("socketserver", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib.request"),
    *("boto3", "botocore", "celery", "kombu", "pydantic", "pydantic_settings", "redis", "requests", "structlog"),
    *("typer", "urllib3"),
}
CLOCKS_AND_FILES = {"open", "print", "input", "now", "utcnow", "today", "read_text", "read_bytes", "write_bytes"}
"""Names that must not be called in the pure layers, whoever they belong to."""


def modules(part: str) -> list[Path]:
    folder = ROOT / PACKAGE / part
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


def parts() -> set[str]:
    found = {
        path.stem if path.is_file() else path.name for path in (ROOT / PACKAGE).iterdir() if path.suffix != ".typed"
    }
    return {name for name in found if not name.startswith("__")}


def imports(path: Path) -> Iterator[str]:
    """Full names of all that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(path: Path) -> Iterator[list[str]]:
    """Those of this package, taken apart, its name left out."""
    for name in imports(path):
        if name.split(".")[0] == PACKAGE and name != f"{PACKAGE}.__version__":
            yield name.split(".")[1:]


def test_every_part_has_its_place() -> None:
    assert parts() == set(LAYERS)


@pytest.mark.parametrize("part", sorted(LAYERS))
def test_imports_point_down(part: str) -> None:
    allowed = LAYERS[part] | {part}
    wrong = [
        f"{path.relative_to(ROOT)} imports {'.'.join(name)}"
        for path in modules(part)
        for name in own_imports(path)
        if name[0] not in allowed
    ]
    assert wrong == []


def test_the_table_has_no_circle() -> None:
    done: set[str] = set()
    left = dict(LAYERS)
    while left:
        ready = {part for part, below in left.items() if below <= done}
        assert ready, f"a circle among {sorted(left)}"
        done |= ready
        left = {part: below for part, below in left.items() if part not in done}


def test_nothing_of_the_package_imports_its_entry_points() -> None:
    for path in (ROOT / PACKAGE).rglob("*.py"):
        assert not [name for name in imports(path) if name.split(".")[0] in ("workers", "tests")], path


@pytest.mark.parametrize("part", ["pipeline", "simulation"])
def test_what_is_above_storage_knows_its_contracts_only(part: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {'.'.join(name)}"
        for path in modules(part)
        for name in own_imports(path)
        if name[0] == "storage" and name[1] not in STORAGE_CONTRACTS and name[1:3] != ["definitions", "contract"]
    ]
    assert wrong == []


@pytest.mark.parametrize("part", PURE)
def test_the_pure_layers_do_no_input_or_output(part: str) -> None:
    for path in modules(part):
        names = set(imports(path))
        assert not {name for name in names if {name.split(".")[0], ".".join(name.split(".")[:2])} & INPUT_AND_OUTPUT}
        called = {
            node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
        }
        assert not called & CLOCKS_AND_FILES, path


def test_only_the_settings_read_the_environment() -> None:
    """Whoever starts a process may hand its environment on; nobody looks settings up in it."""
    for path in (ROOT / PACKAGE).rglob("*.py"):
        source = path.read_text("utf-8")
        assert "os.getenv" not in source, path
        assert 'environ["TELEMETRY_' not in source, path
        assert 'environ.get("TELEMETRY_' not in source, path


def test_the_pipeline_asks_no_clock_of_its_own() -> None:
    """The clock is an argument, or the store's, or Redis's: machines' clocks differ."""
    for path in modules("pipeline"):
        names = set(imports(path))
        assert "time.time" not in names, path
        source = path.read_text("utf-8")
        assert "time.time()" not in source, path
        assert "datetime.now(" not in source, path


CONNECTS_NOTHING = """
import socket
def refuse(*arguments, **options):
    raise SystemExit(f"connects: {arguments}")
socket.socket.connect = refuse
socket.create_connection = refuse
socket.getaddrinfo = refuse
import telemetry_tasks.app, telemetry_tasks.tasks
from telemetry_tasks.bootstrap import services
from telemetry_tasks.settings import settings
telemetry_tasks.app.app.loader.import_default_modules()
services(settings())
print(sorted(name for name in telemetry_tasks.app.app.tasks if not name.startswith("celery.")))
"""


def test_loading_the_application_and_building_the_services_connects_nothing() -> None:
    ran = subprocess.run([sys.executable, "-c", CONNECTS_NOTHING], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "'aggregate_partition'" in ran.stdout
