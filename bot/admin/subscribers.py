"""Who subscribes to what, in numbers; all that is held of one person, for themselves; QR codes and their posters."""

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from bot.operations.remembered import Remembered
from bot.storage.database import Database
from bot.storage.vault import Vault
from bot.subscriptions import records
from bot.subscriptions.erasing import erase
from bot.subscriptions.model import KIND_NAMES, Digest, Kind, Standing, Topic
from bot.subscriptions.poster import encoded
from bot.subscriptions.posters import Posters
from bot.subscriptions.records import Figures
from bot.subscriptions.topics import Topics
from bot.web.headers import PRIVATE, SECURITY
from catalogue_index.areas import Areas
from catalogue_index.errors import Refused

from .console import Console, Done, NotHere, Posted, Visit
from .downloads import download

FRESH, LONGEST = 60, 3600
_BARS = 12
_SHOWN_HASH = 12

STANDINGS = {Standing.ACTIVE: "接收中", Standing.PAUSED: "暂停接收", Standing.ENDED: "已退订"}
MEDIA = {"wechat": "微信", "email": "邮箱", "sms": "手机"}
DIGESTS = {Digest.IMMEDIATE: "随发随收", Digest.WEEKLY: "每周汇总"}


def pages(
    console: Console,
    database: Database,
    vault: Vault,
    posters: Posters,
    topics: Topics,
    areas: Areas,
) -> None:
    """``/subscribers``, ``/subscribers/person`` and ``/subscribers/posters``."""

    def count(of: tuple[str, ...]) -> Figures:
        with database.read() as connection:
            return records.figures(connection, of)

    remembered = Remembered(count, console.clock, fresh=FRESH, longest=LONGEST)

    def area_name(code: str) -> str:
        return areas.get(code, code).full_name if code else "没有填地区"

    @console.get("/subscribers", right="subscribers.see")
    def show(visit: Visit) -> Response:
        figures, at = remembered.get(visit.officer.areas)
        return visit.page(
            "subscribers.html",
            figures=figures,
            at=at,
            standings=[(STANDINGS[Standing(k)], n) for k, n in figures.standing.items()],
            media=[(MEDIA.get(k, k), n) for k, n in figures.media.items()],
            digests=[(DIGESTS[Digest(k)], n) for k, n in figures.digests.items()],
            areas=[(area_name(k), n) for k, n in figures.areas.items()],
            charts=[(f"订阅的{KIND_NAMES[kind]}", _of(figures, kind)) for kind in Kind],
        )

    # --- one person ---

    def persons(visit: Visit, who: str) -> list[dict[str, Any]]:
        """All that is held of whom a telephone or address names, as far as they are this officer's."""
        with database.read() as connection:
            found = records.persons_called(connection, vault, who)
            held = [records.record(connection, vault, one) for one in found]
        ours = [one for one in held if _covered(visit, one)]
        if not ours:
            raise records.NoSuchPerson(
                "没有找到这个人：没有订阅过，已经清除，或者不在您负责的地区。"
            )
        return ours

    @console.post(
        "/subscribers/person", right="subscribers.erase", does="subscribers.look", shows=show
    )
    def look(posted: Posted) -> Done:
        found = persons(posted.visit, posted.text("who"))
        page = posted.visit.page(
            "subscriber.html",
            people=found,
            standings=STANDINGS,
            media=MEDIA,
            kind_names=KIND_NAMES,
            area_name=area_name,
            shown=_SHOWN_HASH,
        )
        about = f"person:{found[0]['person'][:_SHOWN_HASH]}"
        return Done("/subscribers", about=about, detail=f"{len(found)} 人", response=page)

    @console.post(
        "/subscribers/erase",
        right="subscribers.erase",
        does="subscribers.erase",
        shows=show,
        confirm=True,
    )
    def remove(posted: Posted) -> Done:
        (one,) = persons(posted.visit, posted.text("person"))
        with database.statements(writing=True) as statements:
            erase(statements, one["person"])
        about = f"person:{one['person'][:_SHOWN_HASH]}"
        said = "已清除这个人的全部内容。发送统计里只留下无法对应到人的条数。"
        return Done("/subscribers", said, about=about)

    _posters(console, posters, topics, areas, area_name)


def _covered(visit: Visit, person: dict[str, Any]) -> bool:
    """Who gave no area may ask any officer for what is theirs."""
    area = (person["subscriber"] or {}).get("area")
    return not area or visit.officer.covers(area)


def _of(figures: Figures, kind: Kind) -> list[tuple[str, int]]:
    found = [(topic.value, n) for topic, n in figures.topics.items() if topic.kind is kind]
    return found[:_BARS]


def _posters(
    console: Console,
    posters: Posters,
    topics: Topics,
    areas: Areas,
    area_name: Callable[[str], str],
) -> None:
    choices = [
        (f"{topic.kind.value}:{topic.value}", f"{topic.value}（{KIND_NAMES[topic.kind]}）")
        for topic in (*topics.sectors, *topics.groups)
    ]
    known = dict(choices)

    def scene_of(visit: Visit) -> Any:
        try:
            found = posters.find(str(visit.path["key"]))
        except Refused:
            raise NotHere("没有这个二维码，可能已经停用。") from None
        if found.area and not visit.officer.covers(found.area):
            raise NotHere("没有这个二维码，可能已经停用。")
        return found

    @console.get("/subscribers/posters", right="poster.make")
    def listed(visit: Visit) -> Response:
        return visit.page(
            "posters.html",
            scenes=posters.all(visit.officer.areas),
            topics=choices,
            kind_names=KIND_NAMES,
            area_name=area_name,
            own=visit.officer.areas[0] if visit.officer.areas else "",
        )

    @console.post("/subscribers/posters", right="poster.make", does="poster.add", shows=listed)
    def add(posted: Posted) -> Done:
        chosen = posted.text("topic")
        if chosen not in known:
            raise Refused("请选一个领域或人群。")
        kind, _, value = chosen.partition(":")
        typed = posted.text("area")
        area = (areas.get if typed.isdigit() else areas.find)(typed).code if typed else None
        if area:
            posted.visit.scoped(area)
        made = posters.add(Topic(Kind(kind), value), posted.text("label"), area)
        said = "二维码已建好，可以做海报了。"
        return Done(f"/subscribers/posters/{made.key}", said, about=f"scene:{made.key}")

    @console.get("/subscribers/posters/{key}", right="poster.make")
    def one(visit: Visit) -> Response:
        return visit.page(
            "poster.html",
            scene=scene_of(visit),
            accounts=[(name, name) for name in posters.accounts],
            kind_names=KIND_NAMES,
            area_name=area_name,
        )

    @console.post("/subscribers/posters/{key}", right="poster.make", does="poster.make", shows=one)
    def make(posted: Posted) -> Done:
        scene = scene_of(posted.visit)
        drawn = posters.draw(
            scene, posted.text("office"), posted.text("account"), posted.text("link")
        )
        about = f"scene:{scene.key}"
        if posted.text("as") == "look":
            headers = {**SECURITY, **PRIVATE}
            picture = Response(encoded(drawn, "png"), media_type="image/png", headers=headers)
            return Done("", about=about, detail="预览", response=picture)
        ending = "png" if posted.text("as") == "png" else "pdf"
        file = download(encoded(drawn, ending), f"海报-{scene.topic.value}.{ending}")
        return Done("", about=about, detail=ending, response=file)

    @console.post(
        "/subscribers/posters/{key}/remove", right="poster.make", does="poster.remove", shows=one
    )
    def remove(posted: Posted) -> Done:
        scene = scene_of(posted.visit)
        posters.remove(scene.key)
        said = "二维码已停用。已经订阅的人不受影响。"
        return Done("/subscribers/posters", said, about=f"scene:{scene.key}")
