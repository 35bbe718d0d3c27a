"""``zwgk tune`` as it is typed, over the small set."""

import json
import sys

import pytest

from bot.answering.model import Question
from bot.answering.triage import ROUTES
from bot.cli import main
from bot.commands import tuning as command
from bot.evaluation.cases import Case
from bot.tuning import keeping
from bot.tuning.keeping import read

CASES = [
    Case("1", Question("目录谁编啊", None), "全部", {"gold_faq": [1]}),
    Case("2", Question("你好呀", None), "全部", {"kind": "chitchat"}),
]


@pytest.fixture
def zwgk(capsys):
    def run(*words):
        capsys.readouterr()
        try:
            main(["tune", *map(str, words)])
            status = 0
        except SystemExit as ended:
            status = ended.code
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.fixture
def small(material, asked, tuning, monkeypatch, tmp_path):
    """Learns from the small set; gives the folder where it is shipped."""
    shipped = tmp_path / "shipped"
    keeping.write(tuning.learn(asked, 2, lambda _: None)[0], shipped)
    monkeypatch.setattr(command, "builtin_material", lambda: material)
    monkeypatch.setattr(command, "builtin_questions", lambda _: asked)
    monkeypatch.setattr(command, "_cases", lambda: CASES)
    monkeypatch.setattr(keeping, "SHIPPED", shipped)
    return shipped


def contents(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_it_only_reports_unless_told_to_write(zwgk, small):
    before = contents(small)
    status, out, err = zwgk()
    assert (status, err) == (0, "")
    for told in ("答疑", "闲聊", "把握不低于", "faq.entry", "现在首答正确"):
        assert told in out
    assert contents(small) == before


def test_what_it_writes_is_the_same_every_time(zwgk, small, tmp_path):
    for name in ("one", "two"):
        status, out, _ = zwgk("-o", tmp_path / name)
        assert status == 0
        assert f"学到的文件已写到 {tmp_path / name}。" in out
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert read(tmp_path / "one").weights


def test_it_writes_where_answering_reads(zwgk, small, tmp_path, material):
    (small / "weights.toml").write_text("[weights]\nfaq = 1.0\n", encoding="utf-8")
    status, out, _ = zwgk("--write", "--json")
    assert status == 0
    told = json.loads(out)
    assert told["written"] == [str(small)]
    assert told["material"] == {"before": "", "now": material.digest}
    assert told["weights"]["faq"]["before"] == 1.0
    assert read(small).weights == {n: w["now"] for n, w in told["weights"].items()}
    assert {kind["name"] for kind in told["kinds"]} <= {"faq", "plan", "item", *ROUTES}
    assert [each["gold"] for each in told["regression"]["now"]] == [
        "faq", "plan", "catalogue", "outside",
    ]  # fmt: skip


def test_without_scikit_learn_it_says_how_to_get_it(zwgk, small, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert zwgk() == (1, "", "没有安装学习用的 scikit-learn。请先运行 pip install 'zwgk[tune]'。\n")


def test_what_each_part_adds_is_only_reported(zwgk, small):
    for option in (("--write",), ("-o", "anywhere")):
        status, out, err = zwgk("--ablation", *option)
        assert (status, out) == (2, "")
        assert "只报告" in err


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_every_part_is_a_line(zwgk, small, monkeypatch, half, options):
    monkeypatch.setattr(command, "builtin_questions", lambda _: half)
    monkeypatch.setenv("COLUMNS", "200")
    status, out, _ = zwgk("--ablation", *options)
    assert status == 0
    if options:
        told = json.loads(out)
        assert [line["part"] for line in told["parts"]] == [*command._PARTS]
        assert told["plain"]["cases"] == 1
    else:
        assert all(name in out for name in command._PARTS.values())
