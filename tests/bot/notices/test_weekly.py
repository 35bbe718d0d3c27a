"""People who want their notices together, once a week: from their wish to one letter."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.channels.port import Fate, Limits, Outcome
from bot.clock import CHINA
from bot.deliveries.gathering import OPEN_FOR
from bot.deliveries.ledger import Ledger
from bot.deliveries.letters import Letters
from bot.deliveries.pushes import PushKeeper
from bot.deliveries.states import State
from bot.deliveries.window import national_days_off
from bot.notices.model import Purpose, PushState, Rule
from bot.storage.schema import subscribers
from tests.bot.notices.office import ELDERS, TEXT

FRIDAY = datetime(2026, 11, 27, 10, tzinfo=CHINA)
MAIL = replace(ELDERS, channels=("email",))


@pytest.fixture
def express(express):
    express.subscriber("每周", media=("sms", "email"))
    express.subscriber("马上", media=("sms", "email"))
    wants(express, "每周", "weekly")
    return express


def wants(express, person, digest):
    express.change(subscribers, subscribers.c.person == person, digest=digest)


def approved(express, plan=ELDERS, **text):
    """A push of another notice each time."""
    notice = express.notice(**text)
    push = express.approvals.draft(notice.id, plan, "戊")
    express.approvals.submit(push.id, "戊")
    for officer in ("乙", "丙", "丁"):
        push = express.approvals.approve(push.id, officer)
    return push


def ledger(express, **options):
    limits = {
        (way.channel, way.account): Limits() for way in express.audiences.ways(("sms", "email"))
    }
    refusals = express.subscribers.refusals
    return Ledger(express.database, express.clock, limits=limits, refusals=refusals, **options)


def letters(express):
    return Letters(
        express.database,
        "https://zwgk.example.cn",
        reveal=lambda ids: {id: f"address {id}" for id in ids},
        leave=lambda person: f"leave {person}",
    )


def test_who_wants_it_weekly_waits_for_friday(express):
    push = approved(express)

    assert express.audience(push) == {
        "每周": (True, ["领域：养老服务", "每周汇总"], "sms"),
        "马上": (True, ["领域：养老服务"], "sms"),
    }
    rows = express.letters(push)
    now, friday = int(express.clock().timestamp()), int(FRIDAY.timestamp())
    late = friday + int(OPEN_FOR.total_seconds())
    assert (rows["每周", "sms"].job, rows["每周", "sms"].not_before) == (
        "weekly:2026-11-27",
        friday,
    )
    assert (rows["马上", "sms"].job, rows["马上", "sms"].not_before) == ("", now)
    assert rows["马上", "sms"].expires_at == now + 48 * 3600
    assert rows["每周", "sms"].expires_at == push.expires_at == late


def test_a_push_without_weekly_people_ends_as_planned(express):
    wants(express, "每周", "immediate")

    push = approved(express)

    assert push.expires_at == int(express.clock().timestamp()) + 48 * 3600


@pytest.mark.parametrize(
    "plan",
    [
        replace(ELDERS, urgent="台风"),
        replace(ELDERS, rule=Rule(everyone=True), channels=("wechat_mass",)),
    ],
    ids=["urgent", "the same for all"],
)
def test_some_things_wait_for_no_friday(express, plan):
    express.subscriber("群", media=("wechat",))
    wants(express, "群", "weekly")

    rows = express.letters(approved(express, plan))

    assert {row.job for row in rows.values()} == {""}


def test_a_correction_comes_at_once(express):
    push = approved(express, MAIL)
    express.approvals.send(push.id, "戊")
    for person in ("每周", "马上"):
        express.set_deliveries(push, person, State.DELIVERED)
    express.set_push(push, state=PushState.FINISHED)
    follow = replace(MAIL, follows=push.id)
    correction = express.approvals.draft(push.notice, follow, "戊", Purpose.CORRECTION, "金额有误")
    express.approvals.submit(correction.id, "戊")
    for officer in ("乙", "丙", "丁"):
        express.approvals.approve(correction.id, officer)

    assert {row.job for row in express.letters(correction).values()} == {""}


def test_the_wish_of_the_day_of_approval_counts(express):
    push = express.submitted()
    wants(express, "每周", "immediate")
    wants(express, "马上", "weekly")

    for officer in ("乙", "丙", "丁"):
        express.approvals.approve(push.id, officer)

    jobs = {person: row.job for (person, _), row in express.letters(push).items()}
    assert jobs == {"每周": "", "马上": "weekly:2026-11-27"}
    assert {person: why for person, (_, why, _) in express.audience(push).items()} == {
        "每周": ["领域：养老服务"],
        "马上": ["领域：养老服务", "每周汇总"],
    }


def test_nobody_waits_for_the_week_of_who_has_the_same_telephone(express):
    express.subscriber("一", address="同一个")
    express.subscriber("二", address="同一个")
    wants(express, "一", "weekly")

    rows = express.letters(approved(express))

    assert (rows["二", "sms"].job, rows["二", "sms"].shares) == ("", None)
    assert rows["一", "sms"].shares == rows["二", "sms"].id


def test_on_friday_one_letter_tells_of_all_of_the_week(express):
    first = approved(express, MAIL)
    second = approved(express, MAIL, number="高民〔2026〕13号", title="关于老年食堂的通知")
    third = approved(
        express, replace(MAIL, channels=("sms",)), number="高民〔2026〕14号", title="别的渠道"
    )
    PushKeeper(express.database, express.clock).begin()
    sending = ledger(express)
    at_once = sending.claim("t", 99)
    assert {(row.person, row.push) for row in at_once} == {
        ("马上", push.id) for push in (first, second, third)
    }

    express.clock.now = FRIDAY
    claimed = [row for row in sending.claim("t", 99) if row.channel == "email"]
    (row,) = claimed
    letter = letters(express)([row])[row.id]

    assert letter.title == "每周汇总：2份新通知"
    for notice, title in ((first.notice, TEXT.title), (second.notice, "关于老年食堂的通知")):
        assert title in letter.text
        assert f"https://zwgk.example.cn/notices/{notice}" in letter.text
    assert "您订阅了“养老服务”" in letter.text
    assert letter.link == f"https://zwgk.example.cn/weekly/{row.provider_key}"
    assert (letter.key, letter.leave) == (row.provider_key, "leave 每周")

    handed = sending.hand(claimed)
    sending.settle([(one, Outcome(Fate.ACCEPTED)) for one in handed])

    for push in (first, second):
        assert express.letters(push)["每周", "email"].state == State.ACCEPTED
    found = express.notices.of_letter(letter.key)
    assert {notice.id for notice in found} == {first.notice, second.notice}
    assert express.notices.of_letter("nothing") == []


def test_a_week_with_one_notice_is_an_ordinary_letter(express):
    push = approved(express, MAIL)
    PushKeeper(express.database, express.clock).begin()
    express.clock.now = FRIDAY + timedelta(minutes=5)

    (row,) = [row for row in ledger(express).claim("t", 9) if row.person == "每周"]
    letter = letters(express)([row])[row.id]

    assert (letter.title, letter.link) == (
        TEXT.title,
        f"https://zwgk.example.cn/notices/{push.notice}",
    )


def test_no_holiday_swallows_a_week(express):
    """Friday is the second day of the National Day."""
    express.clock.now = datetime(2026, 9, 30, 12, tzinfo=CHINA)
    push = approved(express, replace(ELDERS, workdays=True))
    express.set_push(push, state=PushState.RUNNING)
    sending = ledger(express, rest=national_days_off())

    for day in (2, 5, 7):
        express.clock.now = datetime(2026, 10, day, 12, tzinfo=CHINA)
        assert sending.claim("t", 9) == []
    express.clock.now = datetime(2026, 10, 8, 8, tzinfo=CHINA)

    assert "每周" in {row.person for row in sending.hand(sending.claim("t", 9))}


def test_who_leaves_before_friday_is_sent_nothing(express):
    push = approved(express)
    PushKeeper(express.database, express.clock).begin()
    express.change(subscribers, subscribers.c.person == "每周", state="ended")
    express.clock.now = FRIDAY
    sending = ledger(express)

    assert [row.person for row in sending.hand(sending.claim("t", 9))] == []

    assert express.letters(push)["每周", "sms"].state == State.SKIPPED
