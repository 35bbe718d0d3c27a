"""What is answered from: documents in force, uploads looked through before somebody publishes them, versions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from starlette.responses import Response

from bot.knowledge.corrections import LEFT_OUT, WHOLE_ROW, Correction
from bot.knowledge.history import Difference, difference
from bot.knowledge.library import Knowledge
from bot.knowledge.office import Stored
from bot.knowledge.proposals import (
    KINDS,
    STATES,
    Examined,
    Proposal,
    ProposalRefused,
    Proposals,
    Reading,
)
from bot.knowledge.service import KnowledgeService, Published, Step, WouldBeWorse
from bot.knowledge.telling import form_only, sentences
from bot.knowledge.versions import Publication, UnknownVersion
from catalogue_index.areas import Areas
from catalogue_index.errors import Refused
from catalogue_index.importing import Finding, Report
from catalogue_index.model import COLUMNS, Document, Item
from catalogue_index.sectors import national_sectors
from catalogue_index.snapshot import SnapshotReader

from .console import Console, Done, NotHere, Posted, Visit, whole
from .downloads import download
from .jobs import Job, Jobs, settled

_ROWS = 20
"""Rows of a report on a page: each can be opened and put right."""

_VERSIONS = 10
"""Publications on a page."""

_FINDINGS = {"doubtful": "存疑", "done": "已处理", "repaired": "已自动修正", "dropped": "未收"}
"""Parts of an import report, as people call them."""


_DECIDED = {WHOLE_ROW: "核对无误", LEFT_OUT: "不收这一行"}
"""Decisions on a whole row, in words."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a catalogue with what the report says of it: ``number`` counts items from 1, ``item`` is ``None`` for what
    is no item (a whole sheet, a row that was dropped)."""

    sheet: str
    row: int
    findings: tuple[Finding, ...]
    number: int = 0
    item: Item | None = None
    as_read: Item | None = None
    corrections: tuple[Correction, ...] = ()


def pages(
    console: Console,
    current: Callable[[], Knowledge],
    service: KnowledgeService,
    proposals: Proposals,
    areas: Areas,
) -> None:
    """``/knowledge`` and everything below it."""
    readings: Jobs[Reading] = Jobs()
    looks: Jobs[Examined] = Jobs()
    publications: Jobs[tuple[str, Published]] = Jobs()

    @lru_cache(maxsize=256)
    def documents_of(version: str) -> dict[str, Document]:
        """A version never changes: what was read once need not be read again."""
        return {d.id: d for d, _ in service.versions.load(version, _documents)}

    @lru_cache(maxsize=16)
    def differing(before: str, after: str) -> Difference:
        """How one version differs from another, for the same reason."""
        readers = [
            service.versions.load(name, lambda _, reader: reader) for name in (before, after)
        ]
        return difference(*readers)

    # --- what is in force ---

    @console.get("/knowledge", right="knowledge.see")
    def overview(visit: Visit) -> Response:
        knowledge = current()
        known = set(service.documents.ids())
        mine = [d for d in knowledge.documents.values() if d.id in known]
        builtin = [d for d in knowledge.documents.values() if d.id not in known]
        published = [p for p in service.versions.publications() if p.name == knowledge.version]
        return visit.page(
            "knowledge.html",
            knowledge=knowledge,
            published=published[-1] if published else None,
            office=[(d, service.documents.stored(d.id)) for d in reversed(mine)],
            official=[d for d in builtin if d.kind != "catalogue"],
            references=sum(d.kind == "catalogue" for d in builtin),
            uploads=[p for p in proposals.all() if visit.officer.covers(p.area)],
            kinds=KINDS,
            states=STATES,
        )

    @console.get("/knowledge/documents/{id}", right="knowledge.see")
    def document(visit: Visit) -> Response:
        knowledge, id = current(), visit.path["id"]
        stored = service.documents.stored(id) if id in service.documents.ids() else None
        shown = knowledge.documents.get(id) or (stored.document if stored else None)
        if shown is None:
            raise NotHere("没有这份文件。")
        return visit.page(
            "document.html",
            document=shown,
            stored=stored,
            holds=id in knowledge.documents,
            entries=knowledge.entries_of(id),
            passages=knowledge.passages_of(id),
            items=len(knowledge.items_of(id)),
            text=knowledge.text(id),
            kinds=KINDS,
            columns=COLUMNS,
            decided=_DECIDED,
        )

    @console.get("/knowledge/documents/{id}/file", right="knowledge.see")
    def document_file(visit: Visit) -> Response:
        stored = _stored(service, visit.path["id"])
        visit.scoped(stored.document.area)
        path = service.documents.file(stored)
        return download(path.read_bytes(), stored.file_name)

    # --- uploads ---

    def found(visit: Visit) -> Proposal:
        try:
            proposal = proposals.find(visit.path["id"])
        except ProposalRefused as refused:
            raise NotHere(str(refused)) from None
        visit.scoped(proposal.area)
        return proposal

    @console.get("/knowledge/upload", right="knowledge.import")
    def upload(visit: Visit) -> Response:
        mine = visit.officer.areas
        return visit.page(
            "upload_new.html",
            kinds=KINDS,
            sectors=[(name, name) for name in national_sectors().names],
            area=areas.get(mine[0]).full_name if len(mine) == 1 else "",
        )

    @console.post("/knowledge/upload", right="knowledge.import", shows=upload)
    def add(posted: Posted) -> Done:
        file = posted.file("file")
        if file is None or not file.filename:
            raise ProposalRefused("还没有选择文件。")
        where = areas.find(posted.text("area"))
        if not posted.officer.covers(where.code):
            raise ProposalRefused(
                f"“{where.name}”不在您负责的地区内，不能上传。请核对地区，或请管理员调整账号。"
            )
        proposal = proposals.add(
            posted.officer.name,
            file.filename,
            file.file,
            kind=posted.text("kind"),
            area=where.code,
            sector=posted.text("sector") if posted.text("kind") == "catalogue" else "",
            title=posted.text("title") if posted.text("kind") != "catalogue" else "",
        )
        reading = read(proposal)
        if reading.waited() and reading.refused:
            # Nothing can be done with it: told beside the form, it need not lie about.
            proposals.remove(proposal.id)
            raise reading.refused
        if not reading.running:
            look(proposal)
        detail = f"{KINDS[proposal.kind]}“{proposal.file_name}”，{proposal.area_name}"
        said = "已收下，还没有发布。请看过读取结果，再送审。"
        return Done(_at(proposal), said, _about(proposal), detail)

    def read(proposal: Proposal) -> Job[Reading]:
        known = readings.of(proposal.id)
        return known or readings.start(proposal.id, lambda _: proposals.reading(proposal))

    def look(proposal: Proposal) -> Job[Examined]:
        return looks.start(proposal.id, partial(proposals.examine, proposal.id))

    @console.get("/knowledge/uploads/{id}", right="knowledge.see")
    def review(visit: Visit) -> Response:
        if document := proposals.document(visit.path["id"]):
            said = "已发布，正在运行的服务随即换用。"
            return console.redirect(visit.request, f"/knowledge/documents/{document}", said)
        proposal = found(visit)
        reading, publishing = read(proposal), publications.of(_seen(proposal))
        finished = reading.waited()
        shown: dict[str, Any] = {
            "proposal": proposal,
            "kinds": KINDS,
            "states": STATES,
            "columns": COLUMNS,
            "decided": _DECIDED,
            "parts": _FINDINGS,
            "trouble": str(reading.refused or ""),
            "reading": None,
            "publishing": publishing if publishing and publishing.running else None,
            "refused": publishing.refused if publishing and not publishing.running else None,
            "mine": visit.officer.name in proposal.hands,
        }
        if not finished:
            return visit.page("upload_reading.html", job=reading, **shown)
        if not reading.refused:
            shown |= _report(visit, proposal, proposals.reading(proposal))
        return visit.page("upload.html", **shown, **impact_of(proposal, bool(reading.refused)))

    def impact_of(proposal: Proposal, unreadable: bool) -> dict[str, Any]:
        """What publishing would do to answers, as far as it is known; asked for where nobody has asked yet."""
        examined, job = proposals.examined(proposal), looks.of(proposal.id)
        if not unreadable and examined is None and job is None:
            job = look(proposal)
        return {
            "examined": examined,
            "up_to_date": examined is not None and proposals.is_current(proposal, examined),
            "job": job,
        }

    @console.get("/knowledge/uploads/{id}/progress", right="knowledge.see")
    def progress(visit: Visit) -> Response:
        id = visit.path["id"]
        lying = [one for one in proposals.all() if one.id == id and visit.officer.covers(one.area)]
        jobs: list[Job[Any] | None] = [readings.of(id), looks.of(id)] if lying else []
        jobs += [publications.of(_seen(one)) for one in lying]
        running = next((job for job in jobs if job and job.running), None)
        response = visit.fragment("upload_progress.html", step=running.step if running else "")
        if running is None:
            response.headers["HX-Refresh"] = "true"
        return response

    @console.get("/knowledge/uploads/{id}/file", right="knowledge.see")
    def upload_file(visit: Visit) -> Response:
        proposal = found(visit)
        return download(proposals.file(proposal).read_bytes(), proposal.file_name)

    @console.post(
        "/knowledge/uploads/{id}/row",
        right="knowledge.import",
        does="knowledge.correct",
        shows=review,
    )
    def correct(posted: Posted) -> Done:
        proposal, number = found(posted.visit), posted.text("n")
        cells = {
            name: posted.text(f"{name}-{number}")
            for name in COLUMNS
            if f"{name}-{number}" in posted.form
        }
        row, known = (whole(posted.text(name)) for name in ("row", "known"))
        sheet = _untrimmed(posted, "sheet")
        who = posted.officer.name
        if posted.ticked("leave_out"):
            after = proposals.leave_out(proposal.id, who, sheet, row, known)
        else:
            after = proposals.correct(proposal.id, who, sheet, row, cells, known)
        made = after.corrections[len(proposal.corrections) :]
        what = "、".join(COLUMNS.get(one.attribute) or _DECIDED[one.attribute] for one in made)
        detail = f"{proposal.file_name} 第{row}行：{what}"
        said = f"第 {row} 行已保存：{what}。"
        back = f"{_at(proposal)}?show={posted.text('show')}&page={whole(posted.text('page'))}"
        return Done(back, said, _about(proposal), detail)

    @console.post(
        "/knowledge/uploads/{id}/examine",
        right="draft.check",
        does="knowledge.examine",
        shows=review,
    )
    def examine(posted: Posted) -> Done:
        proposal = found(posted.visit)
        look(proposal).waited()
        return Done(_at(proposal) + "#impact", about=_about(proposal), detail=proposal.file_name)

    @console.post(
        "/knowledge/uploads/{id}/submit",
        right="knowledge.import",
        does="knowledge.submit",
        shows=review,
    )
    def submit(posted: Posted) -> Done:
        proposal = found(posted.visit)
        after = proposals.submit(proposal.id, whole(posted.text("revision")))
        look(after)
        return Done(
            _at(proposal), "已送审，等待另一位同事发布。", _about(proposal), proposal.file_name
        )

    @console.post(
        "/knowledge/uploads/{id}/return",
        right="knowledge.publish",
        does="knowledge.return",
        shows=review,
    )
    def give_back(posted: Posted) -> Done:
        proposal = found(posted.visit)
        note = posted.text("note")
        proposals.give_back(proposal.id, posted.officer.name, note)
        return Done("/knowledge", "已退回给经办人修改。", _about(proposal), note)

    @console.post(
        "/knowledge/uploads/{id}/remove",
        right="knowledge.import",
        does="knowledge.remove",
        shows=review,
    )
    def remove(posted: Posted) -> Done:
        proposal = found(posted.visit)
        if (job := publications.of(_seen(proposal))) and job.running:
            raise ProposalRefused("这份文件正在发布，不能移除。请等发布结束再看。")
        proposals.remove(proposal.id)
        said = f"已移除上传的“{proposal.file_name}”，没有发布。"
        return Done("/knowledge", said, _about(proposal), proposal.file_name)

    @console.post(
        "/knowledge/uploads/{id}/publish", right="knowledge.publish", shows=review, confirm=True
    )
    def publish(posted: Posted) -> Done:
        proposal = found(posted.visit)
        work = partial(
            _publish,
            proposals,
            proposal,
            posted.officer.name,
            whole(posted.text("revision")),
            posted.ticked("accept"),
        )
        job = publications.start(_seen(proposal), work)

        def published(result: tuple[str, Published]) -> Done:
            said = f"已发布“{proposal.file_name}”，正在运行的服务随即换用。"
            return Done(f"/knowledge/documents/{result[0]}", said, _about(proposal), _told(*result))

        begun = Done(
            _at(proposal), "正在发布。", _about(proposal), f"开始发布“{proposal.file_name}”"
        )
        return settled(posted, job, "knowledge.publish", begun, published)

    # --- versions ---

    def changed(before: str, after: str) -> tuple[list[Document], list[Document]] | None:
        """The documents that came and went between two versions; ``None`` where one of them cannot be read any more."""
        try:
            old, new = documents_of(before), documents_of(after)
        except Refused:
            return None
        return (
            [d for name, d in new.items() if name not in old],
            [d for name, d in old.items() if name not in new],
        )

    @console.get("/knowledge/versions", right="knowledge.see")
    def versions(visit: Visit) -> Response:
        every = service.versions.publications()
        end = visit.number("before") or len(every)
        shown = [
            (number, one, changed(every[number - 1].name, one.name) if number else None)
            for number, one in enumerate(every[:end])
        ][-_VERSIONS:]
        back = service.versions.one_before()
        return visit.page(
            "versions.html",
            publications=shown[::-1],
            more=shown[0][0] if shown and shown[0][0] else 0,
            newest=len(every) - 1,
            every=every,
            back=_named(every, back) if back else None,
            current=service.versions.current(),
            kinds=KINDS,
        )

    @console.get("/knowledge/versions/diff", right="knowledge.see")
    def diff(visit: Visit) -> Response:
        before, after = visit.query("from"), visit.query("to")
        for name in (before, after):
            service.versions.known(name)
        found = differing(before, after)
        every = service.versions.publications()
        return visit.page(
            "versions_diff.html",
            before=_named(every, before),
            after=_named(every, after),
            difference=found,
            told=[
                (one, list(sentences(one.comparison)), form_only(one.comparison))
                for one in found.catalogues
            ],
            kinds=KINDS,
        )

    @console.post(
        "/knowledge/versions/rollback",
        right="knowledge.publish",
        does="knowledge.rollback",
        shows=versions,
        confirm=True,
    )
    def rollback(posted: Posted) -> Done:
        now, back = service.versions.current(), service.versions.one_before()
        if now is None or back is None or posted.text("to") != back:
            raise UnknownVersion("版本刚刚有变化，没有退回。请看过最新的版本列表再决定。")
        both = changed(back, now)
        touched = [d for documents in both or () for d in documents]
        if outside := [d for d in touched if not posted.officer.covers(d.area)]:
            raise ProposalRefused(
                f"这一版还改动了{outside[0].area_name}的文件，不在您负责的地区内，没有退回。"
                "只退回一个领域的目录，请到“标准目录”的版本里操作。"
            )
        name = service.rollback(back)
        said = "已退回上一版，正在运行的服务随即换用。"
        return Done("/knowledge/versions", said, f"knowledge:{name}", f"{now} → {name}")


def _documents(_: str, reader: SnapshotReader) -> list[tuple[Document, str]]:
    return reader.documents()


def _publish(
    proposals: Proposals, proposal: Proposal, who: str, revision: int, accept: bool, step: Step
) -> tuple[str, Published]:
    try:
        return proposals.publish(proposal.id, who, revision, accept_worse=accept, step=step)
    except WouldBeWorse as error:
        examined = proposals.examined(proposal)
        if examined is None or not proposals.is_current(proposal, examined):
            proposals.examine(proposal.id, step)
        raise ProposalRefused(
            f"没有发布，也没有改动：发布后，原来答对的 {len(error.worse)} 道题会答不对。"
            "请看过下面的清单；确认可以这样的，勾选后再发布。"
        ) from None


def _told(document: str, published: Published) -> str:
    """A publication for the record."""
    accepted = f"，接受变差的题 {len(published.worse)} 道" if published.worse else ""
    return f"{document}，知识版本 {published.version}{accepted}"


def _report(visit: Visit, proposal: Proposal, reading: Reading) -> dict[str, Any]:
    """What was read, and the rows of the part of the report that is asked for."""
    report = reading.report
    rows = _rows(proposal, reading, report) if report else {}
    open_part = next((name for name in _FINDINGS if rows.get(name)), "doubtful")
    part = visit.query("show", open_part)
    shown = rows.get(part, [])
    page = min(visit.number("page", 1) or 1, max(1, -(-len(shown) // _ROWS)))
    return {
        "reading": reading,
        "report": report,
        "counts": {name: len(found) for name, found in rows.items()},
        "part": part,
        "rows": shown[(page - 1) * _ROWS : page * _ROWS],
        "number_of_page": page,
        "pages": -(-len(shown) // _ROWS),
    }


def _rows(proposal: Proposal, reading: Reading, report: Report) -> dict[str, list[Row]]:
    as_read = {_place(item): (n, item) for n, item in enumerate(reading.as_read, 1)}
    items = {_place(item): item for item in reading.content.items}
    made: dict[tuple[str, int], list[Correction]] = {}
    for one in proposal.corrections:
        made.setdefault(one.place, []).append(one)

    def rows(findings: Sequence[Finding]) -> list[Row]:
        by_place: dict[tuple[str, int], list[Finding]] = {}
        for finding in findings:
            by_place.setdefault((finding.place.sheet, finding.place.row), []).append(finding)
        return [row(place, found) for place, found in by_place.items()]

    def row(place: tuple[str, int], found: Sequence[Finding]) -> Row:
        number, item = as_read.get(place, (0, None))
        done = tuple(made.get(place, ()))
        return Row(*place, tuple(found), number, items.get(place, item), item, done)

    doubtful = rows(report.doubtful)
    told = {(one.sheet, one.row) for one in doubtful}
    return {
        "doubtful": [one for one in doubtful if not one.corrections],
        "done": [
            *(one for one in doubtful if one.corrections),
            *(row(place, ()) for place in made if place not in told),
        ],
        "repaired": rows(report.repaired),
        "dropped": rows(report.dropped),
    }


def _place(item: Item) -> tuple[str, int]:
    return item.place.sheet, item.place.row


def _stored(service: KnowledgeService, id: str) -> Stored:
    if id not in service.documents.ids():
        raise NotHere("没有这份文件。")
    return service.documents.stored(id)


def _named(every: Sequence[Publication], name: str) -> Publication:
    """The last publication of a version."""
    return next((one for one in reversed(every) if one.name == name), Publication(name))


def _at(proposal: Proposal) -> str:
    return f"/knowledge/uploads/{proposal.id}"


def _seen(proposal: Proposal) -> str:
    """A proposal as it was seen: what was refused of it is not told once it has changed."""
    return f"{proposal.id}:{proposal.revision}"


def _about(proposal: Proposal) -> str:
    return f"upload:{proposal.id}"


def _untrimmed(posted: Posted, name: str) -> str:
    """A field to the letter: names of sheets may begin with a blank."""
    value = posted.form.get(name, "")
    return value if isinstance(value, str) else ""
