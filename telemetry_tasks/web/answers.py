"""Short answers in words, and the headers that every answer has."""

from collections.abc import Mapping

from starlette.responses import Response

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
RETRY_AFTER = {"Retry-After": "2"}


def text(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """One line of text that no cache keeps."""
    return Response(
        f"{message}\n".encode(),
        status,
        {
            "Content-Type": "text/plain; charset=utf-8",
            "Cache-Control": "no-store",
            **SECURITY_HEADERS,
            **(headers or {}),
        },
    )
