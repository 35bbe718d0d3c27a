"""A run kept in a file is the same run, and two runs tell apart what got better and worse."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings

from bot.answering.model import Kind
from bot.evaluation.comparing import Run, compare, load, save
from catalogue_index.errors import Refused

from .conftest import answer, source
from .test_scores import some_outcomes

GOOD = answer(source(number=6))
BAD = answer(source(number=5))
NONE = answer(kind=Kind.DECLINED, route="near_miss")


def run(outcomes):
    return Run("20240301-0123456789ab", "2024-03-01 09:00", tuple(outcomes))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(some_outcomes())
def test_a_run_compared_with_itself_shows_no_change(found):
    with TemporaryDirectory() as folder:
        save(run(found), Path(folder) / "run.json")
        kept = load(Path(folder) / "run.json")
    assert kept == run(found)
    same = compare(kept, run(found))
    assert (same.better, same.worse, same.added, same.removed) == ((), (), 0, 0)
    assert all(before == now for before, now in same.figures.values())


@pytest.mark.parametrize(
    ("before", "now", "better", "worse"),
    [
        (GOOD, GOOD, 0, 0),
        (GOOD, BAD, 0, 1),
        (GOOD, NONE, 0, 1),
        (NONE, BAD, 0, 1),
        (BAD, NONE, 1, 0),
        (BAD, GOOD, 1, 0),
        (NONE, GOOD, 1, 0),
    ],
)
def test_what_got_better_and_worse(outcomes, before, now, better, worse):
    line = {"id": "甲", "gold_faq": 6}
    found = compare(run(outcomes((line, before))), run(outcomes((line, now))))
    assert (len(found.better), len(found.worse)) == (better, worse)
    backwards = compare(found.now, found.before)
    assert (len(backwards.better), len(backwards.worse)) == (worse, better)


def test_another_question_is_not_a_change(outcomes):
    before = run(outcomes(({"id": "1", "gold_faq": 6}, GOOD), ({"id": "2", "gold_faq": 6}, GOOD)))
    asked_anew = replace(before.outcomes[0], question="换了说法", first=False)
    judged_anew = replace(before.outcomes[1], expected="第5问", first=False)
    found = compare(before, run((asked_anew, judged_anew)))
    assert (found.better, found.worse, found.added, found.removed) == ((), (), 2, 2)


def test_figures_stand_side_by_side(outcomes):
    line = {"gold_faq": 6}
    found = compare(run(outcomes((line, GOOD))), run(outcomes((line, BAD))))
    assert found.figures["right"] == (1, 0)
    assert found.figures["wrong"] == (0, 1)
    assert found.figures["cases"] == (1, 1)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"format": 1}', '{"format": 0}', "不是"])
def test_what_is_no_run_is_refused(tmp_path, text):
    path = tmp_path / "run.json"
    path.write_text(text, "utf-8")
    with pytest.raises(Refused, match=r"“run\.json”不是 zwgk eval --save 存下的成绩"):
        load(path)


def test_a_missing_run_is_refused(tmp_path):
    with pytest.raises(Refused, match=r"run\.json"):
        load(tmp_path / "run.json")
