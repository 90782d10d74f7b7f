"""Documents that tell what readers see, damaged: they are named, nothing is put over them, and there is a way out."""

import pytest

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import json_document
from telemetry_tasks.formats.layouts.v1.latest import LATEST
from telemetry_tasks.formats.layouts.v1.versions import VERSIONS
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.recovery.garbage import collect_garbage
from tests.pipeline.publishing import latest, take_in
from tests.support.deployment import published_bytes
from tests.support.pings import key
from tests.support.stage import Stage

A, B = key("a"), key("o", channel="aurora", version="27.0a2")
ROT, NONE_OF_OURS, NO_OBJECT = b"rot", json_document({}).body, json_document(None).body


@pytest.mark.parametrize("body", [ROT, NONE_OF_OURS, NO_OBJECT])
@pytest.mark.parametrize("name", [LATEST, "index.json"])
def test_it_is_named_and_without_the_index_everything_is_published_again(stage: Stage, name: str, body: bytes) -> None:
    take_in(stage, A, B)
    publish(stage.services)
    shown = stage.published.get(VERSIONS).body
    path = name if name == LATEST else f"current/{latest(stage)}/{name}"
    stage.published.put(path, body)
    stage.clock.pass_(5)
    take_in(stage, key("c"))
    with pytest.raises(DataError, match=path):
        publish(stage.services)
    assert stage.published.get(VERSIONS).body == shown
    stage.published.delete([LATEST])
    assert publish(stage.services).versions == ("aurora/27", "nightly/28")
    assert list(verify(stage.services)) == []
    after = published_bytes(stage.published)
    stage.clock.pass_(10 * 86400)
    collect_garbage(stage.services, stage.clock())
    assert published_bytes(stage.published) == after
