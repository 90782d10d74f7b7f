"""The scripts beside compose.yaml: secrets that fit together, and buckets."""

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.deploy.files import DOCKER, compose
from tests.servers.moto import MotoServer


def script() -> dict[str, Any]:
    return runpy.run_path(str(DOCKER / "make_secrets.py"))


def test_the_secrets_are_those_of_compose_and_fit_together(tmp_path: Path) -> None:
    assert script()["main"](tmp_path) == 6
    declared = {each["file"] for each in compose()["secrets"].values()}
    assert {f"secrets/{path.name}" for path in (tmp_path / "secrets").iterdir()} == declared
    password = (tmp_path / "secrets/redis_password").read_text().strip()
    assert (tmp_path / "secrets/redis_url").read_text().strip() == f"redis://:{password}@state:6379/0"
    (identity,) = json.loads((tmp_path / "secrets/s3_identities").read_text())["identities"]
    assert identity["credentials"][0]["secretKey"] in (tmp_path / "s3.env").read_text()


def test_secrets_are_nobodys_business_and_are_made_once(tmp_path: Path) -> None:
    script()["main"](tmp_path)
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "s3.env").stat().st_mode & 0o777 == 0o600
    before = (tmp_path / "s3.env").read_text()
    assert script()["main"](tmp_path) == 0
    assert (tmp_path / "s3.env").read_text() == before


def test_buckets_are_made_once_and_found_the_next_time(s3_server: MotoServer) -> None:
    settings = {"TELEMETRY_S3_ENDPOINT_URL": s3_server.endpoint_url, "TELEMETRY_S3_ADDRESSING_STYLE": "path"}
    command = [sys.executable, str(DOCKER / "make_buckets.py"), "of-compose", "of-compose-too"]
    for _ in range(2):
        ran = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=120)
        assert ran.returncode == 0, ran.stderr


def test_buckets_are_made_in_the_region_of_the_settings(s3_server: MotoServer) -> None:
    settings = {
        "TELEMETRY_S3_ENDPOINT_URL": s3_server.endpoint_url,
        "TELEMETRY_S3_ADDRESSING_STYLE": "path",
        "TELEMETRY_S3_REGION": "eu-west-1",
    }
    command = [sys.executable, str(DOCKER / "make_buckets.py"), "of-ireland"]
    ran = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    assert s3_server.client().get_bucket_location(Bucket="of-ireland")["LocationConstraint"] == "eu-west-1"
