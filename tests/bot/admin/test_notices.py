import io
import re

import pytest

from bot.notices.attributes import QUESTIONS
from bot.officers.model import Role
from tests.bot.admin.carrying import SETTINGS, TEXT, Carriage
from tests.bot.admin.conftest import PASSWORD, words

DRAFTER, REVIEWER, FINAL, LIAISON = Role.DRAFTER, Role.REVIEWER, Role.FINAL, Role.LIAISON

HOSTILE = (
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    '=HYPERLINK("http://x")',
    "\u202egnitirw thgir ot tfel",
    '"><img src=x onerror=alert(1)>',
)


@pytest.fixture
def carriage(desk_on):
    made = Carriage(desk_on(**SETTINGS))
    made.subscriber("张", "13800138000")
    return made


@pytest.fixture
def desk(carriage):
    return carriage.desk


def test_an_empty_list_says_what_to_do_next(desk):
    assert "还没有通知" in words(desk.get(DRAFTER, "/notices"))
    assert 'href="/admin/notices/new"' in desk.get(DRAFTER, "/notices").text
    assert 'href="/admin/notices/new"' not in desk.get(Role.AUDITOR, "/notices").text


def test_a_notice_is_written_kept_and_recorded(carriage, desk):
    notice = carriage.notice()
    page = words(desk.get(REVIEWER, f"/notices/{notice}"))
    for part in (TEXT["title"], TEXT["number"], TEXT["body"], "高要区", "还没有推送"):
        assert part in page
    (record,) = desk.records.search(object=f"notice:{notice}")
    assert record.deed.action == "notice.write"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"title": " "}, "没有标题"),
        ({"number": "", "url": ""}, "无法认出是不是发过"),
        ({"attribute": "绝密"}, "公开属性"),
        ({"valid_until": "明年"}, "有效期"),
        ({"area": "火星"}, "没有找到地区"),
        ({"area": "140525"}, "不在您负责的范围"),
        ({"number": "高" * 201}, "太长"),
    ],
)
def test_what_cannot_be_kept_says_why_and_keeps_what_was_typed(desk, changes, why):
    answer = desk.send(DRAFTER, "/notices/new", **TEXT | {"uninterpreted": "很短"} | changes)
    assert answer.status_code == 422
    assert why in words(answer)
    assert 'value="很短"' in answer.text
    assert TEXT["body"] in answer.text


def test_the_same_text_is_not_kept_twice(carriage, desk):
    kept = carriage.notice()
    answer = desk.send(DRAFTER, "/notices/new", **TEXT)
    assert answer.status_code == 422
    assert kept in words(answer)


# --- beside the text ---


def test_suggestions_checks_and_previews_stand_beside_what_is_typed(desk):
    typed = TEXT | {"body": TEXT["body"] + "咨询电话0758-8391234。", "url": ""}
    answer = desk.send(DRAFTER, "/notices/look", **typed)
    told = words(answer)
    assert answer.status_code == 200
    assert "养老服务" in told
    assert "说到“" in told
    assert "没有政府网站上的原文网址" in told
    assert "电话“0758-8391234”请拨打核对" in told
    assert "【高要政务公开】" in told
    assert "按 2 条短信计费" in told
    assert f'value="{TEXT["title"]}"' in answer.text


def test_a_script_gets_what_stands_beside_alone(desk):
    client = desk.as_(DRAFTER)
    fields = {"csrf": desk.csrf(client), **TEXT}
    answer = client.post("/admin/notices/look", data=fields, headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    assert answer.text.count('id="look"') == 1


def test_looking_is_not_written_down_and_never_fails(desk):
    desk.as_(DRAFTER)
    before = desk.records.search(limit=1)
    for fields in ({}, {"title": ""}, TEXT | {"valid_until": "x", "area": "x"}, {"title": "标题"}):
        assert desk.send(DRAFTER, "/notices/look", **fields).status_code == 200
    assert desk.send(DRAFTER, "/notices/look", notice="0").status_code == 404
    assert desk.records.search(limit=1)[0].deed.outcome == "refused"
    assert desk.records.search(limit=2)[1] == before[0]


def test_the_attribute_is_found_by_the_articles(desk):
    page = words(desk.get(DRAFTER, "/notices/new"))
    places = [page.index(one.article) for one in QUESTIONS]
    assert places == sorted(places)


# --- from files ---


def test_a_file_or_pasted_words_fill_the_form(desk):
    text = "关于发放高龄津贴的通知\n高民〔2026〕12号\n八十周岁以上老人每月五十元。"
    files = {"file": ("../通知.txt", io.BytesIO(text.encode()), "text/plain")}
    for answer in (
        desk.send(DRAFTER, "/notices/read", files=files),
        desk.send(DRAFTER, "/notices/read", pasted=text),
    ):
        assert answer.status_code == 200
        assert 'value="关于发放高龄津贴的通知"' in answer.text
        assert 'value="高民〔2026〕12号"' in answer.text
        assert "八十周岁以上老人每月五十元" in answer.text


def test_a_file_that_cannot_be_read_says_what_to_do(desk):
    files = {"file": ("a.exe", io.BytesIO(b"MZ"), "x/y")}
    answer = desk.send(DRAFTER, "/notices/read", files=files)
    assert answer.status_code == 422
    assert "docx" in words(answer)
    assert "请选一个文件" in words(desk.send(DRAFTER, "/notices/read"))


# --- changing ---


def test_a_change_says_before_that_it_voids_approvals(carriage, desk):
    notice = carriage.notice()
    assert "作废" not in words(desk.get(DRAFTER, f"/notices/{notice}/edit"))
    push = carriage.submitted(carriage.push(notice))
    carriage.approve(push, REVIEWER)
    page = desk.get(DRAFTER, f"/notices/{notice}/edit")
    assert "已有的审批全部作废" in words(page)
    assert push in page.text
    carriage.done(DRAFTER, f"/notices/{notice}/edit", **TEXT | {"body": "每月六十元。"})
    assert "草稿" in words(desk.get(DRAFTER, f"/pushes/{push}"))
    assert "每月六十元" in words(desk.get(REVIEWER, f"/notices/{notice}"))


def test_a_notice_is_recalled_by_an_approver_with_a_reason(carriage, desk):
    push = carriage.running()
    notice = re.search(r"/admin/notices/(\w{10})", desk.get(FINAL, f"/pushes/{push}").text)[1]
    path = f"/notices/{notice}/recall"
    assert desk.send(DRAFTER, path, why="写错").status_code == 403
    assert desk.send(FINAL, path, why=" ", password=PASSWORD).status_code == 422
    carriage.done(FINAL, path, why="金额有误", password=PASSWORD)
    assert "已撤回：⁨金额有误" in words(desk.get(DRAFTER, f"/notices/{notice}"))
    assert "已撤回" in desk.visitor().get(f"/notices/{notice}").text
    assert "已停止" in words(desk.get(DRAFTER, f"/pushes/{push}"))
    assert desk.get(DRAFTER, f"/notices/{notice}/edit").status_code == 200
    assert "不能再修改" in words(desk.send(DRAFTER, f"/notices/{notice}/edit", **TEXT))


# --- the list ---


def test_the_list_goes_on_by_key_and_shows_each_once(carriage, desk):
    for number in range(53):
        carriage.notice(number=str(number), url="", title=f"第{number}号通知")
    page = desk.get(REVIEWER, "/notices").text
    more = re.search(r'href="(\?[^"]+)" rel="next"', page)[1].replace("&amp;", "&")
    rest = desk.get(REVIEWER, f"/notices{more}").text
    shown = re.findall(r"第(\d+)号通知", page + rest)
    assert sorted(map(int, shown)) == list(range(53))
    assert 'rel="next"' not in rest


def test_the_list_shows_what_waits_for_just_this_officer(carriage, desk):
    carriage.submitted()
    assert "等您审批 1" in words(desk.get(REVIEWER, "/notices"))
    assert "等您审批" not in words(desk.get(FINAL, "/notices"))
    assert "等您审批" not in words(desk.get(DRAFTER, "/notices"))
    assert "初审" in words(desk.get(DRAFTER, "/notices?stage=submitted"))
    assert "没有符合条件" in words(desk.get(DRAFTER, "/notices?stage=over"))
    assert TEXT["title"] in words(desk.get(DRAFTER, "/notices?area=高要区"))
    assert desk.get(DRAFTER, "/notices?area=140525").status_code == 404


# --- whose they are ---


def everything(carriage):
    """Addresses of the express with the ids of a notice, a push and a person, by method."""
    push = carriage.running()
    desk = carriage.desk
    notice = re.search(r"/admin/notices/(\w{10})", desk.get(FINAL, f"/pushes/{push}").text)[1]
    for one in desk.console.registered:
        if one.path.startswith(("/notices/{id}", "/pushes/{id}")):
            id = notice if one.path.startswith("/notices") else push
            path = one.path.replace("{id}", id).replace("{person}", "张").replace("{kind}", "csv")
            yield one.method, path


def test_what_is_of_another_area_is_not_there_by_any_address(carriage, desk):
    addresses = list(everything(carriage))
    assert len(addresses) > 25
    for method, path in addresses:
        answer = desk.get("外地", path) if method == "GET" else desk.send("外地", path, why="x")
        assert answer.status_code == 404, (method, path)
        assert TEXT["title"] not in answer.text
    assert TEXT["title"] not in desk.get("外地", "/notices").text
    assert (
        desk.send("外地", "/notices/look", notice=addresses[0][1].split("/")[2]).status_code == 404
    )


def test_a_liaison_sees_their_own_units_notices_and_what_they_wrote(carriage, desk):
    notice = carriage.notice()
    assert desk.get("民政联络员", f"/notices/{notice}").status_code == 200
    assert TEXT["title"] in desk.get("民政联络员", "/notices").text
    assert desk.get("教育联络员", f"/notices/{notice}").status_code == 404
    assert TEXT["title"] not in desk.get("教育联络员", "/notices").text
    assert desk.send("教育联络员", f"/notices/{notice}/edit", **TEXT).status_code == 404
    answer = desk.send("教育联络员", "/notices/new", **TEXT | {"number": "2", "url": ""})
    assert "应是您所在的单位（教育局）" in words(answer)
    own = {"number": "3", "url": "", "issuer": "高要区教育局"}
    made = carriage.done("教育联络员", "/notices/new", **TEXT | own)
    assert desk.get("教育联络员", made).status_code == 200
    assert desk.get("教育联络员", f"{made}/push").status_code == 403


# --- hostile words ---


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_are_words_on_every_page(carriage, desk, hostile):
    given = {"title": hostile, "body": hostile, "issuer": hostile, "number": hostile}
    push = carriage.submitted(carriage.push(carriage.notice(**given), urgent=hostile))
    notice = re.search(r"/admin/notices/(\w{10})", desk.get(FINAL, f"/pushes/{push}").text)[1]
    pages = ["/notices", f"/notices/{notice}", f"/notices/{notice}/edit", f"/notices/{notice}/push"]
    pages += [f"/pushes/{push}", f"/pushes/{push}/plan", f"/pushes/{push}/sheet"]
    pages += [f"/pushes/{push}/report", f"/pushes/{push}/people", f"/pushes/{push}/letters"]
    for path in pages:
        answer = desk.get(DRAFTER, path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text
        assert "<img" not in answer.text.replace('<img src="/assets', "")
        assert "49" not in re.findall(r"<h1>.*?</h1>", answer.text, re.S)[0]
        assert "style=" not in answer.text
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_an_address_that_is_none_of_the_web_is_no_link(carriage, desk):
    notice = carriage.notice(url="javascript:alert(1)", interpretation="data:text/html,x")
    assert 'href="javascript' not in desk.get(DRAFTER, f"/notices/{notice}").text
    assert 'href="data' not in desk.get(DRAFTER, f"/notices/{notice}").text


def test_a_hundred_thousand_letters_are_shown(carriage, desk):
    notice = carriage.notice(body="养老" * 50_000)
    assert desk.get(DRAFTER, f"/notices/{notice}").status_code == 200
    assert desk.get(DRAFTER, f"/notices/{notice}/edit").status_code == 200
