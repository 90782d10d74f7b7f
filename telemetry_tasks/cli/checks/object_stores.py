"""The three places of objects: reachable, readable, writable, and true to conditional writes."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from telemetry_tasks.bootstrap import s3_options
from telemetry_tasks.cli.checks.check import NOTE, OK, WRONG, Check, guarded, together
from telemetry_tasks.errors import PreconditionFailed
from telemetry_tasks.settings import Settings
from telemetry_tasks.storage.objects import Absent, Condition, Matches, ObjectStore
from telemetry_tasks.storage.open import open_object_store
from telemetry_tasks.storage.s3.address import endpoint_of, is_foreign
from telemetry_tasks.storage.s3.client import s3_client

SECONDS = 5.0
"""How long a store may take to answer."""


def open_store(url: str, settings: Settings) -> ObjectStore:
    """A store that gives up soon."""
    return open_object_store(url, replace(s3_options(settings), max_attempts=1, read_timeout=SECONDS))


def check_stores(settings: Settings) -> Iterator[Check]:
    """All three, and whether their endpoint is the one of the settings."""
    yield from guarded("Endpoint", partial(_endpoint, settings))
    looks = (
        partial(_look, subject, url, settings, writes=writes)
        for subject, url, writes in (
            ("Ping files", settings.input_url, False),  # a probe there would be discovered
            ("Results", settings.results_url, True),
            ("Published", settings.published_url, True),
        )
    )
    yield from together(partial(guarded, look.args[0], look) for look in looks)


def _endpoint(settings: Settings) -> Iterator[Check]:
    """Names an endpoint that nobody set as ``TELEMETRY_S3_ENDPOINT_URL``: it may be meant for other programs."""
    urls = (settings.input_url, settings.results_url, settings.published_url)
    if not any(url.startswith("s3://") for url in urls):
        return
    options = s3_options(settings)
    client = s3_client(options)
    if is_foreign(client, options):
        yield Check(
            "Endpoint",
            NOTE,
            f"S3 is at {endpoint_of(client)}, which a variable of AWS (AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL) or the "
            "AWS profile names, not TELEMETRY_S3_ENDPOINT_URL",
            f"if it is meant, set TELEMETRY_S3_ENDPOINT_URL={endpoint_of(client)}; if not, unset the variable, or set "
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true",
        )


def _look(subject: str, url: str, settings: Settings, *, writes: bool) -> Iterator[Check]:
    store = open_store(url, settings)
    first = next(iter(store.list()), None)
    if first is not None:
        next(store.stream(first.key), b"")
    yield Check(subject, OK, f"{store.url} can be listed and read{'' if first else '; it is empty'}")
    if writes:
        yield from _write(subject, store)


def _write(subject: str, store: ObjectStore) -> Iterator[Check]:
    key, body = f"_doctor/{secrets.token_hex(8)}", secrets.token_bytes(16)
    etag = store.put(key, body)
    try:
        if store.get(key).body != body:
            yield Check(subject, WRONG, "gives back another object than was written", "use another S3 server")
            return
        yield Check(subject, OK, "takes objects, and gives them back")
        refused = _refuses(store, key, Absent()) and _refuses(store, key, Matches("0" * len(etag)))
        yield (
            Check(subject, OK, "conditional writes hold: If-None-Match, If-Match")
            if refused
            else Check(
                subject,
                WRONG,
                "ignores If-None-Match or If-Match: two publishers could overwrite each other",
                "use an S3 server that honours conditional writes: AWS, MinIO, Ceph, SeaweedFS",
            )
        )
    finally:
        store.delete([key])


def _refuses(store: ObjectStore, key: str, only_if: Condition) -> bool:
    try:
        store.put(key, secrets.token_bytes(16), only_if=only_if)
    except PreconditionFailed:
        return True
    return False
