"""Long work that a page has begun and does not wait for: it goes on in a thread, and pages tell how far it is.

A job lives as long as its process. What it does must be safe to cut short, for a process may end at any moment; whoever
asks another process sees no job, only what is on disk. What a person decided is in the record when it is over, however
long that takes.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar, cast

import structlog

from bot.records.model import DONE, REFUSED
from catalogue_index.errors import Refused

from .console import Done, Posted

T = TypeVar("T")

PATIENCE = 3.0
"""Seconds that a request waits for a job before it shows how far it is."""

KEPT = 200
"""Jobs remembered; the oldest ended ones are forgotten first."""

FAILED = "系统出错，没有完成，也没有改动。请再试一次；仍然不行，请联系管理员。"

log = structlog.get_logger()


@dataclass
class Job(Generic[T]):
    """One piece of work: the ``step`` it is at, and once it is over its ``result``, or the sentence that says why not."""

    step: str = "准备"
    result: T | None = None
    refused: Refused | None = None
    over: threading.Event = field(default_factory=threading.Event)
    _then: "Callable[[Job[T]], object] | None" = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return not self.over.is_set()

    def waited(self, seconds: float = PATIENCE) -> bool:
        """Whether it is over, or was before ``seconds`` had gone by."""
        return self.over.wait(seconds)

    def leave(self, then: "Callable[[Job[T]], object]") -> bool:
        """Have ``then`` called with it once it is over; false, and nothing is called, where it is over already."""
        with self._lock:
            if self.running:
                self._then = then
            return self.running

    def end(self) -> None:
        """It is over."""
        with self._lock:
            self.over.set()
        if self._then:
            self._then(self)


class Jobs(Generic[T]):
    """The jobs of one kind, by the name of what they are about; one at a time of each name."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job[T]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, name: str) -> Job[T] | None:
        """The job of a name that goes on, or the last one."""
        return self._jobs.get(name)

    def start(self, name: str, work: Callable[[Callable[[str], None]], T]) -> Job[T]:
        """Begin ``work``, which is given a function to tell its steps to; the job of that name where one goes on."""
        with self._lock:
            known = self._jobs.get(name)
            if known and known.running:
                return known
            job: Job[T] = Job()
            self._jobs[name] = job
            self._jobs.move_to_end(name)
            for old in [n for n, j in self._jobs.items() if not j.running][:-KEPT]:
                del self._jobs[old]
        threading.Thread(target=_run, args=(job, work), daemon=True).start()
        return job


def settled(
    posted: Posted, job: Job[T], does: str, begun: Done, ended: Callable[[T], Done]
) -> Done:
    """What is shown and written down of a decision: its end where that comes soon; else ``begun``, and its end is written
    down when it comes. Raises what the job was refused for.
    """
    visit = posted.visit

    def write_down(over: Job[T]) -> None:
        outcome, detail = (
            (REFUSED, str(over.refused))
            if over.refused
            else (DONE, ended(cast(T, over.result)).detail)
        )
        visit.console.write_down(visit, does, outcome, begun.about, detail)

    job.waited()
    if job.leave(write_down):
        return begun
    if job.refused:
        raise job.refused
    return ended(cast(T, job.result))


def _run(job: Job[T], work: Callable[[Callable[[str], None]], T]) -> None:
    def step(name: str) -> None:
        job.step = name

    try:
        job.result = work(step)
    except Refused as refused:
        job.refused = refused
    except Exception as error:
        # What went wrong may quote a person; its kind does not.
        log.error("job_failed", error=type(error).__name__)
        job.refused = Refused(FAILED)
    finally:
        job.end()
