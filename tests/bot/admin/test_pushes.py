import asyncio
import re

import pytest

from bot.admin.express import CHECK_NAMES
from bot.admin.progress import Progress, follow, while_attended
from bot.notices.checks import CHECKS
from bot.notices.model import PushState
from bot.officers.model import Role
from bot.storage.schema import deliveries, pushes
from tests.bot.admin.carrying import GATES, PLAN, SETTINGS, Carriage
from tests.bot.admin.conftest import NAMES, PASSWORD, words

DRAFTER, REVIEWER, FINAL = Role.DRAFTER, Role.REVIEWER, Role.FINAL


@pytest.fixture
def carriage(desk_on):
    made = Carriage(desk_on(**SETTINGS))
    made.subscriber("张", "13800138000")
    made.subscriber("李")
    return made


@pytest.fixture
def desk(carriage):
    return carriage.desk


def state_of(desk, push):
    with desk.database.read() as connection:
        return connection.execute(
            pushes.select().with_only_columns(pushes.c.state).where(pushes.c.id == push)
        ).scalar_one()


def test_from_the_plan_to_the_ledger(carriage, desk):
    push = carriage.push()
    before = words(desk.get(DRAFTER, f"/pushes/{push}/submit"))
    assert "符合条件 2" in before
    assert "短信：没有同意" in before
    assert "最多花费 0.11 元" in before
    carriage.submitted(push)
    for who, step in ((REVIEWER, "初审"), ("审核乙", "复审"), (FINAL, "终审")):
        assert f"请您审批：{step}" in words(desk.get(who, f"/pushes/{push}"))
        carriage.approve(push, who)
    assert state_of(desk, push) == "approved"
    page = words(desk.get(DRAFTER, f"/pushes/{push}"))
    assert [page.index(NAMES[role]) for role in (REVIEWER, FINAL)]
    assert "政治关、法律关、保密关、文字关已核" in page
    carriage.done(FINAL, f"/pushes/{push}/send", password=PASSWORD)
    assert "排队" in words(desk.get(DRAFTER, f"/pushes/{push}"))
    assert {one.deed.action for one in desk.records.search(object=f"push:{push}")} == {
        "push.draft",
        "push.submit",
        "push.approve",
        "push.send",
    }


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"channel": []}, "没有选渠道"),
        ({"sector": ""}, "没有写推送给谁"),
        ({"cost_cap": "很多"}, "费用上限"),
        ({"cost_cap": "NaN"}, "费用上限"),
        ({"cost_cap": "-1"}, "费用上限"),
        ({"hours": "0"}, "发送期限"),
        ({"hours": "²"}, "发送期限"),
        ({"quiet_from": "24"}, "夜间开始"),
        ({"not_before": "明天"}, "开始时间"),
        ({"areas": "140525"}, "超出了您负责的范围"),
        ({"areas": "没有这地方"}, "没有找到地区"),
        ({"channel": ["pigeon"]}, "没有设置渠道"),
        ({"group": "火星人"}, "没有“火星人”这个人群"),
    ],
)
def test_a_plan_that_cannot_be_says_why_and_keeps_what_was_typed(carriage, desk, changes, why):
    path = f"/notices/{carriage.notice()}/push"
    answer = desk.send(DRAFTER, path, **PLAN | {"urgent": "台风红色预警"} | changes)
    assert answer.status_code == 422
    assert why in words(answer)
    assert 'value="台风红色预警"' in answer.text


def test_a_push_for_workdays_says_so_until_that_is_taken_back(carriage, desk):
    push = carriage.push(workdays="1")
    path = f"/pushes/{push}/plan"
    ticked = re.compile(r'name="workdays" value="1" checked')
    assert ticked.search(desk.get(DRAFTER, path).text)
    assert "周末和节假日" in words(desk.get(DRAFTER, f"/pushes/{push}/submit"))
    refused = desk.send(DRAFTER, path, **PLAN | {"hours": "0"})
    assert refused.status_code == 422
    assert not ticked.search(refused.text)
    carriage.done(DRAFTER, path, **PLAN)
    assert "周末和节假日" not in words(desk.get(DRAFTER, f"/pushes/{push}/submit"))


def test_what_is_doubtful_is_ticked_before_it_is_submitted(carriage, desk):
    push = carriage.push(carriage.notice(body="咨询电话0758-8391234，2020年1月1日前。"))
    page = desk.get(DRAFTER, f"/pushes/{push}/submit")
    assert set(re.findall(r'name="check" value="(\w+)"', page.text)) == {"phones", "past"}
    answer = desk.send(DRAFTER, f"/pushes/{push}/submit", check="phones")
    assert answer.status_code == 422
    assert "已经过去" in words(answer)
    assert re.search(r'value="phones" required checked', answer.text)
    carriage.submitted(push, check=["phones", "past"])
    for path in (f"/pushes/{push}", f"/pushes/{push}/sheet"):
        assert re.search(
            "已核对[： ]*\u2068日期\u2069、\u2068电话\u2069", words(desk.get(REVIEWER, path))
        )


def test_what_blocks_cannot_be_ticked_away(carriage, desk):
    push = carriage.push(carriage.notice(policy="1"))
    page = desk.get(DRAFTER, f"/pushes/{push}/submit")
    assert "必须改" in page.text
    assert f'action="/admin/pushes/{push}/submit"' not in page.text
    assert desk.send(DRAFTER, f"/pushes/{push}/submit", check=["interpretation"]).status_code == 422


def test_a_change_voids_the_approvals_and_says_so_before(carriage, desk):
    push = carriage.submitted()
    carriage.approve(push, REVIEWER)
    assert "审批全部作废" in words(desk.get(DRAFTER, f"/pushes/{push}/plan"))
    carriage.done(DRAFTER, f"/pushes/{push}/plan", **PLAN | {"hours": "24"})
    assert state_of(desk, push) == "draft"
    carriage.submitted(push)
    page = words(desk.get(REVIEWER, f"/pushes/{push}"))
    assert "与上次提交相比" in page
    assert "开始后 48 小时内" in page
    assert "请您审批：初审" in page


# --- approving ---


def test_each_gate_is_asked_for(carriage, desk):
    push = carriage.submitted()
    path = f"/pushes/{push}/approve"
    for gate in GATES:
        answer = desk.send(REVIEWER, path, gate=[g for g in GATES if g != gate], note="很好")
        assert answer.status_code == 422
        assert "还没有确认" in words(answer)
        assert 'value="很好"' in answer.text
    assert state_of(desk, push) == "submitted"


def test_approving_asks_for_the_password_again(carriage, desk):
    push = carriage.submitted()
    desk.as_(REVIEWER)
    desk.clock.pass_(minutes=10)
    answer = desk.send(REVIEWER, f"/pushes/{push}/approve", gate=GATES)
    assert answer.status_code == 422
    assert "密码不对" in words(answer)
    assert 'name="password"' in answer.text


def test_nobody_does_two_steps_and_the_page_says_why(carriage, desk):
    push = carriage.submitted()
    carriage.approve(push, REVIEWER)
    page = desk.get(REVIEWER, f"/pushes/{push}")
    assert "已经审批过这份推送" in words(page)
    assert "同意</button>" not in page.text
    answer = desk.send(REVIEWER, f"/pushes/{push}/approve", gate=GATES)
    assert answer.status_code == 422
    (newest,) = desk.records.search(limit=1)
    assert (newest.deed.outcome, newest.deed.action) == ("refused", "push.approve")


def test_the_last_step_is_not_taken_before_the_others(carriage, desk):
    push = carriage.submitted()
    assert "下一步是“初审”" in words(desk.get(FINAL, f"/pushes/{push}"))
    assert desk.send(FINAL, f"/pushes/{push}/approve", gate=GATES).status_code == 422


def test_whoever_wrote_it_does_not_approve_it(carriage, desk):
    officer = desk.officers.named(NAMES[DRAFTER])
    push = carriage.submitted()
    desk.officers.change(officer.id, ["经办", "审核"], officer.areas, [])
    assert "不能审批自己的推送" in words(desk.get(DRAFTER, f"/pushes/{push}"))
    assert desk.send(DRAFTER, f"/pushes/{push}/approve", gate=GATES).status_code == 422
    assert state_of(desk, push) == "submitted"


def test_a_push_is_rejected_with_a_reason(carriage, desk):
    push = carriage.submitted()
    assert desk.send(REVIEWER, f"/pushes/{push}/reject", why=" ").status_code == 422
    carriage.done(REVIEWER, f"/pushes/{push}/reject", why="金额写错")
    assert state_of(desk, push) == "rejected"
    assert "金额写错" in words(desk.get(DRAFTER, f"/pushes/{push}"))


def test_the_sheet_holds_all_that_was_approved(carriage, desk):
    push = carriage.approved()
    page = words(desk.get(Role.AUDITOR, f"/pushes/{push}/sheet"))
    hashed = re.search(r"SHA-256）：([0-9a-f]{64})", page)[1]
    assert page.count(f" {hashed[:12]} ") == 3
    for part in (
        "主动公开",
        "关于发放高龄津贴的通知",
        "符合条件 2 人",
        "发给 1 人",
        "0.11 元",
        "拒收请回复R",
        *(NAMES[role] for role in (DRAFTER, REVIEWER, FINAL)),
        "审核乙",
        "文字关已核",
        "【高要政务公开】",
    ):
        assert part in page, part
    other = carriage.push(carriage.notice(number="2"))
    assert desk.get(DRAFTER, f"/pushes/{other}/sheet").status_code == 422


# --- under way ---


def test_who_may_hold_back_go_on_and_stop(carriage, desk):
    push = carriage.running()
    carriage.done(DRAFTER, f"/pushes/{push}/pause")
    assert state_of(desk, push) == "paused"
    assert desk.send(DRAFTER, f"/pushes/{push}/resume").status_code == 422
    carriage.done(REVIEWER, f"/pushes/{push}/resume", password=PASSWORD)
    assert desk.send(REVIEWER, f"/pushes/{push}/stop").status_code == 422
    carriage.done(REVIEWER, f"/pushes/{push}/stop", why="写错", password=PASSWORD)
    assert state_of(desk, push) == "stopped"


def test_a_push_is_withdrawn_before_it_starts(carriage, desk):
    push = carriage.approved()
    carriage.done(DRAFTER, f"/pushes/{push}/withdraw")
    assert state_of(desk, push) == "withdrawn"


def test_a_correction_follows_what_went_out(carriage, desk):
    push = carriage.running()
    notice = re.search(r"/admin/notices/(\w{10})", desk.get(DRAFTER, f"/pushes/{push}").text)[1]
    path = f"/notices/{notice}/push?purpose=correction&follows={push}"
    page = desk.get(DRAFTER, path)
    assert "送到、或可能送到的人" in page.text
    assert 'name="sector"' not in page.text
    answer = desk.send(DRAFTER, path, **PLAN | {"purpose": "correction"})
    assert "要写理由" in words(answer)
    made = carriage.done(DRAFTER, path, **PLAN | {"purpose": "correction", "reason": "金额有误"})
    told = words(desk.get(DRAFTER, made))
    assert "现在不能提交" in told
    assert f"推送 {push} 送到或可能送到的人" in told


def test_progress_is_told_until_it_is_over(carriage, desk):
    push = carriage.running()
    with desk.database.write() as connection:
        connection.execute(deliveries.update().values(state="delivered"))
        connection.execute(pushes.update().values(state="finished"))
    answer = desk.get(DRAFTER, f"/pushes/{push}/progress?state=running")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "no-store" in answer.headers["cache-control"]
    assert "已送达" in answer.text
    assert "状态已变为“已完成”" in answer.text
    assert re.search(r"event: over\s+data: over\s*$", answer.text)


def test_who_left_follows_nothing(carriage, desk):
    push = carriage.running()
    client = desk.as_(DRAFTER)
    desk.send(DRAFTER, "/sign-out")
    answer = client.get(f"/admin/pushes/{push}/progress", follow_redirects=False)
    assert answer.status_code == 303


def followed(*looks):
    """The events that these looks lead to."""
    left = list(looks)
    waited = []

    async def wait():
        waited.append(True)

    async def read():
        return [event async for event in follow(lambda: left.pop(0), wait)]

    return asyncio.run(read()), len(waited)


def test_only_what_changed_is_sent_and_then_the_end():
    events, waited = followed(("1", False), ("1", False), ("2", False), ("2", True))
    assert events == [{"data": "1"}, {"data": "2"}, {"event": "over", "data": "over"}]
    assert waited == 3


def test_who_leaves_is_told_so_at_last():
    signed_in = [True, True, False]
    look = while_attended(lambda: ("1", False), lambda: signed_in.pop(0), lambda: "left")
    shown = [look() for _ in range(21)]
    assert shown == [("1", False)] * 20 + [("left", True)]


def test_a_push_is_looked_at_once_a_second_however_many_look(carriage, desk):
    push = carriage.running()
    progress = Progress(desk.database, desk.clock)
    first = progress.look(push)
    assert first.letters == {("sms", "queued"): 1}
    with desk.database.write() as connection:
        connection.execute(pushes.update().values(state="paused"))
    assert progress.look(push) is first
    desk.clock.pass_(seconds=1)
    assert progress.look(push).state is PushState.PAUSED


def test_no_more_pushes_are_remembered_than_people_look_at(carriage, desk):
    progress = Progress(desk.database, desk.clock)
    for number in range(200):
        progress.look(str(number))
    assert len(progress._seen) <= 64


def test_every_check_that_is_ticked_has_a_name():
    assert {one.id for one in CHECKS if not one.blocks} == set(CHECK_NAMES)
