"""Amazon SQS, or a compatible server, behind the contract of ``queues``."""

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.storage.queues import Message

BATCH = 10
"""The most messages of one call, a limit of SQS."""

LONGEST_WAIT = 20.0

_FINAL = {"AccessDenied", "InvalidClientTokenId", "SignatureDoesNotMatch", "InvalidAddress", "NonExistentQueue"}


class SqsQueue:
    """One queue. Thread-safe; a new client is made after a fork."""

    def __init__(self, url: str, region: str | None, endpoint_url: str | None = None) -> None:
        self._url, self._region, self._endpoint_url = url, region, endpoint_url

    @property
    def url(self) -> str:
        """See the contract."""
        return self._url

    @property
    def endpoint(self) -> str:
        """The address of requests, which boto3 found in settings, variables or profile. Raises ``OperatorError``."""
        return str(self._client().meta.endpoint_url)

    def receive(self, wait: float) -> list[Message]:
        """See the contract."""
        answer = self._call(
            "receive_message",
            MaxNumberOfMessages=BATCH,
            WaitTimeSeconds=int(min(wait, LONGEST_WAIT)),
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        return [
            Message(m["Body"], m["ReceiptHandle"], int(m.get("Attributes", {}).get("ApproximateReceiveCount", 1)))
            for m in answer.get("Messages", ())
        ]

    def delete(self, messages: Sequence[Message]) -> None:
        """See the contract."""
        for begin in range(0, len(messages), BATCH):
            chunk = messages[begin : begin + BATCH]
            entries = [{"Id": str(i), "ReceiptHandle": message.receipt} for i, message in enumerate(chunk)]
            self._all_done(self._call("delete_message_batch", Entries=entries))

    def send(self, bodies: Sequence[str]) -> None:
        """See the contract."""
        for begin in range(0, len(bodies), BATCH):
            chunk = bodies[begin : begin + BATCH]
            entries = [{"Id": str(i), "MessageBody": body} for i, body in enumerate(chunk)]
            self._all_done(self._call("send_message_batch", Entries=entries))

    def _all_done(self, answer: dict[str, Any]) -> None:
        if answer.get("Failed"):
            raise InfrastructureError(f"queue {self._url}: {answer['Failed'][0].get('Message', 'a message failed')}")

    def _call(self, name: str, **arguments: Any) -> Any:
        try:
            return getattr(self._client(), name)(QueueUrl=self._url, **arguments)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code.rsplit(".", 1)[-1] in _FINAL or "NonExistentQueue" in code or "QueueDoesNotExist" in code:
                raise OperatorError(f"{self._place()}: {error}; check its URL and the permissions on it") from error
            raise InfrastructureError(f"{self._place()}: {error}") from error
        except BotoCoreError as error:
            raise InfrastructureError(f"{self._place()} does not answer: {error}") from error

    def _place(self) -> str:
        return f"queue {self._url} at {self.endpoint}"

    def _client(self) -> Any:
        return _client(os.getpid(), self._region, self._endpoint_url)


@lru_cache(maxsize=4)
def _client(pid: int, region: str | None, endpoint_url: str | None) -> Any:
    config = Config(connect_timeout=3, read_timeout=LONGEST_WAIT + 10, retries={"mode": "standard"})
    try:
        return boto3.session.Session(region_name=region).client("sqs", endpoint_url=endpoint_url, config=config)
    except (BotoCoreError, ValueError) as error:
        raise OperatorError(f"SQS at {endpoint_url or 'AWS'} cannot be used: {error}") from error
