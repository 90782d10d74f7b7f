"""Redis behind TLS, with a user of its own: every client checks the certificate, and a worker does its work."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
import trustme
from celery import Celery
from kombu import Connection
from kombu.exceptions import OperationalError

from telemetry_tasks.embedded.commands import worker_command
from telemetry_tasks.settings import Settings, load_settings
from telemetry_tasks.settings.redis_addresses import key_prefix
from telemetry_tasks.storage.redis.broker import QUEUES
from tests.embedded.waiting import wait_until
from tests.servers.ports import HOST
from tests.servers.redis import RedisServer
from tests.servers.tls import TlsFront
from tests.support.pings import ping_file
from tests.workers.running import running

PASSWORD = "swordfish-and-chips"
KEY = "saved_session/Firefox/nightly/28.0a1/20131029030201.20131101.v2.log.x.gz"
ACL = f"""\
user default on nopass ~* &* -@all +ping +config|get
user telemetry on >{PASSWORD} ~* &* +@all -@admin -@dangerous +info +config|get
"""
"""The second one is what docs/security.md proposes."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def front(folder: Path) -> Iterator[TlsFront]:
    (folder / "users.acl").write_text(ACL)
    with RedisServer({"aclfile": str(folder / "users.acl")}) as server, TlsFront(server.port) as made:
        made.authority.cert_pem.write_to_path(folder / "ca.pem")
        trustme.CA().cert_pem.write_to_path(folder / "other-ca.pem")
        yield made


def url_of(front: TlsFront, database: int) -> str:
    return f"rediss://telemetry:{PASSWORD}@{HOST}:{front.port}/{database}"


def settings_with(front: TlsFront, ca_file: Path | None) -> Settings:
    return load_settings(redis_url=url_of(front, 1), broker_url=url_of(front, 0), redis_ca_file=ca_file)


def ping_state(settings: Settings) -> None:
    redis.Redis.from_url(settings.state_address).ping()


def ping_broker(settings: Settings) -> None:
    with Connection(settings.broker_address) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=5)


def ping_results(settings: Settings) -> None:
    Celery(backend=settings.result_address, set_as_current=False).backend.client.ping()


CLIENTS = (ping_state, ping_broker, ping_results)


@pytest.mark.parametrize("ping", CLIENTS)
def test_a_certificate_of_the_named_authority_is_trusted(
    ping: Callable[[Settings], None], front: TlsFront, folder: Path
) -> None:
    ping(settings_with(front, folder / "ca.pem"))


@pytest.mark.parametrize("ca_file", ["other-ca.pem", None])
@pytest.mark.parametrize("ping", CLIENTS)
def test_any_other_certificate_is_refused(
    ping: Callable[[Settings], None], ca_file: str | None, front: TlsFront, folder: Path
) -> None:
    with pytest.raises((redis.RedisError, OperationalError, ssl.SSLError), match="certificate verify failed"):
        ping(settings_with(front, folder / ca_file if ca_file else None))


def test_a_worker_processes_a_file_and_its_password_is_in_no_log(front: TlsFront, folder: Path) -> None:
    file = folder / "input" / KEY
    file.parent.mkdir(parents=True)
    file.write_bytes(ping_file())
    for name, database in (("redis", 1), ("broker", 0)):
        (folder / f"{name}-url").write_text(url_of(front, database) + "\n")
    settings = {
        "TELEMETRY_REDIS_URL_FILE": str(folder / "redis-url"),
        "TELEMETRY_BROKER_URL_FILE": str(folder / "broker-url"),
        "TELEMETRY_REDIS_CA_FILE": str(folder / "ca.pem"),
        "TELEMETRY_PARTITION_AGE": "0",
    }
    app = Celery(broker=settings_with(front, folder / "ca.pem").broker_address, set_as_current=False)
    app.conf.broker_transport_options = {"global_keyprefix": key_prefix("tt")}
    log = folder / "log"

    def counts() -> bool:
        for task in ("discover", "merge_round"):
            app.send_task(task, queue="control", serializer="msgpack", expires=30)
        return "reduced" in log.read_text()

    with running(worker_command("tls@%h", QUEUES, 1, log_level="DEBUG"), folder, **settings):
        try:
            wait_until(counts, 240, every=2.0)
        finally:
            app.close()
    assert PASSWORD not in log.read_text()
