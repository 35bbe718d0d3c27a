"""Catalogues: what each area publishes, what is wrong or old in it, how it changed, and files of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from starlette.responses import Response

from bot.clock import CHINA
from bot.knowledge.catalogues import (
    FLAWS,
    PLACES,
    Catalogues,
    Flaw,
    Found,
    key_of,
    side_by_side,
    state_of,
)
from bot.knowledge.service import KnowledgeService, WouldBeWorse
from bot.knowledge.telling import called, day_of, form_only, sentences
from catalogue_index.areas import Area, Areas
from catalogue_index.comparing import Comparison, cells_of, compare
from catalogue_index.errors import Refused, UnknownArea
from catalogue_index.exporting.template import template
from catalogue_index.model import COLUMNS, Document, Item
from catalogue_index.sectors import national_sectors
from catalogue_index.versions import (
    RULES,
    CatalogueVersion,
    Stale,
    histories,
    history_of,
    sector_name,
)
from catalogue_index.versions import stale as stale_of

from .console import Console, Done, NotHere, Posted, Visit
from .downloads import download

Search = Callable[[str, str | None, int], list[tuple[str, float]]]
"""Catalogue items near to words, best first, as (id, score)."""

History = list[tuple[CatalogueVersion, tuple[tuple[str, str, str], ...], bool]]
"""The versions in which an item stood, the newest first: what changed in each, and whether it came in it."""

_ITEMS = 50
"""Items on a page."""

_FOUND = 30
"""Items that a search shows."""

_STALE_DAYS = 365
_LONGEST_WORDS = 100


def pages(
    console: Console,
    catalogues: Catalogues,
    service: KnowledgeService,
    search: Search,
    areas: Areas,
) -> None:
    """``/catalogue`` and everything below it but the check of drafts."""

    def area_of(visit: Visit) -> Area:
        """The area that the address names; ``NotHere`` for one that we have no catalogue of."""
        code = visit.path["area"]
        documents = catalogues.documents(code)
        known = documents[0].area_name if documents else ""
        try:
            return areas.get(code, known)
        except UnknownArea:
            raise NotHere("没有这个地区的目录。") from None

    def item_of(visit: Visit) -> Found:
        found = catalogues.item(visit.path["key"])
        if found is None:
            raise NotHere("没有这个事项：可能写错了编号。")
        return found

    def today() -> date:
        return console.clock().astimezone(CHINA).date()

    def of_mine(visit: Visit, item: Item) -> bool:
        """Whether an item is to be mended by this officer's units."""
        return visit.officer.answers_for(item.discloser or "")

    # --- finding ---

    @console.get("/catalogue", right="knowledge.see")
    def overview(visit: Visit) -> Response:
        words = visit.query("q")[:_LONGEST_WORDS]
        code = visit.query("area")
        held: dict[str, list[Document]] = {}
        for document in catalogues.documents():
            held.setdefault(document.area, []).append(document)
        mine = visit.officer.areas
        places = [
            (code, documents[0].area_name, documents, any(not d.reference for d in documents))
            for code, documents in held.items()
        ]
        own = [p for p in places if p[3] or (mine and visit.officer.covers(p[0]))]
        hits = search(words, code if code in held else None, _FOUND) if words else []
        found = [found for key, _ in hits if (found := catalogues.item(key))]
        return visit.page(
            "catalogue.html",
            own=own,
            others=sorted((p for p in places if p not in own), key=lambda p: p[0]),
            words=words,
            area=code,
            found=found,
            key_of=key_of,
            called=called,
            names=[(name, name) for name in national_sectors().names],
        )

    @console.get("/catalogue/areas/{area}", right="knowledge.see")
    def area(visit: Visit) -> Response:
        where = area_of(visit)
        sectors = catalogues.by_sector(where.code)
        flaws = Counter(
            one.finding.rule
            for one in catalogues.flaws(where.code, today())
            if of_mine(visit, one.found[2])
        )
        return visit.page(
            "catalogue_area.html",
            area=where,
            sectors=[
                (sector, len(found), len({i.category for _, _, i in found}), found[0][0])
                for sector, found in sectors.items()
            ],
            flaws=flaws,
            kinds=FLAWS,
        )

    @console.get("/catalogue/areas/{area}/items", right="knowledge.see")
    def items(visit: Visit) -> Response:
        where = area_of(visit)
        asked = {name: visit.query(name) for name in ("sector", "category", "flaw", "unit", "q")}
        every = list(catalogues.everything(where.code))
        flaws: dict[str, list[Flaw]] = {}
        for flaw in catalogues.flaws(where.code, today()):
            flaws.setdefault(key_of(flaw.found), []).append(flaw)
        matching = [
            found
            for found in every
            if _matches(asked, found)
            and (not asked["flaw"] or _has(asked["flaw"], flaws.get(key_of(found), ())))
            and (not asked["flaw"] or of_mine(visit, found[2]))
        ]
        start = min(visit.number("from"), len(matching))
        of_sector = [f for f in every if asked["sector"] in ("", sector_name(f[2].sector))]
        return visit.page(
            "catalogue_items.html",
            area=where,
            asked=asked,
            count=len(matching),
            shown=matching[start : start + _ITEMS],
            start=start,
            further=start + _ITEMS if start + _ITEMS < len(matching) else 0,
            flaws=flaws,
            kinds=FLAWS,
            sectors=_options(sector_name(f[2].sector) for f in every),
            categories=_options(f[2].category or "" for f in of_sector),
            units=_options(f[2].discloser or "" for f in of_sector),
            key_of=key_of,
        )

    # --- one item ---

    @lru_cache(maxsize=256)
    def history(_: str | None, key: str) -> History:
        """The history of an item, which stays the same as long as the version in force does."""
        found = catalogues.item(key)
        return _history(service, catalogues, found) if found else []

    @console.get("/catalogue/items/{key}", right="knowledge.see")
    def item(visit: Visit) -> Response:
        found = item_of(visit)
        document, _, row = found
        steps = history(service.versions.current(), key_of(found))
        return visit.page(
            "catalogue_item.html",
            found=found,
            key=key_of(found),
            name=called(row),
            sector=sector_name(row.sector),
            cells=cells_of(row),
            raw={COLUMNS.get(name, name): text for name, text in row.raw.items()},
            holds=catalogues.holds(found),
            history=steps,
            flaws=[
                one.finding
                for one in catalogues.flaws(document.area, today())
                if key_of(one.found) == key_of(found)
            ],
        )

    @console.get("/catalogue/items/{key}/compare", right="knowledge.see")
    def places(visit: Visit) -> Response:
        base = item_of(visit)
        others = catalogues.elsewhere(base)
        shown = [base, *others[: PLACES - 1]]
        return visit.page(
            "catalogue_compare.html",
            key=key_of(base),
            name=called(base[2]),
            shown=shown,
            rows=side_by_side([cells_of(row) for _, _, row in shown]),
            more=max(0, len(others) - PLACES + 1),
            key_of=key_of,
        )

    # --- over time ---

    @lru_cache(maxsize=32)
    def changed(area: str, before: str | None, after: str | None) -> list[tuple[str, Comparison]]:
        """What two versions have otherwise of an area, by sector. Versions never change."""
        old, new = (service.items_in(name, area) for name in (before, after))
        return [
            (sector, compare(old.get(sector, []), new.get(sector, [])))
            for sector in sorted({*old, *new})
        ]

    @console.get("/catalogue/areas/{area}/changes", right="knowledge.see")
    def changes(visit: Visit) -> Response:
        where = area_of(visit)
        since = visit.query("since") or (today() - timedelta(days=30)).isoformat()
        day = day_of(since, "起始")
        start = datetime(*day.timetuple()[:3], tzinfo=CHINA)
        found = changed(where.code, service.versions.in_force_at(start), service.versions.current())
        return visit.page(
            "catalogue_changes.html",
            area=where,
            since=day,
            told=[
                (sector, list(sentences(comparison)), form_only(comparison))
                for sector, comparison in found
                if not comparison.same
            ],
        )

    @lru_cache(maxsize=32)
    def old(_: str | None, area: str, day: date, days: int) -> list[Stale]:
        """What was old on a day, which stays the same as long as the version in force does."""
        every = histories(service.catalogue_versions(area)).values()
        return [one for each in every for one in stale_of(each, day, days, catalogues.compared)]

    @console.get("/catalogue/areas/{area}/stale", right="knowledge.see")
    def stale(visit: Visit) -> Response:
        where = area_of(visit)
        days = min(max(visit.number("days", _STALE_DAYS), 1), 36_500)
        found = old(service.versions.current(), where.code, today(), days)
        return visit.page(
            "catalogue_stale.html",
            area=where,
            days=days,
            found=[one for one in found if visit.officer.answers_for(one.discloser)],
            rules=RULES,
            called=called,
        )

    @console.get("/catalogue/areas/{area}/versions", right="knowledge.see")
    def versions(visit: Visit) -> Response:
        where, sector = area_of(visit), visit.query("sector")
        found = histories(service.catalogue_versions(where.code, sector))
        return visit.page(
            "catalogue_versions.html",
            area=where,
            sector=sector,
            histories=[
                (name, [(v, state_of(v, history)) for v in reversed(history)])
                for (_, name), history in found.items()
            ],
            mine=visit.officer.covers(where.code),
        )

    @console.get("/catalogue/areas/{area}/diff", right="knowledge.see")
    def diff(visit: Visit) -> Response:
        where, sector = area_of(visit), visit.query("sector")
        history = service.catalogue_versions(where.code, sector)
        by_id = {v.document.id: v for v in history if v.sector == sector_name(sector)}
        try:
            old, new = by_id[visit.query("from")], by_id[visit.query("to")]
        except KeyError:
            raise NotHere("没有这一版目录。") from None
        comparison = catalogues.compared(old, new)
        return visit.page(
            "catalogue_diff.html",
            area=where,
            sector=old.sector,
            old=old,
            new=new,
            sentences=list(sentences(comparison)),
            form=form_only(comparison),
        )

    @console.post(
        "/catalogue/areas/{area}/rollback",
        right="knowledge.publish",
        does="knowledge.rollback_catalogue",
        shows=versions,
        confirm=True,
    )
    def rollback(posted: Posted) -> Done:
        visit = posted.visit
        where = area_of(visit)
        visit.scoped(where.code)
        sector = posted.text("sector")
        try:
            chosen, done = service.rollback_catalogue(
                where.code, sector, to=posted.text("to"), accept_worse=posted.ticked("accept")
            )
        except WouldBeWorse as error:
            listed = "\n".join(f"{n}. {one}" for n, one in enumerate(error.worse, 1))
            raise Refused(
                f"没有改动：换成这一版后，原来答对的 {len(error.worse)} 道题会答不对。\n{listed}\n"
                "确认可以这样的，请勾选“接受变差的题”再提交。"
            ) from None
        said = f"{where.name}{chosen.sector}领域现在用 {chosen.document.id}。"
        accepted = f"，接受变差的题 {len(done.worse)} 道" if done.worse else ""
        detail = f"{where.code} {chosen.sector} → {chosen.document.id}{accepted}"
        return Done(f"/catalogue/areas/{where.code}/versions", said, f"area:{where.code}", detail)

    # --- files ---

    @console.get("/catalogue/areas/{area}/export", right="knowledge.see")
    def export(visit: Visit) -> Response:
        where = area_of(visit)
        sector, format = visit.query("sector"), visit.query("format", "xlsx")
        layout = visit.query("layout", "plain") if format == "xlsx" else "plain"
        exported = catalogues.exported(where, sector, format, layout)
        if exported is None:
            raise NotHere(f"没有{where.name}的目录可以导出。请先上传目录。")
        return download(exported.data, f"{where.name}{sector}标准目录.{format}")

    @console.get("/catalogue/template", right="draft.check")
    def empty(visit: Visit) -> Response:
        sector = national_sectors().canonical(visit.query("sector"))
        if sector is None:
            raise Refused("请选择要做哪个领域的模板。")
        code = visit.query("area")
        where = areas.get(code, code).name if code else ""
        rows = [] if visit.query("blank") else catalogues.examples(sector)
        data = template(sector, rows, area_name=where)
        return download(data, f"{where}{sector}标准目录模板.xlsx")


def _history(service: KnowledgeService, catalogues: Catalogues, found: Found) -> History:
    document, _, row = found
    history = service.catalogue_versions(document.area, sector_name(row.sector))
    version = next((v for v in history if v.document.id == document.id), None)
    if version is None:
        return []
    item = next((i for i in version.items if i.place == row.place and i == row), None)
    if item is None:
        return []
    steps = history_of(history, version, item, catalogues.compared)
    return [
        (v, tuple((c.label, c.before, c.after) for c in cells), n == len(steps) - 1)
        for n, (v, cells) in enumerate(steps)
    ]


def _matches(asked: dict[str, str], found: Found) -> bool:
    item = found[2]
    words = asked["q"]
    return (
        asked["sector"] in ("", sector_name(item.sector))
        and asked["category"] in ("", item.category)
        and asked["unit"] in ("", item.discloser)
        and (not words or any(words in text for text in cells_of(item).values()))
    )


def _has(flaw: str, flaws: Sequence[Flaw]) -> bool:
    return any(flaw in ("any", one.finding.rule) for one in flaws)


def _options(values: Iterable[str]) -> list[tuple[str, str]]:
    named = dict.fromkeys(filter(None, values))
    return [("", "全部"), *((value, value) for value in named)]
