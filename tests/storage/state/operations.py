"""Every operation of the state with arguments by dice, and answers that are alike for two states that are alike.

Random names that a state gives (versions, nonces, runs of jobs) differ between two of them: they are told by the order
in which they were first seen.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from telemetry_tasks.core.partition import Owner
from telemetry_tasks.errors import StaleEpoch
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base, Batch, BuiltWith, Whole
from tests.storage.state.made import EARLIER, EPOCH, LATER, NAME, delta, entry, partition
from tests.support.backends import Backend

Arguments = st.SearchStrategy[dict[str, Any]]
PARTITIONS = [partition("a", "b"), partition("c"), partition("a"), partition("b")]
PARTS = {0: (2, 3)}
IDS = [*(each.id for each in PARTITIONS), "nobody"]
FILES = ["a", "b", "c", "d", "e"]
JOBS = ["j", "j", "j", "k"]
BLOCKS = ["c00", "c01"]

ids = st.sampled_from([*IDS, *IDS[:2] * 2])
some_ids = st.lists(ids, max_size=3, unique=True)
known = st.sampled_from([*PARTITIONS, *PARTITIONS[:2]])
files = st.lists(st.sampled_from(FILES), max_size=3, unique=True)
leases = st.sampled_from([0.0, 1e6, 3e6])
digests = st.sampled_from(["x", "y"])
messages = st.sampled_from(["", "m", "n"])
flags = st.booleans()
jobs = st.sampled_from(JOBS)
epochs = st.sampled_from([EARLIER, EPOCH, LATER])
batches = st.builds(lambda number, of: Batch(f"batch-{number}", tuple(of)), st.integers(0, 2), some_ids)
tables = st.dictionaries(ids, st.just("x") | digests, min_size=1, max_size=2)
removed = st.just({}) | st.dictionaries(ids, st.just("x"), max_size=2)
which = st.sampled_from([0, 0, 0, 1, 2])
blocks = st.dictionaries(st.sampled_from(BLOCKS), st.sampled_from([b"1", b"22", None]))
measures = st.dictionaries(st.sampled_from(["X", "Y"]), st.sampled_from(["x", "y", None]))
settings = st.sampled_from([BuiltWith(), BuiltWith(), BuiltWith(), BuiltWith("r", frozenset({"l"})), BuiltWith("s")])
owners = st.dictionaries(st.sampled_from(FILES), st.sampled_from([None, Owner("e", "somebody")]), max_size=2)


class Player:
    """Plays operations on one state, always as one of three clients: of the epoch before, the current one, the next."""

    def __init__(self, backend: Backend) -> None:
        backend.wipe()
        self._backend = backend
        self._state = backend.client()
        self._names: dict[str, int] = {}
        self._bases: list[Base] = [Base(None)]
        self._runs: list[str] = []
        self.channel: ChannelState = self._state.channel_version(NAME, EPOCH)

    def play(self, operation: str, arguments: dict[str, Any]) -> Any:
        """What the operation answers."""
        special: Callable[..., Any] | None = getattr(self, f"_{operation}", None)
        return (special or getattr(self.channel, operation))(**arguments)

    def _is(self, name: str) -> int:
        """A random name, by when it was seen first."""
        return self._names.setdefault(name, len(self._names))

    # Of the deployment

    def _client(self, epoch: str) -> None:
        self.channel = self._state.channel_version(NAME, epoch)

    def _begin_epoch(self, epoch: str) -> tuple[bool, str | None]:
        return self._state.begin_epoch(epoch), self._state.epoch()

    def _begin_restore(self, epoch: str) -> tuple[bool, str | None]:
        return self._state.begin_restore(epoch), self._state.epoch()

    def _finish_restore(self, epoch: str) -> tuple[bool, str | None]:
        return self._state.finish_restore(epoch), self._state.epoch()

    def _next_epoch(self) -> int:
        return len(self._state.next_epoch())

    def _latest_begun(self) -> str:
        return self._state.latest_begun()

    def _add_channel_version(self, name: str) -> list[str]:
        self._state.add_channel_version(name)
        return self._state.channel_versions()

    def _note(self, name: str, value: bytes | None) -> bytes | None:
        if value is None:
            self._state.drop_note(name)
        else:
            self._state.set_note(name, value)
        return self._state.note(name)

    def _board(self, name: str, field: str, value: bytes | None) -> tuple[bytes | None, dict[str, bytes]]:
        board = self._state.board(name, 2)
        if value is None:
            board.drop(field)
        else:
            board.write(field, value)
        return board.value(field), {field: posted.value for field, posted in board.read().items()}

    def _lock(self, name: str, released: bool) -> bool:
        lock = self._state.lock(name, 1000.0)
        mine = bool(lock.acquire())
        if mine and released:
            lock.reacquire()
            lock.release()
        return mine

    def _wipe(self) -> None:
        self._backend.wipe()

    def _elapse(self, seconds: float) -> None:
        self._backend.elapse(seconds)

    # Where names are random, or a name of before is handed in

    def _commit(self, register: list[str], whole: bool, **arguments: Any) -> Any:
        add = arguments["add"]
        made = {each.id: each for each in PARTITIONS if each.id in add and each.id in register}
        of = [each for each in PARTITIONS if each.id in add]
        if whole:
            try:
                arguments["instead_of"] = Whole(self.channel.base(), self.channel.delta_pieces())
            except StaleEpoch:
                return "stale"
            arguments["remove"] = self.channel.merged()
        return self.channel.commit(delta(*of), register=made, **arguments)

    def _nonce(self) -> int:
        return self._is(self.channel.nonce())

    def _base(self) -> Any:
        try:
            found = self.channel.base()
        except StaleEpoch:
            return "stale"
        self._bases.append(found)
        return found.version and self._is(found.version), dict(found.measures), dict(found.blocks)

    def _compact(self, base: int, deltas: int, **arguments: Any) -> str:
        """Takes some of the deltas, in the order of their bytes."""
        found = sorted(self.channel.deltas().items(), key=lambda item: item[1])
        taken = {id: self.channel.delta_pieces()[id] for id, _ in found[:deltas]}
        return self.channel.compact(self._bases[-1 - base % len(self._bases)], taken, **arguments)

    def _deltas(self) -> list[bytes]:
        return sorted(self.channel.deltas().values())

    def _delta_pieces(self) -> list[int]:
        return sorted(self.channel.delta_pieces().values())

    def _delta_bytes(self) -> list[int]:
        return sorted(self.channel.delta_bytes().values())

    def _run_id(self, job: str) -> int:
        self._runs.append(self.channel.run_id(job))
        return self._is(self._runs[-1])

    def _run(self, number: int) -> str:
        return self._runs[-1 - number % len(self._runs)] if self._runs else "none"

    def _begin_attempt(self, run_id: int, **arguments: Any) -> int:
        return self.channel.begin_attempt(run_id=self._run(run_id), **arguments)

    def _renew_attempt(self, run_id: int, **arguments: Any) -> None:
        self.channel.renew_attempt(run_id=self._run(run_id), **arguments)

    def _release_attempt(self, run_id: int, **arguments: Any) -> None:
        self.channel.release_attempt(run_id=self._run(run_id), **arguments)

    def _note_done(self, run_id: int, **arguments: Any) -> bool:
        return self.channel.note_done(run_id=self._run(run_id), **arguments)

    def _load(self, of: list[int], forgotten: list[str], built_with: BuiltWith) -> str:
        try:
            self.channel.load([entry(PARTITIONS[number]) for number in of], forgotten, built_with)
        except StaleEpoch:
            return "stale"
        return "loaded"

    def _oldest_waiting(self) -> bool:
        return self.channel.oldest_waiting() is None

    def _errors(self) -> dict[str, str]:
        return {id: error for id, (_, error) in self.channel.errors().items()}

    def _oldest_lease(self) -> bool:
        return self.channel.oldest_lease() is None

    def _counts(self) -> tuple[Any, ...]:
        found = self.channel.counts()
        parts = (found.files, found.waiting, found.running, found.aggregated, found.batches, found.merged)
        return *parts, found.deltas, found.oldest_waiting is None

    def _split(self, number: int) -> bool:
        parts = [PARTITIONS[part] for part in PARTS[number]]
        return self.channel.split(PARTITIONS[number].id, parts)


def _with(**arguments: st.SearchStrategy[Any]) -> Arguments:
    return st.fixed_dictionaries(arguments)


OF_THE_CHANNEL: dict[str, Arguments] = {
    "begin": _with(),
    "is_of_this_epoch": _with(),
    "registered": _with(keys=files),
    "register": _with(partition=known),
    "note_uploaded": _with(key=st.sampled_from(FILES), uploaded=st.sampled_from([1.0, 2.0])),
    "unpublished": _with(),
    "oldest_unpublished": _with(),
    "oldest_lease": _with(),
    "oldest_waiting": _with(),
    "note_published": _with(keys=files),
    "partitions": _with(ids=some_ids),
    "running_count": _with(),
    "claim": _with(limit=st.integers(0, 3), lease=leases, overdue=st.integers(0, 3)),
    "start": _with(partition=ids, lease=leases),
    "renew": _with(partition=ids, lease=leases),
    "release": _with(partition=ids, counts=flags, delay=leases),
    "note_error": _with(partition=ids, error=digests),
    "error": _with(partition=ids),
    "errors": _with(),
    "split": _with(number=st.sampled_from(sorted(PARTS))),
    "note_aggregated": _with(partition=ids, digest=digests),
    "aggregate_again": _with(partition=ids, error=digests),
    "aggregated": _with(ids=st.none() | some_ids),
    "unbatched": _with(),
    "form_batch": _with(batch=batches, lease=leases),
    "batch": _with(id=st.sampled_from(["batch-0", "batch-1", "batch-2"])),
    "renew_batch": _with(batch=st.sampled_from(["batch-0", "batch-1", "batch-2"]), lease=leases),
    "overdue_batches": _with(lease=leases, limit=st.integers(0, 3)),
    "dissolve": _with(batch=batches),
    "merged": _with(ids=st.none() | some_ids),
    "commit": _with(
        add=tables,
        remove=removed,
        owners=owners,
        register=st.just(IDS) | some_ids,
        batch=st.sampled_from(["", "batch-0"]),
        built_with=settings,
        whole=st.sampled_from([False, False, False, True]),
    ),
    "built_with": _with(),
    "nonce": _with(),
    "forgotten": _with(),
    "load": _with(of=st.lists(st.integers(0, 3), max_size=2, unique=True), forgotten=files, built_with=settings),
    "deltas": _with(),
    "delta_pieces": _with(),
    "delta_count": _with(),
    "delta_bytes": _with(),
    "base": _with(),
    "blocks": _with(names=st.just(BLOCKS)),
    "block_bytes": _with(names=st.just(BLOCKS)),
    "compact": _with(base=which, deltas=which, blocks=blocks, measures=measures),
    "add_job": _with(job=jobs, plan=st.sampled_from([b"1", b"2"]), lease=leases),
    "renew_job": _with(job=jobs, lease=leases),
    "jobs": _with(),
    "overdue_jobs": _with(),
    "begin_attempt": _with(
        job=jobs, run_id=which, partition=ids, lease=leases, message=st.sampled_from(["", "m", "n"])
    ),
    "renew_attempt": _with(job=jobs, run_id=which, partition=ids, attempt=st.integers(0, 2), lease=leases),
    "release_attempt": _with(job=jobs, run_id=which, partition=ids, counts=flags, delay=leases),
    "backing_off": _with(job=jobs),
    "run_id": _with(job=jobs),
    "note_done": _with(job=jobs, run_id=which, partition=ids, digest=digests),
    "done": _with(job=jobs),
    "end_job": _with(job=jobs),
    "counts": _with(),
}
"""What a channel/version's state can be asked, by name; all of the contract."""

OF_THE_DEPLOYMENT: dict[str, Arguments] = {
    "client": _with(epoch=st.sampled_from([*[EPOCH] * 6, EARLIER, LATER])),
    "begin_epoch": _with(epoch=epochs),
    "begin_restore": _with(epoch=epochs),
    "finish_restore": _with(epoch=epochs),
    "next_epoch": _with(),
    "latest_begun": _with(),
    "add_channel_version": _with(name=st.sampled_from([NAME, "aurora/27"])),
    "note": _with(name=digests, value=st.sampled_from([b"1", b"2", None])),
    "board": _with(name=digests, field=digests, value=st.sampled_from([b"1", b"2 3", None])),
    "lock": _with(name=digests, released=flags),
    "wipe": _with(),
    "elapse": _with(seconds=st.just(2e6)),
}

READS = (
    "built_with",
    "merged",
    "aggregated",
    "unbatched",
    "jobs",
    "forgotten",
    "unpublished",
    "base",
    "deltas",
    "nonce",
)
"""What is looked at in the end."""


FRUITFUL = (
    *(
        "register",
        "register",
        "start",
        "note_aggregated",
        "note_aggregated",
        "form_batch",
        "commit",
        "commit",
        "compact",
        "begin",
    ),
    *("add_job", "run_id", "begin_attempt", "note_done", "claim", "aggregate_again", "split", "begin", "begin"),
)
"""What the others have something to work on after: asked more often."""


def _calls(operations: dict[str, Arguments]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.one_of([st.tuples(st.just(name), arguments) for name, arguments in operations.items()])


_fruitful = _calls({name: OF_THE_CHANNEL[name] for name in FRUITFUL})
_any_call = _calls(OF_THE_CHANNEL)
HISTORIES = st.lists(
    st.one_of(*([_fruitful] * 8), *([_any_call] * 4), _calls(OF_THE_DEPLOYMENT)), min_size=40, max_size=80
)
