"""The files that deploy a fleet, read: compose services, Kubernetes objects, systemd units, Dockerfile instructions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKER, KUBERNETES, SYSTEMD = ROOT / "docker", ROOT / "deploy" / "kubernetes", ROOT / "deploy" / "systemd"
AWS = ROOT / "deploy" / "aws"
WORKERS = ("aggregate", "merge", "publish", "control")


def compose() -> dict[str, Any]:
    """compose.yaml, its anchors resolved."""
    document: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))
    return document


def objects() -> list[tuple[str, dict[str, Any]]]:
    """Every object of the manifests with its file's name."""
    found = []
    for path in sorted(KUBERNETES.glob("*.yaml")):
        found += [(path.name, each) for each in yaml.safe_load_all(path.read_text("utf-8"))]
    return found


def deployments() -> dict[str, dict[str, Any]]:
    """The manifests' deployments by name."""
    return {each["metadata"]["name"]: each["spec"] for _, each in objects() if each["kind"] == "Deployment"}


def pod(name: str) -> dict[str, Any]:
    """A deployment's pod."""
    spec: dict[str, Any] = deployments()[name]["template"]["spec"]
    return spec


Unit = dict[str, list[tuple[str, str]]]
"""Settings of a unit by section; a setting may come more than once."""


def units() -> dict[str, Unit]:
    """The systemd units by file name. Anything that is no section, setting or comment is an ``AssertionError``."""
    return {path.name: unit(path) for path in sorted(SYSTEMD.iterdir()) if path.suffix != ".example"}


def unit(path: Path) -> Unit:
    sections: Unit = {}
    section = ""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line or line.startswith(("#", ";")):
            continue
        if match := re.fullmatch(r"\[(\w+)\]", line):
            section = match[1]
            assert section not in sections, f"{path.name}:{number}: [{section}] twice"
            sections[section] = []
            continue
        match = re.fullmatch(r"(\w+)=(.*)", line)
        assert match, f"{path.name}:{number}: {line!r}"
        assert section, f"{path.name}:{number}: before the first section"
        sections[section].append((match[1], match[2]))
    return sections


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile and the stage (from 0) that it is in."""

    name: str
    arguments: str
    stage: int


def dockerfile() -> Iterator[Instruction]:
    """The instructions, continued lines joined and comments left out."""
    lines = [
        line for line in (DOCKER / "Dockerfile").read_text("utf-8").splitlines() if not line.lstrip().startswith("#")
    ]
    stage = -1
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        if line.strip():
            name, _, arguments = line.partition(" ")
            stage += name == "FROM"
            yield Instruction(name, arguments.strip(), stage)
