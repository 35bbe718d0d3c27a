"""Entries of a register into the database; the same file twice changes nothing."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from bot.clock import CHINA
from bot.storage.database import Database, Statements
from bot.storage.vault import Vault

from .address_book import Entry, Refusal
from .model import Standing
from .repository import (
    Contact,
    Reach,
    agree,
    ended_since,
    keep,
    known_addresses,
    read_subscriber,
)

IMPORTED = ""
"""The account of people who came by a register: their addresses serve any account."""

_AT_ONCE = 200
"""Entries in one transaction: others who write wait no longer than that."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of entries: people who are new, who got more, for whom nothing changed, and rows not taken."""

    new: int = 0
    more: int = 0
    same: int = 0
    refusals: tuple[Refusal, ...] = ()

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(
            self.new + other.new,
            self.more + other.more,
            self.same + other.same,
            self.refusals + other.refusals,
        )


def take(
    database: Database, vault: Vault, entries: Iterable[Entry], file: str, now: int, *, dry: bool
) -> Taken:
    """Subscribe the people of a register; ``dry`` finds out what would become of them and stores nothing."""
    taken = Taken()
    for some in _batches(entries):
        # A dry run is the real one, undone.
        with suppress(_UndoneError), database.statements(writing=True) as statements:
            for entry in some:
                taken += _take(statements, vault, entry, file, now)
            if dry:
                raise _UndoneError
    return taken


class _UndoneError(Exception):
    """A dry run is over."""


def _take(statements: Statements, vault: Vault, entry: Entry, file: str, now: int) -> Taken:
    reaches = _reaches(entry)
    contact = Contact(reaches[0].person(vault), IMPORTED, reaches)
    given_at = int(datetime(*entry.day.timetuple()[:3], tzinfo=CHINA).timestamp())
    known = known_addresses(statements, contact.person)
    stopped = [reach for reach in reaches if known.get(reach.hash(vault))]
    if len(stopped) == len(reaches):
        return _refused(entry, "这个号码或邮箱已停发。要恢复，用 zwgk subscription restore")
    if ended_since(statements, contact.person) >= given_at:
        return _refused(entry, "本人后来退订了。要再订，需要退订之后的同意")
    before = read_subscriber(statements, contact.person)
    after = before.subscribed(entry.topics, f"import:{file}", entry.area)
    if before.standing is Standing.PAUSED:  # the office does not end a person's own pause
        after = replace(after, standing=before.standing, paused_until=before.paused_until)
    evidence = {"by": "import", "file": file, "row": str(entry.row), "basis": entry.basis}
    if after != before:
        keep(statements, vault, contact, before, after, evidence, now, given_at)
        return Taken(more=1) if before else Taken(new=1)
    unknown = tuple(reach for reach in reaches if reach.hash(vault) not in known)
    agree(statements, vault, replace(contact, reaches=unknown), evidence, now, given_at)
    return Taken(more=1) if unknown else Taken(same=1)


def _reaches(entry: Entry) -> tuple[Reach, ...]:
    both = (Reach("sms", entry.phone), Reach("email", entry.email))
    return tuple(reach for reach in both if reach.address)


def _refused(entry: Entry, why: str) -> Taken:
    return Taken(refusals=(Refusal(entry.row, entry.phone[-4:], why),))


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    rest = iter(entries)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
