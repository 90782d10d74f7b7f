"""How processes address Redis: URLs that ask for TLS, and the prefix of Celery's keys.

TLS is asked for in the URL itself, which redis-py, kombu and Celery all read alike. Left to themselves they differ:
redis-py checks the server's certificate, kombu does not, Celery refuses to start.
"""

from pathlib import Path
from urllib.parse import urlencode

SCHEME = "rediss://"


def with_tls(url: str, ca_file: Path | None) -> str:
    """A ``rediss://`` URL that says how the server's certificate is checked; what it says already stays.

    Without ``ca_file`` the certificate authorities of the system are trusted. Other URLs are given back as they are.
    """
    if not url.startswith(SCHEME):
        return url
    wanted = {"ssl_cert_reqs": "required"} | ({"ssl_ca_certs": str(ca_file)} if ca_file else {})
    query = url.partition("?")[2]
    missing = {name: value for name, value in wanted.items() if f"{name}=" not in query}
    if not missing:
        return url
    return f"{url}{'&' if query else '?'}{urlencode(missing)}"


def key_prefix(redis_prefix: str) -> str:
    """The first part of every key and channel of Celery's in a deployment: queues, results, remote control, events."""
    return f"{redis_prefix}:celery:"
