"""模板消息: what a follower set off themselves. It may not be used for unsolicited policy notices.

“不允许在用户没做任何操作或未经用户同意接收的前提下，主动下发”
(https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Template_Message_Operation_Specifications.html).
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from ..calling import one_by_one, outcome_of
from ..filling import Template
from ..port import Accounting, Capability, Fate, Letter, Limits, Outcome
from .client import Platform, probe
from .fields import filled

SEND = "/cgi-bin/message/template/send"
TEMPLATES = "/cgi-bin/template/get_all_private_template"
SOURCE = "https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Template_Message_Interface.html"

LIMITS = Limits(per_second=20, per_day=100_000, again_within=timedelta(minutes=10))
"""100,000 a day (the page above). The platform knows ``client_msg_id`` again for ten minutes, for each openid."""


class WeChatTemplate:
    """Sends 模板消息 of one template."""

    name = "wechat_template"
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
        """Send each; a receipt (TEMPLATESENDJOBFINISH) names the message by the ``ref`` given here."""
        return one_by_one(letters, self._send)

    def settle(self, letters: Sequence[Letter], refs: Sequence[str]) -> Sequence[Outcome]:
        """The platform has no question for it; within ten minutes the same letter may be sent again."""
        why = "模板消息不能查询结果，只能等待回执。"
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
            "client_msg_id": known_again_by(letter),
            "data": filled(self._template, letter),
        }
        if letter.link:
            body["url"] = letter.link
        answer = self._platform.post(SEND, body)
        return Outcome(Fate.ACCEPTED, ref=str(answer.get("msgid") or ""))

    def _missing(self) -> str:
        templates = self._platform.get(TEMPLATES).get("template_list") or []
        if any(template.get("template_id") == self._template.id for template in templates):
            return ""
        return f"公众号里没有消息模板 {self._template.id}。请在公众平台“模板消息”中添加后，把模板编号填进设置。"


def known_again_by(letter: Letter) -> str:
    """32 characters for the letter's key: the platform does not say how long its field may be."""
    return hashlib.sha256(letter.key.encode()).hexdigest()[:32]
