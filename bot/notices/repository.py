"""The SQL of notices and their pushes: one for SQLite and PostgreSQL."""

import hashlib
import json
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from bot.storage.schema import approvals, deliveries, notices, push_events, pushes

from .model import (
    OUT,
    Approval,
    Attribute,
    Decision,
    Event,
    Notice,
    NoticeState,
    Plan,
    Purpose,
    Push,
    PushState,
    Rule,
    Text,
)


def canonical(value: Any) -> str:
    """JSON that is the same for the same value: what is stored and what hashes are over."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def digest(value: Any) -> str:
    """SHA-256 of a value's canonical JSON, hexadecimal."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


# --- notices -------------------------------------------------------------------------------------


def add_notice(connection: Connection, notice: Notice) -> None:
    """Keep a new notice."""
    connection.execute(
        insert(notices),
        {
            "id": notice.id,
            "created_by": notice.created_by,
            "created_at": notice.created_at,
            "area": notice.area,
            **_changing(notice),
        },
    )


def write_notice(connection: Connection, notice: Notice) -> None:
    """Keep what changed of a notice."""
    connection.execute(update(notices).where(notices.c.id == notice.id).values(_changing(notice)))


def find_notice(connection: Connection, id: str, *, lock: bool = False) -> Notice | None:
    """The notice of an id."""
    query = select(notices).where(notices.c.id == id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return _notice(row) if row else None


def notices_of_letter(connection: Connection, key: str) -> list[Notice]:
    """The notices that a letter tells of, by its key: that of its row, and those gathered with it."""
    leader = select(deliveries.c.id).where(deliveries.c.provider_key == key).scalar_subquery()
    carried = select(deliveries.c.push).where(
        (deliveries.c.id == leader) | (deliveries.c.shares == leader)
    )
    query = (
        select(notices)
        .where(notices.c.id.in_(select(pushes.c.notice).where(pushes.c.id.in_(carried))))
        .order_by(notices.c.created_at, notices.c.id)
    )
    return list(map(_notice, connection.execute(query)))


def notice_of(connection: Connection, content_key: str) -> str | None:
    """The id of the notice that publishes a text."""
    query = select(notices.c.id).where(notices.c.content_key == content_key)
    return connection.execute(query).scalar()


def all_notices(
    connection: Connection, *where: ColumnElement[bool], most: int | None = None
) -> list[Notice]:
    """All notices, or those of some kind, newest first."""
    query = select(notices).where(*where).order_by(notices.c.created_at.desc(), notices.c.id)
    return list(map(_notice, connection.execute(query.limit(most))))


def text_of(stored: str) -> Text:
    """A text as it is stored."""
    values = json.loads(stored)
    until = values["valid_until"]
    values |= {
        "attribute": Attribute(values["attribute"]),
        "valid_until": date.fromisoformat(until) if until else None,
    }
    return Text(**values)


# --- pushes --------------------------------------------------------------------------------------


def add_push(connection: Connection, push: Push, now: int) -> None:
    """Keep a new push."""
    connection.execute(insert(pushes), _push_values(push) | {"updated_at": now})


def write_push(connection: Connection, push: Push, now: int) -> None:
    """Keep what changed of a push that is locked."""
    values = _push_values(push) | {"updated_at": now}
    connection.execute(update(pushes).where(pushes.c.id == push.id).values(values))


def find_push(connection: Connection, id: str, *, lock: bool = False) -> Push | None:
    """The push of an id."""
    query = select(pushes).where(pushes.c.id == id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return _push(row) if row else None


def pushes_where(connection: Connection, *where: ColumnElement[bool]) -> list[Push]:
    """Pushes in the order in which they were made."""
    order = (pushes.c.version, pushes.c.sequence, pushes.c.updated_at, pushes.c.id)
    return list(map(_push, connection.execute(select(pushes).where(*where).order_by(*order))))


def pushes_of(connection: Connection, notice: str) -> list[Push]:
    """The pushes of a notice."""
    return pushes_where(connection, pushes.c.notice == notice)


def was_out(connection: Connection, notice: str) -> bool:
    """Whether anything of a notice was ever started."""
    query = select(func.count()).where(pushes.c.notice == notice, pushes.c.state.in_(OUT))
    return bool(connection.execute(query).scalar())


def rule_of(values: dict[str, Any]) -> Rule:
    """A rule as it is stored."""
    return Rule(**_tuples(values))


def plan_of(stored: str) -> Plan:
    """A plan as it is stored."""
    values = json.loads(stored)
    rule = rule_of(values.pop("rule"))
    return Plan(rule=rule, **_tuples(values))


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}


# --- approvals and what happened -----------------------------------------------------------------


def add_approval(connection: Connection, push: str, approval: Approval) -> None:
    """Write down a decision."""
    connection.execute(insert(approvals), {"push": push, **asdict(approval)})


def approvals_of(connection: Connection, push: str) -> list[Approval]:
    """All decisions about a push, void ones too, in order."""
    query = select(approvals).where(approvals.c.push == push).order_by(approvals.c.id)
    return [
        Approval(r.step, r.officer, Decision(r.decision), r.hash, r.note, r.at, r.void_at)
        for r in connection.execute(query)
    ]


def void_approvals(connection: Connection, push: str, now: int) -> int:
    """Have the decisions about a push count no more; returns how many did."""
    valid = (approvals.c.push == push) & approvals.c.void_at.is_(None)
    return connection.execute(update(approvals).where(valid).values(void_at=now)).rowcount


def add_event(connection: Connection, push: str, event: Event) -> None:
    """Write down what happened; nothing ever changes it."""
    connection.execute(insert(push_events), {"push": push, **asdict(event)})


def events_of(connection: Connection, push: str) -> list[Event]:
    """Everything that happened to a push and was refused about it, in order."""
    query = select(push_events).where(push_events.c.push == push).order_by(push_events.c.id)
    return [Event(r.at, r.who, r.what, r.detail) for r in connection.execute(query)]


def delivery_states(connection: Connection, push: str) -> dict[str, int]:
    """How many deliveries of a push are in each state."""
    query = select(deliveries.c.state, func.count()).where(deliveries.c.push == push)
    rows = connection.execute(query.group_by(deliveries.c.state))
    return {row[0]: row[1] for row in rows}


# --- rows ----------------------------------------------------------------------------------------


def _changing(notice: Notice) -> dict[str, Any]:
    return {
        # The first text's key stays: a later version is still the same notice.
        "content_key": notice.text.content_key,
        "version": notice.version,
        "hash": digest(asdict(notice.proposed)),
        "text": canonical(asdict(notice.text)),
        "draft": canonical(asdict(notice.draft)) if notice.draft else "",
        "state": notice.state,
        "note": notice.note,
        "updated_at": notice.updated_at,
    }


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        id=row.id,
        version=row.version,
        area=row.area,
        text=text_of(row.text),
        state=NoticeState(row.state),
        created_by=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        note=row.note,
        draft=text_of(row.draft) if row.draft else None,
    )


_PUSH_FIELDS = tuple(field.name for field in fields(Push))


def _push_values(push: Push) -> dict[str, Any]:
    values = {name: getattr(push, name) for name in _PUSH_FIELDS}
    return values | {"plan": canonical(asdict(push.plan))}


def _push(row: Row[Any]) -> Push:
    values = {name: getattr(row, name) for name in _PUSH_FIELDS}
    return Push(
        **values
        | {
            "purpose": Purpose(row.purpose),
            "state": PushState(row.state),
            "plan": plan_of(row.plan),
        }
    )
