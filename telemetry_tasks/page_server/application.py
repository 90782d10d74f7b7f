"""The routes: the page at ``/`` if there is one, the published data at ``/data/``."""

from collections.abc import Awaitable, Callable
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telemetry_tasks.page_server.files import PageFiles
from telemetry_tasks.page_server.published import PublishedFiles
from telemetry_tasks.web.answers import RETRY_AFTER, text
from telemetry_tasks.web.blocking import BlockingWork, Busy
from telemetry_tasks.web.unread_bodies import UnreadBodies

DATA = "/data/"
ALLOWED = ["GET", "HEAD", "OPTIONS"]

Endpoint = Callable[[Request], Awaitable[Response]]


def application(page: PageFiles | None, published: PublishedFiles, work: BlockingWork) -> Starlette:
    """The application; files of the page are read by ``work``."""

    async def data(request: Request, path: str) -> Response:
        return await published.answer(request, path.removeprefix(DATA))

    async def files(request: Request, path: str) -> Response:
        if page is None or request.method == "OPTIONS":
            return _not_there()
        try:
            return await work.run(lambda: page.answer(request, path))
        except (TimeoutError, Busy):
            return text(503, "The server is busy; try again.", RETRY_AFTER)

    app = Starlette(
        routes=[
            Route("/data/{key:path}", _decoded(data), methods=ALLOWED),
            Route("/{path:path}", _decoded(files), methods=ALLOWED),
        ],
        middleware=[Middleware(UnreadBodies)],
        exception_handlers={404: _no_route, 405: _no_method},
    )
    app.router.redirect_slashes = False
    return app


def _decoded(answer: Callable[[Request, str], Awaitable[Response]]) -> Endpoint:
    """The endpoint of an answer to a path that is decoded strictly: the server's own replaces what is not UTF-8."""

    async def endpoint(request: Request) -> Response:
        try:
            path = unquote(request.scope["raw_path"].decode("ascii"), errors="strict")
        except ValueError:
            return text(400, "The address is not valid.")
        return await answer(request, path)

    return endpoint


def _not_there() -> Response:
    return text(404, "There is no such page.")


async def _no_route(request: Request, error: Exception) -> Response:
    return _not_there()


async def _no_method(request: Request, error: Exception) -> Response:
    return text(405, "Nothing can be changed here.", {"Allow": ", ".join(ALLOWED)})
