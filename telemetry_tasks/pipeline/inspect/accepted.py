"""What a person has seen and accepted: an object in the results bucket, so that it outlives Redis.

Not in the state: it is nothing that counts, and a lost Redis would bring back what was accepted long ago. Not in the
published bucket: what is published depends on ping files and settings only.
"""

from collections.abc import Callable, Mapping

from telemetry_tasks.errors import DataError, InfrastructureError, NotFound, PreconditionFailed
from telemetry_tasks.formats.documents import NO_CACHE, json_document, read_json
from telemetry_tasks.pipeline.publish.folders import put_document
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.objects import still

KEY = "accepted.json"
ATTEMPTS = 5

Accepted = Mapping[str, str]
"""The fingerprint of each accepted finding, by its name."""


def load_accepted(services: Services) -> dict[str, str]:
    """The accepted findings; empty if the object is missing or damaged: then a person has to accept again."""
    return _load(services)[0]


def change_accepted(services: Services, change: Callable[[Accepted], Accepted]) -> None:
    """Stores what ``change`` makes of it. Raises ``InfrastructureError`` if others change it all the time."""
    for _ in range(ATTEMPTS):
        before, etag = _load(services)
        after = dict(change(before))
        if after == before:
            return
        document = json_document({"accepted": after}, cache_control=NO_CACHE)
        try:
            put_document(services.results, KEY, document, only_if=still(etag))
        except PreconditionFailed:
            continue
        return
    raise InfrastructureError(f"{services.results.url}/{KEY} was changed by others each time: try again")


def _load(services: Services) -> tuple[dict[str, str], str | None]:
    try:
        found = services.results.get(KEY)
    except NotFound:
        return {}, None
    try:
        accepted = read_json(found.body)["accepted"]
        return {str(name): str(fingerprint) for name, fingerprint in accepted.items()}, found.etag
    except (DataError, KeyError, TypeError, AttributeError, ValueError):
        return {}, found.etag
