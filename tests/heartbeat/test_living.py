"""Signs of life in the state: which kinds of process have one that is young, and whose deployment's it is."""

import time

import redis

from telemetry_tasks.core.living import ALIVE, BEAT, KINDS, LIVING, MOST, READY, WAITING, Kind, kinds
from telemetry_tasks.heartbeat.living import Living
from telemetry_tasks.settings import load_settings
from telemetry_tasks.storage.redis.board import RedisBoard
from telemetry_tasks.storage.state_values import Posted
from tests.servers.ports import free_port


def board(url: str, prefix: str) -> dict[str, Posted]:
    return RedisBoard(redis.Redis.from_url(url), url, prefix, LIVING, MOST).read()


def told(url: str, prefix: str) -> dict[str, Posted]:
    """What is on the board, once there is something."""
    deadline = time.monotonic() + 30
    while not (found := board(url, prefix)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def test_a_process_tells_the_board_of_its_own_deployment_for_each_of_its_queues(redis_url: str) -> None:
    Living(load_settings(redis_url=redis_url, redis_prefix="one")).tell(("aggregate", "merge"), READY)
    found = kinds(told(redis_url, "one"))
    assert {kind for kind, each in found.items() if each.alive} == {"aggregate", "merge"}
    assert board(redis_url, "two") == {}


def test_a_process_that_reaches_the_broker_again_says_so_at_once(redis_url: str) -> None:
    living = Living(load_settings(redis_url=redis_url, redis_prefix="one"))
    living.tell(("merge",), WAITING)
    assert kinds(told(redis_url, "one"))["merge"].waiting == 1
    deadline = time.monotonic() + 4  # below the time between two lines that say the same
    while kinds(board(redis_url, "one"))["merge"].waiting and time.monotonic() < deadline:
        living.tell(("merge",), READY)
        time.sleep(0.02)
    assert kinds(board(redis_url, "one"))["merge"].waiting == 0


def test_a_state_that_is_away_stops_nobody() -> None:
    living = Living(load_settings(redis_url=f"redis://127.0.0.1:{free_port()}/0"))
    living.tell((BEAT,), READY)
    assert living._thread is not None
    living._thread.join(30)
    assert not living._thread.is_alive()


def test_who_wrote_nothing_for_long_is_not_alive_and_was_seen_last_then() -> None:
    found = kinds(
        {
            "aggregate a.1": Posted(READY.encode(), 1000.0, ALIVE + 1),
            "aggregate a.2": Posted(READY.encode(), 990.0, ALIVE + 11),
            "merge a.3": Posted(WAITING.encode(), 1030.0, ALIVE),
            "unknown a.4": Posted(READY.encode(), 1031.0, 0.0),
        }
    )
    assert set(found) == set(KINDS)
    assert found["aggregate"] == Kind(0, 0, 1000.0)
    assert found["merge"] == Kind(1, 1, 1030.0)
    assert found[BEAT] == Kind()
