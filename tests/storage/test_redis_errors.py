import shutil
import time
from threading import Thread

import pytest
import redis
from redis import exceptions

from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.storage.redis.errors import redacted, translated
from telemetry_tasks.storage.redis.state import RedisState
from tests.servers.redis import RedisServer


@pytest.mark.parametrize(
    ("raised", "translation", "says"),
    [
        (exceptions.ConnectionError("refused"), InfrastructureError, "is it running"),
        (exceptions.TimeoutError("timed out"), InfrastructureError, "does not answer"),
        (exceptions.BusyLoadingError("LOADING"), InfrastructureError, "still loading"),
        (exceptions.OutOfMemoryError("OOM"), InfrastructureError, "full"),
        (exceptions.ReadOnlyError("READONLY"), InfrastructureError, "read-only replica"),
        (exceptions.ResponseError("NOREPLICAS Not enough good replicas to write."), InfrastructureError, "for now"),
        (exceptions.ClusterDownError("The cluster is down"), InfrastructureError, "for now"),
        (exceptions.MasterDownError("Link with MASTER is down"), InfrastructureError, "for now"),
        (exceptions.TryAgainError("Multiple keys request"), InfrastructureError, "for now"),
        (
            exceptions.ResponseError(
                "Error running script (call to f_ab): @user_script:3: @user_script: 3: -OOM command not allowed when "
                "used memory > 'maxmemory'."
            ),
            InfrastructureError,
            "for now",
        ),
        (exceptions.AuthenticationError("WRONGPASS"), OperatorError, "check the password"),
        (exceptions.NoPermissionError("NOPERM"), OperatorError, "ACL"),
    ],
)
def test_an_exception_of_the_library_says_who_has_to_act(
    raised: Exception, translation: type[Exception], says: str
) -> None:
    with pytest.raises(translation, match=says) as caught, translated("redis://host/1"):
        raise raised
    assert caught.value.__cause__ is raised
    assert "redis://host/1" in str(caught.value)


def test_a_server_that_a_script_holds_up_is_away_for_now() -> None:
    with RedisServer({"lua-time-limit": "10"}) as server, redis.Redis.from_url(server.url, retry=None) as client:
        held_up = Thread(target=_never_ends, args=(server.url,))
        held_up.start()
        with pytest.raises(InfrastructureError, match="BUSY"):
            _asks_for_ever(RedisState(client, server.url, "tt"))
        client.script_kill()
        held_up.join()


def _asks_for_ever(state: RedisState) -> None:
    while True:
        state.epoch()


def _never_ends(url: str) -> None:
    with redis.Redis.from_url(url, retry=None) as client, pytest.raises(exceptions.ResponseError, match="killed"):
        client.eval("while true do end", 0)


@pytest.mark.parametrize("in_pipeline", [False, True])
def test_a_server_whose_disk_is_full_is_away_for_now(in_pipeline: bool) -> None:
    with RedisServer({"save": "3600 1"}) as server, redis.Redis.from_url(server.url) as client:
        client.set("a", 1)
        shutil.rmtree(server.folder)
        client.bgsave()
        while client.info("persistence")["rdb_bgsave_in_progress"]:
            time.sleep(0.01)
        state = RedisState(client, server.url, "tt").channel_version("nightly/28", "epoch")
        with pytest.raises(InfrastructureError, match="MISCONF"):
            state.end_job("job") if in_pipeline else state.begin()
        server.folder.mkdir()


def test_a_bug_of_ours_stays_what_it_is() -> None:
    with pytest.raises(exceptions.ResponseError), translated("redis://host/1"):
        raise exceptions.ResponseError("WRONGTYPE")


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("redis://host:6379/1", "redis://host:6379/1"),
        ("redis://user:secret@host/1", "redis://host/1"),
        ("rediss://:p@ss@host/1", "rediss://host/1"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock"),
        ("redis://host/1?password=secret", "redis://host/1"),
        ("redis://:sec?ret@host/1", "redis://…"),
        ("redis://host/1?password=sec@ret", "redis://…"),
    ],
)
def test_urls_are_shown_without_user_and_password(url: str, safe: str) -> None:
    assert redacted(url) == safe
