"""A small snapshot as values: what each document of layout 1 is made of here."""

import json
from typing import Any

import numpy as np

from telemetry_tasks.core.definitions import three_buckets
from telemetry_tasks.core.disclosure.collapse import TOO_MANY_OPTIONS, Collapsed
from telemetry_tasks.core.disclosure.health import Day, Health
from telemetry_tasks.core.disclosure.tree import build_tree
from telemetry_tasks.core.disclosure.volume import Volume
from telemetry_tasks.core.histograms import histogram_shape
from telemetry_tasks.core.kinds_of_date import BY_BUILD, BY_SUBMISSION
from telemetry_tasks.core.plausible import Plausibility
from telemetry_tasks.core.tables.index import Key
from telemetry_tasks.core.tables.table import Table
from telemetry_tasks.formats.documents import Document, packed, unpacked
from telemetry_tasks.formats.layouts.contract import (
    ChannelFacts,
    FileList,
    MeasureFacts,
    SnapshotFacts,
    SnapshotIndex,
    VersionRef,
)
from telemetry_tasks.formats.layouts.v1.histograms import definition_entry

NAME, STAMP = "nightly/28", "20131201120000"
FOLDER = f"current/{STAMP}/{NAME}"
LINUX, MAC = ("saved_session", "Linux"), ("saved_session", "Darwin")
TREE = build_tree(("reason", "OS"), [LINUX, MAC])
"""Darwin is node 2, Linux node 3."""

FLAG = three_buckets("flag", "Seen.")
VOLUME = Volume(3, 2, "20131201", "20131202")
FACTS = MeasureFacts("c0ffee", "1dea", "20131202030201", 8, "repo/rev", definition_entry(FLAG), VOLUME)
CHANNEL = ChannelFacts(NAME, 4, TREE, {"SEEN": FACTS})

HEALTH = Health(
    files=2,
    missing=1,
    pings=4,
    bytes=99,
    bad_lines={"no-tab": 1},
    left_out={},
    small_cells=0,
    first_build_date="20131201",
    last_build_date="20131202",
    last_submission_date="20131203",
    missing_files=[("b", "not-found")],
    unknown_definitions=["ODD"],
    days={"20131203": Day(2, 4, 1)},
    collapsed=(Collapsed(TOO_MANY_OPTIONS, "OS", 7, 9),),
    implausible={BY_BUILD: {"first": "20131201", "last": "20131202", "number": 1, "pings": 1}},
)
FILES = FileList(["a\n"], [("b", "not-found")], HEALTH)
REF = VersionRef(
    FOLDER, f"current/{STAMP}/files/{NAME}/files.json", "epoch", "7", "limits", "abc", 4, HEALTH.implausible
)
INDEX = SnapshotIndex(STAMP, {NAME: REF, "beta/27": VersionRef(None, "f", "epoch", "1", "limits", "")})
SNAPSHOT = SnapshotFacts(INDEX, {NAME: FILES}, Plausibility())


def table() -> Table:
    """Two build dates of Linux, one submission date of both systems; the sum of squares is not known."""
    keys = (
        Key(BY_BUILD, "20131201", LINUX),
        Key(BY_BUILD, "20131202", LINUX),
        Key(BY_SUBMISSION, "20131203", MAC),
        Key(BY_SUBMISSION, "20131203", LINUX),
    )
    whole = np.array([[1, 0, 0, 5, 0, 0, 0, 0, pings] for pings in (1, 2, 4, 3)], np.int64)
    known = np.array([[1, 1, 1, 0, 0]] * len(keys), np.int64)
    return Table("SEEN", histogram_shape(3), keys, whole, known, {}, ())


def text(document: Document) -> str:
    """The bytes of a document, without compression."""
    return unpacked(document.body).decode()


def changed(document: Document, **members: Any) -> bytes:
    """The document with other members."""
    return packed(json.dumps({**json.loads(text(document)), **members}).encode())
