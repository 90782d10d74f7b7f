"""Translates Redis's exceptions into those of this package."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from telemetry_tasks.errors import InfrastructureError, OperatorError

_PASSING = re.compile(
    r"(?:\A|caused error: )(?:BUSY|MISCONF|NOREPLICAS) "
    r"|Error running script .*-(?:OOM|MISCONF|NOREPLICAS|READONLY) ",  # the form of Redis 6.2
    re.DOTALL,
)
"""Errors of a server that cannot serve for now: a script blocks it, its disk is full, replicas are missing."""

_AWAY = (redis.exceptions.ClusterDownError, redis.exceptions.MasterDownError, redis.exceptions.TryAgainError)


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Runs a block that talks to the Redis at ``url`` (shown in messages, without its password)."""
    try:
        yield
    except (redis.exceptions.AuthenticationError, redis.exceptions.NoPermissionError) as error:
        raise OperatorError(f"Redis at {url} refuses this user: {error}; check the password and the ACL") from error
    except redis.exceptions.OutOfMemoryError as error:
        raise InfrastructureError(f"Redis at {url} is full: raise maxmemory or let publishing catch up") from error
    except redis.exceptions.BusyLoadingError as error:  # a ConnectionError to redis-py
        raise InfrastructureError(f"Redis at {url} is still loading its data") from error
    except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError) as error:
        raise InfrastructureError(f"Redis at {url} does not answer: {error}; is it running?") from error
    except redis.exceptions.ReadOnlyError as error:
        raise InfrastructureError(f"Redis at {url} is a read-only replica now: {error}") from error
    except redis.exceptions.NoScriptError as error:  # from a pipeline, which cannot send the script's text instead
        raise InfrastructureError(f"Redis at {url} was told to forget its scripts: {error}") from error
    except redis.exceptions.ResponseError as error:
        if not isinstance(error, _AWAY) and not _PASSING.search(str(error)):
            raise  # a bug in this program
        raise InfrastructureError(f"Redis at {url} cannot do its work for now: {error}") from error


def redacted(url: str) -> str:
    """The URL without user and password, wherever they are in it."""
    scheme, separator, rest = url.partition("://")
    place, _, query = rest.partition("?")
    if "@" in query:  # a password with a ? in it, or one in the query: the parts are ambiguous
        return f"{scheme}{separator}…"
    return f"{scheme}{separator}{place.rpartition('@')[2]}"
