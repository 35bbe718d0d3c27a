import csv
import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import CHINA
from bot.knowledge.edits import EditRefused, LocalEntry, State, alias, entry
from bot.knowledge.exchanging import COLUMNS, read, to_csv, to_json
from catalogue_index.errors import Refused

AT = datetime(2026, 11, 21, 9, tzinfo=CHINA)
EDITS = [
    alias(
        "faq:d-1", ["谁编目录", "=cmd|' /C calc'!A0", "'加引号"], area="441204", by="小李", at=AT
    ),
    entry(
        LocalEntry(
            "津贴怎么发？", "第一行\n“第二行”，有逗号", "办法", "高府〔2024〕3号", "2024-03-01"
        ),
        area="441204",
        by="小李",
        at=AT,
    ),
]


def said(edits):
    return [(e.kind, e.area, e.unit, e.texts, e.entry) for e in edits]


@pytest.fixture(params=["edits.csv", "edits.json"])
def written(request, tmp_path):
    path = tmp_path / request.param
    write = to_json if path.suffix == ".json" else to_csv
    path.write_text(write(EDITS), encoding="utf-8-sig", newline="")
    return path


def test_what_goes_out_comes_in_again_to_be_reviewed(written):
    found = read(written, "老王", AT)

    assert said(found) == said(EDITS)
    assert {(one.proposed_by, one.state) for one in found} == {("老王", State.PROPOSED)}


def test_no_cell_is_a_formula(tmp_path):
    path = tmp_path / "edits.csv"
    formula = alias("faq:d-1", ["=1+1"], area="", by="=2+2", at=AT)
    path.write_text(to_csv([formula]), encoding="utf-8", newline="")

    with path.open(encoding="utf-8", newline="") as file:
        head, row = csv.reader(file)
    assert head == list(COLUMNS.values())
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)


def test_json_has_the_same_rows():
    rows = json.loads(to_json(EDITS))

    assert [row["kind"] for row in rows] == ["相似问法", "本地答疑"]
    assert rows[1]["number"] == "高府〔2024〕3号"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "类型,答复编号,问法（一行一个）\n相似问法,faq:d-1,\n", "第 1 条用不了"),
        ("a.csv", "类型\n别的\n", "相似问法或本地答疑"),
        ("a.csv", "甲,乙\n", "没有问法或答疑"),
        ("a.csv", '类型\n"没有完', "CSV"),
        ("a.json", "{", "JSON"),
        ("a.json", "[1]", "JSON"),
        ("a.json", "[]", "没有问法或答疑"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_words(tmp_path, name, text, words):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")

    with pytest.raises(Refused, match=words):
        read(path, "老王", AT)


@given(st.text(min_size=1))
def test_any_way_of_asking_survives_the_way_out_and_in(tmp_path_factory, text):
    try:
        edit = alias("faq:d-1", [text], area="", by="李", at=AT)
    except EditRefused:
        return
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_text(to_csv([edit]), encoding="utf-8", newline="")

    assert said(read(path, "李", AT)) == said([edit])
