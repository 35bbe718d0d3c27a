"""An office's imports, from file to answer: whole or not at all, and only what is in force."""

import json
import os
import sqlite3
import threading
from contextlib import closing

import openpyxl
import pytest
from docx import Document as Word

from bot.knowledge.library import Library
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.synonyms import Synonyms
from catalogue_index.errors import Refused, UnknownArea, UnreadableFile, UnrecognisedFile
from catalogue_index.model import COLUMNS

LOW = ("社会救助", "最低生活保障", "审批信息", "20个工作日")
LOW_NEWER = ("社会救助", "最低生活保障", "审批信息", "7个工作日")
AID = ("社会救助", "临时救助", "救助公示", "即时公开")
CARE = ("养老服务", "老年补贴", "补贴名单", "每季度")

PLAN = """清水河县人民政府办公室文件

清政办发〔2021〕18号

清水河县人民政府办公室关于印发全面推进基层政务公开标准化规范化工作实施方案的通知

各乡镇人民政府，县直各部门：

为推进基层政务公开，结合我县实际，制定本方案。

一、重点任务

（一）编制事项标准目录。各乡镇、县直各部门对照试点领域标准指引，于2021年9月底前编制完成目录。（牵头单位：县政务服务局；配合单位：县直各部门、各乡镇）

（二）设立政务公开专区。在政务大厅设立公开专区，提供查询服务。（责任单位：县行政审批局；完成时限：2021年10月底前）

清水河县人民政府办公室
2021年6月1日
"""

ANSWERS = [
    "石柱土家族自治县政务公开办公室",
    "石柱土家族自治县基层政务公开工作答疑",
    "一、目录编制",
    "问：村级事项要不要编进目录？",
    "答：村级事项由乡镇统一编入，不单独成册。",
    "问：公开栏多久换一次？",
    "答：公开栏内容应当每月更新，变动时随时更新。",
]


def items_in(service, area):
    """(sector, item, time limit) of an area's catalogues in force."""
    knowledge = Library(service.versions).current()
    return sorted(
        (item.sector, item.item, item.time_limit)
        for document in knowledge.documents.values()
        if document.area == area
        for item in knowledge.items_of(document.id)
    )


def office_documents(service):
    knowledge = Library(service.versions).current()
    return sorted(set(knowledge.documents) - {"guangdong"})


def on_disk(service):
    """Everything in the data directory, as it is."""
    root = service.versions.directory.parent
    return {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()}


# --- having a version ---


def test_an_empty_directory_gets_the_built_in_documents(service):
    steps = []
    service.ensure(steps.append)
    assert steps == ["读取文件", "建立检索"]
    assert list(Library(service.versions).current().documents) == ["guangdong"]
    version = service.versions.all()[0]
    assert (version.documents, version.built_on) == ("1", "2024-03-01T09:00:00+08:00")


def test_a_sound_version_is_left_as_it_is(service):
    service.ensure()
    before, steps = on_disk(service), []
    service.ensure(steps.append)
    assert steps == []
    assert on_disk(service) == before


@pytest.mark.parametrize("damaged", [b"", b"x" * 9000, None])
def test_a_damaged_or_missing_version_is_built_anew_with_all_imports(
    service, write_catalogue, damaged
):
    service.ensure()
    name = service.add_catalogue(write_catalogue("a.csv", LOW), "140525").version
    path = service.versions.path(name)
    path.unlink() if damaged is None else path.write_bytes(damaged)
    service.ensure()
    assert service.versions.current() == name
    assert Library(service.versions).trouble == ""
    assert items_in(service, "140525") == [("社会救助", "审批信息", "20个工作日")]


def test_the_only_version_damaged_is_built_anew(service):
    service.ensure()
    service.versions.path(service.versions.current()).write_bytes(b"damaged")
    service.ensure()
    assert list(Library(service.versions).current().documents) == ["guangdong"]


def test_a_version_of_another_software_is_built_anew_and_stays_for_going_back(
    service, make_service, write_catalogue
):
    old = service.add_catalogue(write_catalogue("a.csv", LOW), "140525").version
    newer = make_service(software="2")
    newer.ensure()
    assert newer.versions.current() != old
    assert items_in(newer, "140525") == [("社会救助", "审批信息", "20个工作日")]
    assert newer.versions.rollback() == old


def test_a_version_in_another_format_is_built_anew(service):
    service.ensure()
    old = service.versions.current()
    with closing(sqlite3.connect(service.versions.path(old))) as database, database:
        database.execute("update meta set value='0' where key='format'")
    service.ensure()
    assert list(Library(service.versions).current().documents) == ["guangdong"]


def test_the_same_documents_are_built_once(service, write_catalogue):
    service.add_catalogue(write_catalogue("a.csv", LOW), "140525")
    before = service.versions.names()
    assert service.build() == service.versions.current()
    assert service.versions.names() == before


# --- catalogues ---


def test_a_csv_catalogue_is_in_force_at_once(service, write_catalogue):
    service.ensure()
    imported = service.add_catalogue(write_catalogue("目录.csv", LOW, CARE), "泽州县")
    assert imported.version == service.versions.current()
    assert (imported.report.rows_read, imported.report.items) == (2, 2)
    assert imported.content.document.area == "140525"
    assert imported.content.document.title == ("泽州县社会救助、养老服务领域基层政务公开标准目录")
    assert items_in(service, "140525") == [
        ("养老服务", "补贴名单", "每季度"),
        ("社会救助", "审批信息", "20个工作日"),
    ]


def test_a_workbook_of_a_town_outside_the_list(service, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(list(COLUMNS.values()))
    book.active.append(
        [*LOW[:3], "内容", "依据", LOW[3], "镇政府", "公开栏", "全社会", "主动", "镇级"]
    )
    book.save(tmp_path / "目录.xlsx")
    with pytest.raises(UnknownArea, match="--area-name"):
        service.add_catalogue(tmp_path / "目录.xlsx", "140525101")
    service.add_catalogue(tmp_path / "目录.xlsx", "140525101", area_name="南村镇")
    assert items_in(service, "140525101") == [("社会救助", "审批信息", "20个工作日")]


def test_a_file_name_gives_the_sector_that_the_rows_lack(service, tmp_path, write_catalogue):
    path = tmp_path / "泽州县社会救助领域基层政务公开标准目录.csv"
    rows = [
        line.partition(",")[2]
        for line in write_catalogue("a.csv", LOW).read_text("utf-8").splitlines()
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    imported = service.add_catalogue(path, "140525")
    assert [item.sector for item in imported.content.items] == ["社会救助"]
    assert items_in(service, "140525") == [("社会救助", "审批信息", "20个工作日")]


def test_a_dry_run_reports_and_changes_nothing(service, write_catalogue):
    service.ensure()
    before = on_disk(service)
    imported = service.add_catalogue(write_catalogue("a.csv", LOW), "140525", dry_run=True)
    assert (imported.version, imported.report.items) == (None, 1)
    assert on_disk(service) == before


def test_the_same_file_twice_is_one_document_and_one_version(service, write_catalogue):
    path = write_catalogue("a.csv", LOW)
    first = service.add_catalogue(path, "140525")
    second = service.add_catalogue(path, "140525")
    assert first.version == second.version
    assert len(office_documents(service)) == 1
    assert len(service.documents.ids()) == 1
    assert len(items_in(service, "140525")) == 1


def test_a_newer_catalogue_of_the_sector_replaces_the_older(service, write_catalogue):
    service.add_catalogue(write_catalogue("a.csv", LOW), "140525")
    service.add_catalogue(write_catalogue("b.csv", LOW), "441204")
    service.add_catalogue(write_catalogue("c.csv", LOW_NEWER), "140525")
    assert items_in(service, "140525") == [("社会救助", "审批信息", "7个工作日")]
    assert items_in(service, "441204") == [("社会救助", "审批信息", "20个工作日")]


def test_an_older_file_imported_again_is_the_newest(service, write_catalogue):
    older, newer = write_catalogue("a.csv", LOW), write_catalogue("b.csv", LOW_NEWER)
    for path in (older, newer, older):
        service.add_catalogue(path, "140525")
    assert items_in(service, "140525") == [("社会救助", "审批信息", "20个工作日")]
    assert len(office_documents(service)) == 1


def test_a_catalogue_replaces_its_own_sectors_only_and_no_link_shifts(service, write_catalogue):
    both = service.add_catalogue(write_catalogue("a.csv", LOW, AID, CARE), "140525")
    key = f"{both.content.document.id}-3"
    service.add_catalogue(write_catalogue("c.csv", LOW_NEWER), "140525")
    assert ("社会救助", "审批信息", "7个工作日") in items_in(service, "140525")
    assert ("社会救助", "救助公示", "即时公开") not in items_in(service, "140525")
    knowledge = Library(service.versions).current()
    assert knowledge.item(key)[1].item == "补贴名单"
    assert knowledge.item(f"{both.content.document.id}-1") is None


def test_going_back_holds_through_the_next_import(service, write_catalogue):
    """What was taken back for being wrong must not return with another sector's import."""
    service.ensure()
    service.add_catalogue(write_catalogue("wrong.csv", LOW), "140525")
    service.versions.rollback()
    service.add_catalogue(write_catalogue("other.csv", CARE), "140525")
    assert items_in(service, "140525") == [("养老服务", "补贴名单", "每季度")]
    service.add_catalogue(write_catalogue("wrong.csv", LOW), "140525")
    assert len(items_in(service, "140525")) == 2


def test_what_a_killed_import_left_is_cleared_by_the_next_even_of_a_known_file(
    service, write_catalogue
):
    path = write_catalogue("a.csv", ("社会救助", "低保", "审批", "旧"))
    service.add_catalogue(path, "140525")
    left = service.documents.directory / ".catalogue-441204-0123abcd.part"
    (left / "file").mkdir(parents=True)
    service.add_catalogue(path, "140525")
    assert not left.exists()


def test_a_file_called_like_our_own_description_is_kept_apart(service, tmp_path):
    row = dict(zip(COLUMNS.values(), [*LOW[:3], "内容", "依据", LOW[3]], strict=False))
    path = tmp_path / "document.json"
    path.write_text(json.dumps([row], ensure_ascii=False), encoding="utf-8")
    service.add_catalogue(path, "140525")
    service.ensure()
    assert items_in(service, "140525") == [("社会救助", "审批信息", "20个工作日")]


def test_a_name_packed_on_windows_is_read_as_it_was_meant(service, tmp_path, write_catalogue):
    odd = os.fsencode(tmp_path) + b"/" + "石柱答疑.txt".encode("gb18030")
    (tmp_path / "a.txt").write_text("\n".join(ANSWERS[3:]), encoding="utf-8")
    path = (tmp_path / "a.txt").rename(os.fsdecode(odd))
    imported = service.add_words(path, "faq", area="500240")
    assert imported.content.document.title == "石柱答疑"
    assert imported.content.document.id in office_documents(service)


@pytest.mark.parametrize("area", ["12345", "44120x", "没有这个县", "鼓楼区", "999999", ""])
def test_an_unknown_area_is_refused_and_nothing_kept(service, write_catalogue, area):
    service.ensure()
    before = on_disk(service)
    with pytest.raises(UnknownArea):
        service.add_catalogue(write_catalogue("a.csv", LOW), area)
    assert on_disk(service) == before


def test_what_is_no_catalogue_is_refused_and_nothing_kept(service, tmp_path, write_catalogue):
    service.ensure()
    (tmp_path / "notes.csv").write_text("姓名,电话\n张三,1\n", encoding="utf-8")
    (tmp_path / "empty.csv").write_text("")
    before = on_disk(service)
    for name in ("notes.csv", "empty.csv", "missing.csv", "."):
        with pytest.raises(Refused, match=r"[一-鿿]"):
            service.add_catalogue(tmp_path / name, "140525")
    with pytest.raises(Refused):
        service.add_catalogue(write_catalogue("head.csv"), "140525")
    assert on_disk(service) == before


def test_a_stored_document_that_was_damaged_is_named(service, write_catalogue):
    service.add_catalogue(write_catalogue("a.csv", LOW), "140525")
    (folder,) = (service.documents.directory / name for name in service.documents.ids())
    (folder / "document.json").write_text("{", encoding="utf-8")
    with pytest.raises(UnreadableFile, match=f"{folder.name}.*备份"):
        service.add_catalogue(write_catalogue("b.csv", CARE), "140525")


# --- documents in words ---


def nearest(service, tokeniser, question, area):
    knowledge = Library(service.versions).current()
    query = Analyser(tokeniser, Synonyms(())).query(question)
    return knowledge, knowledge.index.search(query, [area], 1)[0].id


def test_a_plan_answers_once_it_is_imported(service, tokeniser, tmp_path):
    path = tmp_path / "plan.txt"
    path.write_text(PLAN, encoding="gb18030")
    document = service.add_words(path, "plan").content.document
    assert (document.area, document.area_name) == ("150124", "清水河县")
    assert document.title.endswith("基层政务公开标准化规范化工作实施方案的通知")
    assert (document.number, document.date) == ("清政办发〔2021〕18号", "2021-06-01")
    knowledge, unit = nearest(service, tokeniser, "编制标准目录谁牵头", "150124")
    passage = knowledge.passage(unit.removeprefix("plan:"))
    assert passage.lead == ("县政务服务局",)
    assert "2021年9月底前" in passage.text
    assert "150124" in knowledge.plan_areas
    assert "制定本方案" in knowledge.text(document.id)


def test_a_word_document_of_answers_is_found_by_its_questions(service, tokeniser, tmp_path):
    word = Word()
    for paragraph in ANSWERS:
        word.add_paragraph(paragraph)
    word.save(tmp_path / "答疑.docx")
    imported = service.add_words(tmp_path / "答疑.docx", "faq")
    document = imported.content.document
    assert (document.area, document.title) == ("500240", "石柱土家族自治县基层政务公开工作答疑")
    assert (document.number, document.date) == ("", ""), "the day of import is not the document's"
    knowledge, unit = nearest(service, tokeniser, "公开栏隔多久更换", "500240")
    entry = knowledge.entry(unit.removeprefix("faq:"))
    assert entry.answer == "公开栏内容应当每月更新，变动时随时更新。"
    assert len(knowledge.entries_of(document.id)) == 2


def test_a_newer_document_of_the_same_title_replaces_the_older(service, tmp_path):
    for n, text in enumerate(("每月更新", "每周更新", "每天更新")):
        path = tmp_path / f"{n}.txt"
        answers = "\n".join(ANSWERS).replace("每月更新", text)
        path.write_text(answers, encoding="utf-8")
        service.add_words(path, "faq")
    knowledge = Library(service.versions).current()
    (document,) = office_documents(service)
    assert "每天更新" in knowledge.entries_of(document)[1].answer


def test_area_and_title_may_be_given(service, tmp_path):
    path = tmp_path / "问答.txt"
    path.write_text("\n".join(ANSWERS[3:]), encoding="utf-8")
    with pytest.raises(UnknownArea, match=r"“问答\.txt”是哪个地区.*--area"):
        service.add_words(path, "faq")
    document = service.add_words(path, "faq", area="高县", title="高县问答").content.document
    assert (document.area, document.title) == ("511525", "高县问答")


def test_what_is_no_answers_is_refused_and_nothing_kept(service, tmp_path):
    service.ensure()
    (tmp_path / "a.txt").write_text("泽州县人民政府\n今天开会。", encoding="utf-8")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    before = on_disk(service)
    with pytest.raises(UnrecognisedFile):
        service.add_words(tmp_path / "a.txt", "faq")
    with pytest.raises(UnreadableFile, match="txt 或 docx"):
        service.add_words(tmp_path / "a.pdf", "faq")
    assert on_disk(service) == before


# --- where it cannot be written ---


def test_a_file_where_the_data_directory_should_be(make_service, tmp_path, write_catalogue):
    (tmp_path / "blocked").write_text("")
    service = make_service(tmp_path / "blocked")
    for change in (
        service.ensure,
        service.build,
        lambda: service.add_catalogue(write_catalogue("a.csv", LOW), "140525"),
    ):
        with pytest.raises(Refused, match=r"写不进去（.*没有改动"):
            change()


def test_a_file_where_the_documents_should_be(service, write_catalogue):
    service.ensure()
    service.documents.directory.write_text("")
    before = on_disk(service)
    with pytest.raises(Refused, match="写不进去（路径中有一段是文件"):
        service.add_catalogue(write_catalogue("a.csv", LOW), "140525")
    assert on_disk(service) == before


def test_threads_import_one_after_the_other_and_lose_nothing(make_service, write_catalogue):
    areas = ["140525", "441204", "420103", "511525"]
    paths = [write_catalogue(f"{area}.csv", LOW) for area in areas]
    services = [make_service() for _ in areas]
    threads = [
        threading.Thread(target=service.add_catalogue, args=(path, area))
        for service, path, area in zip(services, paths, areas, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for area in areas:
        assert len(items_in(services[0], area)) == 1
