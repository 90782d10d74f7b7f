"""Definitions by revision: the sources in their order, with a memory, and a record of what went wrong."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from telemetry_tasks.core.definitions import SIMPLE_PREFIX, Definition, meaning_of
from telemetry_tasks.core.digests import digest_of
from telemetry_tasks.core.revisions import Revision, parse_revision
from telemetry_tasks.core.shapes import Shape
from telemetry_tasks.errors import DataError, InfrastructureError, NotFound, OperatorError
from telemetry_tasks.formats.pings.contract import DefinitionFile
from telemetry_tasks.storage.definitions.contract import EVERY_REVISION, DefinitionSource
from telemetry_tasks.storage.objects import Headers, ObjectStore

REMEMBERED_FILES = 64
REMEMBERED_MISSING = 4096
REMEMBERED_PROBLEMS = 1000


DefinitionReader = Callable[[bytes], DefinitionFile]
"""Reads a file of definitions, as ``PingFormat.definitions`` does. Raises ``DataError``."""


@dataclass(frozen=True, slots=True)
class DefinitionProblem:
    """Why the definitions of a revision, or one of them, could not be used. ``reason`` is a slug."""

    revision: str
    source: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Remembered:
    file: DefinitionFile | None
    until: float


class DefinitionSources:
    """The definitions that the configured sources give; one for each process, usable from several threads.

    ``read`` is the reader of the ping format. ``cache`` keeps what came from far away, under
    ``<repository>/<revision id>.Histograms.json``. Times in seconds: ``found_for`` and ``missing_for`` say how long an
    answer is remembered if a source is far away, ``near_for`` if none is; ``away_for`` how long a source that was away
    is left alone. ``clock`` gives seconds that only grow.
    """

    def __init__(
        self,
        sources: Sequence[DefinitionSource],
        read: DefinitionReader,
        *,
        cache: ObjectStore | None = None,
        clock: Callable[[], float] = time.monotonic,
        found_for: float = 6 * 3600.0,
        missing_for: float = 600.0,
        near_for: float = 10.0,
        away_for: float = 30.0,
    ) -> None:
        self._sources, self._read = tuple(sources), read
        self._cache = cache
        self._clock = clock
        self._found_for, self._missing_for, self._away_for = found_for, missing_for, away_for
        self._near_for = near_for
        self._is_near = not any(source.worth_caching for source in self._sources)
        self._found: OrderedDict[str, _Remembered] = OrderedDict()
        self._missing: OrderedDict[str, _Remembered] = OrderedDict()
        self._away: dict[str, float] = {}
        self._unusable: OrderedDict[str, tuple[DataError, float]] = OrderedDict()
        self._problems: OrderedDict[DefinitionProblem, None] = OrderedDict()
        self._lock = threading.RLock()

    def meaning_of(self, measure: str, shape: Shape, revision: str) -> Definition:
        """The definition that columns of this shape, of a revision, are published under.

        If none is known, it is derived from the shape. Raises ``InfrastructureError`` as ``known`` does.
        """
        known = None if measure.startswith(SIMPLE_PREFIX) else self.known(revision)
        return meaning_of(measure, shape, known)

    def known(self, revision: str) -> Mapping[str, Definition] | None:
        """All definitions of a revision, as named in pings; None if no source has them. Raises as ``file`` does."""
        file = self.file(revision)
        return file.definitions if file else None

    def file(self, revision: str) -> DefinitionFile | None:
        """The definition file of a revision, as named in pings; None if no source has one.

        Raises ``InfrastructureError`` if a source is unreachable and no other has it: it may be found later;
        ``DataError`` if what a source has is not a definition file, and no other has one.
        """
        parsed = parse_revision(revision)
        name = parsed.path if parsed else ""
        with self._lock:
            now = self._clock()
            if name in self._unusable and now < self._unusable[name][1]:
                raise self._unusable[name][0]
            for memory in (self._found, self._missing):
                remembered = memory.get(name)
                if remembered is not None and now < remembered.until:
                    memory.move_to_end(name)
                    return remembered.file
            try:
                file = self._looked_up(parsed, revision, self._found.get(name))
            except DataError as error:
                until = self._clock() + (self._near_for if self._is_near else self._away_for)
                self._unusable[name] = error, until
                _shorten(self._unusable, REMEMBERED_MISSING)
                raise
            self._remember(name, file)
            return file

    def problems(self) -> tuple[DefinitionProblem, ...]:
        """What went wrong so far, each once, oldest first; the newest ``REMEMBERED_PROBLEMS`` of them."""
        with self._lock:
            return tuple(self._problems)

    def _looked_up(self, parsed: Revision | None, revision: str, before: _Remembered | None) -> DefinitionFile | None:
        why: InfrastructureError | DataError | None = None
        for source in self._sources:
            try:
                return self._from(source, parsed, revision, before.file if before else None)
            except NotFound:
                continue
            except (InfrastructureError, DataError) as error:
                why = why or error
        if why is not None:
            raise why
        if self._sources:
            where = ", ".join(source.name for source in self._sources)
            self._report(revision, where, "definitions-not-found", "no source has them")
        return None

    def _from(
        self, source: DefinitionSource, parsed: Revision | None, revision: str, before: DefinitionFile | None
    ) -> DefinitionFile:
        """One source's file, ``before`` if it has not changed since.

        Raises ``NotFound``, ``InfrastructureError`` or ``DataError``; reports what was wrong.
        """
        try:
            body = self._body(source, parsed, revision)
            if before is not None and before.digest == digest_of(body):
                return before
            file = self._read(body)
        except DataError as error:
            self._report(revision, source.name, error.reason, error.detail)
            raise DataError(error.reason, f"{source.name}: {error.detail}") from error
        except OperatorError as error:
            self._report(revision, source.name, "definitions-set-up", str(error))
            raise DataError("definitions-set-up", str(error)) from error
        except InfrastructureError as error:
            self._report(revision, source.name, "definitions-away", str(error))
            raise
        if parsed is not None and source.worth_caching:
            self._keep(parsed, body, revision)
        for name, why in file.left_out.items():
            self._report(revision, source.name, "definition-left-out", f"{name}: {why}")
        return file

    def _body(self, source: DefinitionSource, parsed: Revision | None, revision: str) -> bytes:
        if parsed is not None and source.worth_caching:
            cached = self._cached(parsed, revision)
            if cached is not None:
                return cached
        if self._clock() < self._away.get(source.name, float("-inf")):
            raise InfrastructureError(f"{source.name} was away a moment ago")
        try:
            return source.fetch(parsed)
        except InfrastructureError:
            self._away[source.name] = self._clock() + self._away_for
            raise

    def _cached(self, parsed: Revision, revision: str) -> bytes | None:
        if self._cache is None:
            return None
        try:
            return self._cache.get(_cache_key(parsed)).body
        except NotFound:
            return None
        except InfrastructureError as error:
            self._report(revision, self._cache.url, "definitions-cache-away", str(error))
            return None

    def _keep(self, parsed: Revision, body: bytes, revision: str) -> None:
        if self._cache is None:
            return
        try:
            if self._cache.head(_cache_key(parsed)) is None:
                self._cache.put(_cache_key(parsed), body, headers=Headers("application/json"))
        except InfrastructureError as error:
            self._report(revision, self._cache.url, "definitions-cache-away", str(error))

    def _remember(self, name: str, file: DefinitionFile | None) -> None:
        memory, limit, seconds = (
            (self._missing, REMEMBERED_MISSING, self._missing_for)
            if file is None
            else (self._found, REMEMBERED_FILES, self._found_for)
        )
        memory[name] = _Remembered(file, self._clock() + (self._near_for if self._is_near else seconds))
        memory.move_to_end(name)
        _shorten(memory, limit)

    def _report(self, revision: str, source: str, reason: str, detail: str) -> None:
        self._problems[DefinitionProblem(revision, source, reason, detail)] = None
        _shorten(self._problems, REMEMBERED_PROBLEMS)


def _shorten(memory: OrderedDict[Any, Any], most: int) -> None:
    """Drops the oldest."""
    while len(memory) > most:
        memory.popitem(last=False)


def _cache_key(revision: Revision) -> str:
    return f"{revision.path}.{EVERY_REVISION}"
