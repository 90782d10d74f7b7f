"""Boards: values with the time of their write, of which the oldest go where there are too many."""

from tests.support.backends import Backend

MOST = 5


def test_a_value_is_seen_by_others_with_its_age_until_it_is_taken_down(backend: Backend) -> None:
    backend.client().board("alive", MOST).write("beat", b"ready 1")
    board = backend.client().board("alive", MOST)
    posted = board.read()["beat"]
    assert posted.value == b"ready 1"
    assert 0 <= posted.age < 10
    assert posted.at > 1e9
    assert board.value("beat") == b"ready 1"
    assert backend.client().board("other", MOST).read() == {}
    board.drop("beat")
    assert board.read() == {}
    assert board.value("beat") is None


def test_of_too_many_the_oldest_goes(backend: Backend) -> None:
    board = backend.client().board("alive", MOST)
    for number in range(MOST + 1):
        board.write(f"{number}", b"")
    assert set(board.read()) == {f"{number}" for number in range(1, MOST + 1)}
    board.write("1", b"again")
    board.write("new", b"")
    assert "1" in board.read()
    assert "2" not in board.read()
