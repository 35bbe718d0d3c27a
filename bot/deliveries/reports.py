"""What became of a push: every number is a count over rows of the ledger, so that a total is the sum of what it opens into.

Two ledgers are balanced. People: matched = excluded + included, and each included person stands on one line, that of the
best that happened to them on any channel. Letters: each row of the ledger stands in one state. Sendings that the platform
accounts for in totals only (群发) are a block of their own and never added to these.
"""

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from openpyxl import Workbook
from sqlalchemy import Connection, select

from bot.clock import CHINA
from bot.storage.schema import (
    addresses,
    approvals,
    audience,
    channel_jobs,
    deliveries,
    delivery_events,
    subscribers,
)

from .states import State

AGGREGATE = frozenset({"wechat_mass"})
"""Channels of which the platform tells totals only (the event MASSSENDJOBFINISH of 群发)."""

EXCLUDED, MISSING, TOTALS = "excluded", "missing", "totals"

NAMES: Mapping[str, str] = {
    EXCLUDED: "不发（有原因）",
    MISSING: "没有投递记录",
    TOTALS: "只有群发（没有个人结果）",
    State.DELIVERED: "已送达",
    State.ACCEPTED: "已交付，等回执",
    State.NO_RECEIPT: "已交付，没有回执",
    State.UNKNOWN: "结果不明",
    State.HANDING: "正在交付",
    State.CLAIMED: "准备交付",
    State.QUEUED: "排队",
    State.WAITING: "等前一个渠道",
    State.ABANDONED: "结果不明，已放弃核实",
    State.UNDELIVERED: "没有送达",
    State.FAILED: "发送失败",
    State.SKIPPED: "不再发送",
    State.CANCELLED: "已停止",
    State.SUPERSEDED: "已由别的渠道送达",
}
"""Lines of a report, the best that can happen to a person first; unknown and abandoned ones have their own."""

_RANK = {state: rank for rank, state in enumerate(NAMES)}
_REACHED = frozenset({State.DELIVERED, State.ACCEPTED, State.NO_RECEIPT})
_ENDED_BADLY = frozenset({State.UNDELIVERED, State.FAILED, State.SKIPPED, State.ABANDONED, MISSING})


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the audience: how it ended, on which channel, when they were reached, and at what cost (in
    ten-thousandths of a yuan, over all channels)."""

    person: str
    outcome: str
    channel: str
    area: str
    why: tuple[str, ...]
    reached_at: int | None
    cost: int
    code: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All of a push: its people, its letters by channel and state, and the totals of 群发 by themselves."""

    push: str
    people: tuple[Person, ...]
    letters: Mapping[tuple[str, str], int]
    totals: tuple[Mapping[str, object], ...]
    approved_at: int | None

    @property
    def matched(self) -> int:
        """Everybody whom the push concerned."""
        return len(self.people)

    def count(self, chosen: Callable[[Person], bool]) -> int:
        """How many people are so; ``those`` tells who."""
        return len(self.those(chosen))

    def those(self, chosen: Callable[[Person], bool]) -> list[Person]:
        """The people who are so."""
        return [person for person in self.people if chosen(person)]

    def lines(self) -> Mapping[str, int]:
        """People by outcome, every line, in order; they sum up to ``matched``."""
        found = Counter(person.outcome for person in self.people)
        return {outcome: found[outcome] for outcome in NAMES}

    def by(self, key: Callable[[Person], Iterable[str]]) -> Mapping[str, Mapping[str, int]]:
        """People by a key of theirs, by outcome. Who has several keys (groups) counts for each."""
        found: dict[str, Counter[str]] = {}
        for person in self.people:
            for one in key(person):
                found.setdefault(one, Counter())[person.outcome] += 1
        return {one: found[one] for one in sorted(found)}

    @property
    def reached(self) -> int:
        """People who have it by any channel, as far as is known."""
        return self.count(lambda person: person.outcome in _REACHED)

    @property
    def cost(self) -> int:
        """What all letters cost."""
        return sum(person.cost for person in self.people)

    @property
    def cost_each(self) -> float | None:
        """What each reached person cost; ``None`` where nobody was."""
        return self.cost / self.reached if self.reached else None

    def seconds_to(self, percent: int) -> int | None:
        """Seconds from the approval until so many of the included were reached; ``None``: not yet."""
        moments = sorted(p.reached_at for p in self.people if p.reached_at is not None)
        included = self.count(lambda person: person.outcome != EXCLUDED)
        needed = max(1, -(-included * percent // 100))
        if self.approved_at is None or len(moments) < needed:
            return None
        return moments[needed - 1] - self.approved_at

    def not_reached(self) -> list[Person]:
        """People to be told by telephone: all has ended, and they do not have it, or nobody knows."""
        return self.those(lambda person: person.outcome in _ENDED_BADLY)


def report(connection: Connection, push: str) -> Report:
    """The report of a push, as the ledger is now."""
    letters = connection.execute(
        select(
            deliveries.c.id,
            deliveries.c.person,
            deliveries.c.channel,
            deliveries.c.state,
            deliveries.c.cost,
            deliveries.c.code,
        ).where(deliveries.c.push == push)
    ).all()
    single = [row for row in letters if row.channel not in AGGREGATE]
    moments = _reached_at(connection, push)
    massed = {row.person for row in letters if row.channel in AGGREGATE}
    best: dict[str, tuple[str, str, str]] = {}
    costs: Counter[str] = Counter()
    reached: dict[str, int] = {}
    for row in single:
        found = (row.state, row.channel, row.code)
        if row.person not in best or _RANK[row.state] < _RANK[best[row.person][0]]:
            best[row.person] = found
        costs[row.person] += row.cost
        if row.id in moments and row.state in _REACHED:
            reached[row.person] = min(moments[row.id], reached.get(row.person, moments[row.id]))
    seats = connection.execute(
        select(audience.c.person, audience.c.included, audience.c.why, subscribers.c.area)
        .join(subscribers, subscribers.c.person == audience.c.person, isouter=True)
        .where(audience.c.push == push)
        .order_by(audience.c.person)
    )
    people = tuple(
        Person(
            person,
            *_outcome(bool(included), best.get(person), person in massed),
            area=area or "",
            why=tuple(json.loads(why)),
            reached_at=reached.get(person),
            cost=costs[person],
            code=best.get(person, ("", "", ""))[2],
        )
        for person, included, why, area in seats
    )
    counted = Counter((row.channel, row.state) for row in single)
    return Report(push, people, counted, _totals(connection, push), _approved(connection, push))


def rows(found: Report) -> Iterator[tuple[str, str, str, int]]:
    """Block, item, line, number: the whole report as a table. Lines of one item sum up to it."""
    yield ("合计", "", "匹配人数", found.matched)
    for outcome, number in found.lines().items():
        yield ("合计", "", NAMES[outcome], number)
    blocks: Mapping[str, Callable[[Person], Iterable[str]]] = {
        "按渠道（人，按最好的结果）": lambda person: (person.channel or "无",),
        "按地区（人）": lambda person: (person.area or "未填",),
        "按人群（人，可属多个）": lambda person: person.why,
        "按小时（人，首次交付）": lambda person: (_hour(person.reached_at),),
    }
    for block, key in blocks.items():
        for item, lines in found.by(key).items():
            yield from ((block, item, NAMES[o], lines[o]) for o in NAMES if lines.get(o))
    for (channel, state), number in sorted(found.letters.items()):
        yield ("按渠道（条）", channel, NAMES[state], number)
    for one in found.totals:
        told = {k: v for k, v in one.items() if isinstance(v, int)}
        yield from (
            ("群发（只有总数，不与上面相加）", str(one["job"]), k, v) for k, v in told.items()
        )
    yield ("费用", "", "万分之一元", found.cost)


def as_csv(table: Sequence[Sequence[object]]) -> bytes:
    """The table as CSV that Excel opens, its SHA-256 in the last line: over all bytes before that line."""
    text = io.StringIO()
    csv.writer(text).writerows([[_plain(cell) for cell in row] for row in table])
    body = ("\ufeff" + text.getvalue()).encode()
    return body + f"SHA-256,{hashlib.sha256(body).hexdigest()}\r\n".encode()


def as_xlsx(table: Sequence[Sequence[object]]) -> bytes:
    """The table as a workbook; the hash of the same table's CSV is on its second sheet."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "报表"
    for row in table:
        sheet.append([_plain(cell) for cell in row])
    proof = book.create_sheet("校验")
    proof.append(["SHA-256（同一报表的 CSV）", as_csv(table).decode().rsplit(",", 1)[1].strip()])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def to_call(
    connection: Connection, found: Report, reveal: Callable[[int], str]
) -> Iterator[tuple[str, str, str]]:
    """Of people not reached: telephone with its middle masked (empty: none), area, why. For calling up one by one."""
    people = found.not_reached()
    found_phones = connection.execute(
        select(addresses.c.person, addresses.c.id)
        .join(audience, audience.c.person == addresses.c.person)
        .where(audience.c.push == found.push, addresses.c.medium == "sms")
    )
    phones = {row.person: row.id for row in found_phones}
    for person in people:
        phone = reveal(phones[person.person]) if person.person in phones else ""
        yield masked(phone), person.area, NAMES[person.outcome]


def masked(phone: str) -> str:
    """138****8000: enough for who knows the number, too little for who does not."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 9 else "****" * bool(phone)


def _outcome(included: bool, best: tuple[str, str, str] | None, massed: bool) -> tuple[str, str]:
    if not included:
        return EXCLUDED, ""
    if best:
        return best[0], best[1]
    return (TOTALS, "") if massed else (MISSING, "")


def _reached_at(connection: Connection, push: str) -> Mapping[int, int]:
    """When each letter first was with the provider, or arrived."""
    events = connection.execute(
        select(delivery_events.c.delivery, delivery_events.c.at)
        .join(deliveries, deliveries.c.id == delivery_events.c.delivery)
        .where(deliveries.c.push == push)
        .where(delivery_events.c.went_to.in_((State.ACCEPTED, State.DELIVERED)))
        .order_by(delivery_events.c.id.desc())
    )
    return {row.delivery: row.at for row in events}


def _totals(connection: Connection, push: str) -> tuple[Mapping[str, object], ...]:
    found = connection.execute(
        select(channel_jobs.c.id, channel_jobs.c.totals)
        .where(channel_jobs.c.push == push)
        .order_by(channel_jobs.c.id)
    )
    return tuple({"job": row.id, **json.loads(row.totals or "{}")} for row in found)


def _approved(connection: Connection, push: str) -> int | None:
    given = select(approvals.c.at).where(
        approvals.c.push == push, approvals.c.decision == "approved", approvals.c.void_at.is_(None)
    )
    return max(connection.execute(given).scalars(), default=None)


def _hour(second: int | None) -> str:
    return f"{datetime.fromtimestamp(second, CHINA):%Y-%m-%d %H:00}" if second else "未交付"


def _plain(cell: object) -> object:
    """Words that a spreadsheet would run as a formula are made words."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell
