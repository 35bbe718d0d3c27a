"""Questions that were not answered, and what becomes of them: proposals, and their review by somebody else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.responses import Response

from bot.answering.explaining import Explanation
from bot.answering.model import Question
from bot.knowledge.edits import Edit, EditRefused, LocalEntry, State
from bot.knowledge.examination import Examination
from bot.knowledge.exchanging import KINDS, STATES
from bot.knowledge.service import Published, Step
from bot.questions.desk import Desk, DeskRefused
from bot.questions.groups import Ending, Key, Order
from bot.questions.near import Cluster
from catalogue_index.areas import Areas

from .console import Console, Done, NotHere, Posted, Visit
from .jobs import Job, Jobs, settled

ORDERS: Mapping[Order, str] = {Order.COUNT: "问得最多的", Order.LAST: "最近问的"}
WANTING: Mapping[str, str] = {"unanswered": "没有找到", "choices": "给了几个选项"}
ENDINGS: Mapping[Ending, str] = {
    Ending.ALIAS: "补了问法",
    Ending.ENTRY: "写了答疑",
    Ending.DECLINED: "不予回答",
}
NOWHERE = "-"
"""In an address, the area of questions whose area nobody knows."""

_A_PAGE = 20
_CANDIDATES = 5
_OTHER = "other"
"""The choice of an answer that is not among the candidates."""

Explain = Callable[[Question], Explanation]
Decide = Callable[[str, str, Step], Published | None]
"""A decision on the edit of an id by an officer, whose steps are told."""


def pages(console: Console, desk: Desk, explain: Explain, areas: Areas) -> None:
    """``/desk`` and everything below it."""
    previews: Jobs[Examination] = Jobs()
    decisions: Jobs[Published | None] = Jobs()

    def area_name(code: str) -> str:
        return areas.get(code, code).full_name if code else "地区不明"

    # --- what there is ---

    @console.get("/desk", right="desk.see")
    def overview(visit: Visit) -> Response:
        order = Order.LAST if visit.query("order") == Order.LAST else Order.COUNT
        clusters = desk.open(visit.officer.areas, order)
        start = _after(clusters, visit.query("after"))
        return visit.page(
            "desk.html",
            clusters=clusters[start : start + _A_PAGE],
            more=len(clusters) > start + _A_PAGE,
            groups=desk.open_count(visit.officer.areas),
            waiting=desk.edits(visit.officer.areas, State.PROPOSED),
            order=order,
            orders=ORDERS,
            wanting=WANTING,
            area_name=area_name,
            at=_at,
        )

    @console.get("/desk/closed", right="desk.see")
    def closed(visit: Visit) -> Response:
        before = visit.number("before") or None
        found = desk.closed(visit.officer.areas, _A_PAGE + 1, before)
        return visit.page(
            "desk_closed.html",
            groups=found[:_A_PAGE],
            more=len(found) > _A_PAGE,
            endings=ENDINGS,
            area_name=area_name,
            title_of=desk.title_of,
            at=_at,
        )

    def cluster_at(visit: Visit) -> Cluster:
        area = visit.path["area"]
        key = Key("" if area == NOWHERE else area, visit.path["likeness"])
        visit.scoped(key.area)
        try:
            return desk.cluster(key)
        except DeskRefused as refused:
            raise NotHere(str(refused)) from None

    @console.get("/desk/groups/{area}/{likeness}", right="desk.see")
    def group(visit: Visit) -> Response:
        cluster = cluster_at(visit)
        examples = desk.examples(cluster.head.key)
        words = cluster.head.words or next((one.words for one in examples), "")
        explained = explain(Question(words, cluster.head.key.area or None)) if words else None
        return visit.page(
            "desk_group.html",
            cluster=cluster,
            examples=examples,
            words=words,
            explained=explained,
            wanting=WANTING,
            endings=ENDINGS,
            area_name=area_name,
            title_of=desk.title_of,
            **_form(explained, cluster.head.key.area, area_name),
        )

    # --- the four ways ---

    def keys_of(posted: Posted) -> list[Key]:
        """The group that a form is about, and the near ones that were ticked."""
        cluster = cluster_at(posted.visit)
        ticked = set(posted.texts("near"))
        near = [one.key for one in cluster.near if one.key.likeness in ticked]
        return [cluster.head.key, *near]

    def proposed(edit: Edit) -> Done:
        said = "已提出，等另一位同事审核后生效。"
        return Done(f"/desk/edits/{edit.id}", said, _about(edit), _named(edit))

    def alias_of(posted: Posted, keys: Sequence[Key], area: str) -> Done:
        page = posted.text("page")
        page = posted.text("other") if page in ("", _OTHER) else page
        texts = posted.text("texts").splitlines()
        edit = desk.propose_alias(keys, area, page, texts, posted.officer.name)
        return proposed(edit)

    def entry_of(posted: Posted, keys: Sequence[Key]) -> Done:
        names = ("question", "answer", "title", "number", "date", "url")
        given = LocalEntry(**{name: posted.text(name) for name in names})
        return proposed(desk.propose_entry(keys, own_area(posted), given, posted.officer.name))

    def own_area(posted: Posted) -> str:
        """The area that was typed, which must be the officer's."""
        if not posted.text("area"):
            raise EditRefused("还没有写适用地区。请写县（市、区）的名称或代码。")
        where = areas.find(posted.text("area"))
        if not posted.officer.covers(where.code):
            raise EditRefused(f"“{where.name}”不在您负责的地区内。请核对适用地区。")
        return where.code

    @console.post(
        "/desk/groups/{area}/{likeness}/alias",
        right="desk.propose",
        does="desk.alias",
        shows=group,
    )
    def alias(posted: Posted) -> Done:
        keys = keys_of(posted)
        return alias_of(posted, keys, keys[0].area)

    @console.post(
        "/desk/groups/{area}/{likeness}/entry",
        right="desk.propose",
        does="desk.entry",
        shows=group,
    )
    def entry(posted: Posted) -> Done:
        return entry_of(posted, keys_of(posted))

    @console.post(
        "/desk/groups/{area}/{likeness}/decline",
        right="desk.propose",
        does="desk.decline",
        shows=group,
    )
    def decline(posted: Posted) -> Done:
        keys, note = keys_of(posted), posted.text("note")
        desk.decline(keys, posted.officer.name, note)
        about = f"question_group:{keys[0].area or NOWHERE}/{keys[0].likeness[:12]}"
        return Done("/desk", "已记为不予回答。", about, note)

    @console.get("/desk/new", right="desk.propose")
    def new(visit: Visit) -> Response:
        words, area = visit.query("words"), visit.query("area")
        area = area if area.isdigit() and visit.officer.covers(area) else ""
        explained = explain(Question(words, area or None)) if words else None
        return visit.page(
            "desk_new.html",
            words=words,
            page=visit.query("page"),
            **_form(explained, area or _one(visit.officer.areas), area_name),
        )

    @console.post("/desk/new/alias", right="desk.propose", does="desk.alias", shows=new)
    def new_alias(posted: Posted) -> Done:
        return alias_of(posted, (), own_area(posted))

    @console.post("/desk/new/entry", right="desk.propose", does="desk.entry", shows=new)
    def new_entry(posted: Posted) -> Done:
        return entry_of(posted, ())

    # --- reviewing ---

    @console.get("/desk/edits", right="desk.see")
    def edits(visit: Visit) -> Response:
        return visit.page(
            "desk_edits.html",
            waiting=desk.edits(visit.officer.areas, State.PROPOSED),
            decided=desk.edits(
                visit.officer.areas, State.APPROVED, State.REJECTED, State.WITHDRAWN
            ),
            holding=desk.in_force(),
            kinds=KINDS,
            states=STATES,
            area_name=area_name,
            title_of=desk.title_of,
        )

    def edit_at(visit: Visit) -> Edit:
        try:
            edit = desk.edit(visit.path["id"])
        except EditRefused as refused:
            raise NotHere(str(refused)) from None
        visit.scoped(edit.area)
        return edit

    def preview_of(edit: Edit) -> Job[Examination]:
        """The look at what an edit changes, begun where nobody has begun it for this version yet."""
        name = f"{edit.id}@{desk.version()}"
        return previews.of(name) or previews.start(name, partial(desk.preview, edit))

    @console.get("/desk/edits/{id}", right="desk.see")
    def edit(visit: Visit) -> Response:
        found, deciding = edit_at(visit), decisions.of(visit.path["id"])
        is_open = found.state in (State.PROPOSED, State.APPROVED)
        looking = preview_of(found) if found.state is State.PROPOSED else None
        return visit.page(
            "desk_edit.html",
            edit=found,
            deciding=deciding if deciding and deciding.running else None,
            undone=deciding.refused if deciding and is_open and not visit.problem else None,
            looking=looking if looking and looking.running else None,
            unseen=looking.refused if looking else None,
            examined=looking.result if looking else None,
            holds=desk.holds(found),
            kinds=KINDS,
            states=STATES,
            area_name=area_name,
            title_of=desk.title_of,
            page_of=_page_of,
        )

    @console.get("/desk/edits/{id}/progress", right="desk.see")
    def progress(visit: Visit) -> Response:
        found = edit_at(visit)
        jobs: tuple[Job[Any] | None, ...] = (decisions.of(found.id), preview_of(found))
        running = next((job for job in jobs if job and job.running), None)
        response = visit.fragment("desk_progress.html", step=running.step if running else "")
        if running is None:
            response.headers["HX-Refresh"] = "true"
        return response

    def decided(posted: Posted, does: str, work: Decide, said: str, note: str = "") -> Done:
        """Carry out a decision that makes a version, and wait for it no longer than a page may."""
        found = edit_at(posted.visit)
        job = decisions.start(found.id, partial(work, found.id, posted.officer.name))
        detail = "；".join(filter(None, (_named(found), note)))

        begun = Done(
            f"/desk/edits/{found.id}", "正在生成新的知识版本。", _about(found), f"开始：{detail}"
        )
        return settled(posted, job, does, begun, lambda _: replace(begun, said=said, detail=detail))

    @console.post(
        "/desk/edits/{id}/approve",
        right="desk.review",
        does="desk.approve",
        shows=edit,
        confirm=True,
    )
    def approve(posted: Posted) -> Done:
        return decided(posted, "desk.approve", desk.approve, "已通过，现在生效。")

    @console.post(
        "/desk/edits/{id}/withdraw",
        right="desk.review",
        does="desk.withdraw",
        shows=edit,
        confirm=True,
    )
    def withdraw(posted: Posted) -> Done:
        note = posted.text("note")
        work = partial(desk.withdraw, note=note)
        return decided(posted, "desk.withdraw", work, "已撤下，有关的问题回到待处理。", note)

    @console.post("/desk/edits/{id}/reject", right="desk.review", does="desk.reject", shows=edit)
    def reject(posted: Posted) -> Done:
        found, note = edit_at(posted.visit), posted.text("note")
        desk.reject(found.id, posted.officer.name, note)
        return Done("/desk/edits", "已退回，有关的问题回到待处理。", _about(found), note)


def _form(
    explained: Explanation | None, area: str, area_name: Callable[[str], str]
) -> dict[str, Any]:
    """What the forms of a proposal show: the candidates to choose from, and the area."""
    considered = explained.considered[:_CANDIDATES] if explained else ()
    return {"considered": considered, "other": _OTHER, "area": area_name(area) if area else ""}


def _after(clusters: Sequence[Cluster], likeness: str) -> int:
    """Where the page after a group begins; at the first, where that group is gone."""
    heads = [_place(cluster) for cluster in clusters]
    return heads.index(likeness) + 1 if likeness in heads else 0


def _place(cluster: Cluster) -> str:
    return f"{cluster.head.key.area}.{cluster.head.key.likeness}"


def _at(key: Key) -> str:
    """The address of a group, below ``/desk``."""
    return f"groups/{key.area or NOWHERE}/{key.likeness}"


def _page_of(unit: str) -> str:
    """The public page of a unit of the index; empty for an item, whose name stands for many rows."""
    kind, _, key = unit.partition(":")
    if kind == "faq":
        return f"/faq/{key}"
    document, _, place = key.rpartition("-")
    return f"/sources/{document}#p{place}" if kind == "plan" else ""


def _about(edit: Edit) -> str:
    return f"edit:{edit.id}"


def _named(edit: Edit) -> str:
    said = edit.entry.question if edit.entry else "；".join(edit.texts)
    return f"{KINDS[edit.kind]}：{said[:100]}"


def _one(areas: Sequence[str]) -> str:
    return areas[0] if len(areas) == 1 else ""
