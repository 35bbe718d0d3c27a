"""The office's console over a large installation: how long each page takes, on both databases.

A million deliveries of ten pushes with their audiences and what happened to them, 200,000 questions, 5,000 open groups of
them, 200,000 records and 20,000 subscribers. Pages are asked for in this process, over the whole application. Some figures
are remembered for a while: the first view, by which they are counted, stands beside the others.
"""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import Table, case, func, insert, literal, select
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from bot import bootstrap, office
from bot.admin.console import COOKIE, PREFIX, Console
from bot.app import create_app
from bot.bootstrap import Services
from bot.deliveries.states import State
from bot.notices.model import Attribute, Text
from bot.notices.repository import canonical
from bot.officers import repository
from bot.officers.model import Officer, Role
from bot.officers.passwords import Passwords
from bot.officers.rights import may
from bot.officers.service import Officers
from bot.records.model import Deed
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.schema import (
    audience,
    deliveries,
    delivery_events,
    notices,
    question_counts,
    question_groups,
    questions,
    records,
    subscribers,
    subscriptions,
)
from bot.storage.vault import Vault
from bot.trial import trial_settings

from .figures import Figure, Findings, quantile
from .sending import fill, settle_down, stores

AREA = "441204"
PUSHES, PER_PUSH, QUESTIONS, GROUPS, RECORDS, SUBSCRIBERS = (
    10,
    100_000,
    200_000,
    5_000,
    200_000,
    20_000,
)
_SENT = "push1"
_FAILED_EACH = 50
_TIMES = 20
_QUICK = Passwords(memory=64, passes=1)
_PAGE = 20_000
_DAY = 86_400
_SECTORS = ("社会救助", "养老服务", "义务教育", "就业", "卫生健康", "城乡规划")


def figures(share: float, folder: Path, tell: Callable[[str], None]) -> Iterator[Figure | Findings]:
    """The slowest page's p95 on each store; ``share`` of the rows named above."""
    settings = Settings(data_dir=folder)
    parts = bootstrap.services(settings)
    for database in stores(folder):
        tell(f"a large installation on {database.dialect}")
        _fill_all(database, share, tell)
        settle_down(database)
        vault = Vault("v" * 40)
        chosen = trial_settings(settings, vault, "http://console.test", parts.clock().date())
        here = replace(parts, settings=chosen)
        views = _pages(here, database, vault, tell)
        for title, wanted, most in (("page", False, 100), ("file to save", True, None)):
            some = sorted((v for v in views if v.is_file is wanted), key=lambda v: -v.p95)
            rows = [view.told(most) for view in some]
            yield Findings(f"console, every {title} on {database.dialect}", rows)
            name = f"slowest {title} of the console, {database.dialect}, p95"
            yield Figure(name, some[0].p95, "ms", most=most)


@dataclass(frozen=True, slots=True)
class View:
    """A page asked for again and again: milliseconds of the first time, and of each of the others by the clock and of
    the processor (without PostgreSQL's own)."""

    path: str
    is_file: bool
    first: float
    taken: Sequence[float]
    worked: Sequence[float]

    @property
    def p95(self) -> float:
        """By the clock."""
        return quantile(self.taken, 0.95)

    def told(self, most: float | None) -> dict[str, Any]:
        """A row of the table."""
        row = {"path": self.path, "p95 ms": round(self.p95, 1)}
        row |= {"median ms": round(quantile(self.taken, 0.5), 1)}
        row |= {"processor ms": round(quantile(self.worked, 0.5), 1)}
        row |= {"first view ms": round(self.first, 1)}
        return row | {"": "missed" if most is not None and self.p95 > most else ""}


def _pages(
    parts: Services, database: Database, vault: Vault, tell: Callable[[str], None]
) -> list[View]:
    """Every page and file, asked for by the first role that may see it."""
    console = office.console(parts, database, vault)
    app = create_app(parts, database, vault)
    views: dict[str, View] = {}
    officers = Officers(database, vault, parts.clock, _QUICK)
    addresses = list(_addresses(console, _known(parts)))
    for role in Role:
        officer = Officer(0, f"{role}甲", (role,))
        with database.write() as connection:
            repository.add(connection, officer, _QUICK.hash("pass"), 0)
        client = _signed_in(app, officers, officer.name, "pass")
        for path, right in addresses:
            if path not in views and may(officer, right):
                tell(path)
                views[path] = _view(client, path)
    return list(views.values())


def _view(client: TestClient, path: str) -> View:
    answer, first, _ = _asked(client, path)
    assert answer.status_code == 200, (path, answer.status_code)
    timed = [_asked(client, path)[1:] for _ in range(_TIMES)]
    is_file = "attachment" in answer.headers.get("content-disposition", "")
    return View(path, is_file, first, [t for t, _ in timed], [w for _, w in timed])


def _asked(client: TestClient, path: str) -> tuple[Any, float, float]:
    """What a page answers, in how many milliseconds by the clock and of the processor."""
    began, worked = time.perf_counter(), time.process_time()
    answer = client.get(PREFIX + path)
    taken = time.perf_counter() - began
    return answer, 1000 * taken, 1000 * (time.process_time() - worked)


def _known(parts: Services) -> Mapping[str, str]:
    """What stands in the braces of addresses, by their beginnings: a push and a notice with a large audience, the area
    with most catalogues."""
    held = parts.library.current().documents.values()
    documents = [document for document in held if document.kind == "catalogue"]
    by_area = Counter(document.area for document in documents)
    area = by_area.most_common(1)[0][0]
    document = next(one.id for one in documents if one.area == area)
    return {
        "/pushes/{id}/people/{person}": f"/pushes/{_SENT}/people/{7:064}",
        "/pushes/{id}/report.{kind}": f"/pushes/{_SENT}/report.xlsx",
        "/pushes/{id}/calls.{kind}": f"/pushes/{_SENT}/calls.csv",
        "/pushes/{id}": f"/pushes/{_SENT}",
        "/notices/{id}": f"/notices/{_SENT}",
        "/desk/groups/{area}/{likeness}": f"/desk/groups/{AREA}/{7:064}",
        "/catalogue/areas/{area}": f"/catalogue/areas/{area}",
        "/catalogue/items/{key}": f"/catalogue/items/{document}-1",
        "/knowledge/documents/{id}": f"/knowledge/documents/{document}",
        "/catalogue/template": "/catalogue/template?sector=社会救助",
    }


_ASKED = {
    "/pushes/{id}/report": ("?by=hour",),
    "/pushes/{id}/people": (
        "?outcome=reached",
        "?outcome=failed",
        "?outcome=undelivered",
        "?outcome=excluded",
        "?channel=sms",
        f"?area={AREA}",
        f"?area={AREA}&outcome=failed",
    ),
    "/pushes/{id}/letters": ("?channel=sms&state=delivered", "?channel=sms&state=failed"),
    "/notices": ("?stage=under_way",),
    "/desk": ("?order=last",),
    "/records": ("?object=notice:5", "?who=人3"),
    "/statistics": (f"?area={AREA}",),
    "/catalogue": ("?q=低保",),
    "/catalogue/areas/{area}/items": ("?flaw=any", "?q=公开"),
    "/tester": ("?q=低保怎么申请",),
}
"""What pages are asked for besides, by their addresses."""


def _addresses(console: Console, known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every page of the console of which there is something to see, with the right that it asks for."""
    for one in console.registered:
        path = one.path
        for begin, actual in known.items():
            if path.startswith(begin):
                path = path.replace(begin, actual)
                break
        if one.method == "GET" and one.right and "{" not in path and one.path not in _LEFT_OUT:
            for asked in ("", *_ASKED.get(one.path, ())):
                yield path + asked, one.right


_LEFT_OUT = frozenset(
    {
        # streams, which last as long as the push does
        "/pushes/{id}/progress",
        # of a push that went its whole way, and of two versions and a file of the office's own
        "/pushes/{id}/sheet",
        "/knowledge/versions/diff",
        "/knowledge/documents/{id}/file",
        "/catalogue/areas/{area}/diff",
    }
)
"""Addresses for which nothing is laid in."""


def _signed_in(app: ASGIApp, officers: Officers, name: str, password: str) -> TestClient:
    token, _ = officers.sign_in(name, password)
    client = TestClient(app, base_url="http://console.test")
    client.cookies.set(COOKIE, token)
    return client


def _fill_all(database: Database, share: float, tell: Callable[[str], None]) -> None:
    chance = random.Random(6)
    now = int(time.time())
    per_push = int(PER_PUSH * share)
    first = "push0"
    tell(f"{first}, {per_push:,} people")
    fill(database, first, per_push, State.QUEUED)
    _fill_audience(database, first, per_push)
    for number in range(1, PUSHES):
        push = f"push{number}"
        tell(f"{push}, the same people")
        fill(database, push, 0, State.QUEUED)
        _copy(database, audience, first, push=literal(push))
        key = func.replace(deliveries.c.provider_key, first, push)
        state = case((deliveries.c.id % _FAILED_EACH == 0, State.FAILED), else_=State.DELIVERED)
        _copy(database, deliveries, first, push=literal(push), provider_key=key, state=state)
        _fill_events(database, push, now)
    text = Text(
        "关于残疾人两项补贴申领的通知", "正文", Attribute.ACTIVE, "https://example.gov.cn/1"
    )
    with database.write() as connection:
        connection.execute(notices.update().values(text=canonical(asdict(text)), area=AREA))
    tell(f"{int(QUESTIONS * share):,} questions")
    _fill_questions(database, int(QUESTIONS * share), int(GROUPS * share), chance, now)
    _fill_subscribers(database, int(SUBSCRIBERS * share), chance, now)
    tell(f"{int(RECORDS * share):,} records")
    with _batches(database, records) as add:
        for number in range(1, int(RECORDS * share) + 1):
            deed = Deed(f"人{number % 20}", "notice.write", f"notice:{number}", "127.0.0.1")
            add({"number": number, "at": now - _DAY, "hash": "0" * 64, **asdict(deed)})


def _fill_audience(database: Database, push: str, people: int) -> None:
    why = json.dumps(["订阅了“养老服务”（领域）"], ensure_ascii=False)
    with _batches(database, audience) as add:
        for number in range(people):
            row = {"push": push, "person": f"{number:064}", "included": int(number % 20 > 0)}
            add({**row, "why": why, "channels": "sms"})


def _copy(database: Database, table: Table, of: str, **other: Any) -> None:
    """The rows of a push once more, some columns otherwise."""
    columns = [column for column in table.c if column.name != "id"]
    rows = select(*(other.get(column.name, column) for column in columns)).where(table.c.push == of)
    with database.write() as connection:
        connection.execute(insert(table).from_select([c.name for c in columns], rows))


def _fill_events(database: Database, push: str, now: int) -> None:
    """Two steps of each letter of a push."""
    row, steps = deliveries.c, ("handing", State.ACCEPTED, State.DELIVERED)
    names = ["delivery", "at", "came_from", "went_to", "who", "evidence"]
    for came_from, went_to in pairwise(steps):
        at = now - _DAY + row.id % _DAY
        told = (row.id, at, literal(came_from), literal(went_to), literal("receipt"), literal(""))
        with database.write() as connection:
            rows = select(*told).where(row.push == push)
            connection.execute(insert(delivery_events).from_select(names, rows))


def _fill_questions(
    database: Database, count: int, groups: int, chance: random.Random, now: int
) -> None:
    kinds = ("answer", "answer", "answer", "choices", "declined")
    with _batches(database, questions) as add:
        for number in range(1, count + 1):
            row = {"id": number, "at": now - (count - number) * 150, "channel": "wechat"}
            row |= {"account": "county", "person": f"{number % 5000:064}", "area": AREA}
            row |= {
                "words": f"第{number % groups}件事在哪里办",
                "likeness": f"{number % groups:064}",
            }
            row |= {
                "kind": chance.choice(kinds),
                "route": "catalogue",
                "source": "",
                "knowledge": "",
            }
            add(row)
    with _batches(database, question_groups) as add:
        for number in range(groups):
            row = {
                "likeness": f"{number:064}",
                "area": AREA,
                "kind": "unanswered",
                "newest": number + 1,
            }
            row |= {
                "count": chance.randint(1, 90),
                "first_at": now - 9 * _DAY,
                "last_at": now - number,
            }
            add(
                {**row, "state": "open", "target": "", "officer": "", "note": "", "closed_at": None}
            )
    with _batches(database, question_counts) as add:
        for days in range(400):
            day = time.strftime("%Y-%m-%d", time.localtime(now - days * _DAY))
            for kind in set(kinds):
                for route in ("faq", "catalogue", "plan", "near_miss"):
                    add({"day": day, "area": AREA, "kind": kind, "route": route, "count": 30})


def _fill_subscribers(database: Database, count: int, chance: random.Random, now: int) -> None:
    with _batches(database, subscribers) as add:
        for number in range(count):
            row = {"person": f"{number:064}", "account": "county", "area": AREA, "state": "active"}
            moments = {"created_at": now - chance.randint(0, 300) * _DAY, "updated_at": now}
            add({**row, "digest": "immediate", "paused_until": None, **moments})
    with _batches(database, subscriptions) as add:
        for number in range(count):
            row = {"person": f"{number:064}", "kind": "sector", "value": chance.choice(_SECTORS)}
            add({**row, "since": now, "source": "words"})


@contextmanager
def _batches(database: Database, table: Table) -> Iterator[Callable[[dict[str, object]], None]]:
    """Adds rows, many at once."""
    rows: list[dict[str, object]] = []

    def keep() -> None:
        with database.write() as connection:
            connection.execute(insert(table), rows)
        rows.clear()

    def add(row: dict[str, object]) -> None:
        rows.append(row)
        if len(rows) == _PAGE:
            keep()

    yield add
    if rows:
        keep()
