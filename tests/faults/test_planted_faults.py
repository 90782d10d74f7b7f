"""F30: what ``verify`` finds when something is wrong in the results, the state, the snapshot or the checkpoint."""

import json
from collections.abc import Callable

import pytest

from telemetry_tasks.formats.checkpoints import CHECKPOINTS
from telemetry_tasks.formats.documents import read_json, read_lines
from telemetry_tasks.formats.layouts.v1.names import CURRENT
from telemetry_tasks.formats.layouts.v1.versions import VERSIONS
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint, list_checkpoints
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.objects import ObjectStore
from tests.faults.feed import make_feed
from tests.faults.record import Record
from tests.faults.size import SEED
from tests.support.deployment import deployment, run_all
from tests.support.stores import damage

FILES = 8
Plant = Callable[[Services], None]


@pytest.fixture
def services(redis_url: str) -> Services:
    """Two snapshots, two checkpoints and the state that belongs to the newer ones."""
    made = deployment(redis_url, Options(partition_files=2, transfers=1))
    feed = make_feed(FILES, SEED)
    for part in (feed.keys[: FILES // 2], feed.keys[FILES // 2 :]):
        for key in part:
            made.input.put(key, feed.bodies[key])
        run_all(made)
        checkpoint(made)
    return made


def one_of(store: ObjectStore, prefix: str, ending: str) -> str:
    """The first key there is."""
    return min(info.key for info in store.list(prefix) if info.key.endswith(ending))


def biggest(services: Services) -> ChannelState:
    return max(channel_states(services), key=lambda state: state.counts().merged)


def shown_folder(services: Services) -> str:
    """The folder of the channel/version with the most partitions."""
    return str(load_current(services.published).index.paths()[biggest(services).name])


def lists(services: Services) -> str:
    return f"{CURRENT}/{load_current(services.published).stamp}/FILES_PROCESSED"


def written(rows: list[str]) -> bytes:
    return "".join(f"{row}\n" for row in rows).encode()


def partial_flipped(services: Services) -> None:
    damage(services.results, one_of(services.results, "", ""))


def partial_gone(services: Services) -> None:
    services.results.delete([one_of(services.results, "", "")])


def measure_flipped(services: Services) -> None:
    damage(services.published, one_of(services.published, f"{shown_folder(services)}/", "-by-build-date.json"))


def measure_gone(services: Services) -> None:
    services.published.delete([one_of(services.published, f"{shown_folder(services)}/", "-by-build-date.json")])


def folder_without_manifest(services: Services) -> None:
    services.published.delete([f"{shown_folder(services)}/manifest.json"])


def stale_pointer(services: Services) -> None:
    """The list of folders that old readers go by is that of the snapshot before."""
    paths = read_json(services.published.get(VERSIONS).body)
    name = biggest(services).name
    folders = {info.key.rpartition("/")[0] for info in services.published.list(f"{CURRENT}/")}
    older = min(folder for folder in folders if folder.endswith(f"/{name}") and folder != paths[name])
    services.published.put(VERSIONS, json.dumps({**paths, name: older}).encode())


def pointer_of_another_kind(services: Services) -> None:
    services.published.put(VERSIONS, b'["nightly/28"]')


def row_missing(services: Services) -> None:
    rows = read_lines(services.published.get(lists(services)).body)
    services.published.put(lists(services), written(rows[1:]))


def row_twice(services: Services) -> None:
    rows = read_lines(services.published.get(lists(services)).body)
    services.published.put(lists(services), written([rows[0], *rows]))


def partition_forgotten(services: Services) -> None:
    """The ledger lacks a partition that the sums contain: it would be counted again."""
    state = biggest(services)
    services.state.client.hdel(f"tt:{{{state.name}}}:merged", min(state.merged()))


def block_of_another(services: Services) -> None:
    """A block of the state, sound in itself, in the place of another channel/version's."""
    client = services.state.client
    first, second = sorted(state.name for state in channel_states(services))[:2]
    theirs = sorted(client.scan_iter(f"tt:{{{first}}}:base:c*"))
    ours = sorted(client.scan_iter(f"tt:{{{second}}}:base:c*"))
    client.set(ours[0], client.get(theirs[0]))


def checkpoint_flipped(services: Services) -> None:
    newest = list_checkpoints(services.published)[-1]
    damage(services.published, f"{CHECKPOINTS}/{newest}/" + _block(services, newest))


def _block(services: Services, name: str) -> str:
    prefix = f"{CHECKPOINTS}/{name}/"
    keys = [info.key for info in services.published.list(f"{prefix}state/")]
    return min(key for key in keys if not key.endswith("manifest.json")).removeprefix(prefix)


def pings_changed(services: Services) -> None:
    damage(services.input, one_of(services.input, "", ".gz"))


PLANTS: tuple[Plant, ...] = (
    *(partial_flipped, partial_gone, measure_flipped, measure_gone, folder_without_manifest, stale_pointer),
    *(
        pointer_of_another_kind,
        row_missing,
        row_twice,
        partition_forgotten,
        block_of_another,
        checkpoint_flipped,
        pings_changed,
    ),
)


@pytest.mark.case("F30")
@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_verify_finds_every_planted_fault(services: Services, plant: Plant, record: Record) -> None:
    """F30: nothing is found before, and something after; at least ten kinds of faults."""
    assert [str(finding) for finding in verify(services)] == []
    plant(services)
    record.fault(plant.__name__.replace("_", " "))
    findings = list(verify(services))
    assert findings, f"{plant.__name__} was not found"
    record.note(f"{findings[0].where}: {findings[0].what}"[:100])
    record.partitions(FILES // 2)


def test_at_least_ten_kinds_of_faults_are_planted() -> None:
    assert len(PLANTS) >= 10
