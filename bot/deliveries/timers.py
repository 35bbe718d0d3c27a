"""Work that comes round again, done by one process at a time: a row with a lease for each kind."""

from collections.abc import Callable

from sqlalchemy import select, update

from bot.clock import Clock
from bot.storage.database import Database
from bot.storage.schema import timers
from bot.storage.upserting import insert


class Timers:
    """When each kind of work is due, for all processes together."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def run(self, name: str, every: int, work: Callable[[], object], lease: int = 600) -> bool:
        """Do ``work`` if it is due and nobody else is at it; ``False`` if not.

        ``every``: seconds from its end to the next time, after a failure too; ``lease``: seconds after which whoever began
        it is taken for dead.
        """
        if not self._take(name, lease):
            return False
        try:
            work()
        finally:
            with self._database.write() as connection:
                connection.execute(
                    update(timers)
                    .where(timers.c.name == name)
                    .values(next_at=self._second() + every, lease_until=0)
                )
        return True

    def _take(self, name: str, lease: int) -> bool:
        now = self._second()
        due = (timers.c.next_at <= now) & (timers.c.lease_until <= now)
        with self._database.read() as connection:
            row = connection.execute(select(due).where(timers.c.name == name)).first()
        if row is not None and not row[0]:
            return False
        with self._database.write() as connection:
            values = {"name": name, "next_at": 0, "lease_until": 0}
            connection.execute(insert(connection, timers).values(values).on_conflict_do_nothing())
            taken = connection.execute(
                update(timers)
                .where(timers.c.name == name)
                .where(due)
                .values(lease_until=now + lease)
            )
            return taken.rowcount == 1

    def _second(self) -> int:
        return int(self._clock().timestamp())
