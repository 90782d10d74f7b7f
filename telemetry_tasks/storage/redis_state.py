"""The state in Redis: which files and partitions there are, what counts, and the sums.

The sums are log-structured. A commit appends a delta and marks its partitions in one atomic script, keyed by
partition: a second commit of any of them is refused. A compaction folds deltas into the base, guarded by the
base's random version. Neither reads, changes and writes, so no two can spoil each other; a random epoch fences
off whoever still acts on a state that is gone. Keys: see ``redis_keys``. Scripts: see ``redis_scripts``.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from telemetry_tasks.core.partition import LedgerEntry, Partition
from telemetry_tasks.errors import DataError, InfrastructureError
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.formats import ledger as ledger_format
from telemetry_tasks.storage import redis_scripts
from telemetry_tasks.storage.redis_errors import shown, translated
from telemetry_tasks.storage.redis_keys import PLAIN, Keys
from telemetry_tasks.storage.redis_sums import RedisSums
from telemetry_tasks.storage.state import Base, Batch, Commit, Counts

PIECE = 8 << 20
"""Bytes of a value at most: larger ones block Redis for too long (8 MiB take about 60 ms)."""

STAGE_SECONDS = 3600

TRY = "try "
"""Before a partition's id in a job: how many attempts there were."""

REST = "rest "
"""Before a partition's id in a job: until when it is left alone."""

LIFE = "life"
"""In a job's results: which life of the job they are of."""


class StaleEpoch(InfrastructureError):
    """Whoever asks acts in an epoch that is over, or in a state that is gone: to be tried again in the new one."""


class RedisState:
    """The state of one deployment."""

    def __init__(self, client: Any, url: str, prefix: str) -> None:
        self.client, self.url, self._prefix = client, shown(url), prefix
        self.sums = RedisSums(client, url, prefix)

    def epoch(self) -> str | None:
        """The current epoch; None where the Redis is empty (new, or flushed) and has to be restored first."""
        with translated(self.url):
            value = self.client.get(f"{self._prefix}:epoch")
        return value.decode() if value else None

    def next_epoch(self) -> str:
        """A name for a new epoch that no other has, and that sorts after all before it, by Redis's clock."""
        with translated(self.url):
            seconds, micros = self.client.time()
        now, before = seconds * 1_000_000 + micros, (self.epoch() or "").partition("-")[0]
        if before.isdigit():  # a clock may have been set back
            now = max(now, int(before) + 1)
        return f"{now:020d}-{secrets.token_hex(8)}"

    def begin_epoch(self, epoch: str, *, only_if_none: bool) -> bool:
        """Makes ``epoch`` the current one, unless a later one is; with ``only_if_none`` only where there is none."""
        with translated(self.url):
            script = self.client.register_script(redis_scripts.source("begin_epoch"))
            return bool(script([f"{self._prefix}:epoch"], [epoch, int(only_if_none)]))

    def end_epoch(self) -> None:
        """From here on the state is one that has to be restored."""
        with translated(self.url):
            self.client.delete(f"{self._prefix}:epoch")

    def channel_versions(self) -> list[str]:
        """All channel/versions, sorted."""
        with translated(self.url):
            return sorted(name.decode() for name in self.client.smembers(f"{self._prefix}:versions"))

    def channel_version(self, name: str, epoch: str) -> "ChannelState":
        """The state of one channel/version, as seen by a process that acts in ``epoch``."""
        return ChannelState(self.client, self.url, Keys(self._prefix, name), epoch)

    def add_channel_version(self, name: str) -> None:
        """Lists a channel/version."""
        with translated(self.url):
            self.client.sadd(f"{self._prefix}:versions", name)

    def lock(self, name: str, seconds: float) -> Any:
        """A lock that saves doing things twice. Safety never depends on it."""
        return self.client.lock(f"{self._prefix}:lock:{name}", timeout=seconds, blocking=False, thread_local=False)

    def note(self, name: str) -> bytes | None:
        """A small value by name, for what is worth knowing and can be lost."""
        with translated(self.url):
            return self.client.get(f"{self._prefix}:note:{name}")

    def set_note(self, name: str, value: bytes, seconds: float | None = None) -> None:
        """Keeps a note, for ``seconds`` where given."""
        with translated(self.url):
            self.client.set(f"{self._prefix}:note:{name}", value, px=None if seconds is None else int(seconds * 1000))

    def drop_note(self, name: str) -> None:
        """Forgets a note."""
        with translated(self.url):
            self.client.delete(f"{self._prefix}:note:{name}")

    def memory(self) -> dict[str, Any]:
        """What Redis says of its memory."""
        with translated(self.url):
            return self.client.info("memory")


class ChannelState:
    """The state of one channel/version. Every write is fenced by the epoch given at the start."""

    def __init__(self, client: Any, url: str, keys: Keys, epoch: str) -> None:
        self._client, self._url, self._keys, self.epoch = client, url, keys, epoch
        self.name = keys.channel_version

    def _run(self, script: str, keys: Sequence[str], *arguments: Any) -> Any:
        with translated(self._url):
            return self._client.register_script(redis_scripts.source(script))(keys, arguments)

    # Registration and dispatch

    def begin(self) -> None:
        """Makes sure that the channel/version is of this epoch; what is left of an earlier one is dropped.

        A later epoch is left alone: who is late finds that every write is refused.
        """
        with translated(self._url):
            seen = (self._client.get(self._keys.key("epoch")) or b"").decode()
            if seen >= self.epoch:
                return
            loose = [key.decode() for key in self._client.scan_iter(self._keys.key("*"), count=1000)]
        own = self._keys.key("epoch")
        doomed = sorted({*loose, *self._keys(*PLAIN)} - {own})
        self._run("begin", [own, *doomed], self.epoch, seen)

    def registered(self, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Of these file keys, the registered ones with (ETag, partition id). In another epoch than this none is."""
        if not keys:
            return {}
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=True)
            pipeline.get(self._keys.key("epoch"))
            pipeline.hmget(self._keys.key("files"), list(keys))
            epoch, values = pipeline.execute()
        if epoch is None or epoch.decode() != self.epoch:
            return {}
        return {key: _owner(value) for key, value in zip(keys, values, strict=True) if value is not None}

    def register(self, partition: Partition) -> list[str] | None:
        """Registers a partition. The file keys that stood in the way, none when it was done; None in a stale epoch."""
        files = [text for file in partition.files for text in (file.key, f"{file.etag} {partition.id}")]
        keys = self._keys("epoch", "files", "partitions", "waiting", "forgotten")
        blob = ledger_format.encode_partition(partition)
        taken = [key.decode() for key in self._run("register", keys, self.epoch, partition.id, blob, *files)]
        return None if taken == ["stale"] else taken

    def note_uploaded(self, key: str, uploaded: float) -> None:
        """Remembers when a partition's oldest file was uploaded, until it is published: for metrics alone."""
        with translated(self._url):
            self._client.zadd(self._keys.key("unpublished"), {key: uploaded}, nx=True)

    def unpublished(self) -> dict[str, float]:
        """When they were uploaded, by file key: of every partition that is not published yet its oldest file."""
        with translated(self._url):
            found = self._client.zrange(self._keys.key("unpublished"), 0, -1, withscores=True)
        return {key.decode(): uploaded for key, uploaded in found}

    def oldest_unpublished(self) -> float | None:
        """When the oldest of them was uploaded."""
        with translated(self._url):
            found = self._client.zrange(self._keys.key("unpublished"), 0, 0, withscores=True)
        return found[0][1] if found else None

    def oldest_lease(self) -> float | None:
        """When the first lease of those that are dispatched ends or ended, seconds since 1970."""
        with translated(self._url):
            found = self._client.zrange(self._keys.key("leases"), 0, 0, withscores=True)
        return float(found[0][1]) if found else None

    def note_published(self, keys: Sequence[str]) -> list[str]:
        """Forgets file keys that are published now; those that nobody else forgot first."""
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=False)
            for key in keys:
                pipeline.zrem(self._keys.key("unpublished"), key)
            return [key for key, gone in zip(keys, pipeline.execute(), strict=True) if gone]

    def partitions(self, ids: Sequence[str]) -> dict[str, Partition]:
        """The registered ones of these partitions."""
        if not ids:
            return {}
        with translated(self._url):
            blobs = self._client.hmget(self._keys.key("partitions"), list(ids))
        return {id: ledger_format.decode_partition(b) for id, b in zip(ids, blobs, strict=True) if b is not None}

    def dispatched(self) -> int:
        """Partitions dispatched and not finished."""
        with translated(self._url):
            return int(self._client.zcard(self._keys.key("leases")))

    def claim(self, limit: int, lease: float, *, renew: bool) -> list[str]:
        """Claims up to ``limit`` waiting partitions for ``lease`` seconds, with ``renew`` the overdue ones too."""
        claimed = self._run("claim", self._keys("epoch", "waiting", "leases"), self.epoch, limit, lease, int(renew))
        return [id.decode() for id in claimed]

    def start(self, partition: str, lease: float) -> int:
        """Begins an attempt and renews the lease. Its number, from 1; 0 where there is nothing to do."""
        names = ("waiting", "leases", "attempts", "partitions", "finished", "ledger")
        return int(self._run("start", self._keys("epoch", *names), self.epoch, partition, lease))

    def release(self, partition: str, *, counts: bool, delay: float = 0.0) -> None:
        """Gives a dispatched partition back to those that wait, to be claimed after ``delay`` seconds at the earliest.

        ``counts`` says whether the attempt counts.
        """
        keys = self._keys("epoch", "waiting", "leases", "attempts")
        self._run("release", keys, self.epoch, partition, int(counts), delay)

    def note_error(self, partition: str, error: str) -> None:
        """Remembers why the last attempt failed."""
        with translated(self._url):
            self._client.hset(self._keys.key("errors"), partition, error)

    def error(self, partition: str) -> str | None:
        """Why the last attempt failed, where that is known."""
        with translated(self._url):
            value = self._client.hget(self._keys.key("errors"), partition)
        return value.decode() if value else None

    def split(self, partition: str, parts: Sequence[Partition]) -> bool:
        """Puts ``parts`` in the place of a partition that could not be aggregated. False when it was too late."""
        arguments: list[Any] = [self.epoch, partition, len(parts)]
        for part in parts:
            arguments += [part.id, ledger_format.encode_partition(part)]
        for part in parts:
            for file in part.files:
                arguments += [file.key, f"{file.etag} {part.id}"]
        names = ("partitions", "waiting", "leases", "attempts", "finished", "ledger", "files", "errors")
        return bool(self._run("exchange", self._keys("epoch", *names), *arguments))

    def finish(self, partition: str, digest: str) -> bool:
        """Notes that the partition's result is stored. False where it counts already or is not known."""
        names = ("waiting", "leases", "attempts", "partitions", "finished", "ledger", "errors")
        return bool(self._run("finish", self._keys("epoch", *names), self.epoch, partition, digest))

    def unfinish(self, partition: str, error: str) -> bool:
        """Sends a finished partition back whose result is gone or damaged. False where it counts already."""
        self.note_error(partition, error)
        keys = self._keys("epoch", "finished", "ledger", "partitions", "waiting", "batched")
        return bool(self._run("unfinish", keys, self.epoch, partition))

    # Merging

    def finished(self) -> dict[str, str]:
        """Partitions whose result is stored and not counted: digest of the result by id."""
        return self._hash("finished")

    def unbatched(self) -> dict[str, str]:
        """Finished partitions that are in no batch."""
        batched = self._hash("batched")
        return {id: digest for id, digest in self.finished().items() if id not in batched}

    def form_batch(self, batch: Batch, lease: float) -> bool:
        """Puts finished partitions into a batch. False where one of them is not free."""
        keys = self._keys("epoch", "finished", "batched", "batches", "batch_leases")
        listed = " ".join(batch.partitions)
        return bool(self._run("batch", keys, self.epoch, batch.id, listed, lease, *batch.partitions))

    def batch(self, id: str) -> Batch | None:
        """The batch, or None where it is merged or dissolved."""
        with translated(self._url):
            value = self._client.hget(self._keys.key("batches"), id)
        return None if value is None else Batch(id, tuple(value.decode().split()))

    def overdue_batches(self, lease: float) -> list[Batch]:
        """Batches that should be merged by now; their leases are renewed for ``lease`` seconds."""
        ids = self._run("overdue_batches", self._keys("epoch", "batch_leases"), self.epoch, lease)
        return [batch for id in ids if (batch := self.batch(id.decode())) is not None]

    def dissolve(self, batch: Batch) -> None:
        """Frees the partitions of a batch for another one."""
        keys = self._keys("epoch", "batched", "batches", "batch_leases")
        self._run("dissolve", keys, self.epoch, batch.id, *batch.partitions)

    def ledger(self) -> dict[str, str]:
        """The partitions that count: digest of the result by id."""
        return self._hash("ledger")

    def counting(self, ids: Sequence[str]) -> set[str]:
        """Those of these partitions that count."""
        if not ids:
            return set()
        with translated(self._url):
            digests = self._client.hmget(self._keys.key("ledger"), list(ids))
        return {id for id, digest in zip(ids, digests, strict=True) if digest is not None}

    def commit(
        self,
        delta: bytes,
        add: Mapping[str, str],
        *,
        batch: str = "",
        register: Mapping[str, Partition] | None = None,
        remove: Mapping[str, str] | None = None,
        owners: Mapping[str, str | None] | None = None,
        expected_nonce: str = "",
    ) -> Commit:
        """Lets the partitions ``add`` (digest by id) count by ``delta``, and those of ``remove`` no more, in one step.

        ``register`` makes partitions of ``add`` known that are not yet; ``owners`` gives files another
        ("etag partition-id"), or none. Nothing is written unless all of it is.
        """
        register, remove, owners = register or {}, remove or {}, owners or {}
        delta_id = secrets.token_hex(8)
        staged = self._stage(delta)
        keys = self._keys(
            *("epoch", "ledger", "deltas", "finished", "batched", "batches"),
            *("batch_leases", "partitions", "files", "nonce", "forgotten"),
        )
        for i, key in enumerate(staged):
            keys += [key, self._keys.key(f"delta:{delta_id}:{i}")]
        arguments: list[Any] = [self.epoch, delta_id, batch, secrets.token_hex(16), len(staged)]
        arguments += [len(add), len(remove), len(owners), expected_nonce]
        for id, digest in add.items():
            partition = register.get(id)
            arguments += [id, digest, ledger_format.encode_partition(partition) if partition else ""]
        arguments += [text for pair in remove.items() for text in pair]
        arguments += [text for key, owner in owners.items() for text in (key, owner or "")]
        failpoint("commit.staged")
        code, *ids = (part.decode() for part in self._run("commit", keys, *arguments))
        failpoint("commit.done")
        return Commit(code, tuple(ids))

    def nonce(self) -> str:
        """Changes with every commit; "none" before the first."""
        with translated(self._url):
            return (self._client.get(self._keys.key("nonce")) or b"none").decode()

    def _stage(self, blob: bytes) -> list[str]:
        token = secrets.token_hex(8)
        keys = []
        with translated(self._url):
            for i in range(0, max(len(blob), 1), PIECE):
                failpoint("commit.half-staged")
                keys.append(self._keys.key(f"stage:{token}:{i // PIECE}"))
                self._client.set(keys[-1], blob[i : i + PIECE], ex=STAGE_SECONDS)
        return keys

    # The base

    def deltas(self) -> dict[str, bytes]:
        """The deltas that are not in the base: their bytes by id."""
        out = {}
        for id, pieces in self._hash("deltas").items():
            with translated(self._url):
                parts = self._client.mget([self._keys.key(f"delta:{id}:{i}") for i in range(int(pieces))])
            if None not in parts:
                out[id] = b"".join(parts)
            elif self._has_delta(id):  # else a compaction took it meanwhile
                raise DataError("bad-state", f"{self.name}: a part of delta {id} is gone from Redis")
        return out

    def _has_delta(self, id: str) -> bool:
        with translated(self._url):
            return bool(self._client.hexists(self._keys.key("deltas"), id))

    def delta_pieces(self) -> dict[str, int]:
        """The deltas that are not in the base: their numbers of pieces by id."""
        return {id: int(pieces) for id, pieces in self._hash("deltas").items()}

    def delta_count(self) -> int:
        """Deltas that are not in the base."""
        with translated(self._url):
            return int(self._client.hlen(self._keys.key("deltas")))

    def is_of_this_epoch(self) -> bool:
        """Whether the channel/version has begun this epoch, and no later one."""
        with translated(self._url):
            return self._client.get(self._keys.key("epoch")) == self.epoch.encode()

    def base(self) -> Base:
        """Version and digests of the base, of one moment. Raises ``StaleEpoch``: an empty base is not a lost one."""
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=True)
            pipeline.get(self._keys.key("epoch"))
            pipeline.get(self._keys.key("base_version"))
            pipeline.hgetall(self._keys.key("digests"))
            epoch, version, digests = pipeline.execute()
        if epoch != self.epoch.encode():
            raise StaleEpoch(f"{self.name}: this epoch is over, the state was lost or restored meanwhile")
        named = {field.decode(): digest.decode() for field, digest in digests.items()}
        return Base(
            version.decode() if version else None,
            {name[2:]: digest for name, digest in named.items() if name.startswith("m:")},
            {name[2:]: digest for name, digest in named.items() if name.startswith("b:")},
        )

    def blocks(self, names: Sequence[str]) -> dict[str, bytes]:
        """The blocks of the base of these names that exist; of one version where ``base`` says so before and after."""
        out = {}
        for name in names:
            with translated(self._url):
                value = self._client.get(self._keys.key(f"base:{name}"))
            if value is not None:
                out[name] = value
        return out

    def block_bytes(self, names: Sequence[str]) -> dict[str, int]:
        """The sizes of these blocks of the base, as they are stored; 0 where there is none."""
        return dict(zip(names, self._lengths([f"base:{name}" for name in names]), strict=True))

    def delta_bytes(self) -> int:
        """The size of all deltas, as they are stored."""
        pieces = self.delta_pieces()
        return sum(self._lengths([f"delta:{id}:{i}" for id, count in pieces.items() for i in range(count)]))

    def _lengths(self, names: Sequence[str]) -> list[int]:
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=False)
            for name in names:
                pipeline.strlen(self._keys.key(name))
            return [int(length) for length in pipeline.execute()]

    def compact(
        self,
        base: Base,
        deltas: Mapping[str, int],
        blocks: Mapping[str, bytes | None],
        digests: Mapping[str, str | None],
    ) -> str:
        """Replaces ``blocks`` (None drops one) and ``digests`` of ``base``, and drops the deltas that they contain.

        ``deltas`` gives the number of pieces by id. Returns ok, stale, moved or unstaged; only ok wrote anything.
        """
        keep = {name: blob for name, blob in blocks.items() if blob is not None}
        drop = [name for name, blob in blocks.items() if blob is None]
        keys = self._keys("epoch", "base_version", "deltas", "digests")
        for name, blob in keep.items():
            keys += [*self._stage_whole(blob), self._keys.key(f"base:{name}")]
        keys += [self._keys.key(f"base:{name}") for name in drop]
        pieces = [self._keys.key(f"delta:{id}:{i}") for id, count in deltas.items() for i in range(count)]
        keys += pieces
        pairs = [text for name, digest in digests.items() for text in (name, digest or "")]
        counts = (len(keep), len(drop), len(pieces), len(deltas), len(digests))
        version = base.version or ""
        failpoint("compact.staged")
        answer = self._run("compact", keys, self.epoch, version, secrets.token_hex(16), *counts, *deltas, *pairs)
        return answer.decode()

    def _stage_whole(self, blob: bytes) -> list[str]:
        key = self._keys.key(f"stage:{secrets.token_hex(8)}")
        with translated(self._url):
            self._client.set(key, blob, ex=STAGE_SECONDS)
        return [key]

    # Reprocessing

    def add_job(self, job: str, plan: bytes, lease: float) -> bool:
        """Keeps a job's plan. False where the job is there already."""
        keys = [self._keys.key("jobs"), self._keys.key(f"job:{job}")]
        new = bool(self._run("add_job", keys, job, plan, secrets.token_hex(8)))
        if new:
            self.renew_job(job, lease)
        return new

    def renew_job(self, job: str, lease: float) -> None:
        """Leaves the job alone for ``lease`` seconds, after which the sweep sends it again."""
        with translated(self._url):
            seconds, micros = self._client.time()
            self._client.zadd(self._keys.key("job_leases"), {job: seconds + micros / 1e6 + lease})

    def jobs(self) -> dict[str, bytes]:
        """The plans of the jobs under way, by id."""
        with translated(self._url):
            return {id.decode(): plan for id, plan in self._client.hgetall(self._keys.key("jobs")).items()}

    def overdue_jobs(self) -> list[str]:
        """Jobs whose lease is over."""
        with translated(self._url):
            seconds, micros = self._client.time()
            now = seconds + micros / 1e6
            return [id.decode() for id in self._client.zrangebyscore(self._keys.key("job_leases"), "-inf", now)]

    def begin_try(self, job: str, life: str, partition: str, lease: float) -> int:
        """Begins an attempt at a partition of the job, which is left alone for ``lease`` seconds.

        Its number, from 1; 0 where there is nothing to do now: the life is over, the partition has its result,
        another attempt is under way, or the next one is not due yet.
        """
        return int(self._run("begin_try", [self._keys.key(f"job:{job}")], life, partition, lease))

    def release_try(self, job: str, life: str, partition: str, *, counts: bool, delay: float = 0.0) -> None:
        """Ends an attempt that came to nothing; the next one is due after ``delay`` seconds.

        ``counts`` says whether the attempt counts.
        """
        self._run("release_try", [self._keys.key(f"job:{job}")], life, partition, int(counts), delay)

    def resting(self, job: str) -> set[str]:
        """The partitions of the job that are being worked on, or whose next attempt is not due yet."""
        with translated(self._url):
            seconds, micros = self._client.time()
        now = seconds + micros / 1e6
        found = self._hash(f"job:{job}").items()
        return {field.removeprefix(REST) for field, due in found if field.startswith(REST) and float(due) > now}

    def life_of(self, job: str) -> str:
        """The life that the job is in: one that is cancelled and started again is in another."""
        with translated(self._url):
            return (self._client.hget(self._keys.key(f"job:{job}"), LIFE) or b"").decode()

    def note_done(self, job: str, life: str, partition: str, digest: str) -> bool:
        """Notes the result of a partition of the job. False where that life of the job is over."""
        return bool(self._run("note_done", [self._keys.key(f"job:{job}")], life, partition, digest))

    def done(self, job: str) -> dict[str, str]:
        """Digests of the results that the job has so far, by partition."""
        found = self._hash(f"job:{job}")
        return {id: digest for id, digest in found.items() if id != LIFE and not id.startswith((TRY, REST))}

    def end_job(self, job: str) -> bool:
        """Forgets a job, done or cancelled. False where there is none."""
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=True)
            pipeline.hdel(self._keys.key("jobs"), job)
            pipeline.zrem(self._keys.key("job_leases"), job)
            pipeline.delete(self._keys.key(f"job:{job}"))
            return bool(pipeline.execute()[0])

    def forgotten(self) -> set[str]:
        """Files that an operator took out: a snapshot may lack them."""
        with translated(self._url):
            return {key.decode() for key in self._client.smembers(self._keys.key("forgotten"))}

    # Restore and status

    def load(self, entries: Iterable[LedgerEntry], forgotten: Sequence[str] = ()) -> None:
        """Registers the partitions of a check-point as counted, files and all. For a fresh channel/version.

        Raises ``StaleEpoch`` where another restore came in between.
        """
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=False)
            script = self._client.register_script(redis_scripts.source("load"))
            keys = self._keys("epoch", "files", "ledger", "partitions")
            for entry in entries:
                partition = entry.partition
                owners = [text for file in partition.files for text in (file.key, f"{file.etag} {partition.id}")]
                blob = ledger_format.encode_partition(partition)
                script(keys, [self.epoch, partition.id, entry.digest, blob, *owners], client=pipeline)
            if forgotten:
                pipeline.sadd(self._keys.key("forgotten"), *forgotten)
                pipeline.exists(self._keys.key("epoch"))
            done = pipeline.execute()
        if not all(done):
            raise StaleEpoch(f"{self.name}: another restore came in between")

    def counts(self) -> Counts:
        """How much is where."""
        with translated(self._url):
            pipeline = self._client.pipeline(transaction=False)
            pipeline.hlen(self._keys.key("files"))
            for name in ("waiting", "leases"):
                pipeline.zcard(self._keys.key(name))
            for name in ("finished", "batches", "ledger", "deltas"):
                pipeline.hlen(self._keys.key(name))
            pipeline.zrange(self._keys.key("waiting"), 0, 0, withscores=True)
            *numbers, oldest = pipeline.execute()
        files, waiting, leases, finished, batches, ledger, deltas = map(int, numbers)
        since = float(oldest[0][1]) if oldest else None
        return Counts(files, waiting, leases, finished, batches, ledger, deltas, since)

    def _hash(self, name: str) -> dict[str, str]:
        with translated(self._url):
            values = self._client.hgetall(self._keys.key(name))
        return {field.decode(): value.decode() for field, value in values.items()}


def _owner(value: bytes) -> tuple[str, str]:
    etag, _, partition = value.decode().rpartition(" ")
    return etag, partition
