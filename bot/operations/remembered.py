"""What takes long to count, remembered for a while: whoever asks gets it at once, and it is counted anew beside that."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

import structlog

from bot.clock import Clock
from catalogue_index.errors import Refused

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

KEPT = 64

log = structlog.get_logger()


def in_thread(work: Callable[[], None]) -> None:
    """Do ``work`` beside everything else."""
    threading.Thread(target=work, name="remembered", daemon=True).start()


class Remembered(Generic[K, V]):
    """The values of ``make`` by key, each with the second it was made at; safe to share between threads.

    After ``fresh`` seconds a value is made anew beside the answer, and after ``longest`` it is not shown any more.
    """

    def __init__(
        self,
        make: Callable[[K], V],
        clock: Clock,
        *,
        fresh: int,
        longest: int,
        beside: Callable[[Callable[[], None]], None] = in_thread,
    ) -> None:
        self._make = make
        self._clock = clock
        self._fresh = fresh
        self._longest = longest
        self._beside = beside
        self._lock = threading.Lock()
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._under_way: set[K] = set()

    def get(self, key: K) -> tuple[V, int]:
        """The value and when it was made; raises what ``make`` raises where none is remembered."""
        now = self._second()
        with self._lock:
            known = self._values.get(key)
            age = abs(now - known[1]) if known else None
            renew = age is not None and age >= self._fresh and key not in self._under_way
            if renew:
                self._under_way.add(key)
        if known is None or age is None or age >= self._longest:
            with self._lock:
                self._under_way.discard(key)
            return self._keep(key)
        if renew:
            self._beside(lambda: self._renew(key))
        return known

    def _renew(self, key: K) -> None:
        try:
            self._keep(key)
        except Refused as error:
            log.warning("not_counted_anew", error=str(error))
        finally:
            with self._lock:
                self._under_way.discard(key)

    def _keep(self, key: K) -> tuple[V, int]:
        made = (self._make(key), self._second())
        with self._lock:
            self._values[key] = made
            self._values.move_to_end(key)
            while len(self._values) > KEPT:
                self._values.popitem(last=False)
        return made

    def _second(self) -> int:
        return int(self._clock().timestamp())
