"""What the check says of the catalogues that counties published, each finding judged by eye.

``judged.csv`` lists them: a county's real fault is a true finding. The rows were stored as first rows of longer
tables, often with cells lost; that a cell is blank is judged by the cell itself.
"""

import csv
from collections import Counter
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from bot.knowledge.builtin import builtin_contents
from catalogue_index.checking import Draft, check, consensus
from catalogue_index.model import COLUMNS
from catalogue_index.readers import grids_of

JUDGED = Path(__file__).parents[2] / "fixtures" / "faults" / "judged.csv"
TODAY = date(2026, 9, 1)
BLANK = {"empty-cell", "row-unfinished", "deadline-missing", "method-missing", "empty-column"}
FALSE_PER_100 = 1


@cache
def catalogues():
    return [content for content in builtin_contents() if content.document.kind == "catalogue"]


def others(own):
    """What places other than ``own`` publish."""
    places = {}
    for content in catalogues():
        if content.document.area != own:
            places.setdefault(content.document.area, []).extend(content.items)
    return places


@cache
def checked():
    """(catalogue, its draft, findings that are no hints), each against the places besides its own."""
    results = []
    for content in catalogues():
        document = content.document
        name = f"{document.id}.csv"
        data = (files("bot.knowledge") / "builtin" / "catalogues" / name).read_bytes()
        guide = consensus(others(document.area))
        draft = Draft.read(grids_of(data, name), guide, TODAY, title=document.title)
        found = [one for one in check(draft, document.area) if one.severity != "hint"]
        results.append((document.id, draft, found))
    return results


def judged():
    return list(csv.DictReader(JUDGED.read_text("utf-8").splitlines()))


def test_nothing_is_found_but_what_was_judged():
    expected = Counter((r["catalogue"], int(r["row"]), r["column"], r["rule"]) for r in judged())
    what = {}
    found = Counter()
    for name, _, findings in checked():
        for one in findings:
            if one.rule not in BLANK:
                key = (name, one.place.row, one.label, one.rule)
                found[key] += 1
                what[key] = one.what
    more = [f"  + {key} {what[key]}" for key in found - expected]
    less = [f"  - {key}" for key in expected - found]
    assert found == expected, "\n".join(["judged and found differ:", *more, *less])


def test_what_is_told_to_be_blank_is_blank():
    attribute_of = {label: attribute for attribute, label in COLUMNS.items()}
    told = 0
    for name, draft, findings in checked():
        rows = {item.place.row: item for item in draft.items}
        for one in findings:
            if one.rule not in BLANK:
                continue
            told += 1
            if one.rule == "empty-column":
                cells = [getattr(item, attribute_of[one.label]) for item in draft.items]
            elif one.rule == "row-unfinished":
                labels = one.what.removesuffix("。").rpartition("：")[2].split("、")
                cells = [getattr(rows[one.place.row], attribute_of[label]) for label in labels]
            else:
                cells = [getattr(rows[one.place.row], attribute_of[one.label])]
            assert not any(cells), (name, one)
    assert told > 100


def test_false_findings_are_rare():
    rows = sum(len(draft.items) for _, draft, _ in checked())
    false = [row for row in judged() if row["true"] == "no"]
    assert rows == 426
    assert 100 * len(false) <= FALSE_PER_100 * rows, false
