"""The first page: what waits for me, today's questions, pushes under way, the health of the platform."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from bot.notices.model import PUSH_NAMES, PushState
from bot.notices.register import Register
from bot.officers.approving import steps_of
from bot.officers.model import Officer
from bot.operations.overview import SILENT_DAYS, Fact, Overview, Progress
from bot.operations.remembered import Remembered
from bot.operations.tables import KIND_NAMES

from .console import Console, Visit

FRESH, LONGEST = 10, 60
"""Seconds after which progress and health are looked at anew, and after which older ones are not shown."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something that may wait for whoever has ``right``: how many of it, in words, and where it is done."""

    right: str
    said: str
    path: str
    count: Callable[[], int]


def pages(console: Console, overview: Overview, tasks: Callable[[Officer], Sequence[Task]]) -> None:
    """``/``; ``tasks`` are those of an officer, for one look at them."""

    def under_way(areas: tuple[str, ...]) -> list[Progress]:
        return overview.under_way(areas)

    def health(_: None) -> list[Fact]:
        return overview.health()

    progress = Remembered(under_way, console.clock, fresh=FRESH, longest=LONGEST)
    facts = Remembered(health, console.clock, fresh=FRESH, longest=LONGEST)

    @console.get("/", right="home.see")
    def home(visit: Visit) -> Response:
        areas = visit.officer.areas
        today = overview.today(areas)
        mine = [(one, one.count()) for one in tasks(visit.officer) if visit.may(one.right)]
        sees_pushes = visit.may("notice.see")
        return visit.page(
            "home.html",
            mine=[(one, count) for one, count in mine if count],
            kinds=[(name, today.get(kind, 0)) for kind, name in KIND_NAMES.items()],
            pushes=progress.get(areas)[0] if sees_pushes else None,
            push_names=PUSH_NAMES,
            facts=facts.get(None)[0],
            slots=overview.slots(),
            silence=overview.silence(areas) if sees_pushes else None,
            limits=SILENT_DAYS,
        )


def to_approve(register: Register, steps: Sequence[str], officer: Officer) -> int:
    """How many pushes wait for a step that an officer does; of one's own none."""
    does = {step for role in officer.roles for step in steps_of(role, steps)}
    return sum(
        officer.covers(one.notice.area)
        and one.steps_done < len(steps)
        and steps[one.steps_done] in does
        and one.push is not None
        and officer.name not in (one.push.created_by, one.push.submitted_by)
        for one in register.submitted()
    )


def sent_back(register: Register, officer: Officer) -> int:
    """How many pushes of an officer were sent back, and wait to be put right."""
    return sum(
        one.push is not None
        and one.push.state is PushState.REJECTED
        and officer.name in (one.push.created_by, one.push.submitted_by)
        for one in register.entries(officer.areas, "draft")
    )
