"""A notice, and an office to carry it."""

import json
from dataclasses import replace
from datetime import date

from sqlalchemy import insert, select, update

from bot.notices.approval import Approvals
from bot.notices.audience import Audience, Way
from bot.notices.chain import Chain, Officer
from bot.notices.model import Attribute, Plan, Rule, Text
from bot.notices.service import Notices
from bot.storage.schema import (
    addresses,
    audience,
    consents,
    deliveries,
    pushes,
    subscribers,
    subscriptions,
)
from bot.storage.vault import Vault
from bot.subscriptions.service import Subscriptions

TEXT = Text(
    title="关于发放高龄津贴的通知",
    body="八十周岁以上老人每月五十元，请家属于每月十日前核对卡号。",
    attribute=Attribute.ACTIVE,
    url="https://www.gaoyao.gov.cn/zwgk/content/1.html",
    issuer="高要区民政局",
    number="高民〔2026〕12号",
    valid_until=date(2027, 12, 31),
)

AREA = "441204"
CHAIN = Chain(
    officers=lambda: (
        Officer("甲", ("起草", "初审", "复审", "终审")),
        Officer("乙", ("初审",)),
        Officer("丙", ("复审", "初审")),
        Officer("丁", ("终审", "复审")),
        Officer("戊", ("起草",)),
    )
)
WAYS = (
    Way("sms", "aliyun", "sms", price=550),
    Way("email", "mail", "email"),
    Way("wechat_mass", "gaoyao", "wechat", per_month=4),
    Way("wechat_notice", "gaoyao", "wechat"),
)
ELDERS = Plan(Rule(sectors=("养老服务",)), ("sms",), cost_cap=10**9)


class Express:
    """Everything that a push needs, on a real database."""

    def __init__(self, database, clock):
        self.database = database
        self.clock = clock
        self.vault = Vault("s" * 40)
        self.subscribers = Subscriptions(database, self.vault, clock)
        self.audiences = Audience(database, self.subscribers, WAYS, clock)
        self.notices = Notices(database, clock)
        self.approvals = self.approvals_of(CHAIN)

    def approvals_of(self, chain):
        return Approvals(
            self.database,
            self.clock,
            chain,
            self.audiences,
            link=lambda notice: f"https://zwgk.example.cn/notices/{notice}",
            signature="高要政务公开",
        )

    def subscriber(
        self, person, *topics, media=("sms",), area=AREA, state="active", address="", consent=True
    ):
        """Somebody who subscribes to ``topics`` (养老服务 unless told) and has an address on each medium."""
        with self.database.write() as connection:
            connection.execute(
                insert(subscribers),
                {
                    "person": person,
                    "account": "gaoyao",
                    "area": area,
                    "state": state,
                    "digest": "immediate",
                    "created_at": 1,
                    "updated_at": 1,
                },
            )
            for kind, value in topics or (("sector", "养老服务"),):
                row = {
                    "person": person,
                    "kind": kind,
                    "value": value,
                    "since": 1,
                    "source": "words",
                }
                connection.execute(insert(subscriptions), row)
            for medium in media:
                row = {
                    "person": person,
                    "medium": medium,
                    "account": "gaoyao" if medium == "wechat" else "",
                    "sealed": "sealed",
                    "hash": address or f"{person}-{medium}",
                    "failures": 0,
                    "suppressed": "",
                    "updated_at": 1,
                }
                connection.execute(insert(addresses), row)
                if consent:
                    row = {"person": person, "scope": medium, "evidence": "", "given_at": 1}
                    connection.execute(insert(consents), row)
        return person

    def change(self, table, where, **values):
        with self.database.write() as connection:
            connection.execute(update(table).where(where).values(values))

    def notice(self, **changes):
        return self.notices.compose(replace(TEXT, **changes), AREA, "甲")

    def draft(self, plan=ELDERS, **kwargs):
        return self.approvals.draft(self.notice().id, plan, "戊", **kwargs)

    def submitted(self, plan=ELDERS):
        return self.approvals.submit(self.draft(plan).id, "戊")

    def approved(self, plan=ELDERS):
        push = self.submitted(plan)
        for officer in ("乙", "丙", "丁"):
            push = self.approvals.approve(push.id, officer)
        return push

    def audience(self, push):
        """Person → (included, why, channels)."""
        query = select(audience).where(audience.c.push == push.id)
        with self.database.read() as connection:
            return {
                r.person: (bool(r.included), json.loads(r.why), r.channels)
                for r in connection.execute(query)
            }

    def letters(self, push):
        """Rows of the ledger by person and channel."""
        query = select(deliveries).where(deliveries.c.push == push.id)
        with self.database.read() as connection:
            return {(r.person, r.channel): r for r in connection.execute(query)}

    def events(self, push):
        return [event.what for event in self.notices.history(push.id)]

    def set_deliveries(self, push, person, state):
        where = (deliveries.c.push == push.id) & (deliveries.c.person == person)
        self.change(deliveries, where, state=state)

    def set_push(self, push, **values):
        self.change(pushes, pushes.c.id == push.id, **values)
