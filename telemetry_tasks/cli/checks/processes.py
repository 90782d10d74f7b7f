"""What the processes need that start here: packages that are extras, and the files of the page."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from telemetry_tasks.cli.checks.check import NOTE, OK, WRONG, Check
from telemetry_tasks.settings import Settings

PROCFILE = Path("Procfile")
BUILT = "vendor/page.js"
"""The file of the page that its build makes."""


def check_processes(settings: Settings) -> Iterator[Check]:
    """Extras, and the page."""
    procfile = _procfile()
    yield from _flower(settings, in_procfile="workers.flower" in procfile)
    yield from _tracing(settings)
    yield from _page(settings.page_folder, in_procfile="workers.page" in procfile)


def _procfile() -> str:
    """The Procfile of this folder; nothing if there is none."""
    try:
        return PROCFILE.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _flower(settings: Settings, *, in_procfile: bool) -> Iterator[Check]:
    if _is_there("flower"):
        yield Check("Flower", OK, "it is installed")
        return
    configured = settings.flower_login or settings.flower_oauth_provider or settings.flower_database
    where = "the Procfile starts it" if in_procfile else "it is configured"
    yield Check(
        "Flower",
        WRONG if configured or in_procfile else NOTE,
        f"it is not installed{f', and {where}' if configured or in_procfile else ''}: python -m workers.flower ends at "
        "once, and honcho ends all processes if one ends",
        "pip install 'telemetry-tasks[flower]', or remove flower from the Procfile",
    )


def _tracing(settings: Settings) -> Iterator[Check]:
    if settings.traces_url and not (_is_there("opentelemetry.sdk") and _is_there("opentelemetry.exporter.otlp")):
        yield Check(
            "Tracing",
            WRONG,
            "TELEMETRY_TRACES_URL is set and OpenTelemetry is not installed: workers refuse to start",
            "pip install 'telemetry-tasks[tracing]', or unset TELEMETRY_TRACES_URL",
        )


def _page(folder: Path, *, in_procfile: bool) -> Iterator[Check]:
    if (folder / "index.html").is_file() and (folder / BUILT).is_file():
        yield Check("Page", OK, f"{folder} is built")
    elif (folder / "index.html").is_file():
        yield Check(
            "Page",
            WRONG if in_procfile else NOTE,
            f'{folder} is not built ({BUILT} is not there): the page would say "Loading…" for ever',
            "make static/vendor/built (it needs Node and npm), or set TELEMETRY_PAGE_FOLDER to a built page",
        )
    else:
        yield Check(
            "Page",
            NOTE,
            f"{folder} has no page: python -m workers.page has nothing to serve",
            "set TELEMETRY_PAGE_FOLDER if the page is served from here",
        )


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the package around it
        return False
