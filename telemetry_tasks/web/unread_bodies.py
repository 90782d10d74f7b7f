"""Ends a connection after a request whose body nobody reads: it must not be taken for the next request."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class UnreadBodies:
    """For applications that read no bodies."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            await send(message)

        await self._app(scope, receive, closing if _has_body(scope) else send)


def _has_body(scope: Scope) -> bool:
    headers = dict(scope.get("headers", ()))
    return headers.get(b"content-length", b"0").strip(b"0") != b"" or b"transfer-encoding" in headers
