"""Question sets on disk, and answers to judge."""

import json

import pytest

from bot.answering.model import Answer, Kind, Source
from bot.evaluation.cases import read_cases
from bot.evaluation.judging import evaluate
from catalogue_index.areas import national_areas


def source(type="faq", title="题", **locator):
    return Source(
        type, "d", "文件", "44", "广东省", "2020", title, "词句", True, "/", {"number": 1} | locator
    )


def answer(*sources, text="词句", choices=(), related=(), kind=Kind.ANSWER, route="faq", sure=0.5):
    return Answer(kind, route, text, sure, sources, choices, related, ("因为",))


@pytest.fixture
def write_set(tmp_path):
    """Writes a question set: lines as mappings; each asks “问” unless it says otherwise."""

    def write(*lines, name="题.jsonl", folder=tmp_path):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "\n".join(json.dumps({"question": "问"} | dict(line)) for line in lines)
        path.write_text(text + "\n", "utf-8")
        return path

    return write


@pytest.fixture
def outcomes(write_set):
    """What comes of (line, answer) pairs."""

    def outcomes(*pairs):
        cases = read_cases(write_set(*(line for line, _ in pairs)), national_areas())
        given = iter([given for _, given in pairs])
        return evaluate(cases, lambda _: next(given))

    return outcomes
