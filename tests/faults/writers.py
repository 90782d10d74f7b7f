"""What publishers wrote, as proxies before each of them saw it: who wrote which folder, and how the pointer moved."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from telemetry_tasks.formats.documents import read_json
from telemetry_tasks.formats.layouts.v1.latest import LATEST
from telemetry_tasks.formats.layouts.v1.names import CURRENT
from tests.faults.proxies.http_proxy import Done

PUBLISHED = rf"/(?:{CURRENT}/|{LATEST}$)"
"""Paths whose writes are looked at."""


def moves(writes: Iterable[Done]) -> list[str]:
    """The stamps that the pointer showed one after the other.

    Fails unless every write that was done stands on exactly the one before it, and the first on nothing.
    """
    done = [write for write in writes if write.path.endswith(f"/{LATEST}") and write.status < 300]
    following = {write.headers.get("if-match", "").strip('"'): write for write in done}
    assert len(following) == len(done), "the pointer was moved twice from the same place"
    stamps, at = [], ""
    while at in following:
        write = following.pop(at)
        assert at or write.headers.get("if-none-match") == "*", "the pointer was written without a condition"
        stamps.append(str(read_json(write.body)["current"]))
        at = write.etag
    assert not following, f"{len(following)} moves of the pointer are of another chain"
    assert stamps == sorted(set(stamps)), f"the pointer went back: {stamps}"
    return stamps


def writers(writes: Mapping[str, Sequence[Done]]) -> dict[str, set[str]]:
    """Who put files into each folder below ``current/``, claims that were lost left out.

    The lists of files of the channel/versions of a snapshot lie side by side: each is told of as a folder.
    """
    out: dict[str, set[str]] = defaultdict(set)
    for who, theirs in writes.items():
        for write in theirs:
            if write.method == "PUT" and write.status < 300 and f"/{CURRENT}/" in write.path:
                path = write.path.partition(f"/{CURRENT}/")[2]
                folder = path if "/files/" in path else path.rpartition("/")[0]
                out[folder].add(who if not write.path.endswith("/_claim") else f"{who} claims")
    return out
