"""An office with approved pushes, channels that do as they are told, and a clock that stands still until it is moved."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from bot.channels.calling import outcome_of
from bot.channels.port import Accounting, Capability, Fate, Letter, Limits, Outcome
from bot.clock import CHINA
from bot.deliveries.ledger import Ledger
from bot.deliveries.states import State
from bot.notices.model import Plan, PushState, Rule
from bot.storage.schema import (
    addresses,
    approvals,
    audience,
    deliveries,
    delivery_events,
    notices,
    pushes,
    subscribers,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=CHINA)
"""A Monday."""
ACCOUNT = "gaoyao"


class Moment:
    """A clock that is moved by hand."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


class FakeChannel:
    """Takes letters and keeps them; what it says of each is told beforehand, accepted else."""

    accounting = Accounting.PER_PERSON

    def __init__(
        self,
        name: str = "sms",
        *,
        limits: Limits | None = None,
        fates: Sequence[Fate] = (),
        cost: int = 0,
    ) -> None:
        self.name, self.account, self.medium = name, ACCOUNT, name.split("_")[0]
        self.limits = limits or Limits()
        self.fates = list(fates)
        self.cost = cost
        self.got: list[Letter] = []
        self.asked: list[tuple[Letter, str]] = []
        self.tells = Outcome(Fate.UNKNOWN)

    def forecast(self, letter: Letter) -> Outcome:
        return Outcome(Fate.ACCEPTED, cost=self.cost)

    def hand(self, letters: Sequence[Letter]) -> Sequence[Outcome]:
        return [outcome_of(self._take, letter) for letter in letters]

    def _take(self, letter: Letter) -> Outcome:
        letter.leaving()
        self.got.append(letter)
        return self._outcome(letter)

    def _outcome(self, letter: Letter) -> Outcome:
        fate = self.fates.pop(0) if self.fates else Fate.ACCEPTED
        taken = fate in (Fate.ACCEPTED, Fate.DELIVERED)
        return Outcome(fate, ref=f"ref-{letter.key}" if taken else "", cost=self.cost * taken)

    def settle(self, letters: Sequence[Letter], refs: Sequence[str]) -> Sequence[Outcome]:
        self.asked += zip(letters, refs, strict=True)
        return [self.tells for _ in letters]

    def probe(self) -> Capability:
        return Capability(True)


class Office:
    """Rows of everything that a delivery needs around it."""

    def __init__(self, database) -> None:
        self.database = database
        self.clock = Moment()

    @property
    def second(self) -> int:
        return int(self.clock().timestamp())

    def ledger(self, *channels: FakeChannel, **options) -> Ledger:
        limits = {(c.name, c.account): c.limits for c in channels or (FakeChannel(),)}
        return Ledger(self.database, self.clock, limits=limits, chance=lambda: 0.5, **options)

    def push(
        self,
        id: str = "p1",
        *,
        state: PushState = PushState.RUNNING,
        approved: bool = True,
        hours: int = 48,
        **plan,
    ) -> str:
        plan = Plan(Rule(everyone=True), **{"channels": ("sms",), "cost_cap": 10**9} | plan)
        second = self.second
        notice = {"id": id, "content_key": id, "version": 1, "hash": "", "area": "441204"}
        notice |= {"text": "{}", "state": "published", "note": "", "created_by": "甲"}
        row = {"id": id, "notice": id, "version": 1, "purpose": "first", "sequence": 0}
        row |= {"reason": "", "state": state, "plan": json.dumps(asdict(plan)), "hash": "h"}
        row |= {"not_before": second, "expires_at": second + 3600 * hours, "created_by": "甲"}
        approval = {"push": id, "step": "终审", "officer": "乙", "decision": "approved"}
        approval |= {"hash": "h" if approved else "other", "note": "", "at": second}
        with self.database.write() as connection:
            moments = {"created_at": second, "updated_at": second}
            connection.execute(insert(notices), notice | moments)
            connection.execute(insert(pushes), row | {"submitted_by": "甲", "updated_at": second})
            connection.execute(insert(approvals), approval)
        return id

    def delivery(
        self,
        push: str = "p1",
        person: str = "甲",
        channel: str = "sms",
        *,
        state: State = State.QUEUED,
        turn: int = 0,
        shares: int | None = None,
        address: int | None = None,
        address_hash: str = "",
        hours: int = 48,
        job: str = "",
    ) -> int:
        key = f"{push}-{person[:40]}-{channel}"
        row = {"push": push, "person": person, "channel": channel, "account": ACCOUNT}
        row |= {
            "address_hash": None if shares else address_hash or key,
            "shares": shares,
            "address": address,
        }
        row |= {"turn": turn, "state": state, "attempt": "", "attempts": 0, "lease_until": 0}
        row |= {"not_before": self.second, "expires_at": self.second + 3600 * hours}
        row |= {"provider_key": key, "provider_ref": "", "job": job, "code": "", "cost": 0}
        row |= {"segments": 0, "updated_at": self.second}
        with self.database.write() as connection:
            return connection.execute(
                insert(deliveries).values(row).returning(deliveries.c.id)
            ).scalar_one()

    def deliveries(self, count: int, push: str = "p1") -> list[int]:
        return [self.delivery(push, f"人{n:03}") for n in range(count)]

    def address(self, person: str, medium: str = "sms", hash: str = "") -> int:
        second = self.second
        subscriber = {"person": person, "account": ACCOUNT, "area": "441204", "state": "active"}
        subscriber |= {"digest": "immediate", "created_at": second, "updated_at": second}
        row = {"person": person, "medium": medium, "account": ACCOUNT, "sealed": "sealed"}
        row |= {"hash": hash or f"{person}{medium}", "failures": 0, "suppressed": ""}
        with self.database.write() as connection:
            known = select(subscribers.c.person).where(subscribers.c.person == person)
            if not connection.execute(known).first():
                connection.execute(insert(subscribers), subscriber)
            return connection.execute(
                insert(addresses).values(row | {"updated_at": second}).returning(addresses.c.id)
            ).scalar_one()

    def in_audience(self, push: str, person: str, *why: str, included: bool = True) -> None:
        row = {"push": push, "person": person, "included": int(included)}
        with self.database.write() as connection:
            connection.execute(insert(audience), row | {"why": json.dumps(why, ensure_ascii=False)})

    def set_push(self, push: str, **values) -> None:
        with self.database.write() as connection:
            connection.execute(update(pushes).where(pushes.c.id == push).values(values))

    def column(self, column, where):
        with self.database.read() as connection:
            return connection.execute(select(column).where(where)).scalar_one()

    def push_state(self, push: str = "p1") -> str:
        return self.column(pushes.c.state, pushes.c.id == push)

    def suppressed(self, address: int) -> str:
        return self.column(addresses.c.suppressed, addresses.c.id == address)

    def states(self, push: str = "p1") -> dict[str, State]:
        """State by person and channel, the channel left out where it is SMS."""
        query = select(deliveries.c.person, deliveries.c.channel, deliveries.c.state)
        with self.database.read() as connection:
            rows = connection.execute(query.where(deliveries.c.push == push)).all()
        return {
            person if channel == "sms" else f"{person} {channel}": State(state)
            for person, channel, state in rows
        }

    def events(self, delivery: int) -> list[tuple[str, str, str]]:
        """Came from, went to, by whom, in order."""
        query = select(
            delivery_events.c.came_from, delivery_events.c.went_to, delivery_events.c.who
        ).where(delivery_events.c.delivery == delivery)
        with self.database.read() as connection:
            rows = connection.execute(query.order_by(delivery_events.c.id)).all()
        return [(a, b, who.partition(":")[0]) for a, b, who in rows]


def send(ledger: Ledger, *fates: Fate, most: int = 100, ref: str = "ref"):
    """Claim and hand over; settle with these fates, in order of the rows. Returns the rows handed over."""
    handed = ledger.hand(ledger.claim("t", most))
    outcomes = [
        Outcome(fate, ref=f"{ref}-{row.provider_key}")
        for fate, row in zip(fates, handed, strict=False)
    ]
    ledger.settle(list(zip(handed, outcomes, strict=False)))
    return handed
