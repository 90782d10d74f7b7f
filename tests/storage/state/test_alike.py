"""The state in memory does what the one in Redis does, whatever is asked of both in whatever order."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from telemetry_tasks.storage.channel_state import ChannelState
from tests.storage.state.operations import HISTORIES, OF_THE_CHANNEL, READS, Player
from tests.support.backends import InMemory, InRedis
from tests.support.memory_state import MemoryServer

EXAMPLES = 100


History = list[tuple[str, dict[str, Any]]]


def answers(player: Player, history: History) -> list[object]:
    """What each operation answered, how much was where after it, and all that is there after the last."""
    player.play("begin", {})
    out: list[object] = [(player.play(*call), player.play("counts", {})) for call in history]
    return [*out, [player.play(name, {}) for name in READS]]


def first_difference(redis_url: str, history: History) -> tuple[History, object, object] | None:
    """The history up to the first operation after which the two differ, and what they answered."""
    in_redis, in_memory = answers(Player(InRedis(redis_url)), history), answers(Player(InMemory()), history)
    for number, (theirs, ours) in enumerate(zip(in_redis, in_memory, strict=True)):
        if theirs != ours:
            return history[: number + 1], theirs, ours  # what is only seen at the end needs all of it
    return None


def shortest(redis_url: str, found: tuple[History, object, object]) -> tuple[History, object, object]:
    """The same with every operation left out that it does not need: quicker than to have it found again."""
    for number in reversed(range(len(found[0]) - 1)):
        found = first_difference(redis_url, found[0][:number] + found[0][number + 1 :]) or found
    return found


@settings(
    max_examples=EXAMPLES,
    phases=(Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=HISTORIES)
def test_any_history_has_the_same_answers_in_memory_as_in_redis(redis_url: str, history: History) -> None:
    found = first_difference(redis_url, history)
    assert found is None, "in Redis, in memory: {1}\n{2}\nafter {0}".format(*shortest(redis_url, found))


def test_histories_are_of_all_that_the_contract_has() -> None:
    methods = {name for name in dir(ChannelState) if not name.startswith("_")}
    assert methods == set(OF_THE_CHANNEL)


class TestRequests:
    """The state in memory hands every request to the one place that decides what becomes of it."""

    def test_a_commit_whose_staged_bytes_are_gone_writes_nothing(self) -> None:
        backend = InMemory()
        channel = backend.client().channel_version("nightly/28", "epoch")
        channel.begin()
        before = backend.dump()
        backend.server.send = lambda name, step: backend.server.wipe() if name == "stage" else step()
        assert channel.commit(b"delta", {}).code == "stale"
        backend.server.send = lambda name, step: None if name == "stage" else step()
        channel.begin()
        assert channel.commit(b"delta", {}).code == "unstaged"
        assert channel.compact(channel.base(), {}, {"c00": b"1"}, {}) == "unstaged"
        assert backend.dump() == before

    @pytest.mark.parametrize("size", [1, 3])
    def test_each_read_of_a_block_is_one(self, size: int) -> None:
        server, names = MemoryServer(), []
        channel = InMemory.client(_of(server)).channel_version("nightly/28", "epoch")
        server.send = lambda name, step: (names.append(name), step())[1]
        channel.blocks([f"c{number:02}" for number in range(size)])
        assert names == ["block"] * size


def _of(server: MemoryServer) -> InMemory:
    made = InMemory()
    made.server = server
    return made
