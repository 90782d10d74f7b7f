"""The published bucket through the eyes of a reader: plain HTTP, gzip, JSON."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import urllib3

OF_A_MEASURE = ("by-build-date", "by-submission-date", "summary")
OF_A_VERSION = ("filter-tree", "histograms", "revisions", "measures")
OF_A_SNAPSHOT = ("versions.json", "FILES_PROCESSED", "FILES_MISSING", "health.json")
READERS = 8


class PublishedBucket:
    """``url`` is that of the published prefix, readable by anybody."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._listed = ""
        self._files: tuple[list[str], dict[str, str]] = [], {}
        self._pool = urllib3.PoolManager(maxsize=READERS, retries=urllib3.Retry(3))

    def body(self, path: str) -> bytes | None:
        """The bytes as they are stored; None where there is nothing."""
        answer = self._pool.request("GET", f"{self.url}/{path}", decode_content=False)
        if answer.status in (403, 404):  # who may not list is not told what does not exist
            return None
        assert answer.status == 200, f"{path}: HTTP {answer.status}"
        return answer.data

    def text(self, path: str) -> str | None:
        body = self.body(path)
        return None if body is None else gzip.decompress(body).decode()

    def json(self, path: str) -> Any:
        text = self.text(path)
        assert text is not None, f"{path} is not there"
        return json.loads(text)

    def versions(self) -> dict[str, str]:
        """Folder by channel/version; empty before the first publish."""
        text = self.text("versions.json")
        return {} if text is None else json.loads(text)

    def stamp(self) -> str | None:
        """Of the current snapshot."""
        text = self.text("latest-current.json")
        return None if text is None else json.loads(text)["current"]

    def settled(self) -> bool:
        """Whether ``versions.json`` has followed ``latest-current.json``, which is switched a moment earlier."""
        stamp = self.stamp()
        if stamp is None:
            return False
        refs = self.json(f"current/{stamp}/index.json")["versions"]
        return self.versions() == {name: ref["path"] for name, ref in refs.items() if ref["path"] is not None}

    def files(self) -> tuple[list[str], dict[str, str]]:
        """Keys of the files processed; reason by key of those that are missing."""
        stamp = self.stamp()
        if stamp is None:
            return [], {}
        if stamp != self._listed:  # asked several times a second, and a snapshot does not change
            lists = [self.text(f"current/{stamp}/{name}") for name in ("FILES_PROCESSED", "FILES_MISSING")]
            processed, missing = ((text or "").splitlines() for text in lists)
            self._files = processed, dict(line.split("\t", 1) for line in missing)
            self._listed = "" if None in lists else stamp
        return self._files

    def rows(self) -> Iterator[tuple[tuple[str, str, str], dict[str, list[float]]]]:
        """Every published row, in the shape of ``tests.support.oracle.Rows``."""
        for version, folder in self.versions().items():
            leaves = dict(_leaves(self.json(f"{folder}/filter-tree.json"), ()))
            names = [
                (measure, by)
                for measure in self.json(f"{folder}/histograms.json")
                for by in ("by-build-date", "by-submission-date")
            ]
            with ThreadPoolExecutor(READERS) as threads:
                documents = threads.map(lambda name, at=folder: self.json(f"{at}/{name[0]}-{name[1]}.json"), names)
                for (measure, by), dates in zip(names, documents, strict=True):
                    yield (
                        (version, measure, by),
                        {f"{date}/{leaves[row[-1]]}": row[:-1] for date, rows in dates.items() for row in rows},
                    )

    def digests(self) -> dict[str, str]:
        """SHA-256 of the stored bytes of all that readers can reach, stamps left out of the names."""
        stamp = self.stamp()
        paths = {name: f"current/{stamp}/{name}" for name in OF_A_SNAPSHOT}
        for version, folder in self.versions().items():
            names = [f"{name}.json" for name in OF_A_VERSION]
            names += [f"{m}-{kind}.json" for m in self.json(f"{folder}/histograms.json") for kind in OF_A_MEASURE]
            paths.update({f"{version}/{name}": f"{folder}/{name}" for name in names})
        with ThreadPoolExecutor(READERS) as threads:
            bodies = threads.map(self.body, paths.values())
            return {name: hashlib.sha256(body or b"").hexdigest() for name, body in zip(paths, bodies, strict=True)}


def _leaves(node: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    if "name" not in node:
        yield node["_id"], "/".join(path)
    for option, child in node.items():
        if option not in ("name", "_id"):
            yield from _leaves(child, (*path, option))
