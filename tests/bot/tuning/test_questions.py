"""What is learned from: each phrasing once, with all that it asks for, asked by somebody who lives where it applies."""

from dataclasses import replace

import pytest

from bot.answering.triage import ROUTES
from bot.knowledge.builtin import builtin_contents, builtin_phrasings
from bot.tuning.questions import (
    NAMING,
    OURS,
    Example,
    builtin_material,
    builtin_questions,
    example_messages,
    messages_for_doors,
    naming_areas,
    questions,
)
from faq.snapshot import Phrasing

from .conftest import AREA, CONTENTS, SAID


@pytest.fixture
def asked(phrasings):
    return questions(phrasings, CONTENTS, ["110101", None])


def test_every_phrasing_is_a_question(asked):
    assert {(unit, example.text) for example in asked for unit in example.subjects} == {
        (unit, text) for unit, texts in SAID.items() for text in texts
    }
    assert len({example.text for example in asked}) == len(asked)


def test_one_text_for_several_units_is_one_question(phrasings):
    both = [Phrasing("item:a/b/c", "同一句"), Phrasing("item:a/b/d", "同一句")]
    (found,) = (e for e in questions([*phrasings, *both], CONTENTS, [None]) if e.text == "同一句")
    assert found == Example("同一句", frozenset({"item:a/b/c", "item:a/b/d"}))
    assert found.kind == "item"


def test_who_asks_about_a_plan_lives_there_and_the_others_anywhere_in_turn(asked):
    plans = [example for example in asked if example.kind == "plan"]
    assert len(plans) == 12
    assert {example.area for example in plans} == {AREA}
    assert {example.area for example in asked if example.kind != "plan"} == {"110101", None}


def test_the_same_phrasings_give_the_same_questions_in_any_order(phrasings, asked):
    assert questions(phrasings[::-1], CONTENTS, ["110101", None]) == asked


def test_messages_for_other_doors_come_from_anywhere_in_turn(messages):
    found = messages_for_doors(messages, ["110101", None])
    assert {message.text for message in found} == {m.text for m in messages if m.route != OURS}
    assert {message.area for message in found} == {"110101", None}
    assert messages_for_doors(messages[::-1], ["110101", None]) == found


def test_questions_about_a_plan_name_its_area_and_few_others_name_one(asked):
    plan, *_ = (example for example in asked if example.kind == "plan")
    others = [Example(f"问{n}", route="chitchat", area=AREA) for n in range(2 * NAMING + 1)]
    found = naming_areas([plan, *others], CONTENTS)
    assert found[0] == replace(plan, area=None, named="高要区")
    assert found[0].said == f"高要区{plan.text}"
    assert found[1:] == [replace(others[n * NAMING], area=None, named="高要区") for n in range(3)]


def test_no_message_names_an_area_where_none_has_a_plan(messages):
    assert naming_areas(messages, CONTENTS[:1]) == []


def test_the_digest_tells_any_other_material(material):
    others = [
        replace(material, contents=material.contents[:-1]),
        replace(material, phrasings=material.phrasings[:-1]),
        replace(material, messages=material.messages[:-1]),
        replace(material, synonyms=()),
    ]
    assert material.digest == replace(material).digest
    assert len({one.digest for one in (material, *others)}) == 5


def test_built_in_questions_are_asked_and_not_written():
    material = builtin_material()
    found = builtin_questions(material)
    asked = {phrasing.text for phrasing in builtin_phrasings("asked")}
    assert {example.text for example in found if example.subjects} == asked
    assert {example.kind for example in found} == {"faq", "plan", "item", *ROUTES}


def test_the_kind_of_a_message_is_its_route():
    assert Example("你好", route="chitchat").kind == "chitchat"


def test_built_in_messages_are_for_known_doors_or_for_us():
    found = example_messages()
    assert {message.route for message in found} == {*ROUTES, OURS}
    assert all(message.text.strip() and not message.subjects for message in found)


def test_built_in_phrasings_are_questions_of_every_kind():
    found = questions(builtin_phrasings(), builtin_contents(), ["441204"])
    assert {example.kind for example in found} == {"faq", "plan", "item"}
    assert all(example.area for example in found)
