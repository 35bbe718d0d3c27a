"""What the console is composed of; apart from ``bootstrap``, for a service that answers questions need not load it."""

from collections.abc import Callable
from functools import cache, partial

from starlette.routing import Router

from bot import bootstrap
from bot.admin import (
    accounts,
    catalogue,
    channels,
    desk,
    drafts,
    home,
    keys,
    knowledge,
    notices,
    plans,
    pushes,
    records,
    reports,
    signing,
    statistics,
    subscribers,
    tester,
)
from bot.admin.console import Console
from bot.admin.express import ExpressPages
from bot.admin.home import Task, sent_back, to_approve
from bot.bootstrap import Services
from bot.channels.probing import Probed, last_probed, probe_all
from bot.channels.wechat.menu import set_menu, standard
from bot.deliveries.switches import Switches
from bot.evaluation.gate import Gate
from bot.knowledge.catalogues import Catalogues
from bot.knowledge.edits import Edits
from bot.knowledge.edits import State as EditState
from bot.knowledge.examination import Examination, Look
from bot.knowledge.library import Knowledge
from bot.knowledge.proposals import Proposals
from bot.knowledge.proposals import State as ProposalState
from bot.knowledge.service import KnowledgeService
from bot.notices.register import Register
from bot.notices.service import Notices
from bot.notices.suggesting import Suggestion, near_items
from bot.officers.keys import Keys
from bot.officers.model import Officer
from bot.officers.service import Officers
from bot.operations.overview import Overview
from bot.operations.statistics import Statistics, sector_by_page
from bot.questions import groups
from bot.questions.desk import Desk
from bot.records.service import Records
from bot.settings import AccountKind
from bot.storage.database import Database
from bot.storage.vault import Vault
from bot.subscriptions.groups import national_groups
from bot.subscriptions.posters import Posters
from bot.subscriptions.service import Subscriptions
from bot.subscriptions.topics import national_topics

_REMEMBERED = 64
"""Imported documents that stay in memory while their pages are looked at."""

_ASKED = 500
"""Real questions that a candidate is asked before it is published."""

_ASKED_OF_AN_EDIT = 2000
"""The same of one way of asking or answer: it may touch questions that nothing else does."""


def console(parts: Services, database: Database, vault: Vault) -> Console:
    """All pages of the console; the settings are those of a trial where this is one."""
    made = Console(
        Officers(database, vault, parts.clock),
        Records(database, vault, parts.clock),
        vault,
        parts.clock,
        bootstrap.SITE_NAME,
    )
    signing.pages(made, bootstrap.SITE_NAME)
    keys.pages(made, Keys(database, parts.clock))
    accounts.pages(made, parts.areas)
    records.pages(made)
    service = bootstrap.knowledge_service(parts.settings, parts.clock, remembered=_REMEMBERED)
    gate = bootstrap.gate(parts.settings)
    proposals = _knowledge(made, parts, service, partial(_look, gate, database, _ASKED))
    _desk(made, parts, database, service, partial(_look, gate, database, _ASKED_OF_AN_EDIT))
    tester.pages(made, parts.answers.explain, parts.dialog.respond, parts.areas)
    _running(made, parts, database, _tasks(parts, database, service.edits, proposals))
    _express_office(made, parts, database, vault)
    express = _express(parts, database, vault)
    notices.pages(made, express)
    plans.pages(made, express)
    pushes.pages(made, express)
    reports.pages(made, express)
    return made


def _running(
    made: Console,
    parts: Services,
    database: Database,
    tasks: Callable[[Officer], list[Task]],
) -> None:
    """Pages on the running of the installation: the first one, and its figures."""
    settings = parts.settings
    overview = Overview(
        database,
        settings.data_dir,
        parts.clock,
        {account.name: account.kind for account in settings.wechat},
        [channel.key for channel in settings.channel],
    )
    home.pages(made, overview, tasks)
    counted = Statistics(database, sector_by_page(parts.library.current))
    statistics.pages(made, counted, lambda code: parts.areas.get(code, code).full_name)


def _express_office(made: Console, parts: Services, database: Database, vault: Vault) -> None:
    """Pages on who subscribes, and on what carries notices to them."""
    settings = parts.settings

    def link_of(account: str, key: str) -> str:
        return bootstrap.permanent_code(settings, database, vault, account, key).url

    by_word = {one.name: one.kind is AccountKind.SUBSCRIPTION for one in settings.wechat}
    posters = Posters(database, parts.clock, by_word, link_of)
    topics = national_topics()
    subscribers.pages(made, database, vault, posters, topics, parts.areas)

    def probe() -> list[Probed]:
        with bootstrap.channels(settings, database, vault, parts.clock) as opened:
            return probe_all(database, opened.by_key.values(), parts.clock())

    def show_menu(account: str) -> None:
        with bootstrap.platform(settings, database, vault, account, "换上菜单") as platform:
            set_menu(platform, standard(settings.public_url))

    accounts = channels.Platform(
        settings.wechat,
        [channel.key for channel in settings.channel],
        settings.public_url,
        standard(settings.public_url),
        lambda: last_probed(database),
        probe,
        show_menu,
    )
    channels.pages(made, accounts, Switches(database, None, parts.clock))


def _tasks(
    parts: Services, database: Database, edits: Edits, proposals: Proposals
) -> Callable[[Officer], list[Task]]:
    """What may wait for an officer."""
    register, steps = Register(database), parts.settings.approval.steps

    def tasks(officer: Officer) -> list[Task]:
        every = cache(proposals.all)  # two of the tasks look through them

        def proposed() -> int:
            return sum(
                one.state is ProposalState.WAITING
                and officer.covers(one.area)
                and officer.name not in one.hands
                for one in every()
            )

        def unfinished() -> int:
            return sum(one.open and one.proposer == officer.name for one in every())

        def to_review() -> int:
            return sum(
                one.state is EditState.PROPOSED
                and officer.covers(one.area)
                and one.proposed_by != officer.name
                for one in edits.all()
            )

        def unanswered() -> int:
            with database.read() as connection:
                return groups.open_count(connection, officer.areas)

        approving = partial(to_approve, register, steps, officer)
        back = partial(sent_back, register, officer)
        return [
            Task("push.approve", "等我审批的推送", "/notices?stage=submitted", approving),
            Task("push.write", "被退回、要我修改的推送", "/notices?stage=draft", back),
            Task("desk.review", "等我审核的问法和本地答疑", "/desk/edits", to_review),
            Task("knowledge.publish", "等我审核的导入文件", "/knowledge", proposed),
            Task("knowledge.import", "我还没整理完的导入文件", "/knowledge", unfinished),
            Task("desk.see", "还没有答案的问题（类）", "/desk", unanswered),
        ]

    return tasks


def _express(parts: Services, database: Database, vault: Vault) -> ExpressPages:
    suggester = cache(partial(bootstrap.suggester, parts.settings))

    def suggest(title: str, body: str, area: str) -> Suggestion:
        items = near_items(parts.answers.search, parts.library.current().item, title, area)
        return suggester().suggest(title, body).with_items(items, national_groups())

    return ExpressPages(
        Notices(database, parts.clock),
        bootstrap.approvals(parts.settings, database, vault, parts.clock),
        Register(database),
        database,
        parts.areas,
        suggest,
        Subscriptions(database, vault, parts.clock).reveal_all,
    )


def _knowledge(made: Console, parts: Services, service: KnowledgeService, look: Look) -> Proposals:
    """Pages of knowledge and catalogues."""
    directory = parts.settings.data_dir / "proposals"
    proposals = Proposals(directory, service, parts.areas, parts.clock, look)
    knowledge.pages(made, parts.library.current, service, proposals, parts.areas)
    catalogues = Catalogues(parts.library.current, service.documents)
    catalogue.pages(made, catalogues, service, parts.answers.search, parts.areas)
    drafts.pages(made, catalogues, parts.areas)
    return proposals


def _desk(
    made: Console, parts: Services, database: Database, service: KnowledgeService, look: Look
) -> None:
    """Pages of questions that were not answered."""
    answers = parts.answers
    worked = Desk(database, parts.clock, service, parts.library.current, answers.content, look)
    desk.pages(made, worked, answers.explain, parts.areas)


def _look(
    gate: Gate, database: Database, most: int, in_force: Knowledge, candidate: Knowledge, area: str
) -> Examination:
    """What a candidate changes for an area: asked are the gate's questions and the ``most`` newest real ones."""
    with database.read() as connection:
        asked = groups.latest(connection, area, most)
    return gate.examine(in_force, candidate, asked)


def application(parts: Services, database: Database, vault: Vault) -> Router:
    """The console, to be mounted."""
    return Router(console(parts, database, vault).routes(), redirect_slashes=False)
