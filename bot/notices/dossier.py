"""What is approved of a push: its text, its letters, its audience and figures, channels, time and cost, and a hash over all
of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Connection

from . import audience, repository
from .audience import Audience, Figures
from .chain import ApprovalRefused
from .model import Notice, Plan, Push
from .rendering import letter_parts, segments


@dataclass(frozen=True, slots=True)
class Dossier:
    """What an approver sees of a submitted push: figures, what it costs at most (ten-thousandths of a yuan), the letters of
    each channel, and what was ticked."""

    figures: Figures
    cost: int
    letters: Mapping[str, Mapping[str, Any]]
    ticked: tuple[str, ...]


class Dossiers:
    """Makes dossiers. ``link`` gives the address of a notice's page, ``signature`` stands before each short message."""

    def __init__(
        self, audiences: Audience, link: Callable[[str], str], signature: str = ""
    ) -> None:
        self._audiences = audiences
        self.link = link
        self.signature = signature

    def make(
        self, push: Push, notice: Notice, figures: Figures, ticked: tuple[str, ...]
    ) -> Dossier:
        """The dossier of a push that is about to be submitted."""
        letters = self._letters(push, notice)
        prices = {way.channel: way.price for way in self._audiences.ways(push.plan.channels)}
        each = {
            channel: price * segments(letters[channel]["text"], self.signature)
            for channel, price in prices.items()
        }
        cost = sum(count * each[channel] for channel, count in figures.channels.items())
        return Dossier(figures, cost, letters, ticked)

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

    def unchanged(self, connection: Connection, push: Push, notice: Notice) -> bool:
        """Whether a push still is what was submitted."""
        dossier = submitted(connection, push.id)
        rows = audience.frozen(connection, push.id).items()
        told = audience.digest_of((person, *row) for person, row in rows)
        figures = replace(dossier.figures, digest=told)
        return push.hash == self.hash(push, notice, replace(dossier, figures=figures))

    def _letters(self, push: Push, notice: Notice) -> dict[str, dict[str, Any]]:
        """What each channel will say; for whom is left open."""
        return {
            channel: asdict(
                letter_parts(
                    channel,
                    notice.proposed if push.version == notice.proposed_version else notice.text,
                    self.link(notice.id),
                    _longest_reason(push.plan),
                    push.purpose,
                    push.reason,
                    self.signature,
                )
            )
            for channel in push.plan.channels
        }


def submitted(connection: Connection, push_id: str) -> Dossier:
    """The dossier with which a push was last submitted; raises ``ApprovalRefused``."""
    found = [e for e in repository.events_of(connection, push_id) if e.what == "submitted"]
    if not found:
        raise ApprovalRefused(f"推送 {push_id} 还没有提交。")
    values = json.loads(found[-1].detail)
    figures = Figures(**values.pop("figures"))
    return Dossier(figures=figures, **values | {"ticked": tuple(values["ticked"])})


def _longest_reason(plan: Plan) -> tuple[str, ...]:
    rule = plan.rule
    return tuple(f"订阅：{name}" for name in (*rule.sectors, *rule.items, *rule.groups))
