"""The citizen's pages: ask at ``/``, read at ``/faq/{id}``, ``/items/{id}`` and ``/sources/{id}``.

Every page is whole without JavaScript; the script only saves reloading. Nothing asked is logged; what is kept of it,
``record`` decides, once the answer is on its way.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from fastapi import APIRouter, BackgroundTasks
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.answering.model import Answer, Question
from catalogue_index.areas import Area, Areas, chain
from catalogue_index.model import Document, Item

from . import api
from .asking import Unaskable, askable, context_of
from .card import card
from .pages import ASSETS, Pages
from .places import Found, Places
from .preferences import AREA_COOKIE
from .published import Published
from .reading import paragraphs


def router(
    answer: Callable[[Question], Answer],
    record: api.Record,
    knowledge: Callable[[], Published],
    areas: Areas,
    *,
    default_area: str | None,
    site_name: str,
    examples: Mapping[str, Sequence[str]],
) -> APIRouter:
    """Pages, ``/api/ask`` and their files.

    ``knowledge`` gives the version in force at each call. ``default_area`` is the code used until a
    visitor chooses another. ``examples`` are the welcome questions by who usually asks them:
    ``{"群众常问": ["…"]}``. Raises ``UnknownArea`` for a ``default_area`` not in ``areas``.
    """
    pages = Pages(site_name)
    home = areas.get(default_area) if default_area else None
    routes = APIRouter()
    # Link checkers ask with HEAD.
    shown = partial(routes.api_route, methods=["GET", "HEAD"], include_in_schema=False)
    routes.mount(ASSETS, pages.assets, name="web-assets")
    routes.include_router(api.router(answer, record, knowledge, areas, pages, home))

    def places() -> Places:
        return Places(areas, knowledge().documents.values())

    def remembered(request: Request) -> Area | None:
        code = request.cookies.get(AREA_COOKIE)
        return (places().find(code).area if code else None) or home

    @shown("/")
    def chat(
        request: Request,
        later: BackgroundTasks,
        q: str = "",
        area: str = "",
        context: str = "",
        tapped: str = "",
    ) -> HTMLResponse:
        found = places().find(area) if area.strip() else Found()
        here = found.area or remembered(request)
        asked, problem, status, given = "q" in request.query_params, found.problem, 200, None
        if asked and not (found.problem or found.candidates):
            try:
                question = Question(askable(q), here.code if here else None, context_of(context))
                answered = answer(question)
                given = card(answered)
                if request.method == "GET" and not tapped:
                    later.add_task(record, question, answered)
            except Unaskable as refused:
                problem, status = str(refused), refused.status
        elif asked or problem:
            status = 422
        return pages.page(
            request,
            "chat.html",
            status=status,
            chosen=found.area,
            area=here,
            found=found,
            area_asked=area,
            question=q.strip() if asked else "",
            card=given,
            problem=problem,
            places=places().with_documents(),
            own_places=places().with_own_documents(),
            examples=examples,
        )

    @shown("/faq/{entry_id}")
    def faq_page(request: Request, entry_id: str) -> HTMLResponse:
        known = knowledge()
        entry = known.entry(entry_id)
        if entry is None:
            return pages.missing(request)
        return pages.page(
            request,
            "faq.html",
            entry=entry,
            before=known.entry(f"{entry.document}-{entry.number - 1}"),
            after=known.entry(f"{entry.document}-{entry.number + 1}"),
            **_bearing(known.documents[entry.document], remembered(request)),
        )

    @shown("/items/{item_key}")
    def item_page(request: Request, item_key: str) -> HTMLResponse:
        found = knowledge().item(item_key)
        if found is None:
            return pages.missing(request)
        document, item = found
        return pages.page(
            request,
            "item.html",
            item=item,
            item_key=item_key,
            **_bearing(document, remembered(request)),
        )

    @shown("/sources/{document_id}")
    def source_page(request: Request, document_id: str) -> HTMLResponse:
        known = knowledge()
        document = known.documents.get(document_id)
        if document is None:
            return pages.missing(request)
        entries = known.entries_of(document_id)
        text = known.text(document_id)
        return pages.page(
            request,
            "source.html",
            paragraphs=paragraphs(text, known.passages_of(document_id), entries),
            entries=entries,
            sectors=_by_sector(document_id, known.items_of(document_id)),
            **_bearing(document, remembered(request)),
        )

    return routes


def _bearing(document: Document, area: Area | None) -> dict[str, Any]:
    """The document, and whether it binds the visitor's area (design §4)."""
    binding = document.area in chain(area.code) if area else not document.reference
    return {"document": document, "binding": binding}


def _by_sector(document_id: str, items: Sequence[Item]) -> list[tuple[str, list[tuple[str, Item]]]]:
    named = [(f"{document_id}-{ordinal}", item) for ordinal, item in enumerate(items, start=1)]
    return [
        (sector or "未注明领域", list(rows))
        for sector, rows in groupby(named, key=lambda pair: pair[1].sector)
    ]
