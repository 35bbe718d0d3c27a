"""群发: one message to many, which the platform accounts for in totals only.

A service account's follower gets at most four a calendar month, those sent by hand in the console included; a
subscription account may send one a day. ``clientmsgid`` (64 bytes) stops a repetition within 24 hours: 45065 then
names the first one. Where the account is protected (API 群发保护) an administrator has 30 minutes to confirm, or nothing
is sent. All of it: https://developers.weixin.qq.com/doc/offiaccount/Message_Management/
Batch_Sends_and_Originality_Checks.html
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from bot.settings import AccountKind

from ..calling import Failed
from ..options import Style
from ..port import Accounting, Capability, Fate, Letter, Limits, Outcome
from .client import Platform, probe
from .custom import forecast, message
from .tags import TagRefused, sync

SEND = "/cgi-bin/message/mass/send"
SEND_BY_TAG = "/cgi-bin/message/mass/sendall"
STATUS = "/cgi-bin/message/mass/get"
DELETE = "/cgi-bin/message/mass/delete"

NO_JOB, UNKNOWN_JOB = "1", "40059"
"""An id that no 群发 has, and what the platform says to it."""

FEWEST, MOST = 2, 10_000
"""Openids of one call."""

MOST_BY_TAG = 100_000
"""Followers of one tag that the platform still lets be taken away (45057)."""

TAG = "政策直通车"
"""The tag that a subscription account's people wear while they are sent something; there is one sending a day."""

CALLS_A_MINUTE = 60
AGAIN_WITHIN = timedelta(hours=24)
CONFIRM_WITHIN = timedelta(minutes=30)

LIMITS: Mapping[AccountKind, Limits] = {
    AccountKind.SERVICE: Limits(per_second=1, per_person_month=4, batch=MOST),
    AccountKind.SUBSCRIPTION: Limits(per_second=1, per_day=1, batch=MOST_BY_TAG),
}
"""``again_within`` stays zero: a letter that comes back in other company would get another ``clientmsgid``. Who sends
jobs by ``send`` and ``send_to_tag`` keeps their id, and may repeat them for ``AGAIN_WITHIN``."""

_FATES: Mapping[str, tuple[Fate, str]] = {
    "SENDING": (Fate.ACCEPTED, "微信正在群发。"),
    "SEND_SUCCESS": (Fate.ACCEPTED, "微信已发完这次群发；只有总数，没有每个人的结果。"),
    "SEND_FAIL": (Fate.UNDELIVERED, "微信没有发出这次群发。请登录公众平台查看原因。"),
    "DELETE": (Fate.ACCEPTED, "这次群发的图文已被删除。"),
}
"""By ``msg_status`` of the page above."""


class WeChatMass:
    """Sends 群发: a service account by openids, a subscription account by a tag, for the platform lets it no other way.

    ``protected``: an administrator has to confirm each.
    """

    name = "wechat_mass"
    medium = "wechat"
    accounting = Accounting.AGGREGATE

    def __init__(
        self,
        platform: Platform,
        kind: AccountKind,
        *,
        protected: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self._platform = platform
        self._by_tag = kind is AccountKind.SUBSCRIPTION
        self._protected = protected
        self.account = platform.account
        self.limits = limits or LIMITS[kind]

    def forecast(self, letter: Letter) -> Outcome:
        """Free; what month and day allow is a matter of quotas."""
        return forecast(letter)

    def hand(self, letters: Sequence[Letter]) -> Sequence[Outcome]:
        """Send to the letters' openids, in one call for those that say the same; each gets its call's outcome."""
        outcomes: dict[int, Outcome] = {}
        for part in _parts(letters, MOST_BY_TAG if self._by_tag else MOST):
            found = self._send_part([letters[index] for index in part])
            outcomes |= dict(zip(part, found, strict=True))
        return [outcomes[index] for index in range(len(letters))]

    def send(
        self,
        openids: Sequence[str],
        content: Mapping[str, Any],
        job: str,
        leaving: Callable[[], None] | None = None,
    ) -> Outcome:
        """Send ``content`` to 2 to 10,000 openids; ``job`` is ours, at most 64 bytes, the same at every attempt."""
        body = {"touser": list(openids), **content, "clientmsgid": job}
        return self._post(SEND, body, leaving)

    def send_to_tag(
        self,
        tag: int,
        content: Mapping[str, Any],
        job: str,
        leaving: Callable[[], None] | None = None,
    ) -> Outcome:
        """Send ``content`` to all who wear a tag; it does not enter the account's history."""
        scope = {"filter": {"is_to_all": False, "tag_id": tag}}
        return self._post(SEND_BY_TAG, {**scope, **content, "clientmsgid": job}, leaving)

    def withdraw(self, ref: str) -> Outcome:
        """Delete the article of a 群发: its page goes, the card in the chat stays; texts cannot be taken back."""
        return self._post(DELETE, {"msg_id": _number(ref)})

    def settle(self, letters: Sequence[Letter], refs: Sequence[str]) -> Sequence[Outcome]:
        """Ask once for each sending; without a reference the platform cannot be asked."""
        status = {ref: self._status(ref) for ref in dict.fromkeys(refs)}
        return [status[ref] for _, ref in zip(letters, refs, strict=True)]

    def probe(self) -> Capability:
        """Whether the account may use 群发."""
        return probe(self._missing)

    def _missing(self) -> str:
        try:
            self._platform.post(STATUS, {"msg_id": NO_JOB})
        except Failed as failed:
            # To be told that there is no such job is to be allowed to ask.
            if failed.outcome.code != UNKNOWN_JOB:
                raise
        return ""

    def _send_part(self, letters: Sequence[Letter]) -> list[Outcome]:
        """What became of letters that say the same."""
        if self._by_tag:
            return self._send_to_wearers(letters)
        if len(letters) < FEWEST:
            why = f"群发至少要有 {FEWEST} 个人，这次只有 {len(letters)} 个。请改用其他渠道。"
            return [Outcome(Fate.REFUSED, code="40130", why=why)] * len(letters)
        openids = [letter.address for letter in letters]
        same = (content_of(letters[0]), job_of(letters), partial(_all_leave, letters))
        return [self.send(openids, *same)] * len(letters)

    def _send_to_wearers(self, letters: Sequence[Letter]) -> list[Outcome]:
        try:
            worn = sync(self._platform, TAG, [letter.address for letter in letters])
        except Failed as failed:
            return [_before_sending(failed.outcome)] * len(letters)
        except TagRefused as refused:
            return [Outcome(Fate.REFUSED, code="tag", why=str(refused))] * len(letters)
        same = (content_of(letters[0]), job_of(letters), partial(_all_leave, letters))
        sent = self.send_to_tag(worn.tag, *same)
        return [_GONE if letter.address in worn.strangers else sent for letter in letters]

    def _post(
        self, path: str, body: Mapping[str, Any], leaving: Callable[[], None] | None = None
    ) -> Outcome:
        try:
            answer: Mapping[str, Any] = self._platform.post(path, body, leaving)
        except Failed as failed:
            return replace(failed.outcome, ref=_ref(failed.answer))
        within = int(CONFIRM_WITHIN.total_seconds() // 60)
        why = (
            f"请管理员在 {within} 分钟内在微信上确认这次群发，否则不会发出。"
            if self._protected
            else ""
        )
        return Outcome(Fate.ACCEPTED, ref=_ref(answer), why=why)

    def _status(self, ref: str) -> Outcome:
        if not ref:
            return Outcome(Fate.UNKNOWN, why="没有群发编号，不能向微信查询。")
        try:
            answer = self._platform.post(STATUS, {"msg_id": ref})
        except Failed as failed:
            return Outcome(Fate.UNKNOWN, ref=ref, code=failed.outcome.code, why=failed.outcome.why)
        status = str(answer.get("msg_status") or "")
        fate, why = _FATES.get(status, (Fate.UNKNOWN, "微信没有说明这次群发的结果。"))
        return Outcome(fate, ref=ref, code=status, why=why)


def _all_leave(letters: Sequence[Letter]) -> None:
    for letter in letters:
        letter.leaving()


def content_of(letter: Letter) -> dict[str, Any]:
    """The letter as the content of a 群发: an article of the drafts by ``media_id``, else a text."""
    if media := letter.fields.get("media_id"):
        return {"msgtype": "mpnews", "mpnews": {"media_id": media}, "send_ignore_reprint": 0}
    return message(Style.TEXT, letter)


def job_of(letters: Sequence[Letter]) -> str:
    """64 characters that stand for exactly these letters, in whatever order."""
    keys = json.dumps(sorted(letter.key for letter in letters))
    return hashlib.sha256(keys.encode()).hexdigest()


_GONE = Outcome(Fate.REFUSED, code="40003", why="对方没有关注公众号。不再向此人发送。", gone=True)


def _before_sending(outcome: Outcome) -> Outcome:
    """A failure while the tag was being given: no letter was out, whatever became of that call."""
    return replace(outcome, fate=Fate.CLOSED if outcome.fate is Fate.CLOSED else Fate.LATER)


def _parts(letters: Sequence[Letter], most: int = MOST) -> Iterator[list[int]]:
    """Places of letters that say the same, as many as one call takes, and never one alone where it can be helped."""
    alike: dict[str, list[int]] = {}
    for index, letter in enumerate(letters):
        alike.setdefault(json.dumps(content_of(letter), sort_keys=True), []).append(index)
    for places in alike.values():
        while places:
            size = most - 1 if len(places) == most + 1 else most
            yield places[:size]
            places = places[size:]


def _ref(answer: Mapping[str, Any]) -> str:
    return str(answer.get("msg_id") or "")


def _number(ref: str) -> int | str:
    return int(ref) if ref.isdigit() else ref
