"""What a message means and what goes back: a pure function of the message and what is remembered.

Order of reading a text: a command, a number for an option offered before, the area we asked for,
else a question.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bot.answering.composing import source_line
from bot.answering.model import Answer, Choice, Kind, Question
from bot.answering.wording import Wording
from bot.questions.model import KEEP_DAYS, Held, past_question
from bot.subscriptions.model import NOBODY
from bot.subscriptions.topics import Topics
from catalogue_index.analysis.normalise import normalise
from catalogue_index.areas import Area, Areas
from catalogue_index.errors import UnknownArea

from .awaiting import Awaiting
from .commands import Action, Command, parse_command
from .model import Incoming, Option, Reply, State, Turn, beginning
from .subscribing import Subscribing

LONGEST_QUESTION = 500
"""Characters; the search is made for questions, not for documents."""

MOST_OPTIONS = 9
"""One digit chooses one."""

_SILENT = frozenset({"view", "report_location", "other_event"})
_SMALL_TALK = frozenset({"chitchat", "nonsense"})
_PRIVATE = frozenset({"crisis", "complaint", "personal_data", "abuse"})
_ASK = "ask:"
_MOVE = "换地区"
_AREA_SCENE = re.compile(r"(?:qrscene_)?area-(\d+)")
_AREA_FRAME = re.compile(
    r"^(?:我们?|俺|咱们?)?(?:家|这边|这里|这儿)?(?:住|是|在|来自|要查|查)*"
    r"|(?:的|人|这边|这里|那边|那里|吧|呀|啊|哦)*[.,!~ ]*$"
)
"""What people say around the name of their county: 我在…这边."""


class Dialog:
    """Answers one message at a time.

    ``answer`` is the pure question → answer; ``topics`` can be subscribed to; ``examples`` are questions offered to a
    newcomer.
    """

    def __init__(
        self,
        answer: Callable[[Question], Answer],
        areas: Areas,
        wording: Wording,
        topics: Topics,
        *,
        examples: Sequence[str] = (),
    ) -> None:
        self._answer = answer
        self._areas = areas
        self._wording = wording
        self._subscribing = Subscribing(topics, wording, self._name)
        self._awaiting = Awaiting(answer, wording)
        self._examples = tuple(Option(text, text) for text in examples[:MOST_OPTIONS])

    def respond(self, incoming: Incoming, state: State | None) -> Turn:
        """The reply to ``incoming`` and what to remember.

        Never raises for anything a person can send.
        """
        turn = self._respond(incoming, state)
        area = (turn.state.area if turn.state else None) or incoming.area
        told = self._awaiting.told(turn, area, MOST_OPTIONS)
        return _following(told, incoming, state or State())

    def _respond(self, incoming: Incoming, state: State | None) -> Turn:
        known = state or State()
        if incoming.kind in _SILENT:
            return Turn(Reply(""), state)
        match incoming.kind:
            case "unsubscribe":
                # What was subscribed is kept for who comes back; nothing is sent until they say so.
                return Turn(Reply(""), None, incoming.subscriber.ended() or None)
            case "revoked":
                return Turn(Reply(""), None, NOBODY)
            case "subscribe":
                return self._welcome(incoming, known, self._wording.welcome)
            case "scan":
                return self._welcome(incoming, known, self._wording.scanned)
            case "click":
                return self._clicked(incoming, known)
            case "location":
                return self._located(incoming.text, known)
            case "voice" if not incoming.text.strip():
                return Turn(Reply(self._wording.voice_unrecognised), known)
            case "text" | "voice":
                return self._said(incoming.text, incoming, known)
        return Turn(Reply(self._unsupported(incoming.kind)), known)

    def _said(self, text: str, incoming: Incoming, state: State, tapped: bool = False) -> Turn:
        text = text.strip()
        if not text:
            return Turn(Reply(self._wording.empty), state)
        if len(text) > LONGEST_QUESTION:
            return Turn(Reply(self._wording.too_long.format(limit=LONGEST_QUESTION)), state)
        if command := parse_command(text):
            return self._obey(command, incoming, state)
        if state.pending_question is not None and (found := self._named(text)):
            return self._change_area(found, incoming, state)
        return self._asked(text, incoming, state, tapped or text in state.options)

    # Commands

    def _obey(self, command: Command, incoming: Incoming, state: State) -> Turn:
        wording = self._wording
        area = state.area or incoming.area
        match command.action:
            case Action.GREETING:
                return self._offer(wording.greeting, state, self._examples, wording.examples_title)
            case Action.HELP:
                return Turn(Reply(wording.help), state)
            case Action.CHOOSE:
                return self._choose(int(command.argument), incoming, state)
            case Action.MORE:
                if not state.rest:
                    return Turn(Reply(wording.nothing_more), state)
                return Turn(Reply(state.rest), replace(state, rest=""))
            case Action.CHANGE_AREA if not command.argument:
                return Turn(Reply(wording.area_question), self._waiting(state))
            case Action.CHANGE_AREA:
                if found := self._named(command.argument):
                    return self._change_area(found, incoming, state)
                return Turn(Reply(wording.area_unknown), self._waiting(state))
            case Action.MY_AREA:
                if not area:
                    return Turn(Reply(wording.area_none), state)
                return Turn(Reply(wording.area_current.format(area=self._name(area))), state)
            case Action.HUMAN:
                return Turn(Reply(wording.human, flag="handover"), state)
            case Action.AWAIT:
                return self._awaiting.agree(state, area)
            case Action.STOP_AWAITING:
                return self._awaiting.stop(state)
            case Action.MY_DATA:
                text = wording.my_data.format(
                    area=self._name(area) if area else wording.nothing_kept,
                    question=state.last_question or wording.nothing_kept,
                    asked=self._held(incoming.held),
                    awaiting="；".join(map(beginning, state.awaiting)) or wording.nothing_kept,
                    days=KEEP_DAYS,
                    subscriptions=self._subscribing.record(incoming.subscriber),
                )
                return Turn(Reply(text), state)
            case Action.FORGET:
                return Turn(Reply(wording.data_cleared), None, NOBODY)
            case Action.CANCEL:
                kept = replace(state, pending_question=None, options=())
                return Turn(Reply(wording.cancelled), kept)
            case _:
                return self._subscribing.obey(command, incoming, state)

    def _choose(self, number: int, incoming: Incoming, state: State) -> Turn:
        if not state.options:
            return Turn(Reply(self._wording.no_options), state)
        if number > len(state.options):
            text = self._wording.no_such_option.format(last=len(state.options))
            return Turn(Reply(text), state)
        message = state.options[number - 1]
        command = parse_command(message)
        # An option never chooses another option: that could go round for ever.
        if command and command.action is not Action.CHOOSE:
            return self._obey(command, incoming, state)
        return self._asked(message, incoming, state, tapped=True)

    def _clicked(self, incoming: Incoming, state: State) -> Turn:
        key = incoming.text.strip()
        if key.startswith(_ASK):
            return self._said(key.removeprefix(_ASK), incoming, state, tapped=True)
        command = parse_command(key) or Command(Action.HELP)
        return self._obey(command, incoming, state)

    def _held(self, held: Held) -> str:
        """What is kept of a person's questions, for 我的数据."""
        if not held.count:
            return self._wording.nothing_kept
        newest = "；".join(map(beginning, held.words))
        return self._wording.my_data_asked.format(count=held.count, newest=newest)

    # Areas

    def _named(self, text: str) -> list[Area]:
        plain = normalise(text)
        for words in dict.fromkeys((text, plain, _AREA_FRAME.sub("", plain))):
            if words.isascii() and words.isdigit():
                try:
                    return [self._areas.get(words)]
                except UnknownArea:
                    return []
            if found := self._areas.named(words):
                return found
        return []

    def _change_area(self, found: Sequence[Area], incoming: Incoming, state: State) -> Turn:
        if len(found) > 1:
            options = tuple(_area_option(area) for area in found[:MOST_OPTIONS])
            title = self._wording.area_options_title
            waiting = self._waiting(state)
            return self._offer(self._wording.area_several, waiting, options, title)
        area = found[0]
        moved = replace(state, area=area.code, pending_question=None, options=())
        if state.pending_question:
            return self._asked(state.pending_question, incoming, moved)
        return Turn(Reply(self._wording.area_changed.format(area=area.full_name)), moved)

    def _located(self, label: str, state: State) -> Turn:
        area = self._area_at(label.strip())
        if not area:
            return Turn(Reply(self._wording.area_not_located), state)
        text = self._wording.area_located.format(area=area.full_name)
        return self._offer(text, state, (_area_option(area),), self._wording.area_options_title)

    def _area_at(self, label: str) -> Area | None:
        """The smallest area whose full name begins an address."""
        longest = 40  # no area's full name is longer
        for length in range(min(len(label), longest), 1, -1):
            found = self._areas.named(label[:length])
            # an address begins with a whole name: 太平洋 is not in 太平区
            if len(found) == 1 and found[0].full_name.endswith(label[:length]):
                return found[0]
        return None

    def _name(self, code: str) -> str:
        try:
            return self._areas.get(code).full_name
        except UnknownArea:
            return code  # a town that the list lacks: an account's own area

    @staticmethod
    def _waiting(state: State) -> State:
        """Waits for an area; the question behind it stays, where there is one."""
        return replace(state, pending_question=state.pending_question or "", options=())

    # Questions

    def _asked(self, text: str, incoming: Incoming, state: State, tapped: bool = False) -> Turn:
        area = state.area or incoming.area
        question = Question(text, area=area, context=state.last_question)
        answer = self._answer(question)
        asks = answer.needs_area
        options, title = self._options(answer)
        source = source_line(answer.sources[0]) if len(answer.sources) == 1 else ""
        reply = Reply(
            text=self._text(answer, asks).removesuffix(source).rstrip("\n"),
            source=source,
            options=options,
            options_title=title,
            page=answer.sources[0].page if answer.sources else "",
            flag=answer.route if answer.flagged else "",
            facts=_facts(answer),
        )
        remembered = replace(
            state,
            last_question=_topic(text, answer, state),
            options=tuple(option.message for option in options),
            rest="",
            pending_question=text if asks else None,
        )
        # What a menu or an offered choice says are our words: nobody asked in them.
        return Turn(reply, remembered, asked=None if tapped else past_question(question, answer))

    def _text(self, answer: Answer, asks_area: bool) -> str:
        text = answer.text
        if asks_area:
            question = self._wording.area_question
            return f"{text}\n\n{question}" if text and answer.kind is Kind.ANSWER else question
        if not text:
            return self._wording.choices_lead if answer.choices else self._wording.not_found
        return text

    def _options(self, answer: Answer) -> tuple[tuple[Option, ...], str]:
        if answer.needs_area:
            # Tapping one is remembered as the person's area, and answers what was asked.
            areas = tuple(Option(c.label, f"{_MOVE} {c.label}") for c in answer.choices)
            return areas, self._wording.area_options_title
        if answer.kind is Kind.CHOICES and answer.choices:
            return _offered(answer.choices), self._wording.choices_title
        offer = self._awaiting.offer(answer)
        if answer.related:
            related = _offered(answer.related)[: MOST_OPTIONS - len(offer)]
            wording = self._wording
            title = wording.related_title if answer.sources else wording.published_title
            return (*related, *offer), title
        return offer, self._wording.await_title if offer else ""

    # Meetings and messages without words

    def _welcome(self, incoming: Incoming, state: State, text: str) -> Turn:
        scene = _AREA_SCENE.fullmatch(incoming.text.strip())
        if scene and (found := self._named(scene[1])):
            state = replace(state, area=found[0].code)
            text = f"{text}\n{self._wording.welcome_area.format(area=found[0].full_name)}"
        if incoming.scene:
            return self._subscribing.scanned(incoming.scene, incoming, state, text)
        if back := self._subscribing.offer_to_restore(incoming.subscriber):
            text = f"{text}\n\n{back}"
        if incoming.kind == "scan":
            return Turn(Reply(text), state)
        return self._offer(text, state, self._examples, self._wording.examples_title)

    def _unsupported(self, kind: str) -> str:
        wording = self._wording
        known = {
            "image": wording.unsupported_image,
            "video": wording.unsupported_video,
            "file": wording.unsupported_file,
            "link": wording.unsupported_link,
        }
        return known.get(kind, wording.unsupported)

    @staticmethod
    def _offer(text: str, state: State, options: tuple[Option, ...], title: str) -> Turn:
        if not options:
            return Turn(Reply(text), state)
        remembered = replace(state, options=tuple(option.message for option in options))
        return Turn(Reply(text, options=options, options_title=title), remembered)


def _following(turn: Turn, incoming: Incoming, state: State) -> Turn:
    """The turn, in which the notices follow a subscriber to the area they changed to."""
    if turn.subscriber is not None or not turn.state or turn.state.area == state.area:
        return turn
    if not incoming.subscriber.receives:
        return turn
    return replace(turn, subscriber=replace(incoming.subscriber, area=turn.state.area))


def _area_option(area: Area) -> Option:
    return Option(area.full_name, f"{_MOVE} {area.code}")


def _offered(choices: Sequence[Choice]) -> tuple[Option, ...]:
    return tuple(
        Option(choice.label, choice.message[:LONGEST_QUESTION]) for choice in choices[:MOST_OPTIONS]
    )


def _topic(text: str, answer: Answer, state: State) -> str | None:
    """What a follow-up would refer to.

    A cry for help or an insult is not kept; small talk changes no subject.
    """
    if answer.flagged or answer.route in _PRIVATE:
        return None
    return state.last_question if answer.route in _SMALL_TALK else text


def _facts(answer: Answer) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "kind": str(answer.kind),
        "route": answer.route,
        "confidence": round(answer.confidence, 3),
    }
    if answer.sources:
        facts["source"] = answer.sources[0].page or answer.sources[0].document
    return facts
