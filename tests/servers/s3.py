"""What every S3 server of the tests offers: its endpoint, a client, new buckets. All share one pair of keys."""

import os
import uuid
from typing import Any

import boto3
from botocore.config import Config

ACCESS_KEY = "telemetry-test"
SECRET_KEY = "telemetry-test-secret"
REGION = "us-east-1"

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    "AWS_DEFAULT_REGION": REGION,
    # nothing of the machine's own configuration may reach a test
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


class S3Server:
    """``name`` for messages, ``endpoint_url`` for clients. The servers of one kind share nothing but keys."""

    name: str
    endpoint_url: str
    _own_client: Any = None

    def client(self, **options: Any) -> Any:
        """A plain boto3 client, path style; ``options`` are those of botocore's ``Config``."""
        return boto3.session.Session().client(
            "s3",
            endpoint_url=self.endpoint_url,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            region_name=REGION,
            config=Config(
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                **options,
            ),
        )

    def new_bucket(self) -> str:
        """The name of a bucket that was just made and is empty."""
        name = f"test-{uuid.uuid4().hex[:20]}"
        if self._own_client is None:  # a client takes 0.1 s of CPU to make
            self._own_client = self.client()
        self._own_client.create_bucket(Bucket=name)
        return name

    def ensure_bucket(self, name: str) -> None:
        """Creates a bucket unless it exists: creating it again would reset its access rights for every test (moto)."""
        client = self.client()
        if name not in {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}:
            client.create_bucket(Bucket=name)
