"""HTTP/1.1 by h11, which cuts off clients that are slow to ask or slow to read: uvicorn waits for both without end."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0
"""From the first byte of a request, or from the connection, to the end of its headers."""

READ_SECONDS = 30.0
"""In which a client must take what is written ahead for it: some 64 KB, or a piece of a body."""


class PatientProtocol(H11Protocol):
    """One connection."""

    head_seconds, read_seconds = HEAD_SECONDS, READ_SECONDS
    _head: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch_head()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch_head()

    def _watch_head(self) -> None:
        """A time runs while the server waits for the first request, or the rest of one; uvicorn's runs between two."""
        between = self.timeout_keep_alive_task is not None and not self.conn.trailing_data[0]
        waits = (self.cycle is None or self.cycle.response_complete) and not between
        if waits and self._head is None:
            self._head = self.loop.call_later(self.head_seconds, self.transport.abort)
        elif not waits and self._head is not None:
            self._head.cancel()
            self._head = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reading = self.loop.call_later(self.read_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_reading_time()

    def _stop_reading_time(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop_reading_time()
        if self._head is not None:
            self._head.cancel()
