"""Officers as values: their roles, what these may do together, and how far they reach."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from catalogue_index.errors import Refused


class Role(StrEnum):
    """岗位 of the console."""

    DRAFTER = "经办"
    REVIEWER = "审核"
    FINAL = "终审"
    LIAISON = "单位联络员"
    AUDITOR = "审计"
    ADMINISTRATOR = "管理员"


ALONE = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})
"""Roles that go with no other: who keeps the system or audits it takes no part in the work
(三员分立, GB/T 22239-2019 8.1.5.1 to 8.1.5.3: system, audit and security management apart)."""


class OfficerRefused(Refused):
    """Something about an account is not possible; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Officer:
    """A person with an account. ``areas`` are codes, ``units`` names of 单位; none of them means all.

    ``temporary``: the password was chosen by somebody else. Moments are in seconds since 1970.
    """

    id: int
    name: str
    roles: tuple[Role, ...]
    areas: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    temporary: bool = False
    two_factor: bool = False
    locked_until: int = 0
    closed_at: int | None = None

    def covers(self, area: str) -> bool:
        """Whether an area's matters are this officer's: it is one of theirs, or below one."""
        return not self.areas or any(area.startswith(own) for own in self.areas)

    def answers_for(self, unit: str) -> bool:
        """Whether a unit's matters are this officer's."""
        return not self.units or any(own in unit for own in self.units)


def roles_of(names: Collection[str]) -> tuple[Role, ...]:
    """The roles of these names, in the order of ``Role``; raises ``OfficerRefused``."""
    unknown = [name for name in names if name not in set(Role)]
    if unknown:
        raise OfficerRefused(f"没有“{unknown[0]}”这个岗位。可选：{'、'.join(Role)}。")
    roles = tuple(role for role in Role if role in names)
    if not roles:
        raise OfficerRefused("至少要有一个岗位。")
    if len(roles) > 1 and (alone := ALONE & set(roles)):
        raise OfficerRefused(f"“{min(alone)}”不能兼任别的岗位：管理、审计与业务要由不同的人担任。")
    return roles
