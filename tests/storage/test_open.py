"""Stores by URL, and by the settings of a deployment."""

from pathlib import Path

import pytest

from telemetry_tasks.bootstrap import input_store, object_store, published_store, results_store, s3_options
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.settings import load_settings
from telemetry_tasks.storage.open import open_object_store
from telemetry_tasks.storage.s3.client import S3Options


@pytest.mark.parametrize("url", ["s3://bucket/some/prefix", "s3://bucket", "folder:///some/path", "memory://name"])
def test_a_store_knows_its_url(url: str) -> None:
    assert open_object_store(url, S3Options()).url == url


@pytest.mark.parametrize("url", ["", "bucket", "s3://", "s3:///key", "folder://relative", "memory://", "http://host/x"])
def test_any_other_url_is_for_the_operator(url: str) -> None:
    with pytest.raises(OperatorError, match="use s3://bucket/prefix, folder:///absolute/path or memory://name"):
        open_object_store(url, S3Options())


def test_a_memory_store_is_the_same_by_name() -> None:
    open_object_store("memory://one", S3Options()).put("a", b"x")
    assert open_object_store("memory://one", S3Options()).get("a").body == b"x"
    assert open_object_store("memory://two", S3Options()).head("a") is None


def test_settings_say_where_the_stores_are_and_how_s3_is_reached(tmp_path: Path) -> None:
    settings = load_settings(
        input_url=f"folder://{tmp_path}",
        results_url="memory://results",
        published_url="s3://telemetry/current",
        s3_endpoint_url="http://127.0.0.1:1",
        s3_addressing_style="path",
    )
    assert input_store(settings).url == f"folder://{tmp_path}"
    assert results_store(settings).url == "memory://results"
    assert published_store(settings).url == "s3://telemetry/current"
    assert object_store("s3://a/b", settings) is object_store("s3://a/b", settings)
    assert s3_options(settings).endpoint_url == "http://127.0.0.1:1"
    assert s3_options(settings).addressing_style == "path"
