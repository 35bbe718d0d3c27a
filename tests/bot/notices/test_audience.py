import os
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bot.deliveries.states import State
from bot.notices.audience import provider_key
from bot.notices.chain import ApprovalRefused
from bot.notices.model import Plan, PushState, Rule
from bot.storage.schema import addresses, approvals, consents, quotas, subscribers
from tests.bot.notices.office import ELDERS

BOTH = Plan(Rule(sectors=("养老服务",), groups=("老年人",)), ("email", "sms"), cost_cap=10**9)


def test_everybody_whom_a_push_concerns_is_in_or_out_with_a_reason(express):
    express.subscriber("两样都订", ("sector", "养老服务"), ("group", "老年人"))
    express.subscriber("人群", ("group", "老年人"), media=("sms", "email"))
    express.subscriber("别的领域", ("sector", "就业"))
    express.subscriber("别的地区", area="4412")
    express.subscriber("下级", area="441204101")
    express.subscriber("暂停", state="paused")
    express.subscriber("退订", state="ended")
    express.subscriber("没同意", consent=False)
    express.subscriber("没地址", media=("wechat",))
    express.subscriber("停用")
    express.change(addresses, addresses.c.person == "停用", suppressed="空号")

    rows = express.audience(express.submitted(BOTH))

    assert rows == {
        "两样都订": (True, ["人群：老年人", "领域：养老服务"], "sms"),
        "人群": (True, ["人群：老年人"], "email,sms"),
        "下级": (True, ["领域：养老服务"], "sms"),
        "暂停": (False, ["本人已暂停接收"], ""),
        "退订": (False, ["本人已退订或取消关注"], ""),
        "没同意": (False, ["邮件：没有同意", "短信：没有同意"], ""),
        "没地址": (False, ["邮件：没有同意", "短信：没有同意"], ""),
        "停用": (False, ["邮件：没有同意", "短信：地址已停用"], ""),
    }


def test_the_figures_add_up(express):
    for number in range(7):
        express.subscriber(f"人{number}", media=("sms", "email") if number % 2 else ("sms",))
    express.subscriber("停", state="paused")
    push = express.submitted(BOTH)

    figures = express.approvals.dossier(push.id).figures

    rows = express.audience(push)
    assert figures.matched == figures.included + figures.excluded == len(rows) == 8
    assert figures.channels == {"sms": 7, "email": 3}
    assert figures.reasons == {"本人已暂停接收": 1}


def test_people_come_by_their_channels_in_order(express):
    express.subscriber("人", media=("sms", "email"))

    letters = express.letters(express.approved(BOTH))

    assert {channel: (r.turn, r.state) for (_, channel), r in letters.items()} == {
        "email": (0, State.QUEUED),
        "sms": (1, State.WAITING),
    }
    assert all(
        r.provider_key == provider_key(r.push, r.person, r.channel) for r in letters.values()
    )


def test_all_channels_go_at_once_where_that_was_planned(express):
    express.subscriber("人", media=("sms", "email"))

    letters = express.letters(express.approved(replace(BOTH, all_channels=True)))

    assert {r.state for r in letters.values()} == {State.QUEUED}


def test_one_telephone_of_several_people_gets_one_letter(express):
    for person in ("一", "二", "三"):
        express.subscriber(person, address="同一个")
    express.subscriber("四")
    push = express.approved()

    rows = {person: row for (person, _), row in express.letters(push).items()}

    leading = [row for row in rows.values() if row.address_hash == "同一个"]
    assert len(rows) == 4
    assert [row.shares for row in rows.values() if row.address_hash is None] == [leading[0].id] * 2
    assert express.approvals.dossier(push.id).figures.shared == 2


def test_whose_month_is_used_up_is_left_out(express):
    plan = replace(ELDERS, channels=("wechat_mass",))
    for person in ("用完", "还有"):
        express.subscriber(person, media=("wechat",))
    with express.database.write() as connection:
        row = {"channel": "wechat_mass", "account": "gaoyao", "period": "2026-11"}
        used = [row | {"subject": "用完", "used": 4}, row | {"subject": "还有", "used": 3}]
        connection.execute(insert(quotas), used)

    rows = express.audience(express.submitted(plan))

    assert rows["用完"] == (False, ["群发：本月次数已用完"], "")
    assert rows["还有"][0]


def test_a_channel_that_is_not_set_up_reaches_nobody(express):
    express.subscriber("人", media=("wechat",))

    with pytest.raises(ApprovalRefused, match="客服消息：没有开通"):
        express.submitted(replace(ELDERS, channels=("wechat_custom",)))


def test_after_submission_people_only_drop_out(express):
    for person in ("留下", "退订", "换号", "只剩短信"):
        express.subscriber(person, media=("sms", "email") if person == "只剩短信" else ("sms",))
    push = express.submitted(BOTH)
    express.subscriber("后来")
    express.change(subscribers, subscribers.c.person == "退订", state="ended")
    express.change(addresses, addresses.c.person == "换号", suppressed="空号")
    express.change(consents, consents.c.scope == "email", ended_at=1)
    with (
        express.database.write() as connection
    ):  # another way of reaching somebody is none for this push
        row = {"person": "留下", "scope": "email", "evidence": "", "given_at": 1}
        connection.execute(insert(consents), row)
        row = {"person": "留下", "medium": "email", "account": "", "sealed": "", "hash": "e"}
        row |= {"failures": 0, "suppressed": "", "updated_at": 1}
        connection.execute(insert(addresses), row)

    for officer in ("乙", "丙", "丁"):
        push = express.approvals.approve(push.id, officer)

    assert express.letters(push).keys() == {("留下", "sms"), ("只剩短信", "sms")}
    rows = express.audience(push)
    assert rows["退订"] == (False, ["提交后退出", "本人已退订或取消关注"], "sms")
    assert rows["换号"][:1] == (False,)
    assert Counter(row[0] for row in rows.values()) == {True: 2, False: 2}


def test_a_rule_without_areas_is_that_of_the_notice(express):
    assert express.draft().plan.rule.areas == ("441204",)


def test_of_two_who_do_the_last_step_at_once_one_does(express):
    express.subscriber("人")
    push = express.submitted()
    for officer in ("乙", "丙"):
        express.approvals.approve(push.id, officer)

    def last(_):
        try:
            return express.approvals.approve(push.id, "丁").state
        except ApprovalRefused as refused:
            return str(refused)

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(last, range(4)))

    assert told.count(PushState.APPROVED) == 1
    assert len(express.letters(push)) == 1
    with express.database.read() as connection:
        assert len(connection.execute(select(approvals)).all()) == 3


# --- a kill leaves all or nothing ---

_CHILD = """
import os, signal, sys, json
from datetime import datetime
from sqlalchemy import event
from bot.clock import CHINA
from bot.storage.database import open_url
from tests.bot.notices.office import Express

url, push, step, kill_after = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
database = open_url(url)
seen = 0

@event.listens_for(database._engine, "after_cursor_execute")
def count(connection, cursor, statement, *rest):
    global seen
    if statement.startswith(("INSERT", "UPDATE", "DELETE")):
        seen += 1
        if seen == kill_after:
            os.kill(os.getpid(), signal.SIGKILL)

express = Express(database, lambda: datetime(2026, 11, 23, 12, tzinfo=CHINA))
if step == "submit":
    express.approvals.submit(push, "戊")
else:
    express.approvals.approve(push, "丁")
"""


def run_until_killed(express, push, step, kill_after):
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            textwrap.dedent(_CHILD),
            express.database.url,
            push,
            step,
            str(kill_after),
        ],
        check=False,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
    return done.returncode == -signal.SIGKILL


def test_a_submission_that_is_killed_is_none(express):
    for number in range(300):
        express.subscriber(f"人{number:03}")
    push = express.draft()

    kills = 0
    while run_until_killed(express, push.id, "submit", kills + 1):
        kills += 1
        assert express.audience(push) == {}
        assert express.approvals.find(push.id).state is PushState.DRAFT

    assert kills >= 3
    assert len(express.audience(push)) == 300
    assert express.approvals.find(push.id).state is PushState.SUBMITTED


def test_a_last_step_that_is_killed_is_none(express):
    for number in range(300):
        express.subscriber(f"人{number:03}", address="同一个" if number % 10 == 0 else "")
    push = express.submitted()
    for officer in ("乙", "丙"):
        express.approvals.approve(push.id, officer)

    kills = 0
    while run_until_killed(express, push.id, "approve", kills + 1):
        kills += 1
        assert express.letters(push) == {}
        assert express.approvals.standing(push.id).next_step == "终审"

    assert kills >= 6
    assert len(express.letters(push)) == 300
    assert express.approvals.find(push.id).state is PushState.APPROVED
