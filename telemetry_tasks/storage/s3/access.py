"""What the parts of the S3 store share: the client, the bucket, the mapping of keys, and the translation of errors."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from telemetry_tasks.storage.keys import checked_key
from telemetry_tasks.storage.s3.address import endpoint_of
from telemetry_tasks.storage.s3.answers import not_from_s3
from telemetry_tasks.storage.s3.client import S3Options, s3_client
from telemetry_tasks.storage.s3.errors import translated

TRIES = 5  # for requests that botocore does not retry itself: bodies, and conditional writes


@dataclass(frozen=True, slots=True)
class S3Access:
    """A bucket and a prefix (empty, or ending in ``/``) reached with ``options``."""

    bucket: str
    prefix: str
    options: S3Options

    @property
    def client(self) -> Any:
        """The client of this process."""
        return s3_client(self.options)

    def place(self) -> str:
        """For messages."""
        return f"s3://{self.bucket} at {endpoint_of(self.client)}"

    def name(self, key: str) -> str:
        """The key in the bucket for ``key`` of the store."""
        return checked_key(self.prefix + key) if key else checked_key(key)

    def where(self, key: str) -> dict[str, str]:
        """The parameters that name one object."""
        return {"Bucket": self.bucket, "Key": self.name(key)}

    @contextmanager
    def errors(self, action: str, key: str = "") -> Iterator[None]:
        """Translates botocore's exceptions of the block."""
        try:
            yield
        except (ClientError, BotoCoreError) as error:
            raise translated(error, self.place(), action, key) from error
        except ResponseParserError as error:
            raise translated(not_from_s3(action, "it cannot be read"), self.place(), action, key) from error


def pause(tries: int) -> None:
    """Waits before another try, after ``tries`` tries: at random, up to 0.1, 0.2, 0.4 ... 2 seconds."""
    time.sleep(random.uniform(0.3, 1.0) * min(2.0, 0.1 * 2 ** (tries - 1)))
