"""What a message is about: a kind of source, an entry, a door, each with what speaks for it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.recognising import KINDS, Recogniser, learned_recogniser
from bot.answering.triage import CAREFUL, ROUTES
from catalogue_index.analysis.analyser import Analyser, Query
from catalogue_index.analysis.classifier import Classifier
from catalogue_index.analysis.synonyms import Synonyms, everyday_words
from catalogue_index.analysis.tokenise import Tokeniser

SMALL = Recogniser(
    Classifier.of(
        ["chitchat", "crisis", "faq", "item", "plan"],
        [-0.5, -1.0, -0.5, -0.5, -0.5],
        {
            "好": (1.0, [1.0, 0.0, 0.0, 0.0, 0.0]),
            "编": (1.0, [0.0, 0.0, 1.0, 0.0, 0.5]),
        },
    ),
    Classifier.of(["notice-1", "notice-2"], [-1.0, -1.0], {"编": (1.0, [1.5, 0.0])}),
    Classifier.of(["就业", "旅游"], [-0.5, -0.75], {"景": (1.0, [0.0, 1.5])}),
)

NONE: dict[str, float] = {}


def recognised(text):
    return SMALL.recognise(Query(text, {}, ()))


def test_kinds_routes_and_entries_are_told_apart():
    found = recognised("谁编")
    assert found.kinds == {"faq": 0.5, "plan": 0.0, "item": -0.5}
    assert found.routes == {"chitchat": -0.5, "crisis": -1.0}
    assert found.entries == {"notice-1": 0.5, "notice-2": -1.0}


def test_the_likeliest_door_and_what_speaks_for_it():
    assert (recognised("你好").route(NONE), recognised("你好").elsewhere) == ("chitchat", 0.5)
    assert (recognised("").route(NONE), recognised("").elsewhere) == ("chitchat", -0.5)


def test_a_door_to_be_careful_with_opens_only_where_words_speak_for_it():
    assert recognised("你好").route({"chitchat": 0.4}) == "chitchat"
    assert recognised("你好").route({"chitchat": 0.6}) == "crisis"
    assert recognised("").route({"chitchat": -0.25}) == "crisis"


def test_a_sector_is_judged_beside_the_likeliest_one_and_an_unknown_one_is_not():
    found = recognised("景区")
    assert (found.sector("旅游"), found.sector("就业"), found.sector("本地特色")) == (0, -1.25, 0)


def test_what_speaks_for_an_entry_counts_up_to_enough():
    assert recognised("谁编").entry("notice-1", 0.0) == 0
    assert recognised("谁管").entry("notice-1", 1.0) == -1


@given(less=st.floats(0, 1), more=st.floats(0, 1))
def test_an_entry_of_ones_own_is_known_by_what_is_said_for_it(less, more):
    less, more = sorted((less, more))
    found = recognised("谁编")
    low, high = (found.entry("our-own-7", said) for said in (less, more))
    assert found.entry("notice-2", 0.5) <= low <= high <= found.entry("notice-1", 0.5)


@pytest.fixture(scope="module")
def recognise(builtin_dir):
    tokeniser = Tokeniser(cache=builtin_dir / "cache" / "recognising.txt")
    analyser = Analyser(tokeniser, Synonyms(everyday_words()))
    return lambda text: learned_recogniser().recognise(analyser.query(text))


@settings(deadline=None)
@given(text=st.text(max_size=60))
def test_any_message_has_a_door_that_triage_knows(recognise, text):
    found = recognise(text)
    assert found.kinds.keys() == set(KINDS)
    assert found.routes.keys() == ROUTES
    assert found.elsewhere == found.routes[found.route(NONE)] == max(found.routes.values())
    assert found.route(CAREFUL) in ROUTES


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("你好呀", "chitchat"),
        ("谢谢你", "chitchat"),
        ("身份证丢了怎么补办", "other_government"),
        ("驾驶证到期了去哪里换", "other_government"),
        ("镇长的手机号发我一下", "personal_data"),
        ("活着太累了，想一了百了", "crisis"),
        ("你这个蠢货", "abuse"),
        ("政务公开办的电话是多少", "near_miss"),
    ],
)
def test_what_belongs_to_another_door_is_recognised(recognise, text, route):
    found = recognise(text)
    assert found.route(CAREFUL) == route
    assert found.elsewhere > max(found.kinds.values())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("编目录的时候公开依据要写到第几条吗", "faq"),
        ("没有这个领域业务的乡镇还要编目录吗", "faq"),
        ("方案里说年底前要完成哪些工作", "plan"),
        ("低保审批结果在哪里公示", "item"),
        ("征地补偿标准多久公布一次", "item"),
    ],
)
def test_what_is_ours_is_recognised_by_its_kind(recognise, text, kind):
    found = recognise(text)
    assert max(found.kinds, key=found.kinds.get) == kind
    assert found.kinds[kind] > found.elsewhere


def test_official_questions_sound_like_their_entries(recognise, knowledge):
    for entry in knowledge.entries_of("guangdong-2020-notice"):
        entries = recognise(entry.question).entries
        assert f"{entry.document}-{entry.number}" in sorted(entries, key=entries.get)[-2:]
