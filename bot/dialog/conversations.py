"""Each message handled once: state change, reply and flag are stored together, or not at all.

The platform sends a message up to four times when our answer is slow or lost, and to any of our
processes. The guarantee rests on one short write transaction and two constraints: the message's key
is unique, and a person's row is only overwritten at the version it was read. The reply is computed
before that transaction by a pure function, so a lost race just computes again.
"""

import contextlib
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.clock import Clock
from bot.questions import repository as questions
from bot.questions.model import Asker, Entry, Held, PastQuestion
from bot.storage.database import Database, Statements
from bot.storage.vault import Vault
from bot.subscriptions.erasing import erase
from bot.subscriptions.model import NOBODY
from bot.subscriptions.repository import (
    Contact,
    Reach,
    keep,
    read_scene,
    read_subscriber,
    reopen,
)
from catalogue_index.errors import Refused

from . import repository
from .commands import Action, Command, parse_command
from .model import Incoming, Reply, State, Turn
from .repository import Remembered

TOO_MANY = "您发得有点快，请稍等一分钟再问，谢谢理解。"
"""The reply to a person's messages beyond the limit of a minute."""

WINDOW = 60
"""Seconds over which a person's messages are counted."""

_ATTEMPTS = 50
_PAUSE = 0.001
_LONGEST_EVIDENCE = 200
_SAID = frozenset({"text", "voice", "click"})
_MY_DATA = Command(Action.MY_DATA)
_SHOWN = 3
"""Of the questions kept of a person, so many are shown to them in a message; the office can show all."""
_SCANS = frozenset({"subscribe", "scan"})
_UNCOUNTED = frozenset(
    {"subscribe", "unsubscribe", "revoked", "view", "report_location", "other_event"}
)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom we talk to: the channel (wechat, web), the account's name, the channel's id for them."""

    channel: str
    account: str
    id: str


@dataclass(frozen=True, slots=True)
class Fitted:
    """A reply as one message of the channel can carry it, and the text that is left over."""

    reply: Reply
    rest: str = ""


def whole(reply: Reply) -> Fitted:
    """The fit of a channel without limits."""
    return Fitted(reply)


Respond = Callable[[Incoming, State | None], Turn]
"""The dialog: pure, so that it may be called twice for one message."""

Enter = Callable[[PastQuestion], Entry]
"""What is written of a question; slow enough to be done before the transaction that writes it."""

Fit = Callable[[Reply], Fitted]
"""How a channel makes a reply fit its limits: pure. What is left over becomes ``State.rest``, which
the dialog gives as the reply to 更多; it is stored with the reply, so the two never disagree."""


class ConversationBusy(Refused):
    """One person's messages came in faster than they can be put in order."""


class Conversations:
    """The conversations of one channel; safe to share between threads and across processes."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        respond: Respond,
        clock: Clock,
        *,
        fit: Fit = whole,
        enter: Enter | None = None,
        messages_per_minute: int = 20,
    ) -> None:
        """``enter`` is what is written of each question; none is kept without it."""
        self._database = database
        self._vault = vault
        self._respond = respond
        self._clock = clock
        self._fit = fit
        self._enter = enter
        self._messages_per_minute = messages_per_minute

    def handle(self, key: str, person: Person, incoming: Incoming) -> Reply:
        """The reply to a message, fitted to the channel; ``key`` is the same in each delivery.

        A repeated delivery gets the stored reply, with ``facts`` ``{"repeated": True}``. Raises
        ``DatabaseRefused``, and ``ConversationBusy`` when very many messages of one person cross.
        """
        hashed_key = self._vault.hash("message", person.channel, person.account, key)
        hashed_person = self._vault.hash("person", person.channel, person.account, person.id)
        now = int(self._clock().timestamp())
        for attempt in range(_ATTEMPTS):
            if attempt:
                # Two processes that lose to each other in step would go on losing: step out of it.
                time.sleep(random.uniform(0, _PAUSE * attempt))
            with self._database.statements(writing=False) as statements:
                before = repository.read_person(statements, self._vault, hashed_person)
                informed = _informed(statements, incoming, hashed_person)
            turn, after = self._turn(informed, before, now)
            entry = self._enter(turn.asked) if self._enter and turn.asked else None
            with (
                contextlib.suppress(_OvertakenError),
                self._database.statements(writing=True) as statements,
            ):
                if not repository.insert_seen(
                    statements, hashed_key, hashed_person, turn.reply, now
                ):
                    return _repeated(statements, hashed_key, hashed_person)
                if incoming.kind == "subscribe" and informed.subscriber:
                    reopen(statements, hashed_person, now)
                if turn.subscriber == NOBODY:
                    erase(statements, hashed_person, hashed_key)
                elif turn.subscriber is not None:
                    evidence = _evidence(informed, hashed_key)
                    contact = _contact(person, hashed_person)
                    known = informed.subscriber
                    keep(statements, self._vault, contact, known, turn.subscriber, evidence, now)
                if after is None:
                    repository.erase_person(statements, hashed_person, kept_key=hashed_key)
                else:
                    self._remember(statements, hashed_person, person.account, before, after, now)
                if turn.reply.flag:
                    words = self._vault.seal(incoming.text)
                    repository.insert_flagged(
                        statements, hashed_person, person.account, turn.reply.flag, words, now
                    )
                if entry:
                    asker = Asker(person.channel, person.account, hashed_person)
                    questions.write(statements, entry, asker, now)
                return turn.reply
        raise ConversationBusy("消息太多，一时处理不过来，请稍后再发一次。")

    def _remember(
        self,
        statements: Statements,
        person: str,
        account: str,
        before: Remembered | None,
        after: Remembered,
        now: int,
    ) -> None:
        vault = self._vault
        if before is None:
            written = repository.insert_person(statements, vault, person, account, after, now)
        else:
            version = before.version
            written = repository.update_person(statements, vault, person, after, now, version)
        if not written:
            raise _OvertakenError

    def _turn(
        self, incoming: Incoming, before: Remembered | None, now: int
    ) -> tuple[Turn, Remembered | None]:
        """The turn, its reply fitted, and what to remember after it."""
        counted = incoming.kind not in _UNCOUNTED
        start, count = _window(before, now)
        if before and counted and count >= self._messages_per_minute:
            turn = Turn(Reply(TOO_MANY, facts={"kind": "rate_limited"}), before.state)
        else:
            turn = self._respond(incoming, before.state if before else None)
            if turn.reply.text:
                turn = _fitted(turn, self._fit(turn.reply))
        if turn.state is None:
            return turn, None
        # A random first version: a row erased and made again must not pass for the one read before.
        version = before.version + 1 if before else secrets.randbits(60)
        return turn, Remembered(turn.state, version, start, count + counted)


class _OvertakenError(Exception):
    """Another process changed the rows since they were read."""


def _informed(statements: Statements, incoming: Incoming, person: str) -> Incoming:
    """The message with what the dialog must know of the person and of the code they scanned."""
    scanned = incoming.kind in _SCANS and incoming.text
    shown = incoming.kind in _SAID and parse_command(incoming.text) == _MY_DATA
    count, words = questions.held_of(statements, person, _SHOWN) if shown else (0, [])
    return replace(
        incoming,
        held=Held(count, tuple(words)),
        subscriber=read_subscriber(statements, person),
        scene=read_scene(statements, incoming.text.strip()) if scanned else None,
    )


def _contact(person: Person, hashed: str) -> Contact:
    return Contact(hashed, person.account, (Reach(person.channel, person.id, person.account),))


def _evidence(incoming: Incoming, key: str) -> dict[str, str]:
    """How we know what a person agreed to: the message, and what it said."""
    words = incoming.scene.label if incoming.scene else incoming.text[:_LONGEST_EVIDENCE]
    by = "unfollowed" if incoming.kind == "unsubscribe" else "person"
    return {"message": key, "kind": incoming.kind, "words": words, "by": by}


def _fitted(turn: Turn, fitted: Fitted) -> Turn:
    state = turn.state and replace(turn.state, rest=fitted.rest)
    return replace(turn, reply=fitted.reply, state=state)


def _window(before: Remembered | None, now: int) -> tuple[int, int]:
    """Start of the person's current minute, and the messages counted in it so far."""
    if before and 0 <= now - before.window_start < WINDOW:
        return before.window_start, before.window_count
    return now, 0


def _repeated(statements: Statements, key: str, person: str) -> Reply:
    stored = repository.read_seen(statements, key, person)
    if stored is None:  # erased or purged since our insert met it
        raise _OvertakenError
    return replace(stored, facts={"repeated": True})
