"""Lines as broken clients and broken transfers make them; each kind is a line that counts for nothing."""

from collections.abc import Callable, Mapping

import orjson


def _without_tab(ident: bytes, document: bytes) -> bytes:
    return ident + b" " + document


def _cut_short(ident: bytes, document: bytes) -> bytes:
    return ident + b"\t" + document[: len(document) // 2]


def _without_system(ident: bytes, document: bytes) -> bytes:
    ping = orjson.loads(document)
    del ping["info"]["OS"]
    return ident + b"\t" + orjson.dumps(ping)


def _numbered_revision(ident: bytes, document: bytes) -> bytes:
    ping = orjson.loads(document)
    ping["info"]["revision"] = 7
    return ident + b"\t" + orjson.dumps(ping)


def _not_utf8(ident: bytes, document: bytes) -> bytes:
    return ident + b"\t\xff\xfe" + document[2:]


SPOILERS: Mapping[str, Callable[[bytes, bytes], bytes]] = {
    "no-tab": _without_tab,
    "cut-short": _cut_short,
    "no-system": _without_system,
    "numbered-revision": _numbered_revision,
    "not-utf8": _not_utf8,
}
"""Takes a document id and a document, gives a line without its end."""
