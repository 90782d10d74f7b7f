"""The policies for AWS: each role may do what the code asks of it and no more, and nothing expires that is needed."""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from telemetry_tasks.settings import Settings
from tests.deploy.files import AWS, ROOT

ROLES = ("uploader", "worker", "publisher", "reader", "operator")
NEEDS = {
    "list_objects_v2": {"s3:ListBucket"},
    "head_bucket": {"s3:ListBucket"},
    "head_object": {"s3:GetObject"},
    "get_object": {"s3:GetObject"},
    "put_object": {"s3:PutObject"},
    "copy_object": {"s3:GetObject", "s3:PutObject"},
    "delete_object": {"s3:DeleteObject"},
    "delete_objects": {"s3:DeleteObject"},
    "receive_message": {"sqs:ReceiveMessage"},
    "delete_message_batch": {"sqs:DeleteMessage"},
    "send_message_batch": {"sqs:SendMessage"},
}
"""Calls of boto3 and the permissions that they take, by AWS's service authorization reference."""

CALL = re.compile(r"client\.(?!get_paginator)(\w+)\(|get_paginator\(\"(\w+)\"\)|_call\(\s*\"(\w+)\"")


def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((AWS / f"{name}.json").read_text("utf-8"))
    return found


def allows(role: str) -> Iterator[tuple[str, str]]:
    """Pairs of action and resource."""
    for statement in document(role)["Statement"]:
        assert statement["Effect"] == "Allow"
        for action in statement["Action"]:
            for resource in statement["Resource"]:
                yield action, resource


def may(role: str, action: str, place: str) -> bool:
    """Whether a role may do something to ``bucket/key``, a bucket, or a queue."""
    prefix = "arn:aws:s3:::" if action.startswith("s3:") else "arn:aws:sqs:us-east-1:111122223333:"
    return any(action == a and fnmatchcase(prefix + place, r) for a, r in allows(role))


def calls() -> set[str]:
    """What the adapters of S3 and SQS call."""
    found = set()
    storage = ROOT / "telemetry_tasks" / "storage"
    for path in (*storage.glob("s3/*.py"), storage / "sqs.py"):
        found |= {next(filter(None, match)) for match in CALL.findall(path.read_text("utf-8"))}
    return found


@pytest.mark.parametrize("path", sorted(AWS.iterdir()), ids=lambda path: path.name)
def test_a_file_is_json(path: Path) -> None:
    assert path.suffix == ".json"
    assert json.loads(path.read_text("utf-8"))


def test_every_call_of_the_code_is_allowed_to_somebody() -> None:
    assert calls() == set(NEEDS)
    allowed = {action for role in ROLES for action, _ in allows(role)}
    assert {action for call in calls() for action in NEEDS[call]} <= allowed


@pytest.mark.parametrize("role", ROLES)
def test_no_role_has_a_wildcard_of_actions_or_of_buckets(role: str) -> None:
    for action, resource in allows(role):
        assert "*" not in action
        assert re.match(r"arn:aws:(s3:::example-[a-z]+|sqs:us-east-1:111122223333:telemetry-)", resource), resource


PINGS, RESULT, SLICE = "example-pings/a", "example-work/results/nightly/28/x", "example-work/merged-slices/x"
CURRENT, POINT = "example-telemetry/data/current/1/x", "example-telemetry/data/check-points/1/x"
INDEX, LIST = "example-telemetry/data/latest-current.json", "example-telemetry/data/check-points.json"
GET, PUT, DELETE = "s3:GetObject", "s3:PutObject", "s3:DeleteObject"


@pytest.mark.parametrize(
    ("role", "action", "places"),
    [
        ("uploader", PUT, [PINGS]),
        ("worker", GET, [PINGS, RESULT, SLICE, CURRENT, POINT, INDEX, LIST]),
        ("worker", PUT, [RESULT, SLICE]),
        ("worker", DELETE, [SLICE]),
        ("publisher", GET, [RESULT, SLICE, CURRENT, POINT, INDEX, LIST]),
        ("publisher", PUT, [CURRENT, POINT, INDEX, LIST]),
        ("publisher", DELETE, [SLICE, CURRENT, POINT]),
        ("reader", GET, [CURRENT, INDEX]),
        ("operator", GET, [PINGS, RESULT, SLICE, CURRENT, POINT, INDEX, LIST]),
        ("operator", PUT, [RESULT, SLICE, CURRENT, POINT, INDEX, LIST]),
        ("operator", DELETE, [RESULT, SLICE, CURRENT, POINT, INDEX, LIST]),
    ],
)
def test_a_role_may_do_this_and_to_nothing_else(role: str, action: str, places: list[str]) -> None:
    everywhere = [PINGS, RESULT, SLICE, CURRENT, POINT, INDEX, LIST]
    assert [place for place in everywhere if may(role, action, place)] == places


def test_nobody_removes_pings_and_only_operators_remove_results() -> None:
    assert not any(may(role, DELETE, PINGS) for role in ROLES)
    assert [role for role in ROLES if may(role, DELETE, RESULT)] == ["operator"]


def test_queues_are_drained_by_workers() -> None:
    for queue in ("telemetry-notifications", "telemetry-finished-tasks"):
        assert [role for role in ROLES if may(role, "sqs:ReceiveMessage", queue)] == ["worker"]
        assert may("worker", "sqs:DeleteMessage", queue)
    assert may("worker", "sqs:SendMessage", "telemetry-dead-letters")


def test_browsers_see_what_readers_see_and_no_checkpoints() -> None:
    first, second = document("cloudfront-bucket-policy")["Statement"]
    (reading, _) = document("reader")["Statement"]
    assert first["Resource"] == reading["Resource"]
    assert first["Condition"]["StringEquals"]["AWS:SourceArn"]
    assert second["Effect"] == "Deny"


def test_lifecycle_rules_expire_merged_slices_alone() -> None:
    rules = [rule for name in ("pings", "work", "telemetry") for rule in document(f"lifecycle-{name}")["Rules"]]
    assert {rule["Filter"]["Prefix"] for rule in rules if "Expiration" in rule} == {"merged-slices/"}
    assert all(rule["Expiration"]["Days"] * 86400 > Settings().grace_time for rule in rules if "Expiration" in rule)
    assert len({(rule["ID"], rule["Filter"]["Prefix"]) for rule in rules}) >= 5


def test_what_is_moved_can_still_be_read_at_once() -> None:
    for name in ("pings", "work", "telemetry"):
        for rule in document(f"lifecycle-{name}")["Rules"]:
            for transition in rule.get("Transitions", ()):
                assert transition["StorageClass"] in ("STANDARD_IA", "INTELLIGENT_TIERING", "GLACIER_IR")


def test_messages_that_fail_again_and_again_go_to_the_dead_letters() -> None:
    redrive = json.loads(document("queue-attributes")["RedrivePolicy"])
    assert redrive["deadLetterTargetArn"].endswith(":telemetry-dead-letters")
    (statement,) = document("notifications-queue-policy")["Statement"]
    (sent,) = document("input-notifications")["QueueConfigurations"]
    assert statement["Resource"] == sent["QueueArn"]
    assert statement["Condition"]["ArnEquals"]["aws:SourceArn"] == "arn:aws:s3:::example-pings"
