"""Writing down, searching, and proving that nothing was changed."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Unpack

from sqlalchemy import Connection

from bot.clock import Clock
from bot.storage.database import Database
from bot.storage.vault import Vault

from . import repository
from .model import INTERRUPTED, Deed, Record, chained

LONGEST_DETAIL = 4_000
PRUNED = "records.prune"
"""The action of the record that tells which old records were removed: ``<number> <hash>`` of the last of them."""


_INTERRUPTED = "开始以后程序中断，没有写下结果。请打开有关的页面，核对做到了哪一步。"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying found: how many records fit, and the first that does not, with what is wrong in words."""

    checked: int
    wrong: int | None = None
    why: str = ""
    newest: Record | None = None

    @property
    def whole(self) -> bool:
        """Whether every record fits."""
        return self.wrong is None


class Records:
    """The log of one installation; processes and threads take turns in writing."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._hash = vault.hash
        self._clock = clock

    def begin(self, deed: Deed) -> str:
        """Note that a deed is about to be tried; returns the mark that ``write`` takes back when it is over."""
        mark = secrets.token_hex(16)
        with self._database.write() as connection:
            repository.begin(connection, mark, self._now(), _fitted(deed))
        return mark

    def write(self, deed: Deed, begun: str | None = None) -> Record:
        """Write down a deed, and take back the mark of its beginning in the same commit; too long a detail is cut."""
        with self._database.write() as connection:
            if begun:
                repository.end(connection, begun)
            return self._add(connection, deed)

    def note_interrupted(self, before: int) -> int:
        """Write down what was begun before a moment (seconds since 1970) and never ended; returns how many."""
        with self._database.read() as connection:
            left = repository.begun_before(connection, before)
        noted = 0
        for mark, deed in left:
            with self._database.write() as connection:
                # Whoever takes the mark away writes the record: it may be over just now, after all.
                if repository.end(connection, mark):
                    self._add(connection, replace(deed, outcome=INTERRUPTED, detail=_INTERRUPTED))
                    noted += 1
        return noted

    def _add(self, connection: Connection, deed: Deed) -> Record:
        deed = _fitted(deed)
        repository.take_turns(connection, self._database.dialect)
        now, last = self._now(), repository.last(connection)
        number = last.number + 1 if last else 1
        hashed = chained(self._hash, last.hash if last else "", number, now, deed)
        record = Record(number, now, deed, hashed)
        repository.add(connection, record)
        return record

    def _now(self) -> int:
        return int(self._clock().timestamp())

    def search(self, **wanted: Unpack[repository.Wanted]) -> list[Record]:
        """Records, the newest first; ``before`` is the number to go on from."""
        with self._database.read() as connection:
            return repository.search(connection, **wanted)

    def verify(
        self,
        anchor: tuple[int, str] | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Verdict:
        """Go through the whole chain. ``anchor`` is number and hash of a record noted outside the database: without one,
        records cut off at the end cannot be missed."""
        before, expected, checked = "", 0, 0
        newest: Record | None = None
        pending: Record | None = (
            None  # the oldest, where older ones were removed: vouched for by a later record
        )
        vouched = anchored = False
        with self._database.read() as connection:
            for record in repository.in_order(connection):
                if newest is None and record.number > 1:
                    pending, expected, before = record, record.number, ""
                else:
                    expected += 1
                    if record.number != expected:
                        return Verdict(checked, expected, f"缺少第 {expected} 条记录。", newest)
                    if not self._fits(before, record):
                        why = f"第 {record.number} 条记录被改过，或它前面的记录被换过。"
                        return Verdict(checked, record.number, why, newest)
                if pending and record.deed.action == PRUNED:
                    number, _, removed = record.deed.detail.partition(" ")
                    if number == str(pending.number - 1) and self._fits(removed, pending):
                        vouched = True
                if anchor and record.number == anchor[0]:
                    if record.hash != anchor[1]:
                        return Verdict(
                            checked,
                            record.number,
                            f"第 {record.number} 条与留存的凭据不符。",
                            newest,
                        )
                    anchored = True
                before, newest, checked = record.hash, record, checked + 1
                progress(checked)
        if pending and not vouched:
            why = f"第 {pending.number} 条以前的记录不见了，也没有到期清理的说明。"
            return Verdict(0, pending.number, why, newest)
        if anchor and not anchored and (newest is None or anchor[0] > newest.number):
            return Verdict(checked, anchor[0], f"第 {anchor[0]} 条记录不见了。", newest)
        return Verdict(checked, newest=newest)

    def prune(self, older_than: int) -> int:
        """Remove the records of before a moment (seconds since 1970) and write down which; returns how many.

        The last record is never removed, so that the chain goes on.
        """
        with self._database.read() as connection:
            kept = repository.first_after(connection, older_than) or repository.last(connection)
            older = repository.search(connection, before=kept.number, limit=1) if kept else []
        if kept is None or not older:
            return 0
        removed = older[0]
        deed = Deed("系统", PRUNED, detail=f"{removed.number} {removed.hash}")
        self.write(deed)
        with self._database.write() as connection:
            return repository.remove_below(connection, kept.number)

    def _fits(self, before: str, record: Record) -> bool:
        wanted = chained(self._hash, before, record.number, record.at, record.deed)
        return wanted == record.hash


def _fitted(deed: Deed) -> Deed:
    """A deed as long as its columns."""
    detail = deed.detail[:LONGEST_DETAIL].replace("\x00", "")
    return replace(deed, object=deed.object[:200], origin=deed.origin[:64], detail=detail)
