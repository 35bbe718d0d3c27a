"""The SQL of the ledger: one for SQLite and PostgreSQL.

Whoever reads rows to move them locks them (``FOR UPDATE``; SQLite has one writer at a time), so that a move is decided
on what is still true when it is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal_column,
    select,
    tuple_,
    update,
)

from bot.notices.model import Plan, PushState
from bot.notices.repository import plan_of
from bot.storage.bulk import add_rows, insert_rows, listed, update_rows
from bot.storage.database import Statement, statements_within
from bot.storage.schema import (
    addresses,
    approvals,
    claims,
    deliveries,
    delivery_events,
    push_events,
    pushes,
)
from bot.storage.scope import of_any_push

from .model import Delivery, Push, Step
from .states import REACHED, State, recorded

_NAMES = tuple(field.name for field in fields(Delivery))
_STATE, _ATTEMPT, _LEASE = map(_NAMES.index, ("state", "attempt", "lease_until"))
_STATES = {str(state): state for state in State}
_CLAIMED = {
    "state": case(
        (claims.c.delivery.is_not(None), literal_column("'claimed'")), else_=deliveries.c.state
    ),
    "attempt": func.coalesce(claims.c.attempt, deliveries.c.attempt),
    "lease_until": func.coalesce(claims.c.lease_until, deliveries.c.lease_until),
}
"""What a claim says of its row, which stands in the ledger as queued."""

IN_QUEUE = and_(deliveries.c.state == State.QUEUED, claims.c.delivery.is_(None))
"""The rows, for ``lock``, that are queued and in nobody's hands."""

_ROWS = select(
    *(_CLAIMED.get(name, deliveries.c[name]).label(name) for name in _NAMES)
).select_from(deliveries.outerjoin(claims, claims.c.delivery == deliveries.c.id))
_CHANGING = (
    "state",
    "attempt",
    "attempts",
    "lease_until",
    "not_before",
    "provider_ref",
    "code",
    "cost",
    "segments",
    "updated_at",
)
_MAY_BE_OUT = REACHED | {State.HANDING, State.ABANDONED}
_TOLD = ("delivery", "came_from", "went_to", "who", "evidence")
_HELD = ("delivery", "attempt", "lease_until")


class ClaimLost(Exception):
    """Rows in a worker's hands were taken back while it waited for them: what it wanted to write is not written."""


def claim(
    connection: Connection,
    push: str,
    channel: tuple[str, str],
    most: int,
    attempt: str,
    lease_until: int,
    now: int,
    front: tuple[int, int],
) -> list[Delivery]:
    """Take up to ``most`` rows of a push on a channel of an account that are due, oldest first, from ``front`` on: a moment
    and the id of a row."""
    values = {
        "front_at": front[0],
        "front_id": front[1],
        "push": push,
        "channel": channel[0],
        "account": channel[1],
        "most": most,
        "attempt": attempt,
        "lease_until": lease_until,
        "now": now,
    }
    found = statements_within(connection).all(_TAKE, values)
    if connection.dialect.name == "sqlite":  # PostgreSQL does both by the same statement.
        insert_rows(connection, claims, _HELD, ((row[0], attempt, lease_until) for row in found))
    held = {_STATE: State.CLAIMED, _ATTEMPT: attempt, _LEASE: lease_until}
    return [_delivery(row, held) for row in found]


def gather(connection: Connection, leaders: Sequence[Delivery], now: int) -> None:
    """Claim, with each claimed row of a job, the others that can go in the same message."""
    if not leaders:
        return
    sending = select(pushes.c.id).where(
        pushes.c.state == PushState.RUNNING,
        pushes.c.not_before <= now,
        pushes.c.expires_at > now,
    )
    query = (
        _ROWS.where(
            deliveries.c.person.in_({row.person for row in leaders}),
            deliveries.c.job.in_({row.job for row in leaders}),
            IN_QUEUE,
            deliveries.c.not_before <= now,
            deliveries.c.shares.is_(None),
            deliveries.c.push.in_(sending),
        )
        .order_by(deliveries.c.id)
        .with_for_update(of=deliveries, skip_locked=True)
    )
    by_message = {_message(row): row for row in leaders}
    steps = []
    for row in map(_delivery, connection.execute(query)):
        if leader := by_message.get(_message(row)):
            claimed = row.to(
                State.CLAIMED,
                attempt=leader.attempt,
                lease_until=leader.lease_until,
                shares=leader.id,
                updated_at=now,
            )
            why = f"与第 {leader.id} 行汇总成一条消息"
            steps.append(Step(row, claimed, f"worker:{leader.attempt}", why))
    write(connection, steps, now)
    share(connection, {step.after.id: step.after.shares for step in steps})


def gathered(connection: Connection, leaders: Sequence[Delivery]) -> dict[int, list[Delivery]]:
    """The rows that go in the same message as each of ``leaders``, by the leader's id, and are where it is."""
    by_id = {row.id: row for row in leaders if row.job}
    found: dict[int, list[Delivery]] = {}
    for row in lock(connection, deliveries.c.shares.in_(by_id)) if by_id else ():
        leader = by_id[row.shares or 0]
        if row.push != leader.push and row.state is leader.state:
            found.setdefault(leader.id, []).append(row)
    return found


def share(connection: Connection, leaders: Mapping[int, int | None]) -> None:
    """Let rows, by id, share the letter of another row, or (``None``) of none."""
    if leaders:
        values = [{"row_id": id, "leader": leader} for id, leader in leaders.items()]
        connection.execute(_SHARE, values)


def lock(connection: Connection, *where: ColumnElement[bool], most: int = -1) -> list[Delivery]:
    """Rows, by id, that nobody else moves until the transaction ends."""
    query = _ROWS.where(*where).order_by(deliveries.c.id)
    return _locked(connection, query if most < 0 else query.limit(most))


def lock_lapsed(connection: Connection, now: int) -> list[Delivery]:
    """Claimed rows whose lease is over; those that somebody is moving are left out."""
    query = _ROWS.where(claims.c.lease_until < now).order_by(deliveries.c.id)
    return _locked(connection, query, all_of_them=False)


def lock_all(connection: Connection, ids: Iterable[int]) -> dict[int, Delivery]:
    """``lock`` by ids, however many: many times a second, and so the same statement for any number of them."""
    return {row.id: row for row in _among(connection, _OF_ID, ids)}


def lock_due(connection: Connection, state: State, now: int, most: int) -> list[Delivery]:
    """Up to ``most`` rows in a state whose time to be looked at has come, longest due first; those in other hands are
    left out."""
    query = (
        _ROWS.where(deliveries.c.state == state, deliveries.c.not_before <= now)
        .order_by(deliveries.c.not_before, deliveries.c.id)
        .limit(most)
    )
    return _locked(connection, query, all_of_them=False)


def known_as(channel: str, account: str, ref: str) -> ColumnElement[bool]:
    """The rows that a provider knows by a reference of its own; an empty one is nobody's."""
    return and_(
        deliveries.c.provider_ref == ref,
        # Spelled out, as the index has it.
        deliveries.c.provider_ref != literal_column("''"),
        deliveries.c.channel == channel,
        deliveries.c.account == account,
    )


def nameless(
    connection: Connection, channel: str, account: str, address_hash: str
) -> list[Delivery]:
    """Rows to an address that may be out, or are just going, and have no reference of the provider's."""
    rows = lock(
        connection,
        of_any_push(),
        deliveries.c.channel == channel,
        deliveries.c.account == account,
        deliveries.c.address_hash == address_hash,
    )
    # Asked for their state, SQLite would look through all rows in it.
    return [row for row in rows if row.state in _MAY_BE_OUT and not row.provider_ref]


def earlier_turns(
    connection: Connection, rows: Iterable[Delivery]
) -> Mapping[int, tuple[Delivery, ...]]:
    """For each row, by id, the rows of the same push and person that had their turn before."""
    later = [row for row in rows if row.turn > 0]
    if not later:
        return {}
    keys = sorted({(row.push, row.person) for row in later})
    others = _ROWS.where(tuple_(deliveries.c.push, deliveries.c.person).in_(keys))
    by_person: dict[tuple[str, str], list[Delivery]] = {}
    for other in map(_delivery, connection.execute(others)):
        by_person.setdefault((other.push, other.person), []).append(other)
    return {
        row.id: tuple(o for o in by_person[row.push, row.person] if o.turn < row.turn)
        for row in later
    }


def sharers(connection: Connection, rows: Sequence[Delivery]) -> list[tuple[Delivery, Delivery]]:
    """Pairs of a row that shares an address and the row that leads it, where ``rows`` has either."""
    followers = {row.id: row for row in _among(connection, _THAT_SHARE, [row.id for row in rows])}
    if following := [row.id for row in rows if row.shares is not None]:
        followers |= lock_all(connection, following)
    if not followers:
        return []
    leaders = {row.shares for row in followers.values() if row.shares is not None}
    by_id = lock_all(connection, leaders)
    return [(row, by_id[row.shares]) for _, row in sorted(followers.items()) if row.shares in by_id]


def write(connection: Connection, steps: Sequence[Step], now: int) -> None:
    """Write steps of locked rows, each with its event. Raises ``ClaimLost``."""
    if not steps:
        return
    # Of a row that goes several ways at once, the last says where it is, the first where it was.
    rows = {step.after.id: step.after for step in steps}
    before = {step.before.id: step.before for step in reversed(steps)}
    _let_go(connection, [was for was in before.values() if _only_held(was, rows[was.id])])
    taken = [row for row in rows.values() if _only_held(row, before[row.id])]
    if taken:
        held = ((row.id, row.attempt, row.lease_until) for row in taken)
        add_rows(connection, claims, _HELD, held)
    values = (
        [row.id, *(getattr(row, name) for name in _CHANGING)]
        for row in rows.values()
        if row.state is not State.CLAIMED
    )
    update_rows(connection, deliveries, _CHANGING, values)
    moves = ((recorded(step.before.state), recorded(step.after.state), step) for step in steps)
    events = (
        (step.after.id, came_from, went_to, step.who[:64], step.evidence)
        for came_from, went_to, step in moves
        if came_from is not went_to or step.evidence
    )
    insert_rows(connection, delivery_events, _TOLD, events, {"at": now})


def look_again(connection: Connection, moments: Mapping[int, int]) -> None:
    """Set when rows, by id, are next looked at."""
    if moments:
        values = [{"row_id": id, "moment": moment} for id, moment in moments.items()]
        connection.execute(_LOOK_AGAIN, values)


def wake(connection: Connection, rows: Iterable[Delivery], now: int) -> None:
    """Have the rows looked at that wait for the turn after these."""
    keys = sorted({(row.push, row.person) for row in rows})
    # Most pushes go by one channel.
    waiting = select(deliveries.c.push).where(
        deliveries.c.push.in_({push for push, _ in keys}), deliveries.c.state == State.WAITING
    )
    if keys and connection.execute(waiting.limit(1)).first():
        connection.execute(_WAKE, [{"of_push": p, "of_person": n, "now": now} for p, n in keys])


def take_over(connection: Connection, follower: Delivery, leader: Delivery, waits: bool) -> None:
    """Let the follower lead: the address is its own now, and the others that share it follow it."""
    change = update(deliveries)
    connection.execute(
        change.where(deliveries.c.id == leader.id).values(
            address_hash=None, shares=follower.id if waits else None
        )
    )
    connection.execute(
        change.where(deliveries.c.id == follower.id).values(
            address_hash=leader.address_hash,
            shares=None,
            address=follower.address or leader.address,
        )
    )
    connection.execute(change.where(deliveries.c.shares == leader.id).values(shares=follower.id))


def load_pushes(connection: Connection, *where: ColumnElement[bool]) -> dict[str, Push]:
    """Pushes by id."""
    approved = exists().where(
        approvals.c.push == pushes.c.id,
        approvals.c.hash == pushes.c.hash,
        approvals.c.decision == "approved",
        approvals.c.void_at.is_(None),
    )
    columns = (
        pushes.c.id,
        pushes.c.state,
        pushes.c.plan,
        pushes.c.not_before,
        pushes.c.expires_at,
    )
    found = connection.execute(select(*columns, approved).where(*where))
    return {
        id: Push(id, PushState(state), _plan(plan), not_before, expires_at, bool(in_force))
        for id, state, plan, not_before, expires_at, in_force in found
    }


def running(connection: Connection, flowing: str) -> tuple[list[Push], Sequence[Sequence[Any]]]:
    """Approved pushes that run, of which something is in the queue, and the ``flowing`` one whatever is; and, where there
    is one, what ``switches`` knows closed channels by."""
    by_id: dict[str, Push] = {}
    closed = []
    for id, plan, not_before, expires_at, *switch in statements_within(connection).all(
        _RUNNING, {"flowing": flowing}
    ):
        by_id[id] = Push(id, PushState.RUNNING, _plan(plan), not_before, expires_at, approved=True)
        closed.append(switch)
    return list(by_id.values()), closed


def move_push(
    connection: Connection, push: str, now_in: PushState, to: PushState, why: str, now: int
) -> bool:
    """Bring a push to another state and write down why; ``False`` where somebody else was faster."""
    moved = connection.execute(
        update(pushes)
        .where(pushes.c.id == push, pushes.c.state == now_in)
        .values(state=to, updated_at=now)
    )
    if not moved.rowcount:
        return False
    event = {"push": push, "at": now, "who": "worker", "what": str(to), "detail": why}
    connection.execute(insert(push_events), event)
    return True


def suppressed(connection: Connection, ids: Iterable[int | None]) -> Mapping[int, str]:
    """Why nothing is sent to addresses, by id, of those that are not in use."""
    wanted = sorted({id for id in ids if id is not None})
    if not wanted:
        return {}
    found = connection.execute(
        select(addresses.c.id, addresses.c.suppressed).where(
            addresses.c.id.in_(wanted), addresses.c.suppressed != ""
        )
    )
    return {row.id: row.suppressed for row in found}


def suppress(connection: Connection, address: int, why: str, now: int) -> None:
    """Send nothing to an address any more, nor to the same one of another person."""
    same = select(addresses.c.hash).where(addresses.c.id == address).scalar_subquery()
    connection.execute(
        update(addresses)
        .where(addresses.c.hash == same, addresses.c.suppressed == "")
        .values(suppressed=why[:64], updated_at=now)
    )


def count_failures(
    connection: Connection, address: int, *, failed: bool, most: int, why: str, now: int
) -> None:
    """Count an address's failures in a row; after ``most`` it is not used any more."""
    row = addresses.c.id == address
    failures = addresses.c.failures + 1 if failed else 0
    connection.execute(
        update(addresses)
        .where(row, (addresses.c.failures > 0) | failed)
        .values(failures=failures, updated_at=now)
    )
    if failed:
        many = connection.execute(select(addresses.c.failures).where(row)).scalar()
        if many is not None and many >= most:
            suppress(connection, address, why, now)


def counts(connection: Connection, push: str) -> dict[State, int]:
    """Rows of a push by state; states without any are left out."""
    found = connection.execute(
        select(deliveries.c.state, func.count())
        .where(deliveries.c.push == push)
        .group_by(deliveries.c.state)
    )
    return {State(state): count for state, count in found}


def moment_of(
    connection: Connection, ids: Sequence[int], state: State, *, first: bool
) -> Mapping[int, int]:
    """When rows, by id, entered a state: the first or the last time."""
    choose = func.min if first else func.max
    found = connection.execute(
        select(delivery_events.c.delivery, choose(delivery_events.c.at).label("at"))
        .where(delivery_events.c.delivery.in_(ids), delivery_events.c.went_to == state)
        .where(delivery_events.c.came_from != state)
        .group_by(delivery_events.c.delivery)
    )
    return {row.delivery: row.at for row in found}


@lru_cache(maxsize=256)
def _plan(stored: str) -> Plan:
    return plan_of(stored)


def _message(row: Delivery) -> tuple[object, ...]:
    """What rows have in common that go in one message."""
    return row.person, row.job, row.channel, row.account, row.address


def _delivery(row: Sequence[Any], changed: Mapping[int, Any] | None = None) -> Delivery:
    """``changed``: values that are others now, by their place."""
    values = list(row)
    values[_STATE] = _STATES[values[_STATE]]
    for place, value in (changed or {}).items():
        values[place] = value
    return Delivery(*values)


def _locked(
    connection: Connection, query: Select[Any], *, all_of_them: bool = True
) -> list[Delivery]:
    """The rows that a query from ``_ROWS`` finds: those in other hands are waited for, or left out."""
    locked = query.with_for_update(of=deliveries, skip_locked=not all_of_them)
    return list(map(_delivery, connection.execute(locked)))


def _only_held(claimed: Delivery, other: Delivery) -> bool:
    """Whether a row is in a worker's hands at the first of two moments, and not at the second."""
    return claimed.state is State.CLAIMED and other.state is not State.CLAIMED


def _let_go(connection: Connection, claimed: Sequence[Delivery]) -> None:
    if not claimed:
        return
    dialect = connection.dialect.name
    ours = {
        "ids": listed(dialect, (row.id for row in claimed)),
        "attempts": listed(dialect, {row.attempt for row in claimed}),
    }
    # A claim is seen as it was when its row was asked for; its row may have been waited for since.
    if statements_within(connection).run(_LET_GO, ours) != len(claimed):
        raise ClaimLost


def _among(connection: Connection, those: Statement, ids: Iterable[int]) -> list[Delivery]:
    given = {"ids": listed(connection.dialect.name, ids)}
    return list(map(_delivery, statements_within(connection).all(those, given)))


# SQLAlchemy's own work takes as long as these.
_RUNNING = Statement(
    # Each beside each channel that is closed: claims are many, and every question to the database takes its time.
    "SELECT id, plan, not_before, expires_at, channel, account, closed, closed_until"
    " FROM pushes LEFT JOIN channels ON closed <> '' WHERE state = 'running' AND EXISTS"
    " (SELECT 1 FROM approvals WHERE approvals.push = pushes.id AND approvals.hash = pushes.hash"
    " AND decision = 'approved' AND void_at IS NULL) AND (pushes.id = :flowing OR EXISTS"
    " (SELECT 1 FROM deliveries WHERE deliveries.push = pushes.id AND deliveries.state = 'queued'))"
)
_DUE = (
    f"SELECT {', '.join(_NAMES)} FROM deliveries WHERE push = :push AND state = 'queued'"
    " AND channel = :channel AND account = :account AND not_before <= :now AND shares IS NULL"
    " AND (not_before, id) >= (CAST(:front_at AS BIGINT), CAST(:front_id AS BIGINT))"
    " AND id NOT IN (SELECT delivery FROM claims)"
    # Of rows that are gathered the first leads, whoever claims; what cannot go now leads nobody.
    " AND (job = '' OR NOT EXISTS (SELECT 1 FROM deliveries AS first WHERE first.id < deliveries.id"
    " AND first.person = deliveries.person AND first.job = deliveries.job"
    " AND first.channel = deliveries.channel AND first.account = deliveries.account"
    " AND first.address = deliveries.address AND first.state = 'queued'"
    " AND first.shares IS NULL AND first.not_before <= :now AND first.push IN"
    " (SELECT id FROM pushes WHERE state = 'running' AND not_before <= :now"
    " AND expires_at > :now)))"
    " ORDER BY not_before, id LIMIT :most"
)
_TAKE = Statement(
    sqlite=_DUE,
    postgresql=f"WITH due AS ({_DUE} FOR UPDATE SKIP LOCKED), taken AS"
    # Whoever claimed a row since we began to look has it.
    " (INSERT INTO claims SELECT id, :attempt, :lease_until FROM due ON CONFLICT DO NOTHING"
    " RETURNING delivery)"
    " SELECT * FROM due WHERE id IN (SELECT delivery FROM taken) ORDER BY not_before, id",
)
_LET_GO = Statement(
    "DELETE FROM claims WHERE delivery IN (SELECT value FROM json_each(:ids))"
    " AND attempt IN (SELECT value FROM json_each(:attempts))",
    "DELETE FROM claims WHERE delivery = ANY(CAST(:ids AS BIGINT[]))"
    " AND attempt = ANY(CAST(:attempts AS VARCHAR[]))",
)
_SPELLED = _ROWS.compile(compile_kwargs={"literal_binds": True})
_OF_ID, _THAT_SHARE = (
    Statement(
        f"{_SPELLED} WHERE {column} IN (SELECT value FROM json_each(:ids)) ORDER BY deliveries.id",
        f"{_SPELLED} WHERE {column} = ANY(CAST(:ids AS BIGINT[])) ORDER BY deliveries.id"
        " FOR UPDATE OF deliveries",
    )
    for column in (deliveries.c.id, deliveries.c.shares)
)
_LOOK_AGAIN = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("row_id"))
    .values(not_before=bindparam("moment"))
)
_SHARE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("row_id"))
    .values(shares=bindparam("leader"))
)
_WAKE = (
    update(deliveries)
    .where(deliveries.c.push == bindparam("of_push"), deliveries.c.person == bindparam("of_person"))
    .where(deliveries.c.state == State.WAITING)
    .values(not_before=bindparam("now"))
)
