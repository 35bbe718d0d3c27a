"""An office that carries notices: two channels, subscribers, and enough officers for three steps."""

from sqlalchemy import insert

from bot.channels.settings import ChannelKind, ChannelSettings
from bot.officers import repository
from bot.officers.model import Officer, Role
from bot.storage.schema import addresses, consents, subscribers, subscriptions
from tests.bot.admin.conftest import AREA, PASSWORD, QUICK

SMS = ChannelSettings.model_validate(
    {
        "kind": ChannelKind.SMS_ALIYUN,
        "account": "aliyun",
        "key_id": "k",
        "secret": "s",
        "sign": "高要政务公开",
        "template": "SMS_1",
        "wording": "${title}",
        "price": "0.055",
    }
)
EMAIL = ChannelSettings.model_validate(
    {"kind": ChannelKind.EMAIL, "account": "mail", "host": "127.0.0.1", "sender": "a@example.cn"}
)
SETTINGS = {"channel": (SMS, EMAIL), "public_url": "https://zwgk.example.cn"}

TEXT = {
    "title": "关于发放高龄津贴的通知",
    "body": "八十周岁以上老人每月五十元，请家属核对卡号。",
    "issuer": "高要区民政局",
    "number": "高民〔2026〕12号",
    "url": "https://www.gaoyao.gov.cn/zwgk/content/1.html",
    "attribute": "主动公开",
    "area": AREA,
}
PLAN = {
    "sector": "养老服务",
    "areas": AREA,
    "channel": ["sms", "email"],
    "quiet_from": "21",
    "quiet_to": "8",
    "hours": "48",
    "patience": "4",
    "cost_cap": "100",
}
GATES = ["political", "legal", "secrecy", "wording"]


class Carriage:
    """What tests of notices and pushes do over HTTP, each by the officer whose part it is."""

    def __init__(self, desk):
        self.desk = desk
        hashed = QUICK.hash(PASSWORD)
        with desk.database.write() as connection:
            for name, roles, areas, units in (
                ("审核乙", (Role.REVIEWER,), (AREA,), ()),
                ("外地", (Role.DRAFTER, Role.REVIEWER, Role.FINAL), ("140525",), ()),
                ("民政联络员", (Role.LIAISON,), (AREA,), ("民政局",)),
                ("教育联络员", (Role.LIAISON,), (AREA,), ("教育局",)),
            ):
                repository.add(connection, Officer(0, name, roles, areas, units), hashed, 0)

    def subscriber(self, person, telephone="", area=AREA):
        """Somebody who asked for 养老服务, by short message where there is a telephone, else without any address."""
        row = {"person": person, "account": "", "area": area, "state": "active"}
        row |= {"digest": "immediate", "created_at": 1, "updated_at": 1}
        topic = {"person": person, "kind": "sector", "value": "养老服务"}
        with self.desk.database.write() as connection:
            connection.execute(insert(subscribers), row)
            connection.execute(insert(subscriptions), topic | {"since": 1, "source": "words"})
            if telephone:
                sealed = {"sealed": self.desk.vault.seal(telephone), "hash": f"hash {person}"}
                where = {"person": person, "medium": "sms", "account": "", "failures": 0}
                kept = where | sealed | {"suppressed": "", "updated_at": 1}
                connection.execute(insert(addresses), kept)
                agreed = {"person": person, "scope": "sms", "evidence": "", "given_at": 1}
                connection.execute(insert(consents), agreed)

    def done(self, role, path, **fields):
        """A form that must be carried out; the id at the end of where it leads."""
        answer = self.desk.send(role, path, **fields)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"].removeprefix("/admin")

    def notice(self, **changes):
        return self.done(Role.DRAFTER, "/notices/new", **TEXT | changes).split("/")[2]

    def push(self, notice="", **changes):
        path = f"/notices/{notice or self.notice()}/push"
        return self.done(Role.DRAFTER, path, **PLAN | changes).split("/")[2]

    def submitted(self, push="", **checks):
        push = push or self.push()
        self.done(Role.DRAFTER, f"/pushes/{push}/submit", **checks)
        return push

    def approve(self, push, who):
        return self.done(who, f"/pushes/{push}/approve", gate=GATES, password=PASSWORD)

    def approved(self):
        push = self.submitted()
        for who in (Role.REVIEWER, "审核乙", Role.FINAL):
            self.approve(push, who)
        return push

    def running(self):
        push = self.approved()
        self.done(Role.FINAL, f"/pushes/{push}/send", password=PASSWORD)
        return push
