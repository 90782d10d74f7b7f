"""An earlier version beside this one: its tree from git, its C extension built, the same commands run from there."""

import argparse
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from harness import ROOT, Contestant


def add_option(parser: argparse.ArgumentParser) -> None:
    """The option ``--against``."""
    parser.add_argument("--against", metavar="REF", help="a tag or commit whose version is measured beside this one")


def tree_of(reference: str, folder: Path) -> Path:
    """The files of a tag, branch or commit below ``folder``, ready to run with the packages that are installed."""
    named = _git("rev-parse", "--verify", "--quiet", f"{reference}^{{commit}}")
    commit = named.decode().strip()
    tree = folder / f"tree-{commit[:12]}"
    if not (tree / "built").exists():
        with tarfile.open(fileobj=BytesIO(_git("archive", commit))) as archive:
            archive.extractall(tree, filter="data")
        build = (sys.executable, "setup.py", "-q", "build_ext", "--inplace")
        subprocess.run(build, cwd=tree, check=True, capture_output=True)
        (tree / "built").touch()
    return tree


def _git(*arguments: str) -> bytes:
    done = subprocess.run(("git", *arguments), cwd=ROOT, capture_output=True)
    if done.returncode:
        raise SystemExit(f"git {' '.join(arguments)} failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


Instead = Callable[[Path], Mapping[str, str]]
"""Given the tree of an earlier version: what its commands have instead of texts in the commands of this one."""


def with_released(
    contestants: Sequence[Contestant], reference: str | None, folder: Path, instead: Instead = lambda tree: {}
) -> list[Contestant]:
    """The contestants; before each of this version the same of the earlier version, if one is given."""
    if reference is None:
        return list(contestants)
    tree = tree_of(reference, folder)
    return list(_beside(contestants, reference, tree, {str(ROOT): str(tree), **instead(tree)}))


def environment_of(tree: Path) -> dict[str, str]:
    """The environment in which the code of a tree runs."""
    return {"PYTHONPATH": str(tree)}


def _beside(
    contestants: Sequence[Contestant], reference: str, tree: Path, instead: Mapping[str, str]
) -> Iterator[Contestant]:
    for each in contestants:
        if each.floor is None:
            yield each
            continue
        python, *arguments = each.command  # the same interpreter, which may be inside the repository
        for ours, theirs in instead.items():
            arguments = [part.replace(ours, theirs) for part in arguments]
        command = (python, *arguments)
        name = f"{each.name} ({reference})"
        environment = {**(each.environment or {}), **environment_of(tree)}
        yield replace(each, name=name, command=command, environment=environment, goal=None, folder=tree)
        yield replace(each, before=name)
