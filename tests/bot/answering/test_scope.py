"""Where a question is asked: whose text binds, and whose is searched."""

import pytest

from bot.answering.scope import Gazetteer, scope_of
from bot.knowledge.building import REFERENCE_SHELF
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.areas import national_areas


@pytest.fixture(scope="module")
def gazetteer(knowledge, builtin_dir):
    tokeniser = Tokeniser(cache=builtin_dir / "cache" / "scope.txt")
    return Gazetteer(national_areas(), tokeniser, knowledge.areas)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("高县养老服务目录谁牵头", "511525"),
        ("请问高要的目录谁编", "441204"),
        ("肇庆市高要区的目录谁编", "441204"),
        ("泽州那边怎么规定", "140525"),
        ("武昌区的目录谁编", "420106"),
        ("寿光市的目录谁编", "370783"),
    ],
)
def test_areas_are_found_by_the_names_people_use(gazetteer, text, code):
    found = gazetteer.find(text)
    assert found
    assert found[0].code == code
    assert found[1] in text


@pytest.mark.parametrize(
    "text", ["提高县级公开水平", "提高要求", "最高要公开到什么程度", "低保在哪公开", ""]
)
def test_a_name_inside_other_words_is_no_name(gazetteer, text):
    assert gazetteer.find(text) is None


def test_the_named_area_is_searched_and_the_askers_plan_is_not(gazetteer, knowledge):
    scope = scope_of("高县谁牵头", "441204", gazetteer, knowledge)
    assert scope.area == "511525"
    assert {"511525", "51", "44", "", REFERENCE_SHELF} <= set(scope.shelves)
    assert "441204" not in scope.shelves
    assert scope.words == "高县"


def test_what_binds_is_the_askers_chain_only(gazetteer, knowledge):
    scope = scope_of("高县谁牵头", "441204", gazetteer, knowledge)
    assert scope.binds("44")
    assert scope.binds("")
    assert not scope.binds("511525")
    assert not scope_of("谁牵头", None, gazetteer, knowledge).binds("44")


def test_naming_a_parent_area_is_not_leaving_home(gazetteer, knowledge):
    scope = scope_of("广东省的通知怎么说", "441204", gazetteer, knowledge)
    assert scope.area == "441204"
    assert "441204" in scope.shelves


def test_without_an_area_every_plan_is_searched(gazetteer, knowledge):
    assert set(knowledge.plan_areas) <= set(scope_of("谁牵头", None, gazetteer, knowledge).shelves)
