"""Catalogue pages: finding, one item and its history, what is wrong or old, files, and a draft checked."""

import io
import json
import re
import shutil
from datetime import timedelta

import openpyxl
import pytest

from bot import bootstrap
from bot.knowledge.service import KnowledgeService
from bot.officers.model import Role
from catalogue_index.areas import national_areas
from catalogue_index.model import COLUMNS
from tests.bot.deliveries.office import NOON

from .conftest import AREA, words

DRAFTER, REVIEWER, LIAISON = Role.DRAFTER, Role.REVIEWER, Role.LIAISON
HEADER = ",".join(COLUMNS.values())
ROW = (
    "社会救助,最低生活保障,{},初审对象名单,《社会救助暂行办法》,{},{},■政府网站,■全社会,√主动,■县级"
)
GOOD, MISSING, LONG, VAGUE = (
    ("审批信息", "20个工作日内", "区民政局"),
    ("核查结果", "", "区民政局"),
    ("资金公示", "30个工作日内", "区财政局"),
    ("办事指南", "7个工作日内", "相关部门"),
)
AT = f"/catalogue/areas/{AREA}"


def table(*rows):
    return "\n".join([HEADER, *(ROW.format(*row) for row in rows)]).encode("utf-8-sig")


@pytest.fixture
def desk(knowledge_desk):
    return knowledge_desk


@pytest.fixture(scope="session")
def twice_imported(builtin_dir, tokeniser, tmp_path_factory):
    """A data directory with two versions of an area's catalogue: a deadline changed, items came, one went."""
    directory = tmp_path_factory.mktemp("held") / "data"
    shutil.copytree(builtin_dir, directory)
    for day, rows in enumerate(
        (
            (GOOD, MISSING, ("旧事项甲乙丙", "即时", "区民政局")),
            (("审批信息", "10个工作日内", "区民政局"), MISSING, LONG, VAGUE),
        )
    ):
        path = directory / "目录.csv"
        path.write_bytes(table(*rows))
        at = NOON + timedelta(days=day - 2)
        service = KnowledgeService(
            directory, tokeniser, national_areas(), lambda at=at: at, bootstrap.software()
        )
        service.add_catalogue(path, AREA)
    return directory


@pytest.fixture
def held(desk, twice_imported):
    for folder in ("knowledge", "documents"):
        target = desk.parts.settings.data_dir / folder
        shutil.copytree(twice_imported / folder, target, dirs_exist_ok=True)
    return desk


def plain(answer):
    return words(answer).replace("\u2068", "").replace("\u2069", "")


def key(desk, name):
    page = desk.get(DRAFTER, f"{AT}/items?q={name}")
    return re.search(r"/admin/catalogue/items/([\w-]+)\"", page.text)[1]


def test_from_the_list_of_areas_to_every_cell_of_an_item(held):
    assert f'href="/admin{AT}"' in held.get(DRAFTER, "/catalogue").text
    assert "社会救助" in words(held.get(DRAFTER, AT))
    page = plain(held.get(DRAFTER, f"/catalogue/items/{key(held, '审批信息')}"))
    for cell in ("初审对象名单", "《社会救助暂行办法》", "10个工作日内", "区民政局", "现行"):
        assert cell in page


def test_an_item_tells_its_history(held):
    page = plain(held.get(DRAFTER, f"/catalogue/items/{key(held, '审批信息')}"))
    assert "公开时限由“20个工作日内”改为“10个工作日内”" in page
    assert "最早见于这一版" in page
    fresh = plain(held.get(DRAFTER, f"/catalogue/items/{key(held, '办事指南')}"))
    assert "改为" not in fresh.partition("这个事项的历史")[2]


@pytest.mark.parametrize(
    ("flaw", "names"),
    [
        ("deadline-missing", {"核查结果"}),
        ("deadline-too-long", {"资金公示"}),
        ("body-vague", {"办事指南"}),
        ("any", {"核查结果", "资金公示", "办事指南"}),
        ("", {"审批信息", "核查结果", "资金公示", "办事指南"}),
    ],
)
def test_items_are_filtered_by_what_is_wrong_with_them(held, flaw, names):
    page = held.get(DRAFTER, f"{AT}/items?flaw={flaw}").text.partition("<tbody>")[2]
    found = {n for n in ("审批信息", "核查结果", "资金公示", "办事指南") if n in page}
    assert found == names


def test_a_flaw_is_told_with_the_words_it_rests_on(held):
    page = plain(held.get(DRAFTER, f"/catalogue/items/{key(held, '资金公示')}"))
    assert "超过20个工作日" in page
    assert "第二十六条" in page


def test_a_liaison_is_shown_what_their_unit_has_to_mend(held):
    with held.database.write() as connection:
        connection.exec_driver_sql(
            "update officers set units = ? where name = ?",
            (json.dumps(["财政局"]), f"{LIAISON}甲"),
        )
    page = held.get(LIAISON, f"{AT}/items?flaw=any").text.partition("<tbody>")[2]
    assert "资金公示" in page
    assert "核查结果" not in page
    assert "核查结果" in held.get(LIAISON, f"{AT}/items").text
    assert "区民政局" not in plain(held.get(LIAISON, f"{AT}/stale?days=1"))


def test_changes_since_a_day_are_told_in_sentences(held):
    told = plain(held.get(DRAFTER, f"{AT}/changes?since=2020-01-01"))
    assert "新增“最低生活保障 · 审批信息”" in told
    assert held.get(DRAFTER, f"{AT}/changes?since=昨天").status_code == 422


def test_versions_of_a_sector_are_compared_and_gone_back_to(held):
    page = held.get(REVIEWER, f"{AT}/versions")
    link = re.search(r'href="/admin(/catalogue/areas/[^"]+/diff\?[^"]+)"', page.text)[1]
    told = plain(held.get(REVIEWER, link.replace("&amp;", "&")))
    assert "“最低生活保障 · 审批信息”的公开时限由“20个工作日内”改为“10个工作日内”" in told
    to = re.search(r'<option value="(catalogue-[\w-]+)"', page.text)[1]
    sent = {"sector": "社会救助", "to": to, "password": "Qiufen-2026-yu"}
    assert held.send(DRAFTER, f"{AT}/rollback", **sent).status_code == 403
    answer = held.send(REVIEWER, f"{AT}/rollback", **sent)
    assert answer.status_code == 303, words(answer)
    names = {i.item for i in held.service.catalogue_items(AREA)["社会救助"]}
    assert names == {"审批信息", "核查结果", "旧事项甲乙丙"}
    (record,) = held.records.search(action="knowledge.rollback_catalogue", outcome="done", limit=5)
    assert to in record.deed.detail


def test_a_replaced_item_is_still_shown_as_replaced(held):
    old = next(v for v in held.service.catalogue_versions(AREA) if not v.in_force)
    assert "已被替换" in words(held.get(DRAFTER, f"/catalogue/items/{old.document.id}-3"))


def test_another_area_is_read_but_not_gone_back_in(held, tmp_path):
    path = tmp_path / "z.csv"
    for rows in ((GOOD,), (GOOD, MISSING)):
        path.write_bytes(table(*rows))
        held.service.add_catalogue(path, "泽州县")
    code = held.parts.areas.find("泽州县").code
    page = held.get(REVIEWER, f"/catalogue/areas/{code}/versions")
    assert page.status_code == 200
    assert "换成这一版" not in page.text
    sent = {"sector": "社会救助", "to": "x", "password": "Qiufen-2026-yu"}
    assert held.send(REVIEWER, f"/catalogue/areas/{code}/rollback", **sent).status_code == 404


def test_places_stand_side_by_side(held):
    page = plain(held.get(DRAFTER, f"/catalogue/items/{key(held, '办事指南')}/compare"))
    assert "【" in page
    assert "相关部门" in page


def test_every_format_is_exported_under_a_safe_name(held):
    for format in ("csv", "json", "html", "xlsx"):
        answer = held.get(DRAFTER, f"{AT}/export?format={format}&sector=社会救助")
        assert answer.status_code == 200
        assert "attachment" in answer.headers["content-disposition"]
    rows = held.get(DRAFTER, f"{AT}/export?format=json").json()
    assert {row["二级事项"] for row in rows} == {"审批信息", "核查结果", "资金公示", "办事指南"}
    book = openpyxl.load_workbook(
        io.BytesIO(held.get(DRAFTER, f"{AT}/export?format=xlsx&layout=national").content)
    )
    assert book.worksheets
    assert held.get(DRAFTER, f"{AT}/export?format=exe").status_code == 422
    assert held.get(DRAFTER, f"{AT}/export?sector=没有").status_code == 404


def test_a_template_is_made_for_a_sector_and_refused_for_none(held):
    answer = held.get(DRAFTER, "/catalogue/template?sector=社会救助&area=441204")
    assert openpyxl.load_workbook(io.BytesIO(answer.content)).sheetnames
    assert held.get(DRAFTER, "/catalogue/template?sector=没有").status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/catalogue/areas/99",
        "/catalogue/areas/x",
        "/catalogue/items/nothing-1",
        "/catalogue/items/nothing",
        f"{AT}/diff?from=x&to=y",
    ],
)
def test_what_is_not_there_is_not_found(desk, path):
    assert desk.get(DRAFTER, path).status_code == 404


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "{{7*7}}", "\u202eabc", "长" * 5000])
def test_hostile_words_are_only_words(held, text):
    for path in ("/catalogue", f"{AT}/items"):
        answer = held.get(DRAFTER, path, params={"q": text})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert ">49<" not in answer.text


# --- drafts ---


def check(desk, data=None, name="草稿.csv", role=DRAFTER, against=None, **fields):
    files = {"file": (name, table(GOOD, MISSING, LONG, VAGUE) if data is None else data)}
    if against:
        files["against"] = ("指引.csv", against)
    return desk.send(role, "/catalogue/check", files=files, **fields)


def on_disk(desk):
    root = desk.parts.settings.data_dir
    return {p for folder in ("documents", "proposals") for p in (root / folder).rglob("*")}


def test_a_draft_is_checked_with_rule_and_advice_and_nothing_is_kept(desk):
    before = on_disk(desk)
    page = words(check(desk, area="高要区"))
    assert "核对了 4 个事项" in page
    for told in ("公开时限是空的", "超过20个工作日", "没有说明是哪个机关", "条例第二十六条"):
        assert told in page
    assert on_disk(desk) == before
    assert desk.service.documents.ids() == []


def test_a_draft_comes_back_annotated(desk):
    answer = check(desk, xlsx="1")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert "检查结果" in book.sheetnames
    assert "attachment" in answer.headers["content-disposition"]


def test_a_guide_is_checked_against(desk):
    page = words(check(desk, data=table(GOOD), against=table(GOOD, MISSING)))
    assert "“核查结果”没有列入" in page


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("扫描.jpg", b"\xff\xd8\xff000", "是图片"),
        ("空.csv", b"\n", "是空的"),
        ("别的.csv", "姓名,电话\n甲,乙\n".encode(), "没有找到标准目录的表头"),
        ("<script>.csv", b"\n", "是空的"),
    ],
)
def test_what_is_no_draft_is_refused_on_the_form(desk, name, data, said):
    answer = check(desk, data=data, name=name)
    assert answer.status_code == 422
    assert said in words(answer)
    assert "<script>.csv" not in answer.text


def test_the_auditor_checks_no_drafts(desk):
    assert check(desk, role=Role.AUDITOR).status_code == 403
