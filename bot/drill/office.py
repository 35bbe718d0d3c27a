"""The office of a drill: followers who subscribe, a notice, and officers who are not its author."""

import argparse
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from bot import bootstrap
from bot.clock import Clock
from bot.notices.approval import Approvals
from bot.notices.audience import Audience, Way
from bot.notices.chain import DRAFTING, Chain, Officer
from bot.notices.model import Attribute, Plan, Rule, Text
from bot.notices.service import Notices
from bot.settings import Settings, load_settings
from bot.storage.database import Database
from bot.storage.schema import deliveries
from bot.storage.vault import Vault
from bot.subscriptions.model import NOBODY, Kind, Topic
from bot.subscriptions.repository import Contact, Reach, keep
from bot.subscriptions.service import Subscriptions

from .clock import parse
from .stage import ACCOUNT

AREA = "441204"
TOPIC = Topic(Kind.SECTOR, "养老服务")
AUTHOR, FIRST, SECOND, LAST = "演练起草", "演练初审", "演练复审", "演练终审"
CHAIN = Chain(
    ("初审", "复审", "终审"),
    lambda: (
        Officer(AUTHOR, (DRAFTING,)),
        Officer(FIRST, ("初审",)),
        Officer(SECOND, ("复审",)),
        Officer(LAST, ("终审",)),
    ),
)
TEXT = Text(
    title="关于发放高龄津贴的通知（演练）",
    body="这是一次演练，只发给沙盒里虚拟的关注者。",
    attribute=Attribute.ACTIVE,
    url="https://www.example.gov.cn/drill/1.html",
    issuer="演练单位",
)
PAUSED_EACH = 50
"""Of so many people one has paused: a drill counts those who are left out, too."""

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Office:
    """What officers do, on one database."""

    database: Database
    vault: Vault
    clock: Clock
    approvals: Approvals

    def subscribe(self, openids: Sequence[str]) -> None:
        """Have followers agree and subscribe; some of them pause."""
        now = int(self.clock().timestamp())
        for begin in range(0, len(openids), _AT_ONCE):
            with self.database.statements(writing=True) as statements:
                for number, openid in enumerate(openids[begin : begin + _AT_ONCE], begin):
                    after = NOBODY.subscribed((TOPIC,), "words", AREA)
                    if number % PAUSED_EACH == PAUSED_EACH - 1:
                        after = after.paused()
                    contact = Contact(
                        self.person(openid), ACCOUNT, (Reach("wechat", openid, ACCOUNT),)
                    )
                    evidence = {"kind": "text", "words": TOPIC.value, "by": "person"}
                    keep(statements, self.vault, contact, NOBODY, after, evidence, now)

    def person(self, openid: str) -> str:
        """A follower by hash, as everywhere."""
        return self.vault.hash("person", "wechat", ACCOUNT, openid)

    def submit(self, channel: str, text: Text = TEXT) -> str:
        """Compose a notice and submit it; returns the push, which waits for its last approval."""
        notice = Notices(self.database, self.clock).compose(text, AREA, AUTHOR)
        plan = Plan(Rule(sectors=(TOPIC.value,)), (channel,), quiet=(0, 0))
        push = self.approvals.draft(notice.id, plan, AUTHOR)
        self._ask(push.id)
        return push.id

    def take_back(self, push: str) -> None:
        """Bring an approved push back, and have it wait for its last approval once more."""
        self.approvals.reopen(self.approvals.find(push), AUTHOR, "演练：重新审批")
        self._ask(push)

    def approve(self, push: str) -> None:
        """Give the last approval, which plans the deliveries."""
        self.approvals.approve(push, LAST)

    def planned(self, push: str) -> int:
        """How many rows the ledger has for a push."""
        rows = select(func.count()).where(deliveries.c.push == push)
        with self.database.read() as connection:
            return int(connection.execute(rows).scalar_one())

    def _ask(self, push: str) -> None:
        ticked = {finding.check for finding in self.approvals.findings(push)}
        self.approvals.submit(push, AUTHOR, ticked=ticked)
        for officer in (FIRST, SECOND):
            self.approvals.approve(push, officer)


def open_office(settings: Settings, database: Database, vault: Vault, clock: Clock) -> Office:
    """The office of a drill's settings."""
    subscribers = Subscriptions(database, vault, clock)
    ways = list(_ways(settings))
    approvals = Approvals(
        database,
        clock,
        CHAIN,
        Audience(database, subscribers, ways, clock),
        link=lambda notice: f"{settings.public_url}/notices/{notice}",
    )
    return Office(database, vault, clock, approvals)


def _ways(settings: Settings) -> Iterator[Way]:
    for channel in settings.channel:
        yield Way(channel.kind.channel, channel.account, "wechat")


def main() -> None:
    """Give the last approval of a push in a process of its own, which may be killed while it plans."""
    parser = argparse.ArgumentParser(prog="python -m bot.drill.office", description=main.__doc__)
    parser.add_argument("--clock", type=parse, required=True)
    parser.add_argument("push")
    given = parser.parse_args()
    settings = load_settings(None, os.environ)
    database, vault = bootstrap.operations(settings)
    office = open_office(settings, database, vault, given.clock)
    print("ready", flush=True)
    office.approve(given.push)
    print("done", flush=True)


if __name__ == "__main__":
    main()
