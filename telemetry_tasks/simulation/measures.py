"""What the example browser measures: a model for each histogram of its definition file."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from telemetry_tasks.core.definitions import STARTUP_PREFIX, Definition, meaning_of
from telemetry_tasks.core.histograms import histogram_shape
from telemetry_tasks.formats.pings.saved_session.definitions import parse_definitions
from telemetry_tasks.simulation.models import Choice, Count, Flag, LogNormal, Model, Normal, YesNo

DEFINITION_FILE = "Histograms.json"

_LINUX_FAST = {"Linux": 0.8}
_MOBILE_NET = {"Android": 1.8}

MODELS: Mapping[str, Model] = {
    "PAGE_LOAD_MS": LogNormal(1100, 0.9, 40, by_os=_MOBILE_NET),
    "PAGE_FIRST_PAINT_MS": LogNormal(420, 0.8, 40),
    "TAB_OPEN_MS": LogNormal(85, 0.6, 12),
    "TAB_SWITCH_MS": LogNormal(30, 0.7, 45),
    "WINDOW_OPEN_MS": LogNormal(240, 0.6, 2),
    "MENU_OPEN_MS": LogNormal(14, 0.8, 8),
    "INPUT_DELAY_MS": LogNormal(5, 1.1, 150),
    "GC_PAUSE_MS": LogNormal(38, 0.9, 60),
    "GC_STEP_MS": LogNormal(9, 0.7, 120),
    "GC_FREED_PERCENT": Normal(36, 16, 40),
    "GC_REASON": Choice((0, 4, 30, 22, 9, 6, 1, 14, 3, 0.5, 2, 8), 60),
    "SCRIPT_COMPILE_US": LogNormal(900, 1.6, 90),
    "NET_DNS_LOOKUP_MS": LogNormal(22, 1.2, 45, by_speed=0.0, by_os=_MOBILE_NET),
    "NET_CONNECT_MS": LogNormal(48, 0.9, 60, by_speed=0.0, by_os=_MOBILE_NET),
    "NET_TLS_HANDSHAKE_MS": LogNormal(95, 0.8, 50, by_speed=0.3, by_os=_MOBILE_NET),
    "NET_FIRST_BYTE_MS": LogNormal(150, 1.0, 120, by_speed=0.0, by_os=_MOBILE_NET),
    "NET_RESPONSE_KB": LogNormal(11, 1.8, 120, by_speed=0.0),
    "NET_PROTOCOL": Choice((0.2, 24, 58, 17), 120),
    "NET_PAGE_IS_SECURE": YesNo(0.94, 40),
    "NET_CERT_RESULT": Choice((97, 0.6, 0.9, 0.2, 0.1, 0.8, 0, 0.4), 50),
    "CACHE_HIT": YesNo(0.46, 150),
    "CACHE_READ_MS": LogNormal(4, 1.2, 70, by_os=_LINUX_FAST),
    "CACHE_WRITE_MS": LogNormal(7, 1.3, 60, by_os=_LINUX_FAST),
    "CACHE_SIZE_KB": LogNormal(260_000, 0.8, 1, by_speed=0.0, by_os={"Android": 0.3}),
    "DISK_READ_BYTES": LogNormal(22_000, 0.6, 90, by_speed=0.0),
    "DB_HISTORY_QUERY_MS": LogNormal(6, 1.2, 40, by_os=_LINUX_FAST),
    "DB_HISTORY_WRITE_MS": LogNormal(16, 1.3, 25, by_os=_LINUX_FAST),
    "SEARCH_SUGGEST_MS": LogNormal(130, 0.7, 9, by_os=_MOBILE_NET),
    "IMAGE_DECODE_US": LogNormal(1800, 1.4, 110),
    "SCROLL_FRAMES_PER_S": Normal(54, 11, 45, highest=119),
    "GPU_USED": YesNo(0.91, 2),
    "GPU_FALLBACK": Choice((91, 4, 1, 0.5, 3), 1),
    "MEMORY_RESIDENT_KB": LogNormal(620_000, 0.5, 10, by_speed=-0.2, by_os={"Android": 0.4}),
    "MEMORY_HEAP_KB": LogNormal(240_000, 0.6, 10, by_speed=-0.2, by_os={"Android": 0.4}),
    "MEMORY_UNUSED_PERCENT": Normal(17, 8, 10),
    "TABS_OPEN": LogNormal(6, 1.0, 1, by_speed=0.0),
    "SESSION_RESTORE_MS": LogNormal(380, 0.8, 1.5),
    "SESSION_SAVE_MS": LogNormal(24, 0.7, 30),
    "SHUTDOWN_MS": LogNormal(900, 0.8, 1),
    "SHUTDOWN_CLEAN": YesNo(0.965, 1),
    "SAFE_MODE_USED": Flag(0.004),
    "DEVTOOLS_OPENED": Flag(0.09),
    "SCREEN_READER_SEEN": Flag(0.012),
    "ADDONS_BLOCKED": Count(0.2),
    "POPUPS_BLOCKED": Count(2.5),
    "UPDATE_OUTCOME": Choice((70, 18, 9, 0.5, 2.5), 2),
    # what happened before the first window was shown: takes the definition of its other half
    "STARTUP_CACHE_READ_MS": LogNormal(6, 1.2, 12, by_os=_LINUX_FAST),
    "STARTUP_NET_DNS_LOOKUP_MS": LogNormal(35, 1.2, 4, by_speed=0.0, by_os=_MOBILE_NET),
}


def definitions_folder() -> Path:
    """The folder with the example browser's definition file, to be named as a source of definitions."""
    return Path(str(files("telemetry_tasks.simulation")))


@cache
def simulated_definitions() -> Mapping[str, Definition]:
    """The definition of every measure of ``MODELS``."""
    body = (files("telemetry_tasks.simulation") / DEFINITION_FILE).read_bytes()
    known = parse_definitions(body).definitions
    named = {name: known[name.removeprefix(STARTUP_PREFIX)] for name in MODELS}
    return {name: meaning_of(name, histogram_shape(definition.buckets), known) for name, definition in named.items()}
