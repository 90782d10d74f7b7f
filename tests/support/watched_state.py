"""A state that tests look into and interfere with, as ``WatchedStore`` is an object store: no method is patched."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from telemetry_tasks.storage.state import State

Hook = Callable[[str], object]
Doing = Callable[[], object]


def _nothing(request: str) -> None:
    pass


class Watch:
    """Calls ``before(request)`` and ``after(request)`` around each request; ``before`` may raise.

    ``count`` has the requests that were answered, by name, and ``answers`` what was answered, in order.
    """

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.answers: list[tuple[str, Any]] = []
        self.before: Hook = _nothing
        self.after: Hook = _nothing

    def wait_for(self, request: str, seconds: float = 60.0) -> None:
        """Until one more request of this name is answered, that another thread sends."""
        seen, deadline = self.count[request], time.monotonic() + seconds
        while self.count[request] == seen:
            assert time.monotonic() < deadline, f"no {request} in {seconds} s"
            time.sleep(0.01)

    def before_next(self, request: str, do: Doing) -> None:
        """``do`` is done once, ahead of the next request of this name."""

        def hook(seen: str) -> None:
            if seen == request:
                self.before = _nothing
                do()

        self.before = hook

    def after_next(self, request: str, do: Doing) -> None:
        """``do`` is done once, when the next request of this name is done and before its answer arrives."""

        def hook(seen: str) -> None:
            if seen == request:
                self.after = _nothing
                do()

        self.after = hook


class Watched:
    """Any object of the contract of the state; ``channel_version`` gives a watched one, too."""

    def __init__(self, inner: Any, watch: Watch) -> None:
        self.__dict__.update(_inner=inner, _watch=watch)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._asking(name, found) if callable(found) else found

    def _asking(self, name: str, ask: Callable[..., Any]) -> Callable[..., Any]:
        def request(*arguments: Any, **options: Any) -> Any:
            self._watch.before(name)
            answer = ask(*arguments, **options)
            self._watch.count[name] += 1
            self._watch.answers.append((name, answer))
            self._watch.after(name)
            return Watched(answer, self._watch) if name == "channel_version" else answer

        return request


def watched(state: State, watch: Watch) -> State:
    """The state, watched."""
    made: Any = Watched(state, watch)
    return made
