"""Owners of registered files as values in Redis: "etag partition-id". An ETag may contain spaces."""

from collections.abc import Mapping

from telemetry_tasks.core.partition import Owner


def owner_pairs(owners: Mapping[str, Owner | None]) -> list[str]:
    """Arguments of a script: each file key, then its owner, or an empty text if the file has none."""
    return [text for key, owner in owners.items() for text in (key, " ".join(owner) if owner else "")]


def decode_owner(value: bytes) -> Owner:
    """The owner in such a value."""
    etag, _, partition = value.decode().rpartition(" ")
    return Owner(etag, partition)
