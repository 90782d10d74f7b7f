"""What goes wrong in a thread that looks is not lost with it."""

import pytest

from tests.faults.background import Background


class Looking(Background):
    """Looks so many times without fault."""

    def __init__(self, times: int) -> None:
        super().__init__(0.001)
        self.looks, self._times = 0, times

    def look(self) -> None:
        self.looks += 1
        if self.looks > self._times:
            raise LookupError("nothing to see")


def test_a_look_that_fails_is_raised_once_at_the_end() -> None:
    looking = Looking(3)
    looking.start()
    looking._thread.join(60)
    with pytest.raises(LookupError, match="nothing to see"):
        looking.stop()
    looking.stop()
    assert looking.looks == 4


def test_looks_end_with_the_block() -> None:
    with Looking(1 << 60) as looking:
        while looking.looks < 3:
            assert not looking.sleeps(0.001)
    seen = looking.looks
    assert looking.sleeps(0.05)
    assert looking.looks == seen
