"""The one place that builds the real parts and hands them down; nothing below looks anything up."""

import ctypes
import gc
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from bot.answering.answerer import Answerer
from bot.answering.deciding import Policy
from bot.answering.explaining import Explanation
from bot.answering.likeness import content_words, likeness
from bot.answering.model import Answer, Question
from bot.answering.recognising import learned_recogniser
from bot.answering.scope import Gazetteer
from bot.answering.scoring import learned_weights
from bot.answering.triage import official_triage
from bot.answering.wording import Wording, official_wording
from bot.api.notices import Express
from bot.channels.calling import Failed
from bot.channels.cost import cost
from bot.channels.leaving import leave_url
from bot.channels.settings import ChannelKind
from bot.channels.setup import Channels, open_channels
from bot.channels.wechat.client import Platform
from bot.channels.wechat.mass import LIMITS as MASS_LIMITS
from bot.channels.wechat.qr import Ticket, permanent
from bot.clock import Clock, china_clock
from bot.deliveries.departures import Departures
from bot.deliveries.gathering import Weekly
from bot.deliveries.ledger import Ledger
from bot.deliveries.letters import NOTICES, Letters
from bot.deliveries.receipts import Receipts
from bot.deliveries.reconciler import Reconciler
from bot.deliveries.sending import Sending
from bot.deliveries.timers import Timers
from bot.deliveries.window import national_days_off
from bot.deliveries.worker import SENDERS, Worker
from bot.dialog.conversations import Conversations
from bot.dialog.dialog import Dialog
from bot.hearing import Hearing
from bot.knowledge.library import Knowledge, Library
from bot.knowledge.versions import Versions
from bot.notices.approval import Approvals
from bot.notices.audience import Audience, Way
from bot.notices.chain import Chain, Officer
from bot.notices.service import Notices
from bot.notices.suggesting import Suggester, learned_suggester
from bot.officers.approving import approvers
from bot.operations.finishing import finish
from bot.operations.retention import Retention
from bot.questions.service import Questions
from bot.records.service import Records
from bot.settings import AccountKind, Settings
from bot.storage.database import DATABASE_NAME, Database, open_sqlite, open_url
from bot.storage.migration import migrate
from bot.storage.vault import SECRET_NAME, Vault, open_vault
from bot.subscriptions.service import Subscriptions
from bot.subscriptions.topics import national_topics
from bot.trial import LOCAL, trial_settings
from bot.wechat.replies import fit
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.synonyms import Synonyms, everyday_words
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.areas import Areas, national_areas
from catalogue_index.errors import Refused
from catalogue_index.sectors import national_sectors

if TYPE_CHECKING:
    from bot.evaluation.gate import Gate
    from bot.knowledge.service import KnowledgeService, Step
    from bot.operations.model import Installation

SITE_NAME = "政务公开小助手"
RETENTION_SECONDS = 3600
TOKENISER_CACHE = "cache/words-2"
EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "群众常问": (
        "低保审批结果在哪里公开？",
        "征地补偿标准谁来公布？",
        "公共场所卫生检查结果多久公开？",
    ),
    "工作人员常问": (
        "乡镇街道要不要对照26个领域编目录？",
        "公开依据要写到具体条款吗？",
        "养老服务目录谁牵头？",
    ),
}
"""Questions offered to a newcomer, by who usually asks them."""

_EVERY_STEP = "底保审批结果在哪里公步？"
"""A question that takes every step of answering, the repair of homophones included."""

_triage, _wording = cache(official_triage), cache(official_wording)


class Answers:
    """Answers with the knowledge in force: a new version brings its own answerer with it."""

    def __init__(self, library: Library, make: Callable[[Knowledge], Answerer]) -> None:
        self._library = library
        self._make = make
        self._lock = threading.Lock()
        knowledge = library.current()
        self._made = (knowledge, make(knowledge))

    def answer(self, question: Question) -> Answer:
        """The answer, from one version from beginning to end."""
        return self._current().answer(question)

    def search(self, words: str, area: str | None, limit: int) -> list[tuple[str, float]]:
        """Catalogue items near to ``words``, best first, as (id, score)."""
        return self._current().search_items(words, area, limit)

    def explain(self, question: Question) -> Explanation:
        """The answer with what was considered for it."""
        return self._current().explain(question)

    def content(self, words: str) -> frozenset[str]:
        """What a text is about, as the desk compares questions."""
        return content_words(words, self._current().analyser)

    def likeness(self, words: str) -> str:
        """What questions of like words share."""
        return likeness(words, self._current().analyser)

    def _current(self) -> Answerer:
        knowledge = self._library.current()
        known, answerer = self._made
        if knowledge is not known:
            with self._lock:
                known, answerer = self._made
                if knowledge is not known:
                    answerer = self._make(knowledge)
                    self._made = (knowledge, answerer)
        return answerer


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of a running installation."""

    settings: Settings
    clock: Clock
    areas: Areas
    wording: Wording
    library: Library
    answers: Answers
    dialog: Dialog
    warm_up: Callable[[], object]
    """What the first messages would wait for; to be done once the service is ready."""


def software() -> str:
    """The version of this software; a snapshot made by another one is built anew."""
    return version("zwgk")


def gate(settings: Settings) -> "Gate":
    """The questions that no publication may make worse."""
    from bot.evaluation.gate import FOLDER, OURS, Gate

    sets = (OURS, settings.data_dir / FOLDER)
    return Gate(sets, national_areas, partial(_answerer, _tokeniser(settings.data_dir)))


def knowledge_service(
    settings: Settings, clock: Clock = china_clock, *, remembered: int = 0
) -> "KnowledgeService":
    """The knowledge of the data directory, for reading and changing; what is published must not answer worse.

    ``remembered`` is how many of the office's documents stay in memory once they are read.
    """
    # A start with knowledge at hand reads no documents: it need not wait for all that can.
    from bot.knowledge.service import KnowledgeService

    return KnowledgeService(
        settings.data_dir,
        _tokeniser(settings.data_dir),
        national_areas(),
        clock,
        software(),
        examine=gate(settings),
        remembered=remembered,
    )


def prepare(settings: Settings, clock: Clock = china_clock, step: "Step" = lambda _: None) -> None:
    """Have knowledge in force, building it in a new data directory. Raises ``Refused``."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        finish(settings.data_dir)
        if not _versions(settings).made_by(software()):
            knowledge_service(settings, clock).ensure(step)
    except OSError as error:
        raise cannot_write(settings, error) from error


def services(
    settings: Settings,
    clock: Clock = china_clock,
    step: "Step" = lambda _: None,
    version: str = "",
) -> Services:
    """Everything needed to answer, from ``version`` of the knowledge alone where one is named.

    A new data directory is filled first. Raises ``Refused``.
    """
    prepare(settings, clock, step)
    areas, wording = national_areas(), _wording()
    with _lasting():
        library = Library(_versions(settings), only=version)
        answers = Answers(library, partial(_answerer, _tokeniser(settings.data_dir)))
    examples = [text for texts in EXAMPLES.values() for text in texts]
    dialog = Dialog(answers.answer, areas, wording, national_topics(), examples=examples)

    def warm_up() -> None:
        _triage().warm_up()
        answers.answer(Question(_EVERY_STEP))

    return Services(settings, clock, areas, wording, library, answers, dialog, warm_up)


@contextmanager
def _lasting() -> Iterator[None]:
    """What is made inside lasts as long as the process: garbage is not looked for meanwhile, nor in it later."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        _give_back()


def _give_back() -> None:
    """Hand the system back what was only needed for making, where the C library can (glibc): some megabytes a process."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def operations(settings: Settings) -> tuple[Database, Vault]:
    """The operations database, migrated, and the keys to personal data. Raises ``Refused``."""
    try:
        database = open_database(settings)
        migrate(database, before=lambda: keep_before_migration(settings, database))
        return database, open_vault(settings.data_dir, settings.secret_key.get_secret_value())
    except OSError as error:
        raise cannot_write(settings, error) from error


def open_database(settings: Settings) -> Database:
    """The operations database as it is, not migrated. Raises ``Refused``."""
    finish(settings.data_dir)
    url = settings.database_url.get_secret_value()
    return open_url(url) if url else open_sqlite(settings.data_dir / DATABASE_NAME)


def installation(settings: Settings) -> "Installation":
    """What backups and checks look after; its database is not migrated, and no secret is made. Raises ``Refused``."""
    from bot.operations.model import Installation

    database = open_database(settings)
    secret = settings.secret_key.get_secret_value()
    known = secret or (settings.data_dir / SECRET_NAME).exists()
    vault = open_vault(settings.data_dir, secret) if known else None
    return Installation(settings.data_dir, database, vault)


def keep_before_migration(settings: Settings, database: Database) -> Path | None:
    """A copy of a SQLite database made before its tables change; of PostgreSQL its administrator makes one."""
    from bot.operations.backup import keep_before_migration

    return keep_before_migration(settings.data_dir, database, china_clock())


def questions(parts: Services, database: Database) -> Questions:
    """What keeps the questions that people ask."""
    return Questions(
        database, parts.clock, parts.answers.likeness, lambda: parts.library.current().version
    )


def conversations(parts: Services, database: Database, vault: Vault) -> Conversations:
    """WeChat conversations: each message handled once, replies cut to what WeChat carries."""
    return Conversations(
        database,
        vault,
        parts.dialog.respond,
        parts.clock,
        fit=partial(fit, public_url=parts.settings.public_url),
        enter=questions(parts, database).entry,
        messages_per_minute=parts.settings.messages_per_minute,
    )


def channels(
    settings: Settings, database: Database, vault: Vault, clock: Clock = china_clock
) -> Channels:
    """The ways to send that are set up, to be closed after use. Raises ``Refused``."""
    return open_channels(settings.wechat, settings.channel, database, vault, clock)


@contextmanager
def sending(
    settings: Settings,
    database: Database,
    vault: Vault,
    clock: Clock = china_clock,
    *,
    senders: int = SENDERS,
    name: str = "worker",
) -> Iterator[Sending]:
    """What carries approved pushes to people, by the channels that are set up; channels are closed after use.

    Raises ``Refused``.
    """
    departures = Departures(settings.data_dir / "departures", clock)
    with channels(settings, database, vault, clock) as opened, closing(departures):
        by_key = opened.by_key
        limits = {key: channel.limits for key, channel in by_key.items()}
        subscribers = Subscriptions(database, vault, clock)
        ledger = Ledger(
            database,
            clock,
            limits=limits,
            refusals=subscribers.refusals,
            consent_told=subscribers.consent_told,
            stayed=departures.stayed,
            rest=national_days_off(settings.sending.holidays, settings.sending.workdays),
        )
        leave = partial(leave_url, vault, settings.public_url)
        letters = Letters(
            database, settings.public_url, subscribers.reveal_all, leave, _signature(settings)
        )
        worker = Worker(
            ledger, by_key, letters, clock, departures=departures, name=name, senders=senders
        )
        receipts = Receipts(database, vault, clock, ledger, _templates(settings))
        valid = timedelta(hours=settings.approval.valid_hours)
        reconciler = Reconciler(database, ledger, receipts, by_key, letters, clock, valid=valid)
        yield Sending(worker, reconciler)


def approvals(
    settings: Settings, database: Database, vault: Vault, clock: Clock = china_clock
) -> Approvals:
    """Pushes on their way to the ledger, by the channels and officers that are set up; by those of a trial where nothing
    is."""
    settings = trial_settings(settings, vault, LOCAL, clock().date())
    approval = settings.approval
    named = tuple(Officer(one.name, one.roles) for one in settings.officer)
    officers = approvers(database, approval.steps, named)
    chain = Chain(approval.steps, officers, timedelta(hours=approval.valid_hours))
    service = {one.name for one in settings.wechat if one.kind is AccountKind.SERVICE}
    ways = [
        Way(
            *one.key,
            one.kind.channel.partition("_")[0],
            MASS_LIMITS[AccountKind.SERVICE].per_person_month
            if one.kind is ChannelKind.WECHAT_MASS and one.account in service
            else None,
            cost(one.price),
        )
        for one in settings.channel
    ]
    return Approvals(
        database,
        clock,
        chain,
        Audience(database, Subscriptions(database, vault, clock), ways, clock),
        link=lambda notice: f"{settings.public_url}{NOTICES}/{notice}",
        signature=_signature(settings),
        weekly=Weekly(settings.sending.weekly_day - 1, settings.sending.weekly_hour),
    )


def express(parts: Services, database: Database, vault: Vault) -> Express:
    """What notices and pushes are worked on with; the larger parts are made when they are first asked for."""
    settings = parts.settings
    return Express(
        Notices(database, parts.clock),
        cache(lambda: approvals(settings, database, vault, parts.clock)),
        cache(lambda: suggester(settings)),
        database,
        parts.areas,
        tuple(dict.fromkeys(one.kind.channel for one in settings.channel)),
    )


def suggester(settings: Settings) -> Suggester:
    """What suggests whom a notice concerns."""
    return learned_suggester(Analyser(_tokeniser(settings.data_dir)(), Synonyms(everyday_words())))


def hearing(
    settings: Settings, database: Database, vault: Vault, clock: Clock = china_clock
) -> Hearing:
    """What brings receipts, consents and goodbyes to where they belong."""
    return Hearing(database, vault, clock, Ledger(database, clock), _templates(settings))


def retention(database: Database, vault: Vault, clock: Clock = china_clock) -> Callable[[], object]:
    """What removes, in one process and once an hour, what is kept no longer."""
    work = Retention(database, Records(database, vault, clock), clock)
    return partial(Timers(database, clock).run, "retention", RETENTION_SECONDS, work.run)


@contextmanager
def platform(
    settings: Settings, database: Database, vault: Vault, account: str, wanted: str
) -> Iterator[Platform]:
    """The platform as one official account sees it, asked for what is ``wanted`` of it (给出二维码).

    Raises ``Refused``, also for what the platform refuses meanwhile.
    """
    with channels(settings, database, vault) as opened:
        found = opened.platforms.get(account)
        if found is None:
            raise Refused(
                f"公众号 {account} 没有填 app_secret，微信公众平台不会{wanted}。请在 zwgk.toml 里填写。"
            )
        try:
            yield found
        except Failed as failed:
            why = failed.outcome.why.rstrip("。")
            raise Refused(f"微信公众平台没有{wanted}：{why}。") from None


def permanent_code(
    settings: Settings, database: Database, vault: Vault, account: str, key: str
) -> Ticket:
    """What the platform gives for a QR code that lasts. Raises ``Refused``."""
    with platform(settings, database, vault, account, "给出二维码") as found:
        return permanent(found, key)


def cannot_write(settings: Settings, error: OSError) -> Refused:
    """The sentence for a data directory that cannot be used."""
    return Refused(
        f"数据目录“{settings.data_dir}”用不了（{error.strerror or error}）。"
        "请检查它的写入权限和剩余空间，或用 --data-dir 换一个目录。"
    )


def _signature(settings: Settings) -> str:
    """What short messages begin with, by the provider's rule; empty where none are sent."""
    return next((one.sign for one in settings.channel if one.kind.channel == "sms"), "")


def _templates(settings: Settings) -> dict[tuple[str, str], str]:
    """The template of each account's channel that has one."""
    return {one.key: one.template for one in settings.channel if one.template}


def _answerer(tokeniser: Callable[[], Tokeniser], known: Knowledge) -> Answerer:
    areas, words = national_areas(), tokeniser()
    return Answerer(
        known,
        Analyser(words, known.synonyms),
        Gazetteer(areas, words, known.areas),
        areas,
        national_sectors(),
        _triage(),
        _wording(),
        Policy(),
        learned_recogniser(),
        learned_weights(),
    )


def _versions(settings: Settings) -> Versions:
    return Versions(settings.data_dir / "knowledge")


@lru_cache(maxsize=1)
def _tokeniser(data_dir: Path) -> Callable[[], Tokeniser]:
    """What makes the tokeniser when it is first asked: one for all that share a data directory."""
    names = national_sectors().names
    return cache(lambda: Tokeniser(names, data_dir / TOKENISER_CACHE))
