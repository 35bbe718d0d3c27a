"""Who may do what about a push: officers, and the steps of its approval in order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from catalogue_index.errors import Refused

DRAFTING = "起草"
"""The role of those who write notices and submit them."""

VALID = timedelta(hours=24)
"""How long approvals are good unless the office says otherwise."""


class ApprovalRefused(Refused):
    """Something about a push is not allowed; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Officer:
    """A person of the office, and the steps (or 起草) they may do."""

    name: str
    roles: tuple[str, ...]


Officers = Callable[[], Iterable[Officer]]
"""Everybody who works here now; asked each time somebody does something."""


def nobody() -> Iterable[Officer]:
    """An office without officers."""
    return ()


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps in order, at least two; who may do them; how long an approval is good for."""

    steps: tuple[str, ...] = ("初审", "复审", "终审")
    officers: Officers = nobody
    valid: timedelta = VALID

    def __post_init__(self) -> None:
        if len(set(self.steps)) < 2 or len(set(self.steps)) < len(self.steps):
            raise ApprovalRefused("审批至少要有两步，且名称不能重复。请修改设置 [approval] steps。")

    def officer(self, name: str) -> Officer:
        """The officer of a name; raises ``ApprovalRefused``."""
        found = next((one for one in self.officers() if one.name == name), None)
        if found is None:
            raise ApprovalRefused(
                f"工作人员名单里没有“{name}”。请核对 --by，或在设置里加一段 [[officer]]。"
            )
        return found

    def drafts(self, name: str) -> None:
        """Raise ``ApprovalRefused`` for who may not write notices."""
        if DRAFTING not in self.officer(name).roles:
            raise ApprovalRefused(f"“{name}”没有“{DRAFTING}”的职责，不能拟写或提交推送。")

    def decides(self, name: str) -> None:
        """Raise ``ApprovalRefused`` for who does no step of the chain."""
        if not set(self.officer(name).roles) & set(self.steps):
            raise ApprovalRefused(f"“{name}”没有审批职责，不能做这一步。请由审批人员操作。")


def too_old(not_before: int, valid: timedelta, now: int) -> bool:
    """Whether approvals are good no more for a push that could have begun at ``not_before``; moments are in seconds since
    1970. A push for later is approved today and starts on its day: hours count from then."""
    return now >= not_before + valid.total_seconds()
