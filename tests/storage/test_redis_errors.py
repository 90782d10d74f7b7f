import pytest
from redis import exceptions

from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.storage.redis_errors import shown, translated


@pytest.mark.parametrize(
    ("raised", "translation", "says"),
    [
        (exceptions.ConnectionError("refused"), InfrastructureError, "is it running"),
        (exceptions.TimeoutError("timed out"), InfrastructureError, "does not answer"),
        (exceptions.BusyLoadingError("LOADING"), InfrastructureError, "still loading"),
        (exceptions.OutOfMemoryError("OOM"), InfrastructureError, "full"),
        (exceptions.ReadOnlyError("READONLY"), InfrastructureError, "read-only replica"),
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
    assert shown(url) == safe
