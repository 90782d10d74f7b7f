"""Bodies that are read piece by piece in threads while they are sent."""

import logging
from collections.abc import AsyncIterator, Generator
from contextlib import suppress
from dataclasses import dataclass

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from telemetry_tasks.errors import TelemetryError
from telemetry_tasks.web.blocking import BlockingWork, Busy

_log = logging.getLogger(__name__)

BROKEN = (TelemetryError, TimeoutError, Busy)
"""What may happen to a body after its headers were sent; only the end of the connection can tell the client."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A body whose first piece was read: a failure until there still has a status of its own.

    One piece is always held back, so that a body that is found to be damaged at its end is never sent whole.
    """

    first: bytes
    second: bytes
    rest: Generator[bytes, None, None]

    @property
    def is_whole(self) -> bool:
        """Whether ``first`` is all of it."""
        return not self.second

    def again(self) -> Generator[bytes, None, None]:
        """All pieces, from the first on."""
        try:
            yield from (self.first, self.second)
            yield from self.rest
        finally:
            self.rest.close()

    def close(self) -> None:
        """Lets go of what it is read from."""
        self.rest.close()


def begin(pieces: Generator[bytes, None, None]) -> Begun:
    """Reads two pieces. Raises as ``pieces`` do."""
    try:
        return Begun(next(pieces, b""), next(pieces, b""), pieces)
    except BaseException:
        pieces.close()
        raise


def _no_pieces() -> Generator[bytes, None, None]:
    yield from ()


NOTHING = Begun(b"", b"", _no_pieces())
"""The body of an answer to HEAD."""


class Streamed(StreamingResponse):
    """The answer with a body that was begun. Ends the connection if the body cannot be read to its end."""

    def __init__(self, body: Begun, work: BlockingWork, status: int, headers: dict[str, str]) -> None:
        super().__init__(_pieces(body, work), status, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except BROKEN as error:
            _log.warning("an answer was cut off: %s", error or type(error).__name__)


async def _pieces(body: Begun, work: BlockingWork) -> AsyncIterator[bytes]:
    held, following = body.first, body.second
    try:
        while following:
            yield held
            held, following = following, await work.run(lambda: next(body.rest, b""))
        yield held
    finally:
        # if a thread still reads from it, it is closed with the last reference
        with suppress(ValueError):
            body.close()
