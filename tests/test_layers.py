"""Imports point down only, the pure layers do no input or output, and loading the application connects nothing."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.layers import LAYERS, PAGE, ROOT, allowed, layer_of, page

PACKAGE = "telemetry_tasks"

PURE = ("core", "formats")
INPUT_AND_OUTPUT = {
    *("asyncio", "ctypes", "email", "fcntl", "ftplib", "http", "logging", "mmap", "multiprocessing", "os", "pathlib"),
    *("pickle", "random", "secrets", "select", "selectors", "shelve", "shutil", "signal", "smtplib", "socket"),
    *("socketserver", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib.request"),
    *("boto3", "botocore", "celery", "kombu", "pydantic", "pydantic_settings", "redis", "requests", "structlog"),
    *("typer", "urllib3"),
}
CLOCKS_AND_FILES = {"open", "print", "input", "now", "utcnow", "today", "read_text", "read_bytes", "write_bytes"}
"""Names that must not be called in the pure layers, whatever they belong to."""


def modules(part: str) -> list[Path]:
    folder = ROOT / PACKAGE / part
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


def name_of(path: Path) -> str:
    """A module's name below the package, as in ``core/fold``; a package's own is that of its folder."""
    name = path.relative_to(ROOT / PACKAGE).with_suffix("")
    return str(name.parent if name.name == "__init__" else name)


NAMES = {name_of(path) for path in (ROOT / PACKAGE).rglob("*.py")} - {"."}


def path_of(name: str) -> Path:
    path = ROOT / PACKAGE / f"{name}.py"
    return path if path.exists() else ROOT / PACKAGE / name / "__init__.py"


def imports(path: Path) -> Iterator[str]:
    """Full names of all that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(path: Path) -> Iterator[str]:
    """Names of the modules of this package that a module imports."""
    for name in imports(path):
        top, *rest = name.split(".")
        if top == PACKAGE and name != f"{PACKAGE}.__version__":
            whole = "/".join(rest)
            yield whole if whole in NAMES else whole.rpartition("/")[0]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_imports_point_down(name: str) -> None:
    layer = layer_of(name)
    assert not {each for each in own_imports(path_of(name)) if layer_of(each) not in allowed(layer)}, (
        f"{name} is in {layer}"
    )


def test_every_layer_has_modules() -> None:
    assert {layer_of(name) for name in NAMES} == set(LAYERS)


def test_the_table_has_no_circle() -> None:
    done: set[str] = set()
    left = {layer: allowed(layer) - {layer} for layer in LAYERS}
    while left:
        ready = {layer for layer, below in left.items() if below <= done}
        assert ready, f"a circle among {sorted(left)}"
        done |= ready
        left = {layer: below for layer, below in left.items() if layer not in done}


def test_no_file_imports_itself_by_others() -> None:
    """Modules load in an order, none half loaded; an import for the type checker alone counts, too."""
    left = {
        # a part in C looks like a name of its folder
        name: {each for each in own_imports(path_of(name)) if each != name and not name.startswith(f"{each}/")}
        for name in NAMES
    }
    while ready := [name for name, others in left.items() if not others & left.keys()]:
        for name in ready:
            del left[name]
    assert not left, f"a circle among {sorted(left)}"


def test_the_docs_show_the_table() -> None:
    text = PAGE.read_text("utf-8")
    assert text == page(text), "run: python -m tests.layers"


@pytest.mark.parametrize("folder", ["pipeline", "storage"])
def test_a_root_has_at_most_a_dozen_modules(folder: str) -> None:
    found = [path.stem for path in (ROOT / PACKAGE / folder).glob("*.py") if path.stem != "__init__"]
    assert len(found) <= 12, found


def test_nothing_of_the_package_imports_its_entry_points() -> None:
    for path in (ROOT / PACKAGE).rglob("*.py"):
        assert not [name for name in imports(path) if name.split(".")[0] in ("workers", "tests")], path


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
    """Code that starts a process may hand its environment on; nobody looks settings up in it."""
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
