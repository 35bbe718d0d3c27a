"""Steps written down, with all that follows from them for other rows: those that wait for their turn, that share an address
or a message, and addresses that take nothing."""

from collections.abc import Sequence

from sqlalchemy import Connection

from bot.storage.schema import pushes

from . import gathering, repository, sharing, spending, stepping
from .model import Delivery, Step
from .states import State

MOST_FAILURES = 3
"""Letters in a row that never arrive at an address, until nothing is sent there any more."""

_WAKING = frozenset(
    {
        State.ACCEPTED,
        State.DELIVERED,
        State.UNDELIVERED,
        State.FAILED,
        State.SKIPPED,
        State.SUPERSEDED,
        State.NO_RECEIPT,
    }
)


def write(connection: Connection, steps: Sequence[Step], second: int) -> None:
    """Write steps, and all that follows from them for other rows."""
    repository.write(connection, steps, second)
    moved = [step.after for step in steps if step.after.state is not step.before.state]
    repository.wake(connection, [row for row in moved if row.state in _WAKING], second)
    _count_failures(connection, moved, second)
    follow(connection, moved, second)


def follow(connection: Connection, moved: Sequence[Delivery], second: int) -> None:
    """Bring along the rows that share an address with rows that moved."""
    if not moved:
        return
    led: set[int] = set()
    gathered: list[tuple[Delivery, Delivery]] = []
    for follower, leader in repository.sharers(connection, moved):
        if gathering.together(follower, leader):
            gathered.append((follower, leader))
        elif sharing.takes_over(follower, leader):
            if leader.id not in led:
                led.add(leader.id)
                _take_over(connection, follower, leader, second)
        elif steps := list(stepping.catch_up(follower, leader, second)):
            repository.write(connection, steps, second)
            repository.wake(connection, [steps[-1].after], second)
    # People with one telephone follow rows that follow.
    follow(connection, _bring_along(connection, gathered, second), second)


def _bring_along(
    connection: Connection, gathered: Sequence[tuple[Delivery, Delivery]], second: int
) -> list[Delivery]:
    """Bring gathered rows to where their messages are, all at once; returns those that moved."""
    parted = [pair for pair in gathered if gathering.parts(*pair)]
    repository.share(connection, {follower.id: None for follower, _ in parted})
    steps = [stepping.parted(*pair, second) for pair in parted]
    for follower, leader in gathered:
        if not gathering.parts(follower, leader):
            steps += stepping.catch_up(follower, leader, second)
    repository.write(connection, steps, second)
    spending.correct(connection, steps)
    moved = [step.after for step in steps if step.after.state is not step.before.state]
    repository.wake(connection, [row for row in moved if row.state in _WAKING], second)
    return moved


def _take_over(connection: Connection, follower: Delivery, leader: Delivery, second: int) -> None:
    push = repository.load_pushes(connection, pushes.c.id == follower.push)[follower.push]
    if push.over or follower.expires_at <= second:
        repository.write(connection, [stepping.ended(follower, push, second)], second)
        # Those that follow the same row end with it, one at a time.
        follow(connection, [leader], second)
        return
    waits = leader.state is State.WAITING
    repository.take_over(connection, follower, leader, waits)
    why = "同一地址的另一人不再占用它，改由本行发送"
    repository.write(connection, [Step(follower, follower, "ledger", why)], second)


def _count_failures(connection: Connection, moved: Sequence[Delivery], second: int) -> None:
    for row in moved:
        if row.address is not None and row.state in (State.DELIVERED, State.UNDELIVERED):
            repository.count_failures(
                connection,
                row.address,
                failed=row.state is State.UNDELIVERED,
                most=MOST_FAILURES,
                why=f"连续 {MOST_FAILURES} 次没有送达",
                now=second,
            )
