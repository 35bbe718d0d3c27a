"""A conversation as values: what came in, what is remembered of the person, what goes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.questions.model import NOTHING_HELD, Held, PastQuestion
from bot.subscriptions.model import NOBODY, Scene, Subscriber

_SHOWN_WORDS = 30


def beginning(words: str) -> str:
    """What somebody said, short enough to stand in a sentence of ours."""
    return words if len(words) <= _SHOWN_WORDS else f"{words[:_SHOWN_WORDS]}…"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message or event from a person, whatever the channel.

    ``kind`` is text, voice, image, video, location, link, file, unsupported, or an event: subscribe, unsubscribe, revoked,
    scan, click, view, report_location, other_event. ``text`` holds the words (text, recognised voice), the menu key
    (click) or the scene (subscribe, scan). ``area`` is the account's own area, used until the person names another.
    ``subscriber`` is what the person has subscribed to when the message is read, ``scene`` what a scanned code of ours
    subscribes to. ``held`` are their questions that are kept, where they ask what is.
    """

    kind: str
    text: str = ""
    area: str | None = None
    subscriber: Subscriber = NOBODY
    scene: Scene | None = None
    held: Held = NOTHING_HELD


@dataclass(frozen=True, slots=True)
class State:
    """What is remembered of a person between messages; plain JSON in the database.

    ``area`` chosen by the person; ``last_question`` for follow-ups; ``options`` are the messages behind the numbers
    offered last; ``rest`` is the part of a long reply not read yet; ``pending_question`` waits for the area; ``awaiting``
    are questions without an answer, whose asker wants to be told once there is one.
    """

    area: str | None = None
    last_question: str | None = None
    options: tuple[str, ...] = ()
    rest: str = ""
    pending_question: str | None = None
    awaiting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """A tappable line: ``label`` is shown, ``message`` is sent as if the person had typed it."""

    label: str
    message: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back. Each channel renders it within its own limits.

    ``text`` is plain text. ``source`` is the line under it that says where the words stand; a channel
    that cuts the text shows it under every part. ``options`` follow as tappable lines under
    ``options_title``. ``page`` is the path of the public page that shows the whole
    (``/faq/guangdong-2020-notice-2``), empty when there is none. An empty ``text`` means that no reply
    is due (unsubscribe, VIEW). ``flag`` names why a person of the office should look, if so.
    """

    text: str
    options: tuple[Option, ...] = ()
    options_title: str = ""
    page: str = ""
    flag: str = ""
    source: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """For the log only: kind, route, confidence, main source. Never words of the person."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The outcome of one message: the reply, and what to remember (``None``: forget the person).

    ``subscriber`` is what the person subscribes to from now on, where that changes; ``NOBODY`` erases all that is held
    of them anywhere. ``asked`` is the question that was answered, where the person put one in their own words.
    """

    reply: Reply
    state: State | None
    subscriber: Subscriber | None = None
    asked: PastQuestion | None = None
