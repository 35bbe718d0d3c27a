"""What became of a push: every figure opens the list of those whom it counts; those not reached are called up."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from bot.deliveries.reports import counting, listing, tables
from bot.deliveries.reports.model import (
    AGGREGATE,
    EXCLUDED,
    NAMES,
    NOT_REACHED,
    REACHED,
    Call,
    Chosen,
    Count,
    Pace,
    Report,
)
from bot.operations.remembered import Remembered
from catalogue_index import privacy

from .console import Console, Done, NotHere, Posted, Visit
from .downloads import download
from .express import ExpressPages

FRESH, LONGEST = 10, 60
"""Seconds after which a report is counted anew, and after which an older one is not shown: of a hundred thousand people
it takes half a second on SQLite."""

_A_PAGE = 50
_LAST_HOUR = 4_102_416_000
"""The last hour of 2099: later ones are nobody's."""
_CALL_COLUMNS = ("标识", "电话", "地区", "结果")
_WHO = {
    "worker": "发送程序",
    "receipt": "回执",
    "poll": "查询结果",
    "sweep": "自动核对",
    "reconciler": "自动核对",
}
"""Who moves letters, by the beginning of their names in the ledger."""
_NAMED = {"reached": REACHED, "not_reached": NOT_REACHED}
"""Groups of outcomes by the name that addresses use."""

_BLOCKS: Mapping[str, tuple[str, Callable[[Count], Sequence[str]]]] = {
    "channel": ("按渠道（人，按最好的结果）", lambda one: (one.channel,)),
    "area": ("按地区（人）", lambda one: (one.area,)),
    "why": ("按人群和原因（人，一人可有几条）", lambda one: one.why),
}
"""How people are told apart, by the name that addresses use."""


@dataclass(frozen=True, slots=True)
class _Speed:
    """People reached by hour, and in how many seconds half of them and nearly all were: what a page shows of a pace."""

    hours: Mapping[int, int]
    half: int | None
    nearly_all: int | None


def _speed(pace: Pace) -> _Speed:
    return _Speed(pace.hours(), pace.seconds_to(50), pace.seconds_to(95))


def pages(console: Console, express: ExpressPages) -> None:
    """``/pushes/{id}/report`` and all that it opens into."""
    database = express.database

    def read(ask: Callable[..., Any], *told: Any) -> Any:
        with database.read() as connection:
            return ask(connection, *told)

    def count(key: tuple[str, bool]) -> tuple[Report, _Speed | None]:
        push, by_hour = key
        with database.read() as connection:
            found = counting.report(connection, push)
            return found, _speed(counting.pace(connection, found)) if by_hour else None

    remembered = Remembered(count, console.clock, fresh=FRESH, longest=LONGEST)

    def item_name(block: str, item: str) -> str:
        match block:
            case "channel":
                return str(express.words()["channel_names"].get(item, item)) or "没有"
            case "area":
                return express.area_name(item) if item else "未填"
            case _:
                return item

    @console.get("/pushes/{id}/report", right="notice.see")
    def report(visit: Visit) -> Response:
        push, notice = express.push(visit)
        (found, speed), at = remembered.get((push.id, visit.query("by") == "hour"))
        return visit.page(
            "report.html",
            push=push,
            notice=notice,
            report=found,
            lines={name: many for name, many in found.lines().items() if many},
            blocks={name: (title, found.by(key)) for name, (title, key) in _BLOCKS.items()},
            by_letter=sorted(found.letters.items()),
            speed=speed,
            counted_at=at,
            hour_name=tables.hour_name,
            item_name=item_name,
            names=NAMES,
            good=REACHED,
            bad=NOT_REACHED,
            excluded=EXCLUDED,
            **express.words(),
        )

    @console.get("/pushes/{id}/report.{kind}", right="notice.see")
    def download(visit: Visit) -> Response:
        push, _ = express.push(visit)
        found = read(counting.report, push.id)  # a file is kept: it says how it stands now
        table = list(tables.rows(found, read(counting.pace, found)))
        return _file(visit, f"report-{push.id}", [tables.COLUMNS, *table])

    @console.get("/pushes/{id}/people", right="notice.see")
    def people(visit: Visit) -> Response:
        push, notice = express.push(visit)
        chosen = _chosen(visit)
        found = read(listing.people, push.id, chosen, visit.query("after"), _A_PAGE + 1)
        return visit.page(
            "report_people.html",
            push=push,
            notice=notice,
            people=found[:_A_PAGE],
            more=len(found) > _A_PAGE,
            asked={k: v for k, v in visit.request.query_params.items() if k != "after"},
            told=[*_told(chosen, item_name)],
            names=NAMES,
            **express.words(),
        )

    @console.get("/pushes/{id}/people/{person}", right="notice.see")
    def person(visit: Visit) -> Response:
        push, notice = express.push(visit)
        who = visit.path["person"]
        (found,) = read(listing.people, push.id, Chosen(person=who), "", 1) or [None]
        if found is None:
            raise NotHere
        letters = read(listing.letters_to, push.id, who)
        return visit.page(
            "report_person.html",
            push=push,
            notice=notice,
            person=found,
            ways=[(letter, read(listing.steps_of, letter.id)) for letter in letters],
            names=NAMES,
            mask=privacy.mask,
            who_name=_who,
            **express.words(),
        )

    @console.get("/pushes/{id}/letters", right="notice.see")
    def letters(visit: Visit) -> Response:
        push, notice = express.push(visit)
        channel, state = visit.query("channel"), visit.query("state")
        after = (visit.query("after"), visit.query("then"))
        found = read(listing.letters_of, push.id, channel, state, after, _A_PAGE + 1)
        return visit.page(
            "report_letters.html",
            push=push,
            notice=notice,
            rows=found[:_A_PAGE],
            more=len(found) > _A_PAGE,
            asked={"channel": channel, "state": state},
            names=NAMES,
            aggregate=AGGREGATE,
            **express.words(),
        )

    # --- calling up ---

    def telephones(found: Sequence[Call]) -> Mapping[int, str]:
        return express.reveal(call.address for call in found if call.address is not None)

    def calls_page(visit: Visit, found: Sequence[Call], *, whole: bool) -> Response:
        push, notice = express.push(visit)
        known = telephones(found[:_A_PAGE])
        shown = [(c, listing.telephone(c, known, whole=whole)) for c in found[:_A_PAGE]]
        return visit.page(
            "report_calls.html",
            push=push,
            notice=notice,
            calls=shown,
            more=len(found) > _A_PAGE,
            whole=whole,
            after=visit.query("after"),
            names=NAMES,
            **express.words(),
        )

    @console.get("/pushes/{id}/calls", right="notice.see")
    def calls(visit: Visit) -> Response:
        push, _ = express.push(visit)
        found = read(listing.to_call, push.id, visit.query("after"), _A_PAGE + 1)
        return calls_page(visit, found, whole=False)

    @console.post(
        "/pushes/{id}/calls", right="push.command", does="push.reveal", shows=calls, confirm=True
    )
    def reveal(posted: Posted) -> Done:
        push, _ = express.push(posted.visit)
        found = read(listing.to_call, push.id, posted.visit.query("after"), _A_PAGE + 1)
        page = calls_page(posted.visit, found, whole=True)
        shown = sum(call.address is not None for call in found[:_A_PAGE])
        return Done("", about=f"push:{push.id}", detail=f"显示 {shown} 个电话", response=page)

    @console.get("/pushes/{id}/calls.{kind}", right="notice.see")
    def calls_file(visit: Visit) -> Response:
        push, _ = express.push(visit)
        found = read(listing.to_call, push.id)
        known = telephones(found)
        table = [
            (
                call.person[:16],
                listing.telephone(call, known),
                express.area_name(call.area) if call.area else "",
                NAMES[call.outcome],
            )
            for call in found
        ]
        return _file(visit, f"calls-{push.id}", [_CALL_COLUMNS, *table])


def _chosen(visit: Visit) -> Chosen:
    """Which people an address asks for."""
    asked = visit.request.query_params
    outcome = visit.query("outcome")
    return Chosen(
        outcomes=_NAMED.get(outcome, frozenset({outcome} if outcome else ())),
        channel=asked.get("channel"),
        area=asked.get("area"),
        why=visit.query("why"),
        hour=min(visit.number("hour", digits=18), _LAST_HOUR) or None,
    )


def _told(chosen: Chosen, item_name: Callable[[str, str], str]) -> Iterator[str]:
    """The same in words."""
    if chosen.outcomes:
        yield (
            "、".join(NAMES.get(one, one) for one in NAMES if one in chosen.outcomes)
            or "没有这一类"
        )
    for block, item in (("channel", chosen.channel), ("area", chosen.area), ("why", chosen.why)):
        if item or (item is not None and block != "why"):
            yield item_name(block, item)
    if chosen.hour:
        yield f"{tables.hour_name(chosen.hour)} 首次交付"


def _who(who: str) -> str:
    """By whom something happened, in words: officers by their name."""
    kind, _, name = who.partition(":")
    return name if kind == "officer" else _WHO.get(kind, who)


def _file(visit: Visit, name: str, table: Sequence[Sequence[object]]) -> Response:
    """A table as a file of the kind that the address names."""
    kind = visit.path["kind"]
    if kind not in tables.WRITERS:
        raise NotHere
    return download(tables.WRITERS[kind](table), f"{name}.{kind}")
