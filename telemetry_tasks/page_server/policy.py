"""What browsers may do with the page: its headers."""

from telemetry_tasks.web.answers import SECURITY_HEADERS

NOBODY, SELF = "'none'", "'self'"


def page_headers(connect: tuple[str, ...] = (), frame_ancestors: str = NOBODY) -> dict[str, str]:
    """Everything comes from the page's own origin; ``connect`` adds origins that data may come from.

    ``frame_ancestors`` says in the words of a policy which pages may show the page in a frame. ``X-Frame-Options``
    says the same to old browsers, where it can: it knows no other origins.
    """
    sources = " ".join((SELF, *connect))
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src {sources}; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors {frame_ancestors}"
    )
    headers = {
        **SECURITY_HEADERS,
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    del headers["X-Frame-Options"]
    frames = {NOBODY: "DENY", SELF: "SAMEORIGIN"}.get(frame_ancestors)
    return {**headers, "X-Frame-Options": frames} if frames else headers
