"""What a person says about subscriptions, and what is said back: a pure function of the message and what is held."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.answering.wording import Wording
from bot.clock import CHINA, chinese_day
from bot.subscriptions.model import (
    KIND_NAMES,
    Digest,
    Kind,
    Scene,
    Standing,
    Subscriber,
    Subscription,
    Topic,
)
from bot.subscriptions.topics import Topics
from catalogue_index.analysis.normalise import normalise

from .commands import Action, Command
from .model import Incoming, Option, Reply, State, Turn

PAGE = 8
"""Topics offered at once: with the line that shows the next ones, one digit chooses."""

_LIST = re.compile(rf"({KIND_NAMES[Kind.SECTOR]}|{KIND_NAMES[Kind.GROUP]})(\d{{0,2}})")
_SEVERAL = re.compile(r"[、,;\s]+")
_LEAVE_ALL = "退订全部"
_STANDINGS = {
    Standing.ACTIVE: "正常接收",
    Standing.PAUSED: "暂停",
    Standing.ENDED: "已停止（取消了关注或已退订）",
}
_SOURCES = {"words": "您回复的", "menu": "您点的菜单", "scene": "扫码", "import": "登记表"}


class Subscribing:
    """Obeys the commands about subscriptions. ``area_name`` gives the full name of an area's code."""

    def __init__(self, topics: Topics, wording: Wording, area_name: Callable[[str], str]) -> None:
        self._topics = topics
        self._wording = wording
        self._area_name = area_name

    def obey(self, command: Command, incoming: Incoming, state: State) -> Turn:
        """The turn that a command about subscriptions makes."""
        subscriber = incoming.subscriber
        match command.action:
            case Action.SUBSCRIBE:
                return self._subscribe(command.argument, incoming, state)
            case Action.UNSUBSCRIBE:
                return self._unsubscribe(command.argument, subscriber, state)
            case Action.UNSUBSCRIBE_ALL if subscriber.receives:
                return Turn(Reply(self._wording.unsubscribed_all), state, subscriber.left())
            case Action.RESUME if subscriber.subscriptions:
                text = self._wording.resumed.format(topics=_names(subscriber.topics))
                return Turn(Reply(text), state, subscriber.restored())
            case _ if not subscriber.receives:
                return Turn(Reply(self._wording.no_subscriptions), state)
            case Action.PAUSE:
                return Turn(Reply(self._wording.paused), state, subscriber.paused())
            case Action.WEEKLY:
                changed = subscriber.digested(Digest.WEEKLY)
                return Turn(Reply(self._wording.digest_weekly), state, changed)
            case Action.IMMEDIATELY:
                changed = subscriber.digested(Digest.IMMEDIATE)
                return Turn(Reply(self._wording.digest_immediate), state, changed)
        return Turn(Reply(self._summary(subscriber)), state)

    def scanned(self, scene: Scene, incoming: Incoming, state: State, welcome: str) -> Turn:
        """The turn of somebody who scanned a code of ours."""
        known = state if state.area else replace(state, area=scene.area)
        turn = self._subscribed((scene.topic,), f"scene:{scene.key}", incoming, known)
        return replace(turn, reply=replace(turn.reply, text=f"{welcome}\n\n{turn.reply.text}"))

    def offer_to_restore(self, subscriber: Subscriber) -> str:
        """What is said to somebody who comes back after leaving; empty where nothing is kept."""
        if subscriber.receives or not subscriber.subscriptions:
            return ""
        return self._wording.restore_offer.format(topics=_names(subscriber.topics))

    def record(self, subscriber: Subscriber) -> str:
        """All that is held of a subscriber, for 我的数据."""
        if not subscriber.standing:
            return self._wording.nothing_kept
        lines = [self._recorded(subscription) for subscription in subscriber.subscriptions]
        days = dict.fromkeys(_day(moment) for moment in subscriber.consents)
        lines += self._wording.my_data_subscriber.format(
            standing=_STANDINGS[subscriber.standing],
            area=self._place(subscriber.area),
            digest=self._digest(subscriber),
            consents="、".join(days) or self._wording.nothing_kept,
            deliveries=subscriber.deliveries,
        ).splitlines()
        return "".join(f"\n  {line}" for line in lines)

    # Subscribing

    def _subscribe(self, words: str, incoming: Incoming, state: State) -> Turn:
        if not words:
            return self._offer(self._wording.subscribe_offer, self._front_page(), state)
        if page := _LIST.fullmatch(words):
            options = self._page(page[1], int(page[2] or 1))
            return self._offer(self._wording.subscribe_offer, options, state)
        found = self._meant(words)
        if not found:
            return self._offer(self._wording.subscribe_unknown, self._front_page(), state)
        if any(len(topics) > 1 for topics in found):
            options = _subscribing(topic for topics in found for topic in topics)
            return self._offer(self._wording.subscribe_several, options[: PAGE + 1], state)
        source = "menu" if incoming.kind == "click" else "words"
        return self._subscribed([topics[0] for topics in found], source, incoming, state)

    def _meant(self, words: str) -> list[tuple[Topic, ...]]:
        """For each thing named, what it may mean; nothing where one of them is unknown."""
        parts = [part for part in _SEVERAL.split(words) if part]
        found = [self._topics.find(part) for part in parts]
        return found if all(found) else []

    def _subscribed(
        self, topics: Sequence[Topic], source: str, incoming: Incoming, state: State
    ) -> Turn:
        before, wording = incoming.subscriber, self._wording
        area = state.area or incoming.area or before.area
        after = before.subscribed(topics, source, area)
        if after == before:
            return Turn(Reply(wording.subscribed_already.format(topics=_names(topics))), state)
        text = wording.subscribed.format(
            topics=_names(topics), digest=self._digest(after), last=topics[-1].value
        )
        if not area:
            # A place alone is understood as the reply to this.
            waiting = replace(state, pending_question=state.pending_question or "")
            return Turn(Reply(f"{text}\n{wording.subscribed_no_area}"), waiting, after)
        place = wording.subscribed_area.format(area=self._area_name(area))
        return Turn(Reply(f"{text}\n{place}"), state, after)

    # Unsubscribing

    def _unsubscribe(self, words: str, subscriber: Subscriber, state: State) -> Turn:
        if not subscriber.receives:
            return Turn(Reply(self._wording.no_subscriptions), state)
        leaving = self._leaving(words, subscriber.topics)
        if len(leaving) == 1:
            after = subscriber.unsubscribed(leaving)
            if not after.receives:
                return Turn(Reply(self._wording.unsubscribed_all), state, after)
            text = self._wording.unsubscribed.format(
                topics=_names(leaving), rest=_names(after.topics)
            )
            return Turn(Reply(text), state, after)
        if words and not leaving:
            return Turn(Reply(self._wording.not_subscribed), state)
        options = (
            *(Option(_label(topic), f"退订 {topic.value}") for topic in leaving[:PAGE]),
            Option(_LEAVE_ALL, _LEAVE_ALL),
        )
        title = self._wording.unsubscribe_offer_title
        return self._offer(self._wording.unsubscribe_offer, options, state, title)

    def _leaving(self, words: str, held: Sequence[Topic]) -> Sequence[Topic]:
        """Which of the topics held are meant."""
        if not words:
            return held
        if exact := [topic for topic in held if normalise(topic.value) == words]:
            return exact
        meant = self._topics.find(words)
        return [topic for topic in held if topic in meant or words in normalise(topic.value)]

    # Showing

    def _summary(self, subscriber: Subscriber) -> str:
        text = self._wording.my_subscriptions.format(
            topics=_names(subscriber.topics),
            digest=self._digest(subscriber),
            area=self._place(subscriber.area),
        )
        paused = subscriber.standing is Standing.PAUSED
        return f"{text}\n{self._wording.my_subscriptions_paused}" if paused else text

    def _recorded(self, subscription: Subscription) -> str:
        source = subscription.source.partition(":")[0]
        return self._wording.my_data_subscription.format(
            topic=_label(subscription.topic),
            since=_day(subscription.since),
            source=_SOURCES.get(source, source),
        )

    def _digest(self, subscriber: Subscriber) -> str:
        weekly = subscriber.digest is Digest.WEEKLY
        return self._wording.digest_weekly if weekly else self._wording.digest_immediate

    def _place(self, area: str | None) -> str:
        return self._area_name(area) if area else self._wording.nothing_kept

    # Offering

    def _offer(self, text: str, options: Sequence[Option], state: State, title: str = "") -> Turn:
        offered = tuple(options)
        reply = Reply(
            text, options=offered, options_title=title or self._wording.subscribe_offer_title
        )
        return Turn(reply, replace(state, options=tuple(option.message for option in offered)))

    def _front_page(self) -> tuple[Option, ...]:
        lists = (Option("看全部人群", "订阅 人群"), Option("看全部领域", "订阅 领域"))
        return (*_subscribing(self._topics.groups[: PAGE - 1]), *lists)

    def _page(self, kind: str, number: int) -> tuple[Option, ...]:
        of_groups = kind == KIND_NAMES[Kind.GROUP]
        topics = self._topics.groups if of_groups else self._topics.sectors
        last = -(-len(topics) // PAGE)
        number = min(max(number, 1), last)
        shown = _subscribing(topics[(number - 1) * PAGE : number * PAGE])
        following = number % last + 1
        return (*shown, Option("看其余的", f"订阅 {kind} {following}"))


def _subscribing(topics: Iterable[Topic]) -> tuple[Option, ...]:
    return tuple(Option(_label(topic), f"订阅 {topic.value}") for topic in topics)


def _label(topic: Topic) -> str:
    return f"{topic.value}（{KIND_NAMES[topic.kind]}）"


def _names(topics: Iterable[Topic]) -> str:
    return "、".join(topic.value for topic in topics)


def _day(moment: int) -> str:
    return chinese_day(datetime.fromtimestamp(moment, CHINA))
