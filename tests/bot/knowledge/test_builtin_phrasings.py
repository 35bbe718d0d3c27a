"""Known phrasings name units by number, so they must still mean what they meant when they were reviewed."""

from bot.knowledge.building import units
from bot.knowledge.builtin import builtin_contents, builtin_phrasings
from bot.knowledge.subjects import Subjects
from catalogue_index.snapshot import passage_id

_CONTENTS = builtin_contents()


def test_every_phrasing_of_the_annex_and_the_plans_names_a_unit() -> None:
    known = {unit.id for unit in units(_CONTENTS, Subjects(builtin_phrasings()))}
    named = {phrasing.unit for phrasing in builtin_phrasings()}
    assert {unit for unit in named if not unit.startswith("item:")} <= known


def test_item_phrasings_name_sector_category_and_item() -> None:
    items = [p.unit for p in builtin_phrasings() if p.unit.startswith("item:")]
    assert items
    assert all(unit.count("/") >= 2 for unit in items)


def test_plan_phrasings_stand_by_the_passages_they_were_reviewed_for() -> None:
    passages = {f"plan:{passage_id(p)}": p for c in _CONTENTS for p in c.passages}
    expected = {
        "plan:gaoxian-2023-plan-17": "规范政务公开专题栏目",
        "plan:gaoyao-2020-plan-12": "户籍管理领域基层政务公开标准目录",
        "plan:guangdong-2020-notice-24": "基层政务公开事项标准目录编制工作台账",
    }
    for unit, title in expected.items():
        assert passages[unit].title.startswith(title)
        assert any(phrasing.unit == unit for phrasing in builtin_phrasings())
