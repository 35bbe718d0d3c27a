"""Knowledge pages: an upload from its file to its publication by another person, versions, and what is told on the way."""

import re
import time
from io import BytesIO

import pytest

from bot.officers.model import Role
from catalogue_index.model import COLUMNS

from .conftest import words

HEADER = ",".join(COLUMNS.values())
ROW = "社会救助,最低生活保障,{},初审对象名单,《社会救助暂行办法》,{},区民政局,■政府网站,全社会,主动,县级"
DRAFTER, REVIEWER = Role.DRAFTER, Role.REVIEWER


def table(*rows):
    lines = [HEADER, *(ROW.format(name, limit) for name, limit in rows)]
    return "\n".join(lines).encode("utf-8-sig")


MESSY = table(("审批信息13812345678", "20个工作日"), ("核查结果", "即时"))


@pytest.fixture
def desk(knowledge_desk):
    return knowledge_desk


@pytest.fixture
def upload(desk):
    """Uploads a file as the drafter and returns where its page is; waits until it has been looked at."""

    def upload(data=MESSY, name="目录.csv", kind="catalogue", role=DRAFTER, **more):
        fields = {"kind": kind, "area": "高要区", **more}
        answer = desk.send(role, "/knowledge/upload", files={"file": (name, data)}, **fields)
        assert answer.status_code == 303, words(answer)
        return answer.headers["location"].removeprefix("/admin")

    return upload


def settled(desk, role, path):
    """A page once no work goes on behind it."""
    for _ in range(600):
        answer = desk.get(role, path)
        if 'id="progress"' not in answer.text:
            return answer
        time.sleep(0.1)
    raise AssertionError("it never ended")


def hidden(answer, name):
    return re.search(rf'name="{name}" value="([^"]*)"', answer.text)[1]


def submitted(desk, path):
    page = settled(desk, DRAFTER, path)
    answer = desk.send(DRAFTER, f"{path}/submit", revision=hidden(page, "revision"))
    assert answer.status_code == 303
    return settled(desk, REVIEWER, path)


def publish(desk, path, role=REVIEWER, **more):
    page = settled(desk, role, path)
    found = re.search(r'name="revision" value="(\d+)"', page.text)
    return desk.send(
        role,
        f"{path}/publish",
        revision=found[1] if found else "1",
        password="Qiufen-2026-yu",
        **more,
    )


def published(desk, answer, path):
    """Waits for a publication that outlasted its request."""
    if answer.headers["location"].endswith(path):
        settled(desk, REVIEWER, path)


def test_an_upload_is_put_right_and_published_by_somebody_else(desk, upload):
    path = upload()
    page = settled(desk, DRAFTER, path)
    assert "读了 2 行，得到 2 个事项" in words(page)
    assert "13812345678" not in page.text
    assert "含有疑似手机号" in words(page)
    fields = {name: hidden(page, name) for name in ("n", "sheet", "row", "known")}
    fields[f"item-{fields['n']}"] = "审批信息"
    answer = desk.send(DRAFTER, f"{path}/row", **fields)
    assert answer.status_code == 303
    assert "已处理 1" in words(desk.get(DRAFTER, path))
    submitted(desk, path)
    answer = publish(desk, path)
    assert answer.status_code == 303
    published(desk, answer, path)
    overview = desk.get(REVIEWER, "/knowledge")
    assert "高要区社会救助领域基层政务公开标准目录" in words(overview)
    document = re.search(r"/admin(/knowledge/documents/catalogue-[\w-]+)", overview.text)[1]
    shown = words(desk.get(REVIEWER, document))
    assert "经办甲上传，审核甲审核发布" in shown.replace("\u2068", "").replace("\u2069", "")
    assert "导入时改过的地方（1）" in shown
    actions = {r.deed.action: r.deed for r in desk.records.search(limit=50)}
    assert {
        "knowledge.import",
        "knowledge.correct",
        "knowledge.submit",
        "knowledge.publish",
    } <= set(actions)
    assert desk.records.verify().why == ""


def test_who_uploaded_cannot_publish_and_what_was_not_submitted_cannot_be(desk, upload):
    path = upload()
    answer = publish(desk, path)
    assert answer.status_code == 422
    assert "还没有送审" in words(answer)
    assert publish(desk, path, role=DRAFTER).status_code == 403
    assert len(desk.service.versions.publications()) == 1


def test_it_is_sent_back_with_a_note_that_the_drafter_reads(desk, upload):
    path = upload()
    submitted(desk, path)
    assert desk.send(REVIEWER, f"{path}/return", note=" ").status_code == 422
    assert desk.send(REVIEWER, f"{path}/return", note="第2行时限不对").status_code == 303
    page = words(settled(desk, DRAFTER, path))
    assert "第2行时限不对" in page
    assert "已退回修改" in page


def test_what_cannot_be_read_is_refused_beside_the_form_and_not_kept(desk):
    for name, data, said in (
        ("扫描.png", b"\x89PNG\r\n\x1a\n0000", "是图片，目前不能导入"),
        ("空.csv", b" \n", "是空的"),
        ("通讯录.csv", "姓名,电话\n甲,乙\n".encode(), "没有找到标准目录的表头"),
        ("坏.pdf", b"%PDF-1.4 nothing", "坏.pdf"),
    ):
        answer = desk.send(
            DRAFTER,
            "/knowledge/upload",
            files={"file": (name, data)},
            kind="catalogue",
            area="高要区",
        )
        assert answer.status_code == 422, name
        assert said in words(answer), words(answer)
        assert "/tmp" not in answer.text
    assert "没有等着整理或审核的文件" in words(desk.get(DRAFTER, "/knowledge"))


def test_another_area_is_not_uploaded_for_nor_seen(desk):
    file = {"file": ("目录.csv", MESSY)}
    answer = desk.send(DRAFTER, "/knowledge/upload", files=file, kind="catalogue", area="泽州县")
    assert answer.status_code == 422
    assert "不在您负责的地区内" in words(answer)
    other = desk.proposals.add("别人", "外地.csv", BytesIO(MESSY), kind="catalogue", area="泽州县")
    assert "外地" not in words(desk.get(DRAFTER, "/knowledge"))
    for path in ("", "/file"):
        assert desk.get(DRAFTER, f"/knowledge/uploads/{other.id}{path}").status_code == 404
    for deed in ("submit", "remove", "row"):
        sent = desk.send(DRAFTER, f"/knowledge/uploads/{other.id}/{deed}", revision="1")
        assert sent.status_code == 404


def test_hostile_names_and_cells_are_shown_as_text_and_saved_safely(desk, upload):
    name = '../<script>alert(1)</script>{{7*7}}\u202e"目录.csv'
    data = table(("<script>alert(1)</script>{{7*7}}", "=HYPERLINK(1)"), ("乙", "即时"))
    path = upload(data, name)
    page = settled(desk, DRAFTER, path)
    assert "<script>alert" not in page.text
    assert "{{7*7}}" in page.text
    file = desk.get(DRAFTER, f"{path}/file")
    assert file.content == data
    assert file.headers["content-disposition"].startswith('attachment; filename="download.csv"')
    assert "\u202e" not in file.headers["content-disposition"]
    assert file.headers["x-content-type-options"] == "nosniff"


def test_nobody_but_a_drafter_uploads_and_the_auditor_changes_nothing(desk, upload):
    path = upload()
    for role in (REVIEWER, Role.FINAL, Role.LIAISON, Role.AUDITOR, Role.ADMINISTRATOR):
        assert desk.get(role, "/knowledge/upload").status_code == 403
        assert desk.send(role, f"{path}/submit", revision="1").status_code == 403
    for deed in ("examine", "publish", "return", "remove"):
        assert desk.send(Role.AUDITOR, f"{path}/{deed}").status_code == 403
    page = settled(desk, Role.AUDITOR, path)
    assert "<button>" not in page.text.partition("<main")[2]


def test_two_at_one_row_are_told_of_each_other(desk, upload):
    path = upload()
    page = settled(desk, DRAFTER, path)
    fields = {name: hidden(page, name) for name in ("n", "sheet", "row", "known")}
    fields[f"item-{fields['n']}"] = "甲"
    assert desk.send(DRAFTER, f"{path}/row", **fields).status_code == 303
    fields[f"item-{fields['n']}"] = "乙"
    answer = desk.send(DRAFTER, f"{path}/row", **fields)
    assert answer.status_code == 422
    assert "改过，您的修改没有保存" in words(answer)


def test_the_same_file_twice_and_a_thrown_away_one(desk, upload):
    path = upload()
    file = {"file": ("b.csv", MESSY)}
    answer = desk.send(DRAFTER, "/knowledge/upload", files=file, kind="catalogue", area="441204")
    assert answer.status_code == 422
    assert "已经上传过" in words(answer)
    assert desk.send(DRAFTER, f"{path}/remove").status_code == 303
    assert desk.get(DRAFTER, path).status_code == 404
    assert "没有等着整理" in words(desk.get(DRAFTER, "/knowledge"))


def test_words_are_uploaded_too_and_their_personal_data_pointed_at(desk, upload):
    text = (
        "高要区政务公开答疑\n一、目录编制\n问：公开栏多久换一次？\n答：每月更换，找13812345678。\n"
    )
    path = upload(text.encode(), "答疑.txt", kind="faq", title="高要区答疑")
    page = words(settled(desk, DRAFTER, path))
    assert "1 条问答" in page
    assert "可能是个人信息" in page
    assert "手机号已隐去" in page


def test_versions_tell_what_changed_and_the_step_back_is_seen_first(desk, upload):
    path = upload()
    submitted(desk, path)
    published(desk, publish(desk, path), path)
    page = desk.get(REVIEWER, "/knowledge/versions")
    assert "增加《" in page.text
    diff = re.search(r"/admin(/knowledge/versions/diff\?[^\"]+)", page.text)[1]
    told = words(desk.get(REVIEWER, diff.replace("&amp;", "&")))
    assert "新增“最低生活保障 · 核查结果”" in told.replace("\u2068", "").replace("\u2069", "")
    sent = {"password": "Qiufen-2026-yu"}
    answer = desk.send(REVIEWER, "/knowledge/versions/rollback", to="20240101-000000000000", **sent)
    assert answer.status_code == 422
    assert desk.send(DRAFTER, "/knowledge/versions/rollback", to="x", **sent).status_code == 403
    back = hidden(page, "to")
    answer = desk.send(REVIEWER, "/knowledge/versions/rollback", to=back, **sent)
    assert answer.status_code == 303
    assert "退回" in words(desk.get(REVIEWER, "/knowledge/versions"))
    assert desk.service.versions.current() == back


def test_a_step_back_over_another_area_is_for_who_looks_after_it(desk, tmp_path):
    path = tmp_path / "泽州.csv"
    path.write_bytes(MESSY)
    desk.service.add_catalogue(path, "泽州县")
    page = desk.get(REVIEWER, "/knowledge/versions")
    answer = desk.send(
        REVIEWER,
        "/knowledge/versions/rollback",
        to=hidden(page, "to"),
        password="Qiufen-2026-yu",
    )
    assert answer.status_code == 422
    assert "泽州县" in words(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/knowledge/uploads/20240101000000-00000000",
        "/knowledge/uploads/..%2F..%2Fx",
        "/knowledge/documents/nothing",
        "/knowledge/documents/nothing/file",
        "/knowledge/versions/diff?from=x&to=y",
    ],
)
def test_what_is_not_there_is_told_in_a_sentence(desk, path):
    answer = desk.get(DRAFTER, path)
    assert answer.status_code in (404, 422)
    assert "没有" in words(answer)


def test_a_built_in_document_is_shown_with_its_words(desk):
    page = words(desk.get(Role.AUDITOR, "/knowledge/documents/guangdong-2020-notice"))
    assert "现行" in page
    assert "问答（" in page
