"""A draft of a catalogue checked before it is published. Nothing of it is kept."""

from collections import Counter

from starlette.responses import Response

from bot.clock import CHINA
from bot.knowledge.catalogues import Catalogues
from bot.knowledge.checking import check_draft, guide_of, where
from catalogue_index.areas import Areas
from catalogue_index.checking.rules import SEVERITIES
from catalogue_index.errors import Refused
from catalogue_index.readers import grids_of
from catalogue_index.sectors import national_sectors

from .console import Console, Done, Posted, Visit
from .downloads import download

_SHOWN = 300
"""Findings of one severity on the page; all of them are in the workbook."""


def pages(console: Console, catalogues: Catalogues, areas: Areas) -> None:
    """``/catalogue/check``."""

    @console.get("/catalogue/check", right="draft.check")
    def form(visit: Visit) -> Response:
        mine = visit.officer.areas
        return visit.page(
            "check.html",
            sectors=[(name, name) for name in national_sectors().names],
            area=areas.get(mine[0]).full_name if len(mine) == 1 else "",
        )

    @console.post("/catalogue/check", right="draft.check", shows=form)
    def check(posted: Posted) -> Done:
        file, against = posted.file("file"), posted.file("against")
        if file is None or not file.filename:
            raise Refused("还没有选择要核对的草稿。")
        own = areas.find(posted.text("area")).code if posted.text("area") else ""
        sector = posted.text("sector") or None
        if against and against.filename:
            name = against.filename
            guide = guide_of(grids_of(against.file.read(), name), name, sector)
        else:
            guide = catalogues.published_alike(own)
        today = console.clock().astimezone(CHINA).date()
        data = file.file.read()
        checked = check_draft(data, file.filename, guide, today, area=own, sector=sector)
        detail = f"{len(checked.draft.items)} 个事项，{checked.told or '没有发现问题'}"
        if posted.ticked("xlsx"):
            name = f"{file.filename.rpartition('.')[0]}-核对结果.xlsx"
            response: Response = download(checked.annotated(), name)
        else:
            response = posted.visit.page(
                "checked.html",
                name=file.filename,
                checked=checked,
                severities=SEVERITIES,
                counts=Counter(checked.counts),
                shown={
                    severity: [f for f in checked.findings if f.severity == severity][:_SHOWN]
                    for severity in SEVERITIES
                },
                place=where,
                quoted=list(dict.fromkeys(f.quotation for f in checked.findings)),
            )
        return Done("/catalogue/check", detail=detail, response=response)
