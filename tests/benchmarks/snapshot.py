"""The audience of a push to 100,000 people: frozen when it is submitted, planned as deliveries when it is approved."""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.clock import china_clock
from bot.drill.office import AREA, AUTHOR, CHAIN, FIRST, LAST, SECOND, TEXT, TOPIC
from bot.notices.approval import Approvals
from bot.notices.audience import Audience, Way
from bot.notices.model import Plan, Rule
from bot.notices.service import Notices
from bot.storage.bulk import insert_rows
from bot.storage.database import Database
from bot.storage.schema import addresses, consents, subscribers, subscriptions
from bot.storage.vault import Vault
from bot.subscriptions.service import Subscriptions

from .figures import Figure
from .sending import settle_down, stores

PEOPLE = 100_000
_PAUSED_EACH, _WEEKLY_EACH = 50, 10
_CHANNEL, _ACCOUNT = "wechat_notice", "county"


@dataclass(frozen=True, slots=True)
class Seconds:
    """By the clock, and of the processor in this process."""

    clock: float
    processor: float


def figures(people: int, folder: Path, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Seconds of both steps on each store, and of the processor in this process."""
    for database in stores(folder):
        tell(f"an audience of {people:,} on {database.dialect}")
        fill(database, people)
        settle_down(database)
        notice = Notices(database, china_clock).compose(TEXT, AREA, AUTHOR).id
        frozen, planned = carry(_approvals(database), notice, people)
        name = f"audience of {people:,}, {database.dialect}"
        yield Figure(f"{name}, submission", frozen.clock, "s")
        yield Figure(f"{name}, last approval", planned.clock, "s")
        yield Figure(f"{name}, both", frozen.clock + planned.clock, "s", most=10)
        both = frozen.processor + planned.processor
        yield Figure(f"{name}, both, processor", both, "s")


def carry(approvals: Approvals, notice: str, people: int) -> tuple[Seconds, Seconds]:
    """Submit and approve a push to all of them: what its submission took, and its last approval."""
    plan = Plan(Rule(sectors=(TOPIC.value,)), (_CHANNEL,), quiet=(0, 0))
    push = approvals.draft(notice, plan, AUTHOR).id
    ticked = {finding.check for finding in approvals.findings(push)}
    frozen = _seconds(lambda: approvals.submit(push, AUTHOR, ticked=ticked))
    for officer in (FIRST, SECOND):
        approvals.approve(push, officer)
    planned = _seconds(lambda: approvals.approve(push, LAST))
    found = approvals.dossier(push).figures
    assert found.matched == people
    assert found.included == people - people // _PAUSED_EACH
    return frozen, planned


def fill(database: Database, people: int) -> None:
    """So many followers who subscribe and agreed; some have paused, some want notices together."""
    persons = [hashlib.sha256(f"person {n}".encode()).hexdigest() for n in range(people)]
    follower = {"account": _ACCOUNT, "area": AREA, "created_at": 1, "updated_at": 1}
    topic = {"kind": TOPIC.kind.value, "value": TOPIC.value, "since": 1, "source": "words"}
    address: dict[str, object] = {"medium": "wechat", "account": _ACCOUNT, "sealed": "s" * 140}
    address |= {"suppressed": "", "failures": 0, "updated_at": 1}
    consent = {"scope": "wechat", "evidence": "e" * 200, "given_at": 1}
    with database.write() as connection:
        standings = [(person, *_standing(n)) for n, person in enumerate(persons)]
        insert_rows(connection, subscribers, ("person", "state", "digest"), standings, follower)
        alone = [(person,) for person in persons]
        insert_rows(connection, subscriptions, ("person",), alone, topic)
        known = [(person, person[::-1]) for person in persons]
        insert_rows(connection, addresses, ("person", "hash"), known, address)
        insert_rows(connection, consents, ("person",), alone, consent)


def _standing(number: int) -> tuple[str, str]:
    paused = number % _PAUSED_EACH == _PAUSED_EACH - 1
    weekly = number % _WEEKLY_EACH == _WEEKLY_EACH - 1
    return "paused" if paused else "active", "weekly" if weekly else "immediate"


def _approvals(database: Database) -> Approvals:
    subscribed = Subscriptions(database, Vault("v" * 40), china_clock)
    way = Way(_CHANNEL, _ACCOUNT, "wechat")
    audiences = Audience(database, subscribed, [way], china_clock)
    return Approvals(database, china_clock, CHAIN, audiences, link="https://z.example/n/{}".format)


def _seconds(work: Callable[[], object]) -> Seconds:
    began, before = time.perf_counter(), time.process_time()
    work()
    return Seconds(time.perf_counter() - began, time.process_time() - before)
