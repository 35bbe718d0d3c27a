"""Notices: the list, writing one with suggestions, previews and checks beside it, and taking one back."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Any

from starlette.responses import Response

from bot.notices.attributes import QUESTIONS
from bot.notices.model import (
    OUT,
    Attribute,
    Notice,
    NoticeState,
    Purpose,
    Push,
    PushState,
    Text,
)
from bot.notices.reading import Read, read_text, read_upload
from bot.notices.register import STAGES, Entry
from bot.notices.telling import text_lines
from catalogue_index.errors import Refused

from .console import Console, Done, Posted, Visit
from .express import SUGGESTED_FROM, ExpressPages, sees

_A_PAGE = 50
_UNDECIDED = (PushState.SUBMITTED, PushState.APPROVED)


def pages(console: Console, express: ExpressPages) -> None:
    """``/notices``, ``/notices/new``, ``/notices/{id}`` and what is done from there."""
    notices, approvals = express.notices, express.approvals

    def waits_for(entry: Entry) -> str:
        """Who has to do something about a notice next."""
        match entry.push.state if entry.push else None:
            case PushState.SUBMITTED:
                return approvals.steps[min(entry.steps_done, len(approvals.steps) - 1)]
            case PushState.DRAFT | PushState.REJECTED:
                return "经办提交"
            case None if entry.notice.state is NoticeState.DRAFT:
                return "经办拟推送"
            case _:
                return ""

    def mine(visit: Visit) -> list[Entry]:
        """What waits for just this officer's decision."""
        if not visit.may("push.approve"):
            return []
        waiting = (e for e in express.register.submitted() if sees(visit.officer, e.notice))
        return [
            e for e in waiting if e.push and not approvals.hindrance(e.push.id, visit.officer.name)
        ]

    @console.get("/notices", right="notice.see")
    def notice_list(visit: Visit) -> Response:
        stage, wanted = visit.query("stage"), visit.query("area")
        waiting = mine(visit)
        areas = visit.officer.areas
        if wanted:
            code = express.areas.find(wanted).code
            visit.scoped(code)
            areas = (code,)
        found = express.register.entries(areas, stage, visit.query("after"))
        shown = [*islice((e for e in found if sees(visit.officer, e.notice)), _A_PAGE + 1)]
        return visit.page(
            "notices.html",
            entries=shown[:_A_PAGE],
            more=len(shown) > _A_PAGE,
            waiting=waiting,
            waits_for=waits_for,
            stages={name: words for name, (words, _) in STAGES.items()},
            asked={"stage": stage, "area": wanted},
            **express.words(),
        )

    # --- writing ---

    def beside(text: Text, area: str, id: str = "") -> dict[str, Any]:
        """What stands beside a text: suggestions, previews and checks."""
        said = bool(text.title.strip() or text.body.strip())
        return {
            "suggestion": express.suggest(text.title, text.body[:SUGGESTED_FROM], area)
            if said
            else None,
            "area": area,
            "previews": approvals.preview(text, id) if text.title.strip() else {},
            "findings": approvals.examine(text, id) if said else [],
            **express.words(),
        }

    def form_page(visit: Visit, text: Text, area: str, notice: Notice | None = None) -> Response:
        pushes = notices.pushes(notice.id) if notice else []
        return visit.page(
            "notice_form.html",
            text=text,
            notice=notice,
            attributes=[(one, one) for one in Attribute],
            questions=QUESTIONS,
            voided=[push for push in pushes if push.state in _UNDECIDED],
            area_typed=express.area_name(area) if area else "",
            **beside(_typed(visit, text), _area_typed(visit, area), notice.id if notice else ""),
        )

    def _area_typed(visit: Visit, area: str) -> str:
        typed = next(iter(visit.entered.get("area", ())), "")
        try:
            return express.areas.find(typed).code if typed else area
        except Refused:
            return area

    def own_area(visit: Visit) -> str:
        return visit.officer.areas[0] if visit.officer.areas else ""

    def own_unit(visit: Visit) -> str:
        return visit.officer.units[0] if len(visit.officer.units) == 1 else ""

    @console.get("/notices/new", right="notice.write")
    def new(visit: Visit) -> Response:
        empty = Text("", "", Attribute.ACTIVE, "", issuer=own_unit(visit))
        return form_page(visit, empty, own_area(visit))

    @console.post("/notices/read", right="notice.write", shows=new, changes=False)
    def read(posted: Posted) -> Done:
        found, visit = _read(posted), posted.visit
        text = Text(
            found.title,
            found.body,
            Attribute.ACTIVE,
            "",
            issuer=own_unit(visit),
            number=found.number,
        )
        visit.entered = {}
        return Done("", response=form_page(visit, text, own_area(visit)))

    @console.post("/notices/look", right="notice.write", shows=new, changes=False)
    def look(posted: Posted) -> Done:
        visit, id = posted.visit, posted.text("notice")
        notice = express.notice(visit, id) if id else None
        before = notice.proposed if notice else Text("", "", Attribute.ACTIVE, "")
        area = notice.area if notice else own_area(visit)
        if visit.request.headers.get("hx-request"):
            told = beside(_typed(visit, before), _area_typed(visit, area), id)
            return Done("", response=visit.fragment("notice_beside.html", **told))
        return Done("", response=form_page(visit, before, area, notice))

    @console.post("/notices/new", right="notice.write", shows=new)
    def compose(posted: Posted) -> Done:
        approvals.may_draft(posted.officer.name)
        text, area = _text(posted.text), express.areas.find(posted.text("area")).code
        _refuse_foreign(posted, text, area)
        made = notices.compose(text, area, posted.officer.name)
        return Done(
            f"/notices/{made.id}", "通知已保存。", f"notice:{made.id}", f"{area} {text.title}"
        )

    @console.get("/notices/{id}", right="notice.see")
    def notice_page(visit: Visit) -> Response:
        found = express.notice(visit)
        pushes = notices.pushes(found.id)
        text = found.proposed
        told = beside(text, found.area, found.id)
        lines = text_lines(text)
        lines.pop("正文", None)
        return visit.page(
            "notice.html",
            notice=found,
            text=text,
            lines=lines,
            pushes=pushes,
            out=[push for push in pushes if push.state in OUT],
            first_free=_first_free(found, pushes),
            public_page=approvals.link(found.id),
            **told,
        )

    @console.get("/notices/{id}/edit", right="notice.write")
    def edit_page(visit: Visit) -> Response:
        found = express.notice(visit)
        return form_page(visit, found.proposed, found.area, found)

    @console.post("/notices/{id}/edit", right="notice.write", shows=edit_page)
    def edit(posted: Posted) -> Done:
        found = express.notice(posted.visit)
        approvals.may_draft(posted.officer.name)
        text = _text(posted.text)
        _refuse_foreign(posted, text, found.area)
        edited = notices.edit(found.id, text, posted.text("note"), approvals.reopen)
        said = f"已保存（第 {edited.proposed_version} 版）。"
        return Done(f"/notices/{found.id}", said, f"notice:{found.id}", text.title)

    @console.post("/notices/{id}/recall", right="notice.recall", shows=notice_page, confirm=True)
    def recall(posted: Posted) -> Done:
        found, why = express.notice(posted.visit), posted.text("why")
        approvals.recall(found.id, posted.officer.name, why)
        said = "通知已撤回，公开的页面已经更新，没发出的都不再发。请给已收到的人拟一份撤回说明。"
        return Done(f"/notices/{found.id}", said, f"notice:{found.id}", why)


def _read(posted: Posted) -> Read:
    file, pasted = posted.file("file"), posted.text("pasted")
    if file and file.filename:
        return read_upload(file.file.read(), file.filename)
    if pasted:
        return read_text(pasted)
    raise Refused("请选一个文件，或粘贴正文。")


def _text(typed: Callable[[str], str]) -> Text:
    """The text of a form, by what was typed under each name; raises ``Refused``."""
    return Text(
        title=typed("title"),
        body=typed("body").replace("\r\n", "\n"),
        attribute=_attribute(typed("attribute")),
        url=typed("url"),
        issuer=typed("issuer"),
        number=typed("number"),
        policy=bool(typed("policy")),
        interpretation=typed("interpretation"),
        uninterpreted=typed("uninterpreted"),
        valid_until=_day(typed("valid_until")),
    )


def _typed(visit: Visit, text: Text) -> Text:
    """A text with what was typed in its place, as far as it can be understood."""
    if "title" not in visit.entered:
        return text
    first = {name: values[0].strip() for name, values in visit.entered.items() if values}
    try:
        return _text(lambda name: first.get(name, ""))
    except Refused:
        return replace(text, title=first["title"], body=first.get("body", text.body))


def _attribute(words: str) -> Attribute:
    if words not in set(Attribute):
        raise Refused("请选公开属性：主动公开、依申请公开或不予公开。")
    return Attribute(words)


def _day(words: str) -> date | None:
    try:
        return date.fromisoformat(words) if words else None
    except ValueError:
        raise Refused(f"有效期“{words}”写得不对，应形如 2027-12-31。") from None


def _refuse_foreign(posted: Posted, text: Text, area: str) -> None:
    """What an officer writes stays within their areas and units."""
    if not posted.officer.covers(area):
        raise Refused("这个地区不在您负责的范围内。请改成自己的地区。")
    if not posted.officer.answers_for(text.issuer):
        units = "、".join(posted.officer.units)
        raise Refused(f"发文机关应是您所在的单位（{units}）。请核对。")


def _first_free(notice: Notice, pushes: Iterable[Push]) -> bool:
    """Whether the version at hand may still be sent for the first time."""
    return notice.state is not NoticeState.RECALLED and not any(
        push.version == notice.proposed_version
        and push.purpose is Purpose.FIRST
        and push.state is not PushState.WITHDRAWN
        for push in pushes
    )
