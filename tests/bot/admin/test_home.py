"""The first page: everybody's own, and of their own areas."""

import json
import re
from dataclasses import asdict

import pytest
from sqlalchemy import insert, update

from bot.notices.model import Attribute, Purpose, PushState, Text
from bot.officers.model import Role
from bot.storage.schema import notices, push_events, pushes, question_groups
from catalogue_index.model import COLUMNS
from tests.bot.admin.conftest import AREA, NAMES, words
from tests.bot.deliveries.office import Office

CATALOGUE = "\n".join(
    (
        ",".join(COLUMNS.values()),
        "社会救助,最低生活保障,审批信息,初审对象名单,《社会救助暂行办法》,20个工作日,区民政局,■政府网站,全社会,主动,县级",
    )
)
HOSTILE = "<b>标准</b>{{ 1 }}"


@pytest.fixture
def busy(desk):
    """A push that waits, one sent back, one under way, and questions without an answer."""
    office = Office(desk.database)
    office.clock = desk.clock
    for id, state in (("p1", "submitted"), ("p2", "rejected"), ("p3", "running")):
        office.push(id, state=PushState(state))
    text = Text(HOSTILE, "正文", Attribute.ACTIVE, "https://x.gov.cn/1")
    group = {"kind": "unanswered", "count": 9, "first_at": 1, "last_at": 1, "newest": 1}
    group |= {"state": "open", "target": "", "officer": "", "note": ""}
    with desk.database.write() as connection:
        told = json.dumps(asdict(text), default=str)
        connection.execute(update(notices).values(text=told))
        drafter = NAMES[Role.DRAFTER]
        connection.execute(
            update(pushes).values(
                created_by=drafter, submitted_by=drafter, purpose=Purpose.FIRST, submitted_at=1
            )
        )
        connection.execute(
            insert(question_groups),
            [group | {"likeness": "a", "area": AREA}, group | {"likeness": "b", "area": "441202"}],
        )
    return desk


def test_everybody_has_a_first_page(busy):
    for role in Role:
        page = busy.get(role, "/")
        assert page.status_code == 200, page.text
        assert "系统状况" in page.text


def test_what_waits_is_shown_to_whom_it_waits_for(busy):
    def waits(role):
        return words(busy.get(role, "/"))

    assert "等我审批的推送 1" in waits(Role.REVIEWER)
    assert "等我审批的推送" not in waits(Role.FINAL)  # the steps before are not done
    assert "被退回、要我修改的推送 1" in waits(Role.DRAFTER)
    assert "还没有答案的问题（类） 1" in waits(Role.DRAFTER)
    assert "还没有答案" not in waits(Role.ADMINISTRATOR)
    assert "没有等您办的事" in waits(Role.ADMINISTRATOR)


def test_nobody_approves_what_they_wrote(busy):
    with busy.database.write() as connection:
        connection.execute(update(pushes).values(created_by=NAMES[Role.REVIEWER]))
    assert "等我审批的推送" not in words(busy.get(Role.REVIEWER, "/"))


def test_pushes_under_way_are_shown_with_their_titles_as_text(busy):
    page = busy.get(Role.REVIEWER, "/")
    assert "&lt;b&gt;标准&lt;/b&gt;{{ 1 }}" in page.text
    assert "/admin/pushes/p3" in page.text
    assert "正在发送" not in busy.get(Role.ADMINISTRATOR, "/").text


def test_what_belongs_to_another_area_is_not_shown(busy):
    with busy.database.write() as connection:
        connection.execute(update(notices).values(area="441202"))
    assert "没有等您办的事" not in words(busy.get(Role.DRAFTER, "/"))  # the question is theirs
    assert "等我审批的推送" not in words(busy.get(Role.REVIEWER, "/"))
    assert "/admin/pushes/p3" not in busy.get(Role.REVIEWER, "/").text


@pytest.mark.parametrize(
    ("days", "said"), [(6, ""), (7, "请安排发布"), (10, "请安排发布"), (14, "请尽快发布")]
)
def test_silence_is_told(busy, days, said):
    at = int(busy.clock().timestamp()) - days * 86400
    event = {"push": "p3", "at": at, "who": "worker", "what": "running", "detail": ""}
    with busy.database.write() as connection:
        connection.execute(insert(push_events), event)
    shown = words(busy.get(Role.REVIEWER, "/"))
    assert (f"已经 {days} 天没有发布新内容" in shown) is bool(said)
    assert said in shown


def test_imports_wait_for_who_reviews_and_who_left_them(desk):
    file = {"file": ("目录.csv", CATALOGUE.encode())}
    sent = desk.send(
        Role.DRAFTER,
        "/knowledge/upload",
        files=file,
        kind="catalogue",
        area=AREA,
        sector="社会救助",
    )
    assert sent.status_code == 303, sent.text
    assert "我还没整理完的导入文件 1" in words(desk.get(Role.DRAFTER, "/"))
    assert "等我审核的导入文件" not in words(desk.get(Role.REVIEWER, "/"))

    path = sent.headers["location"].removeprefix("/admin")
    page = desk.get(Role.DRAFTER, path).text
    (revision,) = set(re.findall(r'name="revision" value="(\d+)"', page))
    assert desk.send(Role.DRAFTER, f"{path}/submit", revision=revision).status_code == 303
    assert "我还没整理完" not in words(desk.get(Role.DRAFTER, "/"))
    assert "等我审核的导入文件 1" in words(desk.get(Role.REVIEWER, "/"))
    assert "等我审核的导入文件" not in words(desk.get(Role.AUDITOR, "/"))
