import tomllib
from collections import Counter
from importlib.resources import files

import pytest

from catalogue_index.areas import national_areas
from catalogue_index.documents.errata import Erratum, correct, corrections_in
from catalogue_index.documents.manuscript import Paragraph, Table, blocks
from catalogue_index.plans import KINDS
from catalogue_index.plans.parsing import parse_plan
from faq.parser import parse_annex

BUILTIN = files("bot.knowledge").joinpath("builtin")
MANIFEST = tomllib.loads(BUILTIN.joinpath("manifest.toml").read_text(encoding="utf-8"))["document"]
ERRATA = [
    Erratum(**entry)
    for entry in tomllib.loads(BUILTIN.joinpath("errata.toml").read_text(encoding="utf-8"))[
        "erratum"
    ]
]
IDS = [entry["id"] for entry in MANIFEST]


def scanned(document):
    (entry,) = (entry for entry in MANIFEST if entry["id"] == document)
    return BUILTIN.joinpath(entry["file"]).read_text(encoding="utf-8")


def corrected(document):
    return correct(scanned(document), [e for e in ERRATA if e.document == document])


def passages(document, kind=None):
    found = parse_plan(corrected(document), document)
    return [passage for passage in found if kind in (None, passage.kind)]


def units(passage):
    return (passage.lead, passage.supporting, passage.responsible, passage.due)


def test_manifest_lists_the_five_documents():
    assert IDS == [
        "guangdong-2020-notice",
        "gaoyao-2020-plan",
        "zezhou-2020-rules",
        "jianghan-2020-plan",
        "gaoxian-2023-plan",
    ]


@pytest.mark.parametrize("entry", MANIFEST, ids=IDS)
def test_manifest_says_of_a_document_what_its_text_says(entry):
    text = "".join(scanned(entry["id"]).replace("**", "").split())
    for stated in (entry["title"], entry["number"], entry["issuer"]):
        assert "".join(stated.split()) in text
    if len(entry["date"]) > 4:
        year, month, day = (int(part) for part in entry["date"].split("-"))
        assert f"{year}年{month}月{day}日" in text
    else:
        assert entry["date"] in text


@pytest.mark.parametrize("entry", MANIFEST, ids=IDS)
def test_manifest_names_the_area_of_its_code(entry):
    assert national_areas().get(entry["area"]).name == entry["area_name"]
    assert entry["kind"] in {"faq", "plan"}
    assert entry["area_name"] in entry["scope"]


@pytest.mark.parametrize("erratum", ERRATA, ids=lambda e: e.right[:12])
def test_each_correction_fits_its_scan_and_shows_in_one_passage(erratum):
    assert erratum.wrong in scanned(erratum.document)
    assert erratum.reason
    told = [p for p in passages(erratum.document) if erratum in corrections_in(p.text, ERRATA)]
    assert len(told) == 1


def test_reviewed_slips_are_corrected():
    text = corrected("guangdong-2020-notice")
    assert "国家和省相关文件" in text
    assert "and" not in text


def test_qa_annex_has_seventeen_entries_in_three_sections():
    entries = parse_annex(corrected("guangdong-2020-notice"), "guangdong-2020-notice")
    assert [e.number for e in entries] == list(range(1, 18))
    assert Counter(e.section for e in entries) == {"怎样编制": 12, "怎样公开": 3, "其他": 2}
    assert entries[5].question == "是否可以对国务院部门制定的标准目录进行调整？"
    assert entries[5].answer.startswith("一、是否可以对目录作增加、删减、细化等调整")
    assert entries[5].answer.endswith("并按表头所列类目补全相应事项内容。")
    assert entries[16].answer.endswith("再下发县区等基层政府，逐级梳理编制。")


def test_qa_annex_loses_no_character():
    text = corrected("guangdong-2020-notice")
    annex = text[text.index("【怎样编制】") : text.index("附件 2")]
    for word in ("问：", "答：", "【怎样编制】", "【怎样公开】", "【其他】"):
        annex = annex.replace(word, "")
    entries = parse_annex(text, "guangdong-2020-notice")
    told = "".join(e.question + e.answer for e in entries)
    assert "".join(told.split()) == "".join(annex.split())


@pytest.mark.parametrize(
    ("document", "kinds"),
    [
        ("guangdong-2020-notice", {"paragraph": 6, "question": 17, "form": 1}),
        ("gaoyao-2020-plan", {"task": 16, "responsibility": 27, "goal": 4, "paragraph": 4}),
        ("zezhou-2020-rules", {"task": 28, "responsibility": 19, "goal": 1, "paragraph": 16}),
        ("jianghan-2020-plan", {"task": 11, "goal": 4, "paragraph": 5}),
        ("gaoxian-2023-plan", {"task": 12, "responsibility": 30, "paragraph": 26}),
    ],
)
def test_passages_by_kind(document, kinds):
    assert Counter(p.kind for p in passages(document)) == kinds


@pytest.mark.parametrize("document", IDS)
def test_no_character_of_a_document_is_lost_and_none_added(document):
    cleaned = blocks(corrected(document))
    told = passages(document)
    texts = {line.strip("　") for p in told for line in p.text.split("\n")}
    headings = {part for p in told for heading in p.path for part in (heading, *heading.split())}
    headings |= {f"{p.number}{mark}{p.title}" for p in told for mark in ("、", "")}
    headings |= {part for p in told for part in (p.number, p.title)}
    paragraphs = {block.text for block in cleaned if isinstance(block, Paragraph)}
    cells = {
        cell for block in cleaned if isinstance(block, Table) for row in block.rows for cell in row
    }
    labelled = {part for line in texts for part in (line, *line.split(" ", maxsplit=1))}
    assert paragraphs <= texts | headings
    assert cells - {""} <= labelled
    for line in texts:
        assert line in paragraphs | cells or set(line.split(" ", maxsplit=1)) <= cells
    assert {p.kind for p in told} <= set(KINDS)


def test_gaoyao_responsibilities():
    lines = passages("gaoyao-2020-plan", "responsibility")
    assert [line.number for line in lines] == [str(n) for n in range(1, 28)]
    assert units(lines[0]) == (
        ("区发改局",),
        ("区水利局", "市资源局高要分局", "市环境局高要分局"),
        (),
        None,
    )
    assert units(lines[9]) == ((), (), ("区人社局", "区社保局"), None)
    assert units(lines[11])[1] == ("区土地储备中心", "各镇（街道）")
    assert units(lines[16])[:2] == (("区住建局（区城综局）",), ("区发改局",))
    assert units(lines[25])[:2] == (("区农业农村局（区扶贫办）",), ("各镇（街道）",))
    assert units(lines[26])[:2] == (("各镇（街道）",), ("相关领域的职能部门",))
    assert [s for line in lines[20:26] for s in line.sectors] == [
        "卫生健康",
        "安全生产",
        "救灾生产",
        "食品药品监管",
        "税收管理",
        "扶贫",
    ]
    assert lines[26].sectors == ()


def test_gaoyao_tasks():
    tasks = passages("gaoyao-2020-plan", "task")
    assert Counter(t.path[0] for t in tasks) == {"三、重点任务": 12, "四、保障措施": 4}
    assert [t.number for t in tasks if not (t.lead or t.responsible)] == ["（一）"]
    fifth = tasks[4]
    assert (fifth.title, fifth.lead) == ("推进政府网站规范化建设", ("区政府办公室",))
    assert fifth.supporting == ("区信息中心等相关部门", "各镇（街道）")
    assert tasks[6].text.count("\n") == 1
    assert tasks[6].text.endswith(
        "〔区政数局、区文广旅体局、区行政服务中心、区档案馆、各镇（街道）负责〕"
    )
    assert tasks[10].responsible == (
        "区政府办公室",
        "区委宣传部（区委网信办）",
        "市公安局高要分局",
    )


@pytest.mark.parametrize(
    ("document", "goals"),
    [
        (
            "gaoyao-2020-plan",
            [
                (2020, "2020年9月30日前"),
                (2020, "2020年底前"),
                (2021, "2021年底前"),
                (2022, "2022年底前"),
            ],
        ),
        ("zezhou-2020-rules", [(2022, "2022年底")]),
        (
            "jianghan-2020-plan",
            [(2023, "2023年"), (2020, "2020年11月底前"), (2022, "2022年6月底前"), (2023, "2023年")],
        ),
    ],
)
def test_goals_by_year(document, goals):
    assert [(g.year, g.due) for g in passages(document, "goal")] == goals


def test_zezhou_table_names_every_sector_of_a_line():
    lines = passages("zezhou-2020-rules", "responsibility")
    assert [line.number for line in lines] == [str(n) for n in range(1, 20)]
    assert lines[0].responsible == ("县发展和改革局", "县行政审批服务管理局")
    assert lines[3].sectors == ("社会救助", "养老服务")
    assert lines[8].sectors == ("国有土地上房屋征收", "保障性住房", "农村危房改造")
    assert sum(len(line.sectors) for line in lines) == 26


def test_zezhou_tasks_have_units_and_printed_due_times():
    tasks = passages("zezhou-2020-rules", "task")
    assert all(task.responsible for task in tasks)
    assert [task.due for task in tasks if task.due] == [
        "2020年8月底前完成",
        "2020年8月底前完成",
        "2020年10月底前完成",
        "2020年11月底前完成",
        "2021年10月底前完成",
        "2022年6月底前完成",
        "2020年11月底前完成",
        "2021年10月底前完成",
        "2020年11月底前完成",
        "2020年11月底前完成",
        "2020年11月底前完成",
        "2021年10月底前完成",
        "2021年10月底前完成",
        "2020年11月底前完成",
    ]
    assert tasks[12].responsible == ("各乡（镇）人民政府",)


def test_jianghan_paragraphs_have_their_own_units():
    tasks = passages("jianghan-2020-plan", "task")
    assert [(t.number, t.lead, t.responsible) for t in tasks[:6]] == [
        ("（一）", ("区行政审批局",), ("各有关部门",)),
        ("（一）", (), ("区人民政府各部门", "各街道")),
        ("（二）", (), ("区大数据中心",)),
        ("（二）", (), ("区人民政府各部门", "各街道")),
        ("（二）", (), ("区行政审批局", "各街道")),
        ("（二）", ("区行政审批局", "区大数据中心"), ("区人民政府各部门", "各街道")),
    ]
    assert tasks[-1].lead == ("区民政局",)


def test_gaoxian_tasks_have_lead_responsible_and_due_or_long_term():
    tasks = passages("gaoxian-2023-plan", "task")
    assert [task.number for task in tasks] == [str(n) for n in range(1, 13)]
    assert all(task.lead and task.responsible for task in tasks)
    assert [task.due for task in tasks] == [
        None,
        None,
        None,
        "2023年10月底",
        "2023年10月底",
        None,
        "2023年10月底",
        "2023年10月底",
        "2023年10月底",
        "2023年12月底",
        "2023年12月底",
        "2023年12月底",
    ]
    assert [task.long_term for task in tasks] == [task.due is None for task in tasks]
    assert tasks[5].lead[-1] == "县农业农村局"


def test_gaoxian_table_goes_over_a_page_break():
    lines = passages("gaoxian-2023-plan", "responsibility")
    assert [line.number for line in lines] == [str(n) for n in range(1, 31)]
    assert (lines[24].sectors, lines[24].responsible) == (("自然资源",), ("县自然资源规划局",))
    assert lines[0].path == ("附件3 高县政务公开事项标准目录编制部门",)


def test_gaoxian_working_group_keeps_name_and_post():
    (people,) = (p for p in passages("gaoxian-2023-plan") if p.title == "工作组成员")
    assert people.text.startswith(
        "组长：何彬 县委常委、县政府常务副县长\n副组长：黄勇 县政府办公室主任\n成员：县政府办公室、"
    )


def test_guangdong_ledger_form_has_its_columns():
    (form,) = passages("guangdong-2020-notice", "form")
    assert (form.number, form.title) == ("附件2", "基层政务公开事项标准目录编制工作台账")
    assert form.text.split("\n")[2:7] == [
        "基层单位",
        "工作进度",
        "　上月完成工作事项",
        "　本月工作计划",
        "联系人",
    ]
    (rule,) = (p for p in passages("guangdong-2020-notice") if "每月5日前" in p.text)
    assert (rule.kind, rule.number) == ("paragraph", "三")
