"""Which steps of a push's approval an account does."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from bot.notices.chain import DRAFTING
from bot.notices.chain import Officer as Approver
from bot.storage.database import Database

from . import repository
from .model import Role


def steps_of(role: Role, steps: Sequence[str]) -> tuple[str, ...]:
    """What a role does of these steps: 终审 the last, 审核 those before it; who drafts does none."""
    match role:
        case Role.DRAFTER | Role.LIAISON:
            return (DRAFTING,)
        case Role.REVIEWER:
            return tuple(steps[:-1])
        case Role.FINAL:
            return tuple(steps[-1:])
        case _:
            return ()


def approvers(
    database: Database, steps: Sequence[str], others: Iterable[Approver] = ()
) -> Callable[[], Iterator[Approver]]:
    """Everybody with an open account, as the approval of pushes knows them, after ``others`` of the settings."""

    def now() -> Iterator[Approver]:
        yield from others
        with database.read() as connection:
            officers = repository.all_of(connection)
        for officer in officers:
            if officer.closed_at is None:
                does = [step for role in officer.roles for step in steps_of(role, steps)]
                yield Approver(officer.name, tuple(does))

    return now
