"""F33: messages in other formats, Flower without a login, Redis without its password, secrets in logs."""

import itertools
import pickle
import re
import urllib.parse
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import redis
import urllib3
from flower.urls import handlers

from telemetry_tasks.metrics import FORMAT, sums_of
from telemetry_tasks.metrics import REFUSED as REFUSED_MESSAGES
from tests.faults.bench import Bench
from tests.faults.feed import Feed, make_feed
from tests.faults.foreign_messages import Planted, bodies, send_control, send_task
from tests.faults.record import Record
from tests.faults.size import SEED, sized
from tests.faults.truth import Truth
from tests.servers.ports import HOST, free_port
from tests.servers.s3 import SECRET_KEY
from tests.system.processes import Fleet

Make = Callable[..., Bench]
PASSWORD, LOGIN, OPERATOR = "swordfish-and-chips", "open-sesame-7", "operator"
SECRETS = (PASSWORD, LOGIN, SECRET_KEY)
REFUSED = "refused a message"
CONTROL_REFUSED = "ContentDisallowed"


def assert_secret(fleet: Fleet) -> None:
    """No log of the run, and nobody's list of processes, has a secret in it."""
    for process in fleet.processes:
        shown = process.logged()
        if process.alive:
            family = [psutil.Process(process.pid), *process.children()]
            shown += "".join(" ".join(each.cmdline()) for each in family)
        assert [secret for secret in SECRETS if secret in shown] == [], process.name


def refused(one: Bench) -> float:
    """How many messages the workers say that they could not read."""
    return sums_of(REFUSED_MESSAGES, one.services.state.counters.read()).get((FORMAT,), {}).get("", 0)


@pytest.mark.case("F33")
def test_messages_in_other_formats_are_refused_and_no_log_tells_a_secret(
    bench: Make, truth: Truth, tmp_path: Path
) -> None:
    feed, planted = make_feed(sized(12, 100), SEED), tmp_path / "planted"
    one = bench(feed, password=PASSWORD, LOG_LEVEL="DEBUG", FLOWER_LOGIN=f"{OPERATOR}:{LOGIN}")
    one.fleet.entry_point("flower", FLOWER_PORT=str(free_port()))
    one.fleet.metrics()
    one.start().wait_ready()
    one.upload(feed.keys[::2])
    each, prefix = sized(2, 20), one.fleet.celery_prefix
    with one.broker_client() as broker:
        for content_type, body in bodies(planted).items():
            for queue in ("control", "aggregate", "merge", "publish"):
                for _ in range(each):
                    send_task(broker, prefix, queue, content_type, body)
            one.record.fault(f"task as {content_type}", 4 * each)
        send_control(broker, prefix, 0, "application/x-python-serialize", pickle.dumps(Planted(planted)))
        one.record.fault("control command as a pickle")
    total = 4 * each * len(bodies(planted))
    one.wait_until(lambda: refused(one) >= total, 300, "all of them are refused")
    one.upload(feed.keys[1::2])
    one.wait_published()
    one.check(truth.of(feed))
    assert not planted.exists()
    told = "".join(worker.logged() for worker in one.workers)
    assert CONTROL_REFUSED in told
    assert "succeeded" in told.rpartition(REFUSED)[2], "the workers do not go on"
    assert_secret(one.fleet)


def test_the_planted_messages_would_do_harm_where_they_are_read(tmp_path: Path) -> None:
    """The control of the case above."""
    import yaml

    harmful = bodies(tmp_path / "planted")
    for read, kind in ((pickle.loads, "application/x-python-serialize"), (yaml.unsafe_load, "application/x-yaml")):
        read(harmful[kind])
        assert (tmp_path / "planted").exists()
        (tmp_path / "planted").unlink()


OPEN = {r"/metrics", r"/healthcheck", r"/logout"}
"""What Flower answers without a login: docs/security.md says so."""

EMPTY = {r"/login/?", r"/static/(.*)", r".*"}
"""Routes with nothing behind them here: login by OAuth, its scripts and styles, everything else."""

NOTHING = {204, 403, 404, 405}
"""The answer to OPTIONS, which is the same for every path, and that there is nothing, or not by this method."""


def routes() -> Iterator[str]:
    """The patterns of all of Flower's routes."""
    for handler in handlers:
        pattern = handler[0] if isinstance(handler, tuple) else handler.regex.pattern.removesuffix("$")
        yield pattern


def path_of(pattern: str) -> str:
    """A path that the pattern matches."""
    path = re.sub(r"\(\.[+*]\)", "x", pattern).replace("/?", "").replace(".*", "/nothing-of-this-name")
    assert re.fullmatch(pattern, path), pattern
    return path


def test_the_page_on_security_tells_what_flower_answers_without_a_login() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "security.md"
    (line,) = (line for line in page.read_text().splitlines() if line.startswith("| **with access to Flower**"))
    (told,) = re.findall(r"then only ([^|;.]*) answer without a login", line)
    assert set(re.findall(r"`([^`]+)`", told)) == OPEN


@pytest.fixture
def flower(bench: Make) -> str:
    """The address of a Flower with a login."""
    port = free_port()
    one = bench(Feed({}, 0), password=PASSWORD)
    process = one.fleet.entry_point("flower", FLOWER_LOGIN=f"{OPERATOR}:{LOGIN}", FLOWER_PORT=str(port))
    address = f"http://{HOST}:{port}"

    def answers() -> bool:
        try:
            return urllib3.request("GET", f"{address}/healthcheck", retries=False, timeout=10).status == 200
        except urllib3.exceptions.HTTPError:
            assert process.alive, process.logged()
            return False

    one.wait_until(answers, 180, "Flower answers")
    one.record.row["complete"] = True
    return address


@pytest.mark.case("F33")
def test_flower_answers_nobody_without_a_login_on_any_of_its_routes(flower: str, record: Record) -> None:
    http = urllib3.PoolManager(retries=False, timeout=30)
    wrong = urllib3.make_headers(basic_auth=f"{OPERATOR}:{LOGIN}x")
    right = urllib3.make_headers(basic_auth=f"{OPERATOR}:{LOGIN}")
    answered: dict[str, set[int]] = defaultdict(set)
    for pattern in routes():
        url = flower + urllib.parse.quote(path_of(pattern))
        for method, headers in itertools.product(("GET", "POST", "OPTIONS"), ({}, wrong)):
            answered[pattern].add(http.request(method, url, headers=headers, redirect=False).status)
    assert {pattern for pattern, statuses in answered.items() if statuses - NOTHING - {401}} == OPEN
    assert {pattern for pattern, statuses in answered.items() if 401 not in statuses} == OPEN | EMPTY
    record.fault("route asked without a login, and with a wrong one", len(answered))
    assert http.request("GET", f"{flower}/workers", headers=right).status == 200


@pytest.mark.case("F33")
@pytest.mark.parametrize("given", ["none", "wrong"])
def test_a_redis_with_a_password_takes_nobody_without_it(bench: Make, given: str) -> None:
    one = bench(Feed({}, 0), password=PASSWORD)
    login = "" if given == "none" else f":{PASSWORD}x@"
    url = f"redis://{login}{HOST}:{one.state.port}/0"
    for server in (one.state, one.broker):
        with (
            redis.Redis.from_url(f"redis://{login}{HOST}:{server.port}") as client,
            pytest.raises(redis.exceptions.AuthenticationError),
        ):
            client.ping()
        one.record.fault(f"client with {given} password")
    worker = one.fleet.worker(REDIS_URL=url)
    assert worker.wait(180) != 0
    assert "refuses this user" in worker.logged()
    assert "Traceback" not in worker.logged()
    assert_secret(one.fleet)
    one.record.fault(f"worker with {given} password")
    one.record.row["complete"] = True
