"""Definitions of histograms: each place that is named, and each file in it."""

from collections.abc import Iterator
from functools import partial

from telemetry_tasks.cli.checks.check import NOTE, OK, WRONG, Check, guarded
from telemetry_tasks.cli.checks.object_stores import open_store
from telemetry_tasks.errors import DataError, NotFound
from telemetry_tasks.formats.pings.registry import ping_format
from telemetry_tasks.formats.pings.saved_session.expressions import named_constants
from telemetry_tasks.pipeline.definition_sources import DefinitionReader
from telemetry_tasks.pipeline.findings import count
from telemetry_tasks.settings import Settings
from telemetry_tasks.storage.definitions.contract import EVERY_REVISION, DefinitionSource
from telemetry_tasks.storage.definitions.locations import definition_sources

SUBJECT = "Definitions"
EXAMPLES = 5
"""Definitions of a file that are named of those that are left out."""


def check_definitions(settings: Settings) -> Iterator[Check]:
    """Every source, and every file of those that can be listed."""
    yield from guarded(SUBJECT, partial(_sources, settings))


def _sources(settings: Settings) -> Iterator[Check]:
    sources = definition_sources(settings.definitions, lambda url: open_store(url, settings))
    if not sources:
        yield Check(
            SUBJECT,
            NOTE,
            "no sources: buckets are derived from the lengths of arrays",
            "set TELEMETRY_DEFINITIONS to a list of folders, S3 prefixes or URL templates, as in "
            """TELEMETRY_DEFINITIONS='["/srv/definitions"]'""",
        )
    form = ping_format(settings.ping_format, settings.dimensions, settings.fallback_revision)
    read_file = partial(form.definitions, constants=named_constants(settings.definition_constants))
    for source in sources:
        yield from guarded(SUBJECT, partial(_source, source, read_file))


def _source(source: DefinitionSource, read_file: DefinitionReader) -> Iterator[Check]:
    read = 0
    for name in source.names():
        read += 1
        yield from guarded(f"{SUBJECT} {name}", partial(_file, source, name, read_file))
    if read:
        yield Check(SUBJECT, OK, f"{source.name} has {count(read, 'file')}")
        return
    try:
        yield from _parsed(source, EVERY_REVISION, source.fetch(None), read_file)
        yield Check(SUBJECT, OK, f"{source.name} has some for every revision")
    except NotFound:
        yield Check(SUBJECT, OK, f"{source.name} answers; it has definitions by revision only")


def _file(source: DefinitionSource, name: str, read_file: DefinitionReader) -> Iterator[Check]:
    yield from _parsed(source, name, source.read(name), read_file)


def _parsed(source: DefinitionSource, name: str, body: bytes, read_file: DefinitionReader) -> Iterator[Check]:
    """What is wrong with a file; nothing if it can be used as a whole."""
    try:
        left_out = read_file(body).left_out
    except DataError as error:
        yield Check(SUBJECT, WRONG, f"{source.name}: {name} cannot be used: {error}", "correct the file")
        return
    if left_out:
        named = "; ".join(f"{measure}: {why}" for measure, why in list(left_out.items())[:EXAMPLES])
        more = f"; and {len(left_out) - EXAMPLES:,} more" if len(left_out) > EXAMPLES else ""
        what = f"{source.name}: {name}: {count(len(left_out), 'definition')} left out: {named}{more}"
        yield Check(SUBJECT, NOTE, what, "correct them if clients send these measures")
