"""订阅通知: the notices that a follower asked for, once or for long.

Long-term ones are granted to government and medical accounts (https://developers.weixin.qq.com/doc/service/guide/product/
Subscription_Messages/intro). The platform knows no repetition of them, so one whose answer is lost is never sent again
by itself.
"""

from collections.abc import Sequence
from typing import Any

from ..calling import one_by_one, outcome_of
from ..filling import Template
from ..port import Accounting, Capability, Fate, Letter, Limits, Outcome
from .client import Platform, probe
from .fields import filled

SEND = "/cgi-bin/message/subscribe/bizsend"
TEMPLATES = "/wxaapi/newtmpl/gettemplate"
SOURCE = (
    "https://developers.weixin.qq.com/doc/service/api/notify/notify/api_sendnewsubscribemsg.html"
)

LIMITS = Limits(per_second=20)
"""The platform does not publish its pace; this one has room below what others saw refused."""


class WeChatNotice:
    """Sends 订阅通知 of one template."""

    name = "wechat_notice"
    medium = "wechat"
    accounting = Accounting.PER_PERSON

    def __init__(self, platform: Platform, template: Template, limits: Limits = LIMITS) -> None:
        self._platform = platform
        self._template = template
        self.account = platform.account
        self.limits = limits

    def forecast(self, letter: Letter) -> Outcome:
        """Free; refused when a field cannot be filled."""
        return outcome_of(self._sendable, letter)

    def hand(self, letters: Sequence[Letter]) -> Sequence[Outcome]:
        """Send each; a receipt (subscribe_msg_sent_event) names the message by the ``ref`` given here."""
        return one_by_one(letters, self._send)

    def settle(self, letters: Sequence[Letter], refs: Sequence[str]) -> Sequence[Outcome]:
        """The platform has no question for it: only the receipt tells."""
        why = "订阅通知不能查询结果，只能等待回执。"
        return [
            Outcome(Fate.UNKNOWN, ref=ref, why=why) for _, ref in zip(letters, refs, strict=True)
        ]

    def probe(self) -> Capability:
        """Whether the account has the template."""
        return probe(self._missing)

    def _sendable(self, letter: Letter) -> Outcome:
        filled(self._template, letter)
        return Outcome(Fate.ACCEPTED)

    def _send(self, letter: Letter) -> Outcome:
        body: dict[str, Any] = {
            "touser": letter.address,
            "template_id": self._template.id,
            "data": filled(self._template, letter),
        }
        if letter.link:
            body["page"] = letter.link
        answer = self._platform.post(SEND, body)
        return Outcome(Fate.ACCEPTED, ref=str(answer.get("msgid") or ""))

    def _missing(self) -> str:
        templates = self._platform.get(TEMPLATES).get("data") or []
        if any(template.get("priTmplId") == self._template.id for template in templates):
            return ""
        return f"公众号里没有订阅通知模板 {self._template.id}。请在公众平台“订阅通知”中选用后，把模板编号填进设置。"
