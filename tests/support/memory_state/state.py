"""The whole of it: one channel/version, and the deployment."""

from collections.abc import Mapping

from telemetry_tasks.storage.state_values import Counts, Posted
from tests.support.memory_state.intake import Intake
from tests.support.memory_state.jobs import Jobs
from tests.support.memory_state.ledger import Ledger
from tests.support.memory_state.server import Channel, MemoryServer
from tests.support.memory_state.sums import Sums


class MemoryChannelState(Intake, Ledger, Sums, Jobs):
    """Fulfils ``ChannelState``."""

    def begin(self) -> None:
        def look() -> tuple[str, set[str], set[str], set[str]]:
            here = self._here
            return here.epoch, set(here.blocks), set(here.staged), set(here.job)

        seen, blocks, staged, jobs = self._do("look", look)
        if seen >= self.epoch:
            return

        def step() -> None:
            here = self._here
            if here.epoch != seen:
                return
            fresh = Channel(epoch=self.epoch)
            # what came after the look has a name of its own that nothing drops
            fresh.blocks = {name: body for name, body in here.blocks.items() if name not in blocks}
            fresh.staged = {token: body for token, body in here.staged.items() if token not in staged}
            fresh.job = {id: job for id, job in here.job.items() if id not in jobs}
            here.__dict__.update(fresh.__dict__)

        self._do("begin", step)

    def is_of_this_epoch(self) -> bool:
        return self._read("is_of_this_epoch", lambda here: here.epoch == self.epoch)

    def counts(self) -> Counts:
        def read(here: Channel) -> Counts:
            return Counts(
                files=len(here.files),
                waiting=len(here.waiting),
                running=len(here.running),
                aggregated=len(here.aggregated),
                batches=len(here.batches),
                merged=len(here.merged),
                deltas=len(here.deltas),
                oldest_waiting=min(here.waiting.values(), default=None),
                digests=len(here.measures) + len(here.block_digests),
            )

        return self._read("counts", read)


class MemoryCounters:
    """Fulfils ``Sums``."""

    def __init__(self, server: MemoryServer) -> None:
        self._server = server

    def add(self, amounts: Mapping[str, float]) -> None:
        for field, amount in amounts.items():
            self._server.counters[field] = self._server.counters.get(field, 0.0) + amount

    def read(self) -> dict[str, float]:
        return dict(self._server.counters)


class MemoryBoard:
    """Fulfils ``Board``."""

    def __init__(self, server: MemoryServer, name: str, most: int) -> None:
        self._server, self._name, self._most = server, name, most

    @property
    def _here(self) -> dict[str, tuple[bytes, float]]:
        return self._server.boards.setdefault(self._name, {})

    def write(self, field: str, value: bytes) -> None:
        def step() -> None:
            here = self._here
            here[field] = value, self._server.now()
            oldest = sorted(here, key=lambda name: (here[name][1], name))
            for name in oldest[: max(0, len(here) - self._most)]:
                del here[name]

        self._server.send("write_board", step)

    def drop(self, field: str) -> None:
        self._server.send("drop_board", lambda: self._here.pop(field, None))

    def value(self, field: str) -> bytes | None:
        return self._server.send("board_value", lambda: self._here.get(field, (None, 0.0))[0])

    def read(self) -> dict[str, Posted]:
        def step() -> dict[str, Posted]:
            now = self._server.now()
            return {field: Posted(value, at, now - at) for field, (value, at) in self._here.items()}

        return self._server.send("read_board", step)


class MemoryLock:
    """A lock that ends by itself."""

    def __init__(self, server: MemoryServer, name: str, seconds: float) -> None:
        self._server, self._name, self._seconds = server, name, seconds
        self._mine = ""

    def acquire(self) -> bool:
        holder, until = self._server.locks.get(self._name, ("", 0.0))
        if holder and until > self._server.now():
            return False
        self._mine = self._server.token(8)
        self.reacquire()
        return True

    def reacquire(self) -> None:
        self._server.locks[self._name] = (self._mine, self._server.now() + self._seconds)

    def release(self) -> None:
        if self._server.locks.get(self._name, ("", 0.0))[0] == self._mine:
            del self._server.locks[self._name]


class MemoryState:
    """Fulfils ``State``."""

    def __init__(self, server: MemoryServer) -> None:
        self.server, self.url = server, "memory://"
        self.counters = MemoryCounters(server)

    def epoch(self) -> str | None:
        return self.server.send("epoch", lambda: None if self.server.restoring else self.server.epoch)

    def next_epoch(self) -> str:
        now = int(self.server.send("time", self.server.now) * 1_000_000)
        for seen in (self.server.send("epoch", lambda: self.server.epoch) or "", self.latest_begun()):
            before = seen.partition("-")[0]
            if before.isdigit():
                now = max(now, int(before) + 1)
        return f"{now:020d}-{self.server.token(8)}"

    def latest_begun(self) -> str:
        names = self.channel_versions()
        return self.server.send("begun", lambda: max((self.server.channel(name).epoch for name in names), default=""))

    def begin_epoch(self, epoch: str) -> bool:
        def step() -> bool:
            here = self.server
            if here.epoch is not None and (not here.restoring or here.epoch >= epoch):
                return here.epoch == epoch and not here.restoring
            here.epoch, here.restoring = epoch, False
            return True

        return self.server.send("begin_epoch", step)

    def begin_restore(self, epoch: str) -> bool:
        def step() -> bool:
            here = self.server
            if here.epoch is not None and here.epoch >= epoch:
                return here.epoch == epoch and here.restoring
            here.epoch, here.restoring = epoch, True
            return True

        return self.server.send("begin_restore", step)

    def finish_restore(self, epoch: str) -> bool:
        def step() -> bool:
            if self.server.epoch != epoch:
                return False
            self.server.restoring = False
            return True

        return self.server.send("finish_restore", step)

    def channel_versions(self) -> list[str]:
        return self.server.send("versions", lambda: sorted(self.server.versions))

    def channel_version(self, name: str, epoch: str) -> MemoryChannelState:
        return MemoryChannelState(self.server, name, epoch)

    def add_channel_version(self, name: str) -> None:
        self.server.send("add_version", lambda: self.server.versions.add(name))

    def lock(self, name: str, seconds: float) -> MemoryLock:
        return MemoryLock(self.server, name, seconds)

    def board(self, name: str, most: int) -> MemoryBoard:
        return MemoryBoard(self.server, name, most)

    def note(self, name: str) -> bytes | None:
        def read() -> bytes | None:
            value, until = self.server.notes.get(name, (None, 0.0))
            return value if until > self.server.now() else None

        return self.server.send("note", read)

    def set_note(self, name: str, value: bytes, seconds: float | None = None) -> None:
        def step() -> None:
            self.server.notes[name] = (value, float("inf") if seconds is None else self.server.now() + seconds)

        self.server.send("set_note", step)

    def drop_note(self, name: str) -> None:
        self.server.send("drop_note", lambda: self.server.notes.pop(name, None))

    def memory(self) -> dict[str, int]:
        return {"used_memory": 0, "maxmemory": 0}
