import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select

from bot.notices.repository import plan_of
from bot.officers.model import Role
from bot.officers.rights import may
from bot.storage.schema import api_keys, pushes
from tests.bot.admin.conftest import AREA, NAMES
from tests.bot.deliveries.office import Office

NOTICE = {
    "title": "关于2026年度残疾人两项补贴申领的通知",
    "body": "符合条件的残疾人可以申领生活补贴和护理补贴。",
    "number": "高民〔2026〕12号",
    "issuer": "高要区民政局",
    "url": "https://www.gaoyao.gov.cn/zwgk/1.html",
}
PUSH = {"rule": {"groups": ["残疾人"], "sectors": ["社会救助"]}, "channels": ["wechat_notice"]}


@pytest.fixture
def notice(call):
    made = call(Role.DRAFTER, "POST", "/notices", json={**NOTICE, "area": AREA})
    assert made.status_code == 201, made.text
    return made.json()["id"]


def registered(desk):
    """Every address of the API, with the right that it asks for."""
    found = []
    for route in desk.app.routes:
        for one in getattr(getattr(route, "original_router", None), "routes", [route]):
            if isinstance(one, APIRoute) and one.path.startswith("/api/v1"):
                rights = [getattr(d.call, "right", None) for d in one.dependant.dependencies]
                found.append((next(iter(one.methods)), one.path, next(filter(None, rights))))
    return found


def test_every_address_asks_for_a_key(desk, call):
    addresses = registered(desk)
    assert len(addresses) > 14
    for method, path, _ in addresses:
        answer = call(None, method, path.removeprefix("/api/v1").replace("{id}", "0"), json={})
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("role", Role)
def test_a_key_may_what_its_officer_may(desk, call, role):
    officer = desk.officers.named(NAMES[role])
    for method, path, right in registered(desk):
        answer = call(role, method, path.removeprefix("/api/v1").replace("{id}", "0"), json={})
        assert (answer.status_code == 403) != may(officer, right), (path, answer.text)
        assert answer.status_code < 500


def test_a_notice_goes_in_and_is_found_in_the_console(desk, call, notice):
    shown = call(Role.AUDITOR, "GET", f"/notices/{notice}").json()
    assert shown["title"] == NOTICE["title"]
    assert shown["state"] == "draft"
    assert shown["created_by"] == NAMES[Role.DRAFTER]
    assert [one["id"] for one in call(Role.FINAL, "GET", "/notices").json()["notices"]] == [notice]
    again = call(Role.DRAFTER, "POST", "/notices", json={**NOTICE, "area": AREA})
    assert again.status_code == 422
    assert "已经有通知了" in again.json()["detail"]


def test_another_areas_notice_is_not_there(desk, call, notice):
    _, password = desk.officers.add("邻县", ["经办"], ["441203"])
    token, _ = desk.officers.sign_in("邻县", password)
    desk.officers.change_password(desk.officers.session(token), password, "Bailu-2026-feng")
    for method, path, body in (
        ("GET", f"/notices/{notice}", None),
        ("PUT", f"/notices/{notice}", NOTICE),
        ("POST", f"/notices/{notice}/pushes", PUSH),
    ):
        assert call("邻县", method, path, json=body).status_code == 404
    assert call("邻县", "GET", "/notices").json()["notices"] == []
    made = call("邻县", "POST", "/notices", json={**NOTICE, "number": "1号", "area": AREA})
    assert made.status_code == 404


def test_a_push_is_submitted_but_approved_by_people_alone(desk, call, notice):
    made = call(Role.DRAFTER, "POST", f"/notices/{notice}/pushes", json=PUSH)
    assert made.status_code == 201, made.text
    push = made.json()["id"]
    findings = call(Role.DRAFTER, "GET", f"/pushes/{push}/findings").json()
    ticked = [one["check"] for one in findings if not one["blocks"]]
    sent = call(Role.DRAFTER, "POST", f"/pushes/{push}/submit", json={"ticked": ticked})
    # Nobody subscribes yet: a push to nobody is refused, with a sentence.
    assert sent.status_code in (200, 422)
    assert sent.json().get("state") == "submitted" or sent.json()["detail"]
    assert not [path for _, path, _ in registered(desk) if "approve" in path or "recall" in path]


def test_a_push_is_planned_as_it_is_told(desk, call, notice):
    told = {**PUSH, "workdays": True, "urgent": "台风", "hours": 5, "cost_cap": 12.5}
    made = call(Role.DRAFTER, "POST", f"/notices/{notice}/pushes", json=told)
    with desk.database.read() as connection:
        query = select(pushes.c.plan).where(pushes.c.id == made.json()["id"])
        plan = plan_of(connection.execute(query).scalar_one())
    assert plan.workdays
    assert (plan.urgent, plan.hours, plan.cost_cap) == ("台风", 5, 125_000)
    assert (plan.rule.groups, plan.rule.sectors) == (("残疾人",), ("社会救助",))


def test_names_of_groups_and_sectors_are_those_of_people(call, notice):
    body = {**PUSH, "rule": {"groups": ["没有的人群"]}}
    answer = call(Role.DRAFTER, "POST", f"/notices/{notice}/pushes", json=body)
    assert answer.status_code == 422
    assert "没有“没有的人群”这个人群" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": "题", "area": AREA, "colour": "red"}, "colour"),
        ({"title": "题" * 201, "area": AREA}, "title"),
        ({"title": "题", "area": AREA, "attribute": "秘密"}, "attribute"),
    ],
)
def test_wrong_bodies_are_told_in_chinese(call, body, field):
    answer = call(Role.DRAFTER, "POST", "/notices", json=body)
    assert answer.status_code == 422
    assert answer.json()["field"] == field


def test_what_is_no_json_is_told_too(call):
    for broken in (b"{", b"\xff", b""):
        answer = call(Role.DRAFTER, "POST", "/notices", content=broken)
        assert answer.status_code in (400, 422)
        assert "\u4e00" <= answer.json()["detail"][0] <= "\u9fff"
    answer = call(Role.DRAFTER, "POST", "/notices", content=b"a" * 1_100_000)
    assert answer.status_code == 413


def test_every_change_is_in_the_log_with_the_keys_name(desk, call, notice):
    call(Role.DRAFTER, "POST", "/notices", json={**NOTICE, "area": AREA})
    refused, done = desk.records.search(action="notice.write", limit=2)
    assert (done.deed.outcome, refused.deed.outcome) == ("done", "refused")
    assert done.deed.object == f"notice:{notice}"
    assert "集约化平台" in done.deed.detail
    assert desk.records.verify().whole


def test_the_log_can_be_carried_off(desk, call, notice):
    found = call(Role.AUDITOR, "GET", "/records").json()["records"]
    assert [one["number"] for one in found] == list(range(1, len(found) + 1))
    later = call(Role.AUDITOR, "GET", f"/records?after={found[-1]['number']}").json()["records"]
    assert later == []


def test_only_the_hash_of_a_key_is_kept(desk, call):
    secret = call.secret(Role.DRAFTER)
    with desk.database.read() as connection:
        assert secret not in str(connection.execute(api_keys.select()).all())
    assert call(Role.DRAFTER, "GET", "/me").json()["officer"] == NAMES[Role.DRAFTER]


def test_keys_end(desk, call):
    assert call(Role.DRAFTER, "GET", "/me").status_code == 200
    desk.clock.pass_(days=31)
    assert call(Role.DRAFTER, "GET", "/me").status_code == 401
    assert call(Role.FINAL, "GET", "/me").status_code == 200
    desk.officers.close(desk.officers.named(NAMES[Role.FINAL]).id)
    assert call(Role.FINAL, "GET", "/me").status_code == 401


def test_keys_are_given_and_closed_in_the_console(desk, call):
    officer = desk.officers.named(NAMES[Role.DRAFTER]).id
    fields = {"name": "市集约化平台", "officer": officer, "days": 90}
    page = desk.send(Role.ADMINISTRATOR, "/accounts/keys", **fields)
    secret = page.text.partition("<code>")[2].partition("</code>")[0]
    headers = {"authorization": f"Bearer {secret}"}
    assert call.client.get("/api/v1/me", headers=headers).status_code == 200
    (key,) = call.keys.all()
    desk.send(Role.ADMINISTRATOR, f"/accounts/keys/{key.id}/close")
    assert call.client.get("/api/v1/me", headers=headers).status_code == 401
    assert secret not in str(desk.records.search())


def test_no_key_acts_for_an_administrator_by_the_console(desk):
    officer = desk.officers.named(NAMES[Role.ADMINISTRATOR]).id
    fields = {"name": "x", "officer": officer, "days": 90}
    assert desk.send(Role.ADMINISTRATOR, "/accounts/keys", **fields).status_code == 422


def test_suggestions_have_reasons(call):
    body = {"title": NOTICE["title"], "summary": NOTICE["body"]}
    found = call(Role.DRAFTER, "POST", "/suggestions", json=body).json()
    assert "残疾人" in [one["name"] for one in found["groups"]]
    assert all(one["reasons"] for one in found["sectors"] + found["groups"])


def test_a_report_adds_up(desk, call, notice):
    office = Office(desk.database)
    push = office.push()
    for person in ("甲", "乙", "丙"):
        office.in_audience(push, person, "订阅了养老服务")
        office.delivery(push, person)
    with desk.database.write() as connection:
        connection.execute(pushes.update().values(notice=notice))
    report = call(Role.AUDITOR, "GET", f"/pushes/{push}/report").json()
    assert report["matched"] == sum(report["lines"].values()) == 3
