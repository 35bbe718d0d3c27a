"""The reviewed sentences around official text, by name.

The sentences stand in ``data/wording.toml``, where an office reads and changes them; here each has
a name and the placeholders that it may, and must, carry. A file that lacks a sentence, has one too
many, or uses another placeholder is refused when it is loaded, so a citizen never meets a gap.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.resources import files
from string import Formatter
from typing import Any

from catalogue_index.errors import Refused


class UnusableWording(Refused):
    """The wording file lacks a sentence, has an unknown one, or one with the wrong placeholders."""


def _with(*placeholders: str) -> Any:
    return field(metadata={"placeholders": frozenset(placeholders)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One sentence, or a few short lines, a field.

    Fields made ``_with`` placeholders are filled by ``str.format``.
    """

    greeting: str
    help: str
    welcome: str
    welcome_area: str = _with("area")
    scanned: str
    examples_title: str
    about: str
    chitchat: str

    label_reference: str = _with("area")
    choices_lead: str
    choice_lead: str
    choices_title: str
    related_title: str
    published_title: str

    not_found: str
    near_miss: str
    nonsense: str

    door_general: str
    door_social_security: str
    door_medical_insurance: str
    door_tax: str
    door_housing_fund: str
    door_legal_aid: str
    door_market: str
    door_police: str
    danger_gas: str

    crisis_self_harm: str
    crisis_danger: str
    crisis_missing: str
    threat: str
    complaint: str
    complaint_wages: str
    complaint_officials: str

    personal_data: str
    abuse: str
    injection: str
    illegal: str

    area_question: str
    area_changed: str = _with("area")
    area_current: str = _with("area")
    area_none: str
    area_unknown: str
    area_several: str
    area_options_title: str
    area_located: str = _with("area")
    area_not_located: str

    voice_unrecognised: str
    unsupported_image: str
    unsupported_video: str
    unsupported_file: str
    unsupported_link: str
    unsupported: str
    empty: str
    too_long: str = _with("limit")
    rate_limited: str
    apology: str
    nothing_more: str
    no_options: str
    no_such_option: str = _with("last")
    cancelled: str
    human: str

    subscribe_offer: str
    subscribe_offer_title: str
    subscribe_unknown: str
    subscribe_several: str
    subscribed: str = _with("topics", "digest", "last")
    subscribed_area: str = _with("area")
    subscribed_no_area: str
    subscribed_already: str = _with("topics")
    my_subscriptions: str = _with("topics", "digest", "area")
    my_subscriptions_paused: str
    no_subscriptions: str
    restore_offer: str = _with("topics")
    unsubscribe_offer: str
    unsubscribe_offer_title: str
    unsubscribed: str = _with("topics", "rest")
    unsubscribed_all: str
    not_subscribed: str
    paused: str
    resumed: str = _with("topics")
    digest_weekly: str
    digest_immediate: str

    await_offer: str
    await_title: str
    await_agreed: str = _with("question")
    await_stopped: str
    await_nothing: str
    await_ready: str = _with("question")

    my_data: str = _with("area", "question", "asked", "awaiting", "days", "subscriptions")
    my_data_asked: str = _with("count", "newest")
    my_data_subscription: str = _with("topic", "since", "source")
    my_data_subscriber: str = _with("standing", "area", "digest", "consents", "deliveries")
    nothing_kept: str
    data_cleared: str

    def text(self, key: str) -> str:
        """The sentence that a triage route's ``reply_key`` names."""
        value = getattr(self, key)
        assert isinstance(value, str)
        return value


def read_wording(sentences: Mapping[str, Any]) -> Wording:
    """Sentences by name, as ``data/wording.toml`` lays them out. Raises ``UnusableWording``."""
    declared = {
        item.name: item.metadata.get("placeholders", frozenset()) for item in fields(Wording)
    }
    if missing := sorted(declared.keys() - sentences.keys()):
        raise UnusableWording(f"话术文件缺少：{'、'.join(missing)}。请补上后再启动。")
    if unknown := sorted(sentences.keys() - declared.keys()):
        raise UnusableWording(f"话术文件里有不认识的名称：{'、'.join(unknown)}。请核对拼写或删去。")
    for name, placeholders in declared.items():
        _check(name, sentences[name], placeholders)
    return Wording(**{name: text.strip() for name, text in sentences.items()})


def official_wording() -> Wording:
    """The sentences this package ships."""
    path = files("bot.answering").joinpath("data/wording.toml")
    return read_wording(tomllib.loads(path.read_text(encoding="utf-8")))


def _check(name: str, text: object, placeholders: frozenset[str]) -> None:
    if not isinstance(text, str) or not text.strip():
        raise UnusableWording(f"话术“{name}”是空的。请写上给群众看的话。")
    try:
        used = {found for _, found, _, _ in Formatter().parse(text) if found is not None}
    except ValueError as error:
        raise UnusableWording(f"话术“{name}”里的花括号不成对。请改正后再启动。") from error
    if used != placeholders:
        expected = "、".join(f"{{{each}}}" for each in sorted(placeholders)) or "没有花括号"
        raise UnusableWording(f"话术“{name}”的占位符不对，应为：{expected}。请改正后再启动。")
