"""Workers that take turns: at any moment one of them runs, or else the director, who says which one goes on."""

import threading
from collections.abc import Callable

from telemetry_tasks.errors import InfrastructureError, OperatorError

Work = Callable[[], object]


class Crash(BaseException):
    """The process is gone: nothing of it may catch this, and whatever it asks for on its way out is not done."""


class Worker:
    """One process. It stops where its work asks to pause, and goes on when it is resumed."""

    def __init__(self, crew: "Crew", number: int) -> None:
        self._crew, self.number = crew, number
        self.go = threading.Semaphore(0)
        self.name, self.work = "", None  # type: tuple[str, Work | None]
        self.dead = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def idle(self) -> bool:
        return self.work is None

    def _run(self) -> None:
        self.go.acquire()
        while self.work is not None:
            try:
                self.work()
                ended = "done"
            except Crash:
                ended = "crashed"
            except (InfrastructureError, OperatorError) as error:
                ended = f"{type(error).__name__}: {error}"
            except BaseException as error:  # noqa: BLE001 - the director raises it
                self._crew.bug, ended = error, f"bug {error!r}"
            self._crew.said(f"{self.number} {self.name} {ended}")
            self.work, self.dead = None, False
            self._crew.director.release()
            self.go.acquire()

    def end(self) -> None:
        """The thread ends. Only of one that is idle."""
        self.go.release()
        self._thread.join()


class Crew:
    """``said`` is told what happens. An error that is a bug is raised by ``resume``."""

    def __init__(self, size: int, said: Callable[[str], None]) -> None:
        self.said = said
        self.director = threading.Semaphore(0)
        self.running: Worker | None = None
        self.bug: BaseException | None = None
        self.workers = [Worker(self, number) for number in range(size)]

    @property
    def idle(self) -> list[Worker]:
        return [worker for worker in self.workers if worker.idle]

    @property
    def paused(self) -> list[Worker]:
        return [worker for worker in self.workers if not worker.idle]

    def begin(self, worker: Worker, name: str, work: Work) -> None:
        """Gives an idle worker something to do; it runs until it pauses or is done."""
        worker.name, worker.work = name, work
        self.resume(worker)

    def resume(self, worker: Worker) -> None:
        """Lets the worker run until it pauses or is done."""
        self.running = worker
        worker.go.release()
        self.director.acquire()
        self.running = None
        if self.bug is not None:
            raise self.bug

    def pause(self) -> None:
        """Of the running worker, from whichever of its threads: until it is resumed. Raises ``Crash`` if killed."""
        worker = self.running
        assert worker is not None
        self.director.release()
        worker.go.acquire()
        if worker.dead:
            raise Crash

    def kill(self, worker: Worker) -> None:
        """A paused worker is gone where it stands."""
        worker.dead = True
        self.resume(worker)

    def close(self) -> None:
        """Ends all of them."""
        self.bug = None
        for worker in self.paused:
            self.kill(worker)
        for worker in self.workers:
            worker.end()
