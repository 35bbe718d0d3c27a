"""Learning anew from a small set: all of it is known in the end, and no question has found itself meanwhile."""

from collections import Counter
from dataclasses import replace

import pytest

from bot.answering.model import Question
from bot.answering.recognising import CLASSIFIERS, KINDS, Recogniser
from bot.answering.scoring import probabilities
from bot.tuning.questions import OURS
from bot.tuning.tuning import FIXED
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.synonyms import Synonyms
from catalogue_index.analysis.tokenise import Tokeniser

from .conftest import AREA, MESSAGES, SAID

LONELY = "月球基地公示处"
"""The only phrasing of its unit."""
FOLDS = 3


@pytest.fixture(scope="module")
def steps():
    return []


@pytest.fixture(scope="module")
def learning(tuning, asked, steps):
    return tuning.learn(asked, FOLDS, steps.append)


@pytest.fixture(scope="module")
def learned(learning):
    return learning[0]


@pytest.fixture(scope="module")
def judged(learning):
    return {one.example.text: one for one in learning[1]}


@pytest.fixture(scope="module")
def recognise(learned, tmp_path_factory):
    dictionary = tmp_path_factory.mktemp("dictionary") / "small.txt"
    dictionary.write_text("目录 50\n", encoding="utf-8")
    analyser = Analyser(Tokeniser(dictionary=dictionary), Synonyms(()))
    recogniser = Recogniser(**learned.classifiers)
    return lambda text: recogniser.recognise(analyser.query(text))


@pytest.mark.parametrize("unit", [unit for unit in SAID if unit != "faq:notice-4"])
def test_what_was_said_is_known_by_its_kind_and_entry(recognise, unit):
    kind, _, key = unit.partition(":")
    for text in SAID[unit]:
        found = recognise(text)
        assert max(found.kinds, key=found.kinds.get) == kind
        assert found.kinds[kind] > found.elsewhere
        if kind == "faq":
            assert max(found.entries, key=found.entries.get) == key


@pytest.mark.parametrize("route", [route for route in MESSAGES if route != OURS])
def test_what_is_for_another_door_is_known_by_it(recognise, route):
    for text in MESSAGES[route]:
        found = recognise(text)
        assert found.routes[route] == found.elsewhere > max(found.kinds.values())


def test_what_is_ours_is_no_door(learned):
    assert set(learned.classifiers) == set(CLASSIFIERS)
    assert set(learned.classifiers["routes"].classes) == {*KINDS, "chitchat", "other_government"}


def test_each_question_is_judged_once(judged, learning, asked):
    assert Counter(one.example for one in learning[1]) == Counter(asked)


def test_what_is_right_is_a_candidate_for_it(judged):
    assert sum(bool(one.right) for one in judged.values()) > 20
    for one in judged.values():
        assert bool(one.right) == (bool(one.example.subjects) and not one.missed)
        assert list(one.case.right) == [*one.right] or one.case.right == (
            len(one.case.options) - 1,
        )
        for place in one.right:
            candidate = one.found.candidates[place]
            assert candidate.type == one.example.kind
            assert one.case.options[place] is candidate.features
        assert one.case.options[-1] is one.found.nothing


def test_the_only_phrasing_of_a_unit_is_unknown_while_it_is_asked(judged, recognise):
    one = judged[LONELY]
    (place,) = one.right
    known = one.found.candidates[place].features
    assert known["faq.said"] == known["faq.text"], "nothing is said of it, so its text speaks"
    assert "notice-4" not in one.found.recognised.entries
    assert "notice-4" in recognise(LONELY).entries


def test_the_others_are_known_by_what_else_is_said_of_their_unit(judged):
    text = "目录谁来编制"
    one = judged[text]
    (place,) = one.right
    known = one.found.candidates[place].features
    assert known["faq.text"] < known["faq.said"] < 0.99


def test_the_weights_put_what_is_right_first(learned, judged):
    assert learned.weights.items() >= FIXED.items()
    best = 0
    for one in judged.values():
        *options, nothing = one.case.options
        likely, none = probabilities(options, nothing, learned.weights)
        ranked = [*likely, none]
        best += ranked.index(max(ranked)) in one.case.right
    assert best >= 0.9 * len(judged)


def test_the_same_set_teaches_the_same(tuning, asked, learned):
    again, _ = tuning.learn(asked[::-1], FOLDS, lambda _: None)
    assert again.weights == learned.weights
    for name, classifier in again.classifiers.items():
        assert classifier.table() == learned.classifiers[name].table()


def test_every_step_is_told(learning, steps):
    assert steps == [
        *(f"第 {n} 轮，共 {FOLDS} 轮" for n in range(1, FOLDS + 1)),
        "学习权重",
        "学习分类",
    ]


@pytest.mark.parametrize("text", ["低保名单", "哪里看低报名单"])
def test_without_repairs_everything_is_read_as_it_stands(material, new_tuning, text):
    with new_tuning(replace(material, repairs=False)).knowledge() as knowledge:
        assert knowledge.index.repair(text) == (text, ())


@pytest.mark.parametrize(
    ("text", "source"), [("目录谁编", "/faq/notice-1"), ("专区要建吗", "/sources/gaoyao-plan#p1")]
)
def test_it_answers_with_what_was_learned(tuning, learned, text, source):
    with tuning.knowledge() as knowledge:
        answer = tuning.answerer(knowledge, learned).answer(Question(text, AREA))
    assert [found.page for found in answer.sources] == [source]
