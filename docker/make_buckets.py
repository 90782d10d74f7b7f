"""Makes the buckets that are named and not yet there, where the settings say: ``python make_buckets.py BUCKET…``."""

import sys
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from telemetry_tasks.bootstrap import s3_options
from telemetry_tasks.settings import load_settings
from telemetry_tasks.storage.s3.client import s3_client

EXISTS = ("BucketAlreadyOwnedByYou", "BucketAlreadyExists")


def place(region: str | None) -> dict[str, Any]:
    """S3 makes a bucket in another region than its first only if the request names it, and refuses the first's name."""
    if region in (None, "us-east-1", "aws-global"):
        return {}
    return {"CreateBucketConfiguration": {"LocationConstraint": region}}


def main(buckets: list[str]) -> int:
    """0 when all are there; 1 and a line that says why not."""
    client = s3_client(s3_options(load_settings()))
    for bucket in buckets:
        try:
            client.create_bucket(Bucket=bucket, **place(client.meta.region_name))
        except ClientError as error:
            if error.response["Error"]["Code"] not in EXISTS:
                print(f"bucket {bucket} is not made: {error}", file=sys.stderr)
                return 1
        except BotoCoreError as error:
            print(f"bucket {bucket} is not made: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
