"""Figures of a month, drawn and as tables, and as a workbook."""

from collections.abc import Callable, Sequence

from starlette.responses import Response

from bot.operations.months import Month, month_of, written
from bot.operations.remembered import Remembered
from bot.operations.statistics import Figures, Statistics
from bot.operations.tables import KIND_NAMES, tables, workbook

from .console import Console, Visit
from .downloads import download

FRESH, LONGEST = 60, 3600
"""Seconds after which figures are counted anew, and after which older ones are not shown."""

_EARLIEST = 24
"""Months back that can be chosen; questions themselves are kept for thirteen, their counts for good."""

_BARS = 10


def pages(console: Console, statistics: Statistics, area_name: Callable[[str], str]) -> None:
    """``/statistics`` and ``/statistics/workbook``."""

    def count(key: tuple[Month, tuple[str, ...]]) -> Figures:
        return statistics.figures(*key)

    remembered = Remembered(count, console.clock, fresh=FRESH, longest=LONGEST)

    def asked(visit: Visit) -> tuple[Month, str, Figures, int]:
        month = written(visit.query("month")) or month_of(console.clock().date())
        area = visit.query("area")
        if area:
            visit.scoped(area)
        figures, at = remembered.get((month, (area,) if area else visit.officer.areas))
        return month, area, figures, at

    @console.get("/statistics", right="statistics.see")
    def show(visit: Visit) -> Response:
        month, area, figures, at = asked(visit)
        now = month_of(console.clock().date())
        return visit.page(
            "statistics.html",
            month=month,
            months=[(str(one), one.name) for one in map(now.earlier, range(_EARLIEST))],
            area=area,
            areas=_areas(visit.officer.areas, figures, area, area_name),
            figures=figures,
            at=at,
            short_months=[f"{one.month.month}月" for one in figures.asked],
            kinds=[
                (name, figures.asked[-1].kinds.get(kind, 0)) for kind, name in KIND_NAMES.items()
            ],
            sectors=list(figures.sectors.items())[:_BARS],
            tables=tables(figures, area_name, with_words=visit.may("desk.see")),
        )

    @console.get("/statistics/workbook", right="statistics.see")
    def save(visit: Visit) -> Response:
        month, _, figures, _ = asked(visit)
        found = tables(figures, area_name, with_words=visit.may("desk.see"))
        return download(workbook(found), f"statistics-{month}.xlsx")


def _areas(
    own: Sequence[str], figures: Figures, area: str, area_name: Callable[[str], str]
) -> list[tuple[str, str]]:
    """What areas can be chosen: the officer's own, those that something was asked from, and the one chosen."""
    known = dict.fromkeys((*own, *filter(None, figures.areas), *filter(None, (area,))))
    return [("", "全部（我负责的）"), *((code, area_name(code)) for code in known)]
