"""What the pages of the express work with, and what of it an officer may see at all."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.names import CHANNEL_NAMES
from bot.notices.approval import Approvals
from bot.notices.model import PUSH_NAMES, Notice, NoticeState, Push, PushState
from bot.notices.names import NOTICE_NAMES, PURPOSE_NAMES
from bot.notices.register import Register
from bot.notices.rendering import segments
from bot.notices.service import Notices
from bot.notices.suggesting import Suggestion
from bot.notices.telling import plan_lines
from bot.officers.model import Officer
from bot.storage.database import Database
from catalogue_index.areas import Areas
from catalogue_index.errors import Refused

from .console import NotHere, Visit

PUSH_MARKS = {
    PushState.SUBMITTED: "warn",
    PushState.PAUSED: "warn",
    PushState.REJECTED: "warn",
    PushState.STOPPED: "warn",
    PushState.EXPIRED: "warn",
    PushState.RUNNING: "good",
    PushState.FINISHED: "good",
}
"""Marks that ask to be looked at, and those that say that all is well."""

NOTICE_MARKS = {NoticeState.PUBLISHED: "good", NoticeState.UPDATED: "good"} | {
    NoticeState.RECALLED: "warn"
}

FIELD_NAMES = {
    "title": "标题",
    "issuer": "发文机关",
    "why": "订阅原因",
    "number": "文号",
    "purpose": "类别",
}
"""Fields of a letter that templates of a platform are filled with."""

SUGGESTED_FROM = 4_000
"""Characters of a text that suggestions are made from: what it is about stands at its beginning."""

CHECK_NAMES = {
    "dead": "链接",
    "expired": "有效期",
    "past": "日期",
    "phones": "电话",
    "words": "用词",
}
"""Checks that a person confirms, by what they look at."""

BY_TEMPLATE = frozenset({"wechat_notice", "wechat_template"})
"""Channels on which the platform's template is seen, and not the text."""


@dataclass(frozen=True, slots=True)
class ExpressPages:
    """Services and look-ups. ``suggest`` tells by title, body and area code whom a notice may concern; ``reveal`` gives
    the addresses of some ids."""

    notices: Notices
    approvals: Approvals
    register: Register
    database: Database
    areas: Areas
    suggest: Callable[[str, str, str], Suggestion]
    reveal: Callable[[Iterable[int]], Mapping[int, str]]

    def notice(self, visit: Visit, id: str = "") -> Notice:
        """The notice of an id, or that which the address names; raises ``NotHere``."""
        return self._of_officer(visit.officer, id or visit.path["id"])

    def push(self, visit: Visit) -> tuple[Push, Notice]:
        """The push that an address names, with its notice; raises ``NotHere``."""
        try:
            push = self.approvals.find(visit.path["id"])
        except Refused:
            raise NotHere from None
        return push, self._of_officer(visit.officer, push.notice)

    def area_name(self, code: str) -> str:
        """An area as people know it; a code that nobody knows stands for itself."""
        try:
            return self.areas.get(code).full_name
        except Refused:
            return code

    def plan_lines(self, push: Push) -> dict[str, str]:
        """How a push goes out, in words."""
        return plan_lines(push.plan, self.area_name)

    def segments(self, text: str) -> int:
        """How many short messages a text is charged as."""
        return segments(text, self.approvals.signature)

    def words(self) -> dict[str, Any]:
        """What templates of the express call things by."""
        return {
            "channel_names": CHANNEL_NAMES,
            "notice_names": NOTICE_NAMES,
            "notice_marks": NOTICE_MARKS,
            "purpose_names": PURPOSE_NAMES,
            "push_names": PUSH_NAMES,
            "push_marks": PUSH_MARKS,
            "field_names": FIELD_NAMES,
            "check_names": CHECK_NAMES,
            "by_template": BY_TEMPLATE,
            "area_name": self.area_name,
            "segments": self.segments,
            "signature": self.approvals.signature,
        }

    def _of_officer(self, officer: Officer, id: str) -> Notice:
        try:
            found = self.notices.find(id)
        except Refused:
            raise NotHere from None
        if not sees(officer, found):
            raise NotHere
        return found


def sees(officer: Officer, notice: Notice) -> bool:
    """Whether a notice is an officer's: of their areas, and of their units or written by themselves."""
    own = notice.created_by == officer.name
    return officer.covers(notice.area) and (own or officer.answers_for(notice.proposed.issuer))
