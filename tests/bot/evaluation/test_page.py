"""The page of a run stands alone, shows every miss, and lets nothing of a question or an answer become markup."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings

from bot.answering.model import Kind
from bot.evaluation.comparing import Run, compare
from bot.evaluation.page import page

from .conftest import answer, source
from .test_scores import some_outcomes

VOID = {"meta", "link", "img", "br", "hr", "input"}
HOSTILE = "<script>alert('1')</script>\"><img src=x onerror=alert(1)>{{ 7*7 }}"


class Reader(HTMLParser):
    """Collects tags, attributes and text, and sees that every element is closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.words, self.open = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def checked(text):
    """The page read, having been found well formed and to stand alone."""
    reader = Reader(text)
    assert reader.open == []
    assert not {"script", "img", "iframe", "link", "object", "a"} & set(reader.tags)
    assert not [name for name, _ in reader.attributes if name.startswith("on") or name == "src"]
    assert not re.search(r"https?:|//\w|@import|url\(", text)
    return reader


def run(outcomes, version="20240301-0123456789ab"):
    return Run(version, "2024-03-01 09:00", tuple(outcomes))


@pytest.fixture
def found(outcomes):
    return outcomes(
        ({"id": "甲", "gold_faq": 6, "style": "短"}, answer(source(number=6), sure=0.9)),
        ({"id": "乙", "gold_faq": 6, "style": "长"}, answer(source(number=5), text="答非所问")),
        ({"id": "丙", "kind": "chitchat"}, answer(kind=Kind.DECLINED, route="abuse")),
    )


def test_every_figure_and_every_miss_is_there(found):
    words = "".join(checked(page(run(found), "题.jsonl")).words)
    for shown in (
        "1/3 (33.3%)",
        "首答正确 1/2 (50.0%)",
        "去向正确 0/1 (0.0%)",
        "没答对的题（2）",
        "题 乙 · 长",
        "第5问 题",
        "答非所问",
        "因为",
        "没有作答（辱骂或攻击）",
    ):
        assert shown in words
    assert "题 甲" not in words
    assert "和上次相比" not in words


def test_a_comparison_is_shown(found):
    before = run([replace(outcome, first=not outcome.first) for outcome in found], "以前的版本")
    words = "".join(checked(page(run(found), "题", compare(before, run(found)))).words)
    assert "以前的版本" in words
    assert "变差（1）" in words
    assert "变好（1）" in words


def test_nothing_asked_or_answered_becomes_markup(found):
    texts = ("set", "id", "question", "context", "area", "style", "asks", "expected", "taken")
    hostile = [replace(o, **dict.fromkeys((*texts, "text"), HOSTILE)) for o in found]
    hostile = [replace(o, reasons=(HOSTILE,), choices=(HOSTILE,)) for o in hostile]
    before = [replace(outcome, first=not outcome.first) for outcome in hostile]
    text = page(run(hostile), HOSTILE, compare(run(before), run(hostile)))
    reader = checked(text)
    assert HOSTILE in "".join(reader.words)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(some_outcomes())
def test_any_run_has_a_page(found):
    checked(page(run(found), "题", compare(run(found[::-1]), run(found))))
