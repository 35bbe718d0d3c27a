"""The whole service on a database of the test's own, with an officer of each role."""

import re
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from bot import bootstrap, office
from bot.admin import catalogue, drafts, knowledge, signing
from bot.admin.console import COOKIE, Console
from bot.answering.model import Question
from bot.app import ADMIN, create_app
from bot.evaluation.gate import Gate
from bot.knowledge.catalogues import Catalogues
from bot.knowledge.library import Library
from bot.knowledge.proposals import Proposals
from bot.knowledge.service import KnowledgeService
from bot.officers import repository
from bot.officers.model import Officer, Role
from bot.officers.passwords import Passwords
from bot.officers.service import Officers
from bot.records.service import Records
from bot.settings import Settings
from bot.storage.database import open_sqlite
from bot.storage.vault import Vault
from bot.trial import trial_settings
from catalogue_index.areas import national_areas
from tests.bot.deliveries.office import NOON, Moment

QUICK = Passwords(memory=64, passes=1)
PASSWORD = "Qiufen-2026-yu"
NAMES = {role: f"{role}甲" for role in Role}
AREA = "441204"
"""What the officers of these tests look after."""


@pytest.fixture(scope="session")
def empty_store(sqlite_file, tmp_path_factory):
    """A SQLite file with the officers' accounts, to be copied."""
    path = Path(shutil.copy(sqlite_file, tmp_path_factory.mktemp("console")))
    database = open_sqlite(path)
    with database.write() as connection:
        hashed = QUICK.hash(PASSWORD)
        for role, name in NAMES.items():
            repository.add(connection, Officer(0, name, (role,), (AREA,)), hashed, 0)
    database.close()
    return path


class Desk:
    """The console over HTTP, and what lies under it."""

    def __init__(self, parts, database, vault):
        self.parts, self.database, self.vault = parts, database, vault
        self.clock = parts.clock
        self.app = create_app(parts, database, vault)
        self.console = office.console(parts, database, vault)
        self.records = Records(database, vault, parts.clock)
        self.officers = Officers(database, vault, parts.clock, QUICK)
        self._clients = {}

    def visitor(self):
        """A browser that is not signed in."""
        return TestClient(self.app, base_url="http://console.test")

    def as_(self, role):
        """A browser in which the officer of a role is signed in."""
        if role not in self._clients:
            client = self.visitor()
            answer = client.post(
                f"{ADMIN}/sign-in",
                data={"name": NAMES.get(role, role), "password": PASSWORD},
                follow_redirects=False,
            )
            assert answer.status_code == 303, answer.text
            assert COOKIE in client.cookies
            self._clients[role] = client
        return self._clients[role]

    def get(self, role, path, **kept):
        """A page as an officer sees it."""
        return self.as_(role).get(ADMIN + path, follow_redirects=False, **kept)

    def send(self, role, path, files=None, **fields):
        """A form sent by an officer."""
        client = self.as_(role)
        return client.post(
            ADMIN + path,
            data={"csrf": self.csrf(client), **fields},
            files=files,
            follow_redirects=False,
        )

    def csrf(self, client):
        """The token that a browser's forms carry."""
        session = self.officers.session(client.cookies[COOKIE])
        return self.console.csrf(session)


@pytest.fixture
def desk_on(services, empty_store, tmp_path, builtin_dir):
    """Makes a console with a clock of its own, on a copy of the built-in data directory."""
    opened = []

    def make(**settings):
        directory = tmp_path / "office"
        shutil.copytree(builtin_dir, directory, dirs_exist_ok=True)
        shutil.copy(empty_store, directory / bootstrap.DATABASE_NAME)
        database = open_sqlite(directory / bootstrap.DATABASE_NAME)
        opened.append(database)
        vault = Vault("v" * 40)
        clock = Moment(NOON)
        chosen = Settings(data_dir=directory, **settings)
        chosen = trial_settings(chosen, vault, "http://console.test", NOON.date())
        return Desk(replace(services, settings=chosen, clock=clock), database, vault)

    yield make
    for database in opened:
        database.close()


@pytest.fixture
def desk(desk_on):
    return desk_on()


QUESTIONS = (Question("低保核查结果多久公开？", AREA), Question("目录谁来编？"))
"""What every candidate is asked here: two questions in place of hundreds."""


@pytest.fixture(scope="session")
def tokeniser(builtin_dir):
    return bootstrap._tokeniser(builtin_dir)


@pytest.fixture(scope="session")
def gate(tokeniser):
    return Gate([], national_areas, partial(bootstrap._answerer, tokeniser))


@pytest.fixture
def knowledge_desk(desk_on, gate, tokeniser):
    """A console of the pages on knowledge alone, over the knowledge of its own data directory."""
    made = desk_on()
    parts = made.parts
    directory = parts.settings.data_dir
    made.service = KnowledgeService(
        directory,
        tokeniser,
        parts.areas,
        parts.clock,
        bootstrap.software(),
        examine=gate,
    )
    made.proposals = Proposals(
        directory / "proposals",
        made.service,
        parts.areas,
        parts.clock,
        lambda old, new, _: gate.examine(old, new, QUESTIONS),
    )
    library = Library(made.service.versions, look_every=0)
    console = Console(made.officers, made.records, made.vault, made.clock, "助手")
    signing.pages(console, "助手")
    knowledge.pages(console, library.current, made.service, made.proposals, parts.areas)
    catalogues = Catalogues(library.current, made.service.documents)
    catalogue.pages(console, catalogues, made.service, parts.answers.search, parts.areas)
    drafts.pages(console, catalogues, parts.areas)
    made.app = Starlette(routes=[Mount(ADMIN, routes=console.routes())])
    return made


def words(answer):
    """What a page says, without its tags."""
    body = re.sub(r"<(script|style).*?</\1>", "", answer.text, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))
