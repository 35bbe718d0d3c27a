"""Trying questions: the reply as people read it, and why it is this one."""

from collections.abc import Callable, Mapping, Sequence

from starlette.responses import Response

from bot.answering.explaining import Considered, Explanation
from bot.answering.model import Kind, Question
from bot.dialog.model import Incoming, State, Turn
from bot.evaluation.judging import ROUTES
from catalogue_index.areas import Area, Areas
from catalogue_index.errors import UnknownArea

from .console import Console, Visit

LONGEST = 500
"""Characters of a question."""

OUTCOMES: Mapping[Kind, str] = {
    Kind.ANSWER: "直接答复",
    Kind.CHOICES: "请人从几项里选",
    Kind.DECLINED: "没有答复",
    Kind.HANDOVER: "转人工",
}
SOURCES: Mapping[str, str] = {"faq": "答疑", "catalogue": "目录", "plan": "方案"}

_FIRST, _LIKELY = 3, 0.005
_SURE = ((0.8, "很有把握"), (0.5, "较有把握"), (0.25, "有些像"), (0.05, "不太像"))


def pages(
    console: Console,
    explain: Callable[[Question], Explanation],
    respond: Callable[[Incoming, State | None], Turn],
    areas: Areas,
) -> None:
    """``/tester``."""

    @console.get("/tester", right="tester.use")
    def tester(visit: Visit) -> Response:
        words, context = visit.query("q")[:LONGEST], visit.query("context")[:LONGEST]
        where, trouble = _area(visit.query("area"), areas)
        code = where.code if where else None
        asked = bool(words) and not trouble
        state = State(area=code, last_question=context or None)
        explained = explain(Question(words, code, context or None)) if asked else None
        return visit.page(
            "tester.html",
            words=words,
            context=context,
            area=visit.query("area") or _own_area(visit, areas),
            code=code or "",
            trouble=trouble,
            reply=respond(Incoming("text", words), state).reply if asked else None,
            explained=explained,
            considered=_worth_showing(explained.considered if explained else ()),
            outcomes=OUTCOMES,
            routes=ROUTES,
            sources=SOURCES,
            sure=how_sure,
        )


def how_sure(score: float) -> str:
    """A probability in words."""
    return next((words for least, words in _SURE if score >= least), "几乎不像")


def _worth_showing(considered: Sequence[Considered]) -> list[Considered]:
    """The first few, and every other that was likely at all."""
    return [one for rank, one in enumerate(considered) if rank < _FIRST or one.score >= _LIKELY]


def _area(said: str, areas: Areas) -> tuple[Area | None, str]:
    """The area that is named, or why not."""
    try:
        return (areas.find(said), "") if said else (None, "")
    except UnknownArea as error:
        return None, str(error)


def _own_area(visit: Visit, areas: Areas) -> str:
    """The officer's own area where they have just one, for a page that is opened first."""
    mine = visit.officer.areas if "q" not in visit.request.query_params else ()
    return areas.get(mine[0], mine[0]).full_name if len(mine) == 1 else ""
