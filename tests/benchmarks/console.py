"""The office's console over a large installation: how long each page takes, on both databases.

A million deliveries of ten pushes with their audiences, 200,000 questions, 5,000 open groups of them, 200,000 records and
20,000 subscribers. Pages are asked for in this process, over the whole application.
"""

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from sqlalchemy import Table, insert, select
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
        taken = _pages(here, database, vault, tell)
        table = sorted(((quantile(t, 0.95), page) for page, t in taken.items()), reverse=True)
        yield Findings(
            f"console pages on {database.dialect}",
            [{"page": page, "p95 ms": round(ms, 1)} for ms, page in table],
        )
        yield Figure(f"slowest console page, {database.dialect}, p95", table[0][0], "ms", most=100)


def _pages(
    parts: Services, database: Database, vault: Vault, tell: Callable[[str], None]
) -> Mapping[str, list[float]]:
    """Milliseconds of each page, asked for by the first role that may see it."""
    console = office.console(parts, database, vault)
    app = create_app(parts, database, vault)
    taken: dict[str, list[float]] = {}
    quick = Passwords(memory=64, passes=1)
    officers = Officers(database, vault, parts.clock, quick)
    for role in Role:
        officer = Officer(0, f"{role}甲", (role,))
        with database.write() as connection:
            repository.add(connection, officer, quick.hash("pass"), 0)
        client = _signed_in(app, officers, officer.name, "pass")
        for address in _addresses(console, database):
            path, right = address
            if path in taken or not may(officer, right):
                continue
            answer = client.get(PREFIX + path)
            if answer.status_code != 200:
                tell(f"{path}: {answer.status_code}")
                continue
            taken[path] = [_milliseconds(client, PREFIX + path) for _ in range(20)]
    return taken


def _addresses(console: Console, database: Database) -> Iterator[tuple[str, str]]:
    """Every page of the console, those of a push or notice for one with a large audience."""
    with database.read() as connection:
        group = connection.execute(select(question_groups.c.likeness).limit(1)).scalar()
    known = {"/pushes/{id}": "push0", "/notices/{id}": "push0", "/desk/{likeness}": str(group)}
    for one in console.registered:
        if one.method != "GET" or not one.right:
            continue
        path = one.path
        for begin, id in known.items():
            if path.startswith(begin):
                path = path.replace(begin, begin.partition("{")[0] + id)
        if "{" not in path and not path.endswith("/live"):
            yield path, one.right


def _signed_in(app: ASGIApp, officers: Officers, name: str, password: str) -> TestClient:
    token, _ = officers.sign_in(name, password)
    client = TestClient(app, base_url="http://console.test")
    client.cookies.set(COOKIE, token)
    return client


def _milliseconds(client: TestClient, path: str) -> float:
    began = time.perf_counter()
    assert client.get(path).status_code == 200
    return 1000 * (time.perf_counter() - began)


def _fill_all(database: Database, share: float, tell: Callable[[str], None]) -> None:
    chance = random.Random(6)
    now = int(time.time())
    per_push = int(PER_PUSH * share)
    for number in range(PUSHES):
        tell(f"push {number + 1} of {PUSHES}, {per_push:,} people")
        push = f"push{number}"
        fill(database, push, per_push, State.DELIVERED if number % 3 else State.QUEUED)
        _fill_audience(database, push, per_push)
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
