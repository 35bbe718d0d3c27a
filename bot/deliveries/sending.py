"""A worker and a reconciler that begin and end together: what a sending process is made of."""

import threading

from .reconciler import Reconciler
from .worker import Worker

_LAST_TASK = 15.0
"""Seconds that the task under way is given to end; a lease frees what it leaves."""


class Sending:
    """Sends and brings home, in this thread by ``run``, or in threads of its own by ``start``."""

    def __init__(self, worker: Worker, reconciler: Reconciler) -> None:
        self._worker = worker
        self._reconciler = reconciler
        self._threads: list[threading.Thread] = []

    def run_once(self) -> int:
        """Do all that is due now; returns how many letters were handed over."""
        self._reconciler.run_once()
        handed = self._worker.run_once()
        self._reconciler.run_once()
        return handed

    def start(self) -> None:
        """Begin in the background."""
        works = (self._worker.run, self._reconciler.run)
        self._threads = [threading.Thread(target=work, daemon=True) for work in works]
        for thread in self._threads:
            thread.start()

    def run(self) -> None:
        """Work until ``stop`` is called by another thread or by a signal."""
        self.start()
        for thread in self._threads:
            while thread.is_alive():
                thread.join(1)  # lets signals through

    def stop(self) -> None:
        """Start nothing new; what is being handed over is settled."""
        self._worker.stop()
        self._reconciler.stop()

    def wait(self) -> None:
        """Wait until all has ended after ``stop``."""
        for thread in self._threads:
            thread.join(_LAST_TASK)
