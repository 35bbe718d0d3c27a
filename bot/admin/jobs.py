"""Long work that a page has begun and does not wait for: it goes on in a thread, and pages tell how far it is.

A job lives as long as its process. What it does must be safe to cut short, for a process may end at any moment; whoever
asks another process sees no job, only what is on disk.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import structlog

from catalogue_index.errors import Refused

T = TypeVar("T")

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

    def waited(self, seconds: float) -> bool:
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
