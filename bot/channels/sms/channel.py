"""Short messages by whichever provider: what they cost, whether they can be sent, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.clock import Clock

from ..calling import Failed, one_by_one
from ..filling import Template, values
from ..port import Accounting, Capability, Fate, Letter, Limits, Outcome
from . import errors
from .segments import mainland, segments, variables, whole

LIMITS = Limits(per_second=20, per_person_day=10)
"""Ten a day to one number is the default of both providers for notices; an account may raise it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a provider answered: its reference, ``code`` (empty: taken), and how many messages it charges."""

    ref: str
    code: str = ""
    segments: int = 0


class Provider(Protocol):
    """A provider's interface, under its own signature; every method raises ``Failed``."""

    name: str
    """tencent or aliyun."""

    def send(self, phone: str, filled: dict[str, str], key: str) -> Sent:
        """Send the template, filled, to eleven digits; ``key`` is repeated by receipts."""
        ...

    def ask(self, phone: str, key: str, ref: str) -> Outcome:
        """What became of it; ``UNKNOWN`` where the provider does not find it."""
        ...

    def missing(self) -> str:
        """What keeps the account from sending; empty: nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Wording:
    """The signature (签名) and the template as approved by the provider, and the price of one message in
    ten-thousandths of a yuan."""

    sign: str
    text: str
    template: Template
    price: int = 0


class Sms:
    """Sends short messages of one template."""

    name = "sms"
    medium = "sms"
    accounting = Accounting.PER_PERSON

    def __init__(
        self,
        account: str,
        provider: Provider,
        wording: Wording,
        clock: Clock,
        limits: Limits = LIMITS,
    ) -> None:
        self.account = account
        self.limits = limits
        self._provider = provider
        self._wording = wording
        self._clock = clock

    def forecast(self, letter: Letter) -> Outcome:
        """Segments and cost; refused for a wrong number or an empty variable."""
        if not mainland(letter.address):
            why = "手机号码写得不对，应为 11 位的大陆手机号。请更正通讯录。"
            return Outcome(Fate.REFUSED, code="address", why=why, gone=True)
        filled = self._filled(letter)
        if empty := [name for name, value in filled.items() if not value]:
            why = f"短信模板的变量 {'、'.join(empty)} 没有内容。请修改通知或模板设置。"
            return Outcome(Fate.REFUSED, code="fields", why=why)
        count = segments(whole(self._wording.sign, self._wording.text, filled))
        return Outcome(Fate.ACCEPTED, segments=count, cost=count * self._wording.price)

    def hand(self, letters: Sequence[Letter]) -> Sequence[Outcome]:
        """Send each; the receipt, pushed or polled, tells by our key and by ``ref``."""
        return one_by_one(letters, self._send)

    def settle(self, letters: Sequence[Letter], refs: Sequence[str]) -> Sequence[Outcome]:
        """Ask the provider for each; its receipts may get lost for good."""
        return [self._ask(letter, ref) for letter, ref in zip(letters, refs, strict=True)]

    def probe(self) -> Capability:
        """Whether key, signature and template are in order."""
        try:
            missing = self._provider.missing()
        except Failed as failed:
            return Capability(False, failed.outcome.why)
        return Capability(not missing, missing)

    def _filled(self, letter: Letter) -> dict[str, str]:
        filled = values(self._wording.template, letter)
        return {name: filled.get(name, "") for name in variables(self._wording.text)}

    def _send(self, letter: Letter) -> Outcome:
        forecast = self.forecast(letter)
        if forecast.fate is not Fate.ACCEPTED:
            return forecast
        phone, filled = mainland(letter.address), self._filled(letter)
        letter.leaving()
        sent = self._provider.send(phone, filled, letter.key)
        if sent.code:
            outcome = errors.outcome_of(self._provider.name, sent.code, self._clock())
            return replace(outcome, ref=sent.ref)
        count = sent.segments or forecast.segments
        cost = count * self._wording.price
        return Outcome(Fate.ACCEPTED, ref=sent.ref, cost=cost, segments=count)

    def _ask(self, letter: Letter, ref: str) -> Outcome:
        try:
            return self._provider.ask(mainland(letter.address), letter.key, ref)
        except Failed as failed:
            # Not to be told is not to know, whatever kept us from asking.
            return Outcome(Fate.UNKNOWN, ref=ref, code=failed.outcome.code, why=failed.outcome.why)
