"""订阅通知 and 模板消息: notices that fill a template, each to one follower.

订阅通知 are what a follower asked for, once or for long; long-term ones are granted to government and medical accounts
(https://developers.weixin.qq.com/doc/service/guide/product/Subscription_Messages/intro). The platform knows no repetition
of them, so one whose answer is lost is never sent again by itself.

模板消息 answer what a follower set off themselves. They may not be used for unsolicited policy notices:
“不允许在用户没做任何操作或未经用户同意接收的前提下，主动下发”
(https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Template_Message_Operation_Specifications.html).
"""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from ..calling import Failed, one_by_one, outcome_of
from ..filling import Template
from ..port import Accounting, Capability, Fate, Letter, Limits, Outcome
from .client import Platform, probe
from .fields import filled

NO_CONSENT = "43101"
"""The follower did not ask for it, or what they allowed is used up."""

ONE_TIME = 2
"""The ``type`` of a template of 订阅通知 whose consents are good for one message each; 3 are long-term ones."""


@dataclass(frozen=True, slots=True)
class Service:
    """What the platform calls the parts of one of the two.

    ``templates`` is where it lists those of the account, under ``listed``, each with its ``id``; ``link`` and ``again`` are
    the fields of a message for its link and for what a repetition is known by (empty: there is none). ``asked_for``: only
    who allowed the template may be sent it. ``missing`` is what an office is told that has no template of an id.
    """

    name: str
    title: str
    send: str
    templates: str
    listed: str
    id: str
    link: str
    again: str
    limits: Limits
    missing: str
    asked_for: bool = False


NOTICE = Service(
    name="wechat_notice",
    title="订阅通知",
    send="/cgi-bin/message/subscribe/bizsend",
    templates="/wxaapi/newtmpl/gettemplate",
    listed="data",
    id="priTmplId",
    link="page",
    again="",
    limits=Limits(per_second=20),
    missing="公众号里没有订阅通知模板 {}。请在公众平台“订阅通知”中选用后，把模板编号填进设置。",
    asked_for=True,
)
"""https://developers.weixin.qq.com/doc/service/api/notify/notify/api_sendnewsubscribemsg.html. The platform does not tell
its pace; this one has room below what others saw refused. A receipt (subscribe_msg_sent_event) names the message."""

TEMPLATE = Service(
    name="wechat_template",
    title="模板消息",
    send="/cgi-bin/message/template/send",
    templates="/cgi-bin/template/get_all_private_template",
    listed="template_list",
    id="template_id",
    link="url",
    again="client_msg_id",
    limits=Limits(per_second=20, per_day=100_000, again_within=timedelta(minutes=10)),
    missing="公众号里没有消息模板 {}。请在公众平台“模板消息”中添加后，把模板编号填进设置。",
)
"""https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Template_Message_Interface.html: 100,000 a day, and
``client_msg_id`` is known again for ten minutes, for each openid. A receipt (TEMPLATESENDJOBFINISH) names the message."""


class WeChatTemplated:
    """Sends what one template says, by one of the two services."""

    medium = "wechat"
    accounting = Accounting.PER_PERSON

    def __init__(
        self,
        service: Service,
        platform: Platform,
        template: Template,
        limits: Limits | None = None,
    ) -> None:
        self._service = service
        self._platform = platform
        self._template = template
        self.name = service.name
        self.account = platform.account
        self.limits = limits or service.limits
        self._once: bool | None = None
        self._asking = threading.Lock()

    def forecast(self, letter: Letter) -> Outcome:
        """Free; refused when a field cannot be filled."""
        return outcome_of(self._sendable, letter)

    def hand(self, letters: Sequence[Letter]) -> Sequence[Outcome]:
        """Send each; a receipt names the message by the ``ref`` given here."""
        return one_by_one(letters, self._send)

    def settle(self, letters: Sequence[Letter], refs: Sequence[str]) -> Sequence[Outcome]:
        """The platform has no question for it: only the receipt tells."""
        why = f"{self._service.title}不能查询结果，只能等待回执。"
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
        if self._service.again:
            body[self._service.again] = known_again_by(letter)
        if letter.link:
            body[self._service.link] = letter.link
        scope = f"{self.name}:{self._template.id}"
        try:
            answer = self._platform.post(self._service.send, body, letter.leaving)
        except Failed as failed:
            if failed.outcome.code != NO_CONSENT:
                raise
            raise Failed(replace(failed.outcome, consent=scope)) from None
        used = scope if self._service.asked_for and self._one_time() else ""
        return Outcome(Fate.ACCEPTED, ref=str(answer.get("msgid") or ""), consent=used)

    def _one_time(self) -> bool:
        """Whether a consent is good for one message. The platform is asked once; where it does not tell, a consent is taken
        to last until the platform says ``NO_CONSENT``."""
        with self._asking:
            if self._once is None:
                try:
                    self._once = any(found.get("type") == ONE_TIME for found in self._found())
                except Failed:
                    self._once = False
            return self._once

    def _missing(self) -> str:
        return "" if self._found() else self._service.missing.format(self._template.id)

    def _found(self) -> list[dict[str, Any]]:
        """The template as the account has it; empty where it has not."""
        service = self._service
        templates = self._platform.get(service.templates).get(service.listed) or []
        return [one for one in templates if one.get(service.id) == self._template.id]


def known_again_by(letter: Letter) -> str:
    """32 characters for the letter's key: the platform does not say how long its field may be."""
    return hashlib.sha256(letter.key.encode()).hexdigest()[:32]
