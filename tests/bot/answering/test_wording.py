import tomllib
from dataclasses import fields
from importlib.resources import files
from pathlib import Path

import pytest

import bot
from bot.answering.triage import official_triage
from bot.answering.wording import UnusableWording, Wording, official_wording, read_wording


@pytest.fixture
def sentences():
    path = files("bot.answering").joinpath("data/wording.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


NAMES = [item.name for item in fields(Wording)]
ELSEWHERE = {"label_reference", "apology", "rate_limited", "choice_lead"}
"""Said by the answer pipeline and the channels."""


def test_every_sentence_is_said_somewhere():
    folder = Path(bot.__file__).parent
    source = "".join(path.read_text("utf-8") for path in (folder / "dialog").glob("*.py"))
    said = {name for name in NAMES if f"wording.{name}" in source}

    assert set(NAMES) == said | official_triage().reply_keys | ELSEWHERE


def test_a_missing_sentence_is_refused(sentences):
    del sentences["welcome"]

    with pytest.raises(UnusableWording, match="welcome"):
        read_wording(sentences)


def test_an_unknown_sentence_is_refused(sentences):
    with pytest.raises(UnusableWording, match="wellcome"):
        read_wording(sentences | {"wellcome": "您好"})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("area_changed", "已换好地区。"),
        ("area_changed", "已换成{county}。"),
        ("area_changed", "已换成{area}（{code}）。"),
        ("area_changed", "已换成{area。"),
        ("area_changed", "已换成{}。"),
        ("help", "请说{question}"),
        ("help", " "),
        ("help", 3),
    ],
)
def test_wrong_text_or_placeholders_are_refused(sentences, name, text):
    with pytest.raises(UnusableWording, match=name):
        read_wording(sentences | {name: text})


@pytest.mark.parametrize("name", NAMES)
def test_texts_fit_a_small_screen_and_one_message(name):
    text = getattr(official_wording(), name)

    assert len(text.encode()) <= 1500  # leaves room for options below WeChat's 2,048 bytes
    assert max(map(len, text.splitlines())) <= 72


@pytest.mark.parametrize(
    ("key", "numbers"),
    [
        ("crisis_self_harm", {"12356", "110", "120", "12345"}),
        ("crisis_danger", {"110", "120", "119", "12345"}),
        ("crisis_missing", {"110", "12345"}),
        ("threat", {"12356", "110", "12345"}),
        ("complaint", {"12345", "12315", "12388", "110"}),
        ("complaint_wages", {"12333", "12345"}),
        ("complaint_officials", {"12388", "12345"}),
        ("door_social_security", {"12333"}),
        ("door_tax", {"12366"}),
        ("danger_gas", {"119", "120"}),
    ],
)
def test_people_in_need_get_the_numbers_to_call(key, numbers):
    assert {number for number in numbers if number not in official_wording().text(key)} == set()


def test_every_refusal_offers_a_next_step():
    wording = official_wording()
    for key in official_triage().reply_keys:
        text = wording.text(key)
        assert any(step in text for step in ("问", "打", "回复", "请")), key
