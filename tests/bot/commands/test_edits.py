"""``zwgk knowledge edits``: what an office added itself, listed, taken out and in."""

import json

import pytest


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text(
        "类型,地区,答复编号,问法（一行一个）\n相似问法,441204,faq:guangdong-2020-notice-2,单子谁编\n",
        encoding="utf-8",
    )
    return path


def test_edits_come_in_as_proposals_and_go_out_again(zwgk, office, table, tmp_path):
    here = ("--data-dir", office)
    assert json.loads(zwgk("knowledge", "edits", "--json", *here)[1]) == []

    assert "1 条，等待审核" in zwgk("knowledge", "edits", "import", table, "--by", "小李", *here)[1]

    (edit,) = json.loads(zwgk("knowledge", "edits", "--json", *here)[1])
    assert (edit["texts"], edit["state"], edit["proposed_by"]) == (["单子谁编"], "proposed", "小李")
    assert "待审核" in zwgk("knowledge", "edits", *here)[1]
    for name in ("out.csv", "out.json"):
        assert zwgk("knowledge", "edits", "export", tmp_path / name, *here)[0] == 0
        assert "单子谁编" in (tmp_path / name).read_text(encoding="utf-8-sig")


def test_a_bad_row_takes_nothing_in(zwgk, refused, office, table):
    table.write_text(table.read_text(encoding="utf-8") + "相似问法,441204,,\n", encoding="utf-8")

    sentence = refused("knowledge", "edits", "import", table, "--by", "李", "--data-dir", office)
    assert "第 2 条" in sentence
    assert zwgk("knowledge", "edits", "--json", "--data-dir", office)[1].strip() == "[]"
