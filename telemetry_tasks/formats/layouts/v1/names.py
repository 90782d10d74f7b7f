"""Where the documents of layout 1 are, below the published prefix. The names of documents are in their modules."""

import re

CURRENT = "current"

CHANNEL_VERSION = re.compile(r"[\w.\-]+/[\w.\-]+\Z", re.ASCII)
"""Readers leave out names that are not ``\\w+/\\d+``, such as ``nightly-oak/28``; there is nothing wrong with those."""

IN_URL = re.compile(r"[A-Za-z0-9_.\-]+\Z")
"""Names of measures can stand in a URL."""


def snapshot_folder(stamp: str) -> str:
    """The folder of a snapshot."""
    return f"{CURRENT}/{stamp}"


def finish_folder(stamp: str) -> str:
    """Claimed by the one who completes the snapshot."""
    return f"{snapshot_folder(stamp)}/finish"


def claim_path(folder: str) -> str:
    """The object that makes its writer the only writer of a folder, in a snapshot or a checkpoint."""
    return f"{folder}/_claim"


def stamp_of(path: str) -> str:
    """The stamp of the snapshot, or of the checkpoint, in whose folder the object is."""
    return path.split("/")[1]


def channel_folder(root: str, name: str) -> str:
    """The folder of a channel/version of the snapshot, or of the checkpoint, at ``root``."""
    return f"{root}/{name}"


def files_path(root: str, name: str) -> str:
    """The file list of a channel/version."""
    return f"{root}/files/{name}/files.json"


def part_path(root: str, name: str, number: int, of: int) -> str:
    """What a task reports that renders a part of a channel/version. Nobody reads it after the publish."""
    return f"{root}/parts/{name}/{number}-of-{of}.json"


def measure_file(measure: str, suffix: str) -> str:
    """The name of a measure's document; the suffix is a kind of date, or that of the summary."""
    return f"{measure}-{suffix}.json"
