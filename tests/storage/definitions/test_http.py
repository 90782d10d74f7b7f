from collections.abc import Iterator

import pytest

from telemetry_tasks.core.revisions import Revision
from telemetry_tasks.errors import DataError, InfrastructureError, NotFound, OperatorError
from telemetry_tasks.storage.definitions import http
from telemetry_tasks.storage.definitions.http import HttpDefinitions
from tests.servers.ports import free_port
from tests.storage.definitions.server import Answer, DefinitionServer, serving

REVISION = Revision("518f5bff0ae4", "mozilla-central")


@pytest.fixture
def server() -> Iterator[DefinitionServer]:
    with serving() as state:
        yield state


def test_the_template_says_where_a_revision_is(server) -> None:
    server.answers["/mozilla-central/raw-file/518f5bff0ae4/Histograms.json"] = Answer(body=b"{}")
    source = HttpDefinitions(server.url + "/{repository}/raw-file/{revision_id}/Histograms.json")
    assert source.fetch(REVISION) == b"{}"


def test_revision_is_another_word_for_its_id(server) -> None:
    server.answers["/d?r=518f5bff0ae4"] = Answer(body=b"{}")
    assert HttpDefinitions(server.url + "/d?r={revision}").fetch(REVISION) == b"{}"


@pytest.mark.parametrize("revision", [None, Revision("518f5bff0ae4")])
def test_a_revision_that_lacks_what_the_template_needs_is_not_found_without_asking(server, revision) -> None:
    source = HttpDefinitions(server.url + "/{repository}/{revision_id}")
    with pytest.raises(NotFound):
        source.fetch(revision)
    assert server.requests == []


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_file_that_is_not_there_is_not_found(server, status) -> None:
    server.answers["/518f5bff0ae4"] = Answer(status)
    with pytest.raises(NotFound):
        HttpDefinitions(server.url + "/{revision_id}").fetch(REVISION)
    assert len(server.requests) == 1


def test_a_server_that_fails_for_a_moment_is_asked_again(server) -> None:
    server.answers["/518f5bff0ae4"] = Answer(body=b"{}", failures=2)
    assert HttpDefinitions(server.url + "/{revision_id}").fetch(REVISION) == b"{}"


def test_a_server_that_keeps_failing_is_away(server) -> None:
    server.answers["/518f5bff0ae4"] = Answer(status=500)
    with pytest.raises(InfrastructureError, match=r"127\.0\.0\.1"):
        HttpDefinitions(server.url + "/{revision_id}", tries=2).fetch(REVISION)
    assert len(server.requests) == 2


def test_a_server_that_is_not_there_is_away() -> None:
    with pytest.raises(InfrastructureError):
        HttpDefinitions(f"http://127.0.0.1:{free_port()}/{{revision_id}}", tries=1).fetch(REVISION)


def test_an_answer_that_breaks_off_is_no_file(server) -> None:
    server.answers["/518f5bff0ae4"] = Answer(body=b"{", cut=True)
    with pytest.raises(InfrastructureError):
        HttpDefinitions(server.url + "/{revision_id}", tries=1, read=0.5).fetch(REVISION)


def test_a_server_that_dribbles_does_not_hold_a_worker(server) -> None:
    server.answers["/518f5bff0ae4"] = Answer(body=b"x" * 1000, slow=0.02)
    with pytest.raises(InfrastructureError, match="took more than"):
        HttpDefinitions(server.url + "/{revision_id}", deadline=0.3).fetch(REVISION)


def test_an_endless_answer_is_cut_off(server, monkeypatch) -> None:
    monkeypatch.setattr(http, "MAX_BYTES", 1000)
    server.answers["/518f5bff0ae4"] = Answer(body=b"x" * 1001)
    with pytest.raises(DataError, match="definitions-too-large"):
        HttpDefinitions(server.url + "/{revision_id}").fetch(REVISION)


def test_a_redirect_on_the_same_host_is_followed(server) -> None:
    server.answers["/518f5bff0ae4"] = Answer(302, location="/elsewhere")
    server.answers["/elsewhere"] = Answer(body=b"{}")
    assert HttpDefinitions(server.url + "/{revision_id}").fetch(REVISION) == b"{}"


@pytest.mark.parametrize("location", ["http://127.0.0.2:1/x", "/518f5bff0ae4", "file:///etc/passwd"])
def test_a_redirect_to_another_host_or_in_a_circle_is_not(server, location) -> None:
    server.answers["/518f5bff0ae4"] = Answer(302, location=location)
    with pytest.raises(DataError, match="definitions-redirected"):
        HttpDefinitions(server.url + "/{revision_id}").fetch(REVISION)


def test_messages_do_not_show_a_password() -> None:
    source = HttpDefinitions(f"http://me:secret@127.0.0.1:{free_port()}/{{revision_id}}", tries=1)
    with pytest.raises(InfrastructureError) as caught:
        source.fetch(REVISION)
    assert "secret" not in str(caught.value) + source.name


@pytest.mark.parametrize(
    "template",
    [
        "ftp://host/{revision_id}",
        "http:///{revision_id}",
        "http://{revision_id}.host/x",
        "http://host/{other}/{revision_id}",
        "http://host/Histograms.json",
        "http://host:port/{revision_id}",
        "http://[host/{revision_id}",
    ],
)
def test_a_template_that_cannot_work_is_refused_at_once(template) -> None:
    with pytest.raises(OperatorError):
        HttpDefinitions(template)
