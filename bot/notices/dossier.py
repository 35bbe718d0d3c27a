"""What is approved of a push: its text, its letters, its audience and figures, channels, time and cost, and a hash over all
of it."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from . import audience, repository
from .audience import Audience, Figures, Frozen, Seat
from .chain import ApprovalRefused
from .model import Notice, Plan, Purpose, Push, Text
from .rendering import letter_parts, segments


@dataclass(frozen=True, slots=True)
class Dossier:
    """What an approver sees of a submitted push: figures, what it costs at most (ten-thousandths of a yuan), the letters of
    each channel, and what was ticked. ``concerned``: why people are in (who is for several reasons counts for each).
    What an earlier version of this software submitted has no ``text`` and ``plan``."""

    figures: Figures
    cost: int
    letters: Mapping[str, Mapping[str, Any]]
    ticked: tuple[str, ...]
    concerned: Mapping[str, int] = field(default_factory=dict)
    text: Text | None = None
    plan: Plan | None = None


class Dossiers:
    """Makes dossiers. ``link`` gives the address of a notice's page, ``signature`` stands before each short message."""

    def __init__(
        self, audiences: Audience, link: Callable[[str], str], signature: str = ""
    ) -> None:
        self._audiences = audiences
        self.link = link
        self.signature = signature

    def make(
        self, push: Push, notice: Notice, seats: Sequence[Seat], ticked: Collection[str]
    ) -> Dossier:
        """The dossier of a push that is about to be submitted to these people."""
        figures = audience.figures(seats)
        letters = self._letters(push, notice)
        prices = {way.channel: way.price for way in self._audiences.ways(push.plan.channels)}
        each = {
            channel: price * segments(letters[channel]["text"], self.signature)
            for channel, price in prices.items()
        }
        cost = sum(count * each[channel] for channel, count in figures.channels.items())
        concerned = Counter(why for seat in seats if seat.included for why in seat.why)
        told = (tuple(sorted(ticked)), dict(concerned), notice.proposed, push.plan)
        return Dossier(figures, cost, letters, *told)

    def letters(
        self,
        text: Text,
        notice_id: str,
        plan: Plan,
        purpose: Purpose = Purpose.FIRST,
        note: str = "",
    ) -> dict[str, dict[str, Any]]:
        """What each channel will say; for whom is left open."""
        link, why = self.link(notice_id), _longest_reason(plan)
        return {
            one: asdict(letter_parts(one, text, link, why, purpose, note, self.signature))
            for one in plan.channels
        }

    def hash(self, push: Push, notice: Notice, dossier: Dossier) -> str:
        """What approvals are over."""
        return repository.digest(
            {
                "notice": notice.id,
                "area": notice.area,
                "version": push.version,
                "text": asdict(notice.proposed),
                "purpose": push.purpose,
                "reason": push.reason,
                "not_before": push.not_before,
                "plan": asdict(push.plan),
                "letters": self._letters(push, notice),
                "figures": asdict(dossier.figures),
                "cost": dossier.cost,
            }
        )

    def unchanged(
        self, connection: Connection, push: Push, notice: Notice, rows: Mapping[str, Frozen]
    ) -> bool:
        """Whether a push still is what was submitted; ``rows`` are its audience as it is frozen."""
        dossier = submitted(connection, push.id)
        told = audience.digest_of((person, *row) for person, row in rows.items())
        figures = replace(dossier.figures, digest=told)
        return push.hash == self.hash(push, notice, replace(dossier, figures=figures))

    def _letters(self, push: Push, notice: Notice) -> dict[str, dict[str, Any]]:
        text = notice.proposed if push.version == notice.proposed_version else notice.text
        return self.letters(text, notice.id, push.plan, push.purpose, push.reason)


def submitted(connection: Connection, push_id: str) -> Dossier:
    """The dossier with which a push was last submitted; raises ``ApprovalRefused``."""
    found = submissions(connection, push_id)
    if not found:
        raise ApprovalRefused(f"推送 {push_id} 还没有提交。")
    return found[-1]


def submissions(connection: Connection, push_id: str) -> list[Dossier]:
    """All dossiers with which a push was submitted, in order."""
    events = repository.events_of(connection, push_id)
    return [_dossier(json.loads(e.detail)) for e in events if e.what == "submitted"]


def _dossier(values: dict[str, Any]) -> Dossier:
    text, plan = values.get("text"), values.get("plan")
    return Dossier(
        figures=Figures(**values["figures"]),
        cost=values["cost"],
        letters=values["letters"],
        ticked=tuple(values["ticked"]),
        concerned=values.get("concerned", {}),
        text=repository.text_of(repository.canonical(text)) if text else None,
        plan=repository.plan_of(repository.canonical(plan)) if plan else None,
    )


def _longest_reason(plan: Plan) -> tuple[str, ...]:
    rule = plan.rule
    return tuple(f"订阅：{name}" for name in (*rule.sectors, *rule.items, *rule.groups))
