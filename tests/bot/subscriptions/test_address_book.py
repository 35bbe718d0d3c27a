from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.subscriptions.address_book import Book, mailbox, mobile, read_book
from bot.subscriptions.topics import national_topics
from catalogue_index.areas import national_areas
from catalogue_index.errors import UnrecognisedFile
from catalogue_index.readers import Grid, grids_of, read_grids

TODAY = date(2026, 11, 21)
HEADER = "姓名,手机,邮箱,地区,订阅,同意,同意日期,依据"
GOOD = "张三,13800138000,,高要区,养老,是,2026-11-01,纸质登记表"


def read(*rows: str, header: str = HEADER, area: str = "") -> Book:
    grids = grids_of("\n".join((header, *rows)).encode(), "book.csv")
    return read_book(grids, national_topics(), national_areas(), TODAY, area)


def why(row: str) -> str:
    book = read(row)
    assert book.entries == ()
    (refusal,) = book.refusals
    assert refusal.row == 2
    return refusal.why


def test_a_row_becomes_an_entry_without_the_name() -> None:
    (entry,) = read(GOOD).entries

    assert (entry.row, entry.phone, entry.email, entry.area) == (2, "13800138000", "", "441204")
    assert [topic.value for topic in entry.topics] == ["养老服务"]
    assert (entry.day, entry.basis) == (date(2026, 11, 1), "纸质登记表")
    assert "张三" not in repr(entry)
    assert "13800138000" not in repr(entry)


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 138-0013-8000",
        "+8613800138000",
        "008613800138000",
        "8613800138000",
        "(+86)13800138000",
        "１３８００１３８０００",
        " 13800138000 ",
    ],
)
def test_numbers_are_normalised(written: str) -> None:
    assert mobile(written) == "13800138000"


@pytest.mark.parametrize(
    "written",
    ["", "1380013800", "138001380001", "23800138000", "12800138000", "0758-1234567", "一三八"],
)
def test_other_numbers_are_not_taken(written: str) -> None:
    assert mobile(written) == ""


@given(st.text(max_size=30))
def test_normalising_a_number_again_changes_nothing(text: str) -> None:
    assert mobile(mobile(text)) == mobile(text)
    assert mailbox(mailbox(text)) == mailbox(text)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Anna@Example.CN", "anna@example.cn"),
        (" a.b+c@d-e.com.cn ", "a.b+c@d-e.com.cn"),
        ("ａ@b.cn", "a@b.cn"),
        ("a@b", ""),
        ("a b@c.cn", ""),
        ("a@b.cn,c@d.cn", ""),
        ("a@b.cn\nBcc: c@d.cn", ""),
        ("@b.cn", ""),
    ],
)
def test_mailboxes(written: str, read: str) -> None:
    assert mailbox(written) == read


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",1380013800,,高要区,养老,是,2026-11-01,登记表", "手机号不对"),
        (",1.38E+10,,高要区,养老,是,2026-11-01,登记表", "科学记数"),
        (",,a@b,高要区,养老,是,2026-11-01,登记表", "邮箱"),
        (",,,高要区,养老,是,2026-11-01,登记表", "都没有填"),
        (",13800138000,,火星,养老,是,2026-11-01,登记表", "地区"),
        (",13800138000,,,养老,是,2026-11-01,登记表", "地区"),
        (",13800138000,,高要区,,是,2026-11-01,登记表", "没有写订阅什么"),
        (",13800138000,,高要区,养老、火星,是,2026-11-01,登记表", "第 2 项"),
        (",13800138000,,高要区,大学生,是,2026-11-01,登记表", "学生、高校毕业生"),
        (",13800138000,,高要区,养老,,2026-11-01,登记表", "同意"),
        (",13800138000,,高要区,养老,否,2026-11-01,登记表", "同意"),
        (",13800138000,,高要区,养老,是,,登记表", "同意日期"),
        (",13800138000,,高要区,养老,是,去年,登记表", "同意日期"),
        (",13800138000,,高要区,养老,是,2026-13-01,登记表", "同意日期"),
        (",13800138000,,高要区,养老,是,2026-11-22,登记表", "晚于今天"),
        (",13800138000,,高要区,养老,是,2026-11-01,", "依据"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(row: str, said: str) -> None:
    assert said in why(row)


def test_all_that_is_wrong_is_said_at_once_and_nothing_personal_but_four_digits() -> None:
    (refusal,) = read("张三,138001380001,zhang san,某村,13900139000,否,x,").refusals

    assert refusal.why.count("；") == 6
    assert refusal.ending == "0001"
    for personal in ("张三", "138001380001", "zhang", "某村", "13900139000"):
        assert personal not in repr(refusal)


@pytest.mark.parametrize(
    "day", ["2026-11-01", "2026年11月1日", "2026/11/1", "2026.11.1", "20261101"]
)
def test_days_as_clerks_write_them(day: str) -> None:
    (entry,) = read(f",13800138000,,高要区,养老,是,{day},登记表").entries

    assert entry.day == date(2026, 11, 1)


def test_one_person_twice_is_one_entry_with_both_topics_and_the_later_consent() -> None:
    book = read(
        GOOD,
        ",+86 138 0013 8000,a@b.cn,高要区,低保,是,2026-11-02,电话录音",
        ",13900139000,,高要区,养老,是,2026-11-01,登记表",
    )

    assert (len(book.entries), book.folded) == (2, 1)
    first = book.entries[0]
    assert [topic.value for topic in first.topics] == ["养老服务", "低保对象"]
    assert (first.row, first.email, first.day) == (2, "a@b.cn", date(2026, 11, 2))


def test_sectors_and_groups_may_stand_in_columns_of_their_own() -> None:
    header = "手机号（必填）,领域,人群,是否同意,同意日期,同意依据"
    book = read("13800138000,养老服务,老年人,√,2026-11-01,登记表", header=header, area="441204")

    assert [topic.value for topic in book.entries[0].topics] == ["养老服务", "老年人"]
    assert book.entries[0].area == "441204"


def test_a_workbook_with_a_title_above_and_other_sheets_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["高要区政策直通车登记表"])
    sheet.append(HEADER.split(","))
    sheet.append([None, 13800138000, None, "高要区", "养老", "是", date(2026, 11, 1), "登记表"])
    sheet.append([None, None])
    book.create_sheet("说明").append(["请如实填写"])
    path = tmp_path / "book.xlsx"
    book.save(path)

    read = read_book(read_grids(path), national_topics(), national_areas(), TODAY)

    assert [(entry.row, entry.phone) for entry in read.entries] == [(3, "13800138000")]
    assert read.refusals == ()


@pytest.mark.parametrize(
    "header", ["手机,地区,订阅", "姓名,同意,同意日期,依据", "手机,同意", "随便,什么"]
)
def test_a_table_without_the_columns_for_consent_is_refused_as_a_whole(header: str) -> None:
    with pytest.raises(UnrecognisedFile, match="同意"):
        read("13800138000,高要区,养老,是", header=header)


@given(st.lists(st.lists(st.text(max_size=12), max_size=9), max_size=6))
def test_every_row_is_taken_folded_or_refused(rows: list[list[str]]) -> None:
    cells = (tuple(HEADER.split(",")), tuple(GOOD.split(",")), *map(tuple, rows))
    book = read_book([Grid("", cells)], national_topics(), national_areas(), TODAY)

    told = sum(any(cell.strip() for cell in row[1:8]) for row in rows) + 1
    assert len(book.entries) + len(book.refusals) + book.folded == told
