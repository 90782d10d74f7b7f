"""The systemd units: sections and settings that systemd knows, a user without rights, time to stop."""

import re

import pytest

from telemetry_tasks.settings import Settings
from tests.deploy.files import SYSTEMD, units

UNITS = units()
PROCESSES = [name for name in UNITS if name.endswith(".service") and "probe" not in name]
KNOWN = {
    "Unit": {"Description", "After", "Wants", "PartOf"},
    "Install": {"WantedBy"},
    "Timer": {"OnActiveSec", "OnUnitActiveSec", "AccuracySec"},
    "Service": {
        *("Type", "ExecStart", "ExecCondition", "Environment", "EnvironmentFile", "User", "Group", "WorkingDirectory"),
        *("StateDirectory", "RuntimeDirectory", "UMask", "Restart", "RestartSec", "KillMode", "TimeoutStopSec"),
        *("MemoryMax", "NoNewPrivileges", "ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateDevices"),
        *("ProtectClock", "ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables"),
        *("ProtectControlGroups", "ProtectProc", "RestrictAddressFamilies", "RestrictNamespaces", "RestrictRealtime"),
        *("RestrictSUIDSGID", "LockPersonality", "CapabilityBoundingSet", "SystemCallArchitectures"),
        "SystemCallFilter",
    },
}
SECTIONS = {"service": {"Service"}, "timer": {"Timer", "Install"}, "target": {"Install"}}
"""What a unit of each kind has beside ``Unit``; a service also ``Install`` where it is enabled by itself."""


@pytest.mark.parametrize("name", sorted(UNITS))
def test_a_unit_has_its_sections_and_settings_that_systemd_knows(name: str) -> None:
    sections = set(UNITS[name])
    assert sections - {"Install"} == {"Unit", *SECTIONS[name.rsplit(".", 1)[1]]} - {"Install"}
    for section, settings in UNITS[name].items():
        assert {key for key, _ in settings} <= KNOWN[section]
    assert "Install" in sections or "probe" in name


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_has_no_rights_and_time_to_stop(name: str) -> None:
    service = dict(UNITS[name]["Service"])
    assert service["User"] == service["Group"] == "telemetry"
    assert service["EnvironmentFile"] == "/etc/telemetry/environment"
    assert (service["NoNewPrivileges"], service["ProtectSystem"]) == ("yes", "strict")
    assert service["CapabilityBoundingSet"] == ""
    assert float(service["TimeoutStopSec"]) > Settings().soft_shutdown
    assert service["Restart"] == "always"
    assert dict(UNITS[name]["Install"])["WantedBy"] == "telemetry.target"


def test_a_workers_sigterm_goes_to_itself_and_not_to_its_children() -> None:
    assert dict(UNITS["telemetry-worker@.service"]["Service"])["KillMode"] == "mixed"


@pytest.mark.parametrize(("probe", "unit"), [("telemetry-probe@", "telemetry-worker@"), ("telemetry-beat-probe",) * 2])
def test_what_hangs_is_found_at_the_file_that_it_touches(probe: str, unit: str) -> None:
    unit = unit.replace("-probe", "")
    environment = dict(UNITS[f"{unit}.service"]["Service"])["Environment"]
    touched = re.search(r"TELEMETRY_HEARTBEAT=%t(\S+)", environment)
    assert touched
    start = dict(UNITS[f"{probe}.service"]["Service"])["ExecStart"]
    assert f"workers.probe /run{touched[1]} " in start
    assert f"{probe}.timer" in UNITS


def test_the_example_of_the_environment_is_what_systemd_reads() -> None:
    for line in (SYSTEMD / "environment.example").read_text("utf-8").splitlines():
        assert line.startswith("#") or re.fullmatch(r"[A-Z0-9_]+=\S+", line), line
