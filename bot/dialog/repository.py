"""The SQL of conversations, once, in the dialect that SQLite and PostgreSQL share.

What a person said last is personal: it is stored sealed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from bot.storage.database import Statement, Statements
from bot.storage.vault import Vault

from .model import Option, Reply, State


@dataclass(frozen=True, slots=True)
class Remembered:
    """A person's row: the state, the version it was read at, and the minute being counted."""

    state: State
    version: int
    window_start: int
    window_count: int


def read_person(statements: Statements, vault: Vault, person: str) -> Remembered | None:
    """What is remembered of ``person``, by hash; ``None`` for a stranger."""
    row = statements.first(_READ_PERSON, {"person": person})
    return Remembered(_load_state(vault.unseal(row[0])), row[1], row[2], row[3]) if row else None


def insert_person(
    statements: Statements,
    vault: Vault,
    person: str,
    account: str,
    remembered: Remembered,
    now: int,
) -> bool:
    """Remember a stranger; ``False`` when somebody else just did."""
    values = _values(vault, person, remembered, now) | {"account": account}
    return statements.run(_INSERT_PERSON, values) == 1


def update_person(
    statements: Statements,
    vault: Vault,
    person: str,
    remembered: Remembered,
    now: int,
    version: int,
) -> bool:
    """Write what is remembered from now on; ``False`` when the row is no longer at ``version``."""
    values = _values(vault, person, remembered, now) | {"read_version": version}
    return statements.run(_UPDATE_PERSON, values) == 1


def erase_person(statements: Statements, person: str, kept_key: str) -> None:
    """Forget ``person`` and the replies they were given, except the one to ``kept_key``."""
    statements.run(_ERASE_PERSON, {"person": person})
    statements.run(_ERASE_REPLIES, {"person": person, "key": kept_key})


def insert_seen(statements: Statements, key: str, person: str, reply: Reply, now: int) -> bool:
    """Store the reply to a message; ``False`` when the message has one already."""
    values = {"key": key, "person": person, "reply": _dump_reply(reply), "now": now}
    return statements.run(_INSERT_SEEN, values) == 1


def read_seen(statements: Statements, key: str, person: str) -> Reply | None:
    """The reply that the person's message was given, without its facts."""
    row = statements.first(_READ_SEEN, {"person": person, "key": key})
    return _load_reply(row[0]) if row else None


def insert_flagged(
    statements: Statements, person: str, account: str, flag: str, words: str, now: int
) -> None:
    """Put a message, its words sealed, before a person of the office."""
    values = {"person": person, "account": account, "flag": flag, "words": words, "now": now}
    statements.run(_INSERT_FLAGGED, values)


_READ_PERSON = Statement(
    "SELECT state, version, window_start, window_count FROM people WHERE person = :person"
)
_INSERT_PERSON = Statement(
    "INSERT INTO people"
    " (person, account, state, version, window_start, window_count, updated_at) VALUES"
    " (:person, :account, :state, :version, :window_start, :window_count, :now)"
    " ON CONFLICT DO NOTHING"
)
_UPDATE_PERSON = Statement(
    "UPDATE people SET state = :state, version = :version, window_start = :window_start,"
    " window_count = :window_count, updated_at = :now"
    " WHERE person = :person AND version = :read_version"
)
_ERASE_PERSON = Statement("DELETE FROM people WHERE person = :person")
_ERASE_REPLIES = Statement("DELETE FROM seen_messages WHERE person = :person AND key <> :key")
_INSERT_SEEN = Statement(
    "INSERT INTO seen_messages (key, person, reply, created_at)"
    " VALUES (:key, :person, :reply, :now) ON CONFLICT DO NOTHING"
)
_READ_SEEN = Statement("SELECT reply FROM seen_messages WHERE person = :person AND key = :key")
_INSERT_FLAGGED = Statement(
    "INSERT INTO flagged_messages (person, account, flag, words, created_at)"
    " VALUES (:person, :account, :flag, :words, :now)"
)

_STATE_FIELDS = tuple(field.name for field in fields(State))


def _values(vault: Vault, person: str, remembered: Remembered, now: int) -> dict[str, Any]:
    return {
        "person": person,
        "state": vault.seal(
            _dump({name: getattr(remembered.state, name) for name in _STATE_FIELDS})
        ),
        "version": remembered.version,
        "window_start": remembered.window_start,
        "window_count": remembered.window_count,
        "now": now,
    }


def _load_state(stored: str) -> State:
    # Another version of the program may know other fields: keep those that both know.
    values: Mapping[str, Any] = json.loads(stored)
    known = {name: values[name] for name in _STATE_FIELDS if name in values}
    lists = {name: tuple(known.get(name, ())) for name in ("options", "awaiting")}
    return State(**known | lists)


def _dump_reply(reply: Reply) -> str:
    return _dump(
        {
            "text": reply.text,
            "source": reply.source,
            "options": [(option.label, option.message) for option in reply.options],
            "options_title": reply.options_title,
            "page": reply.page,
            "flag": reply.flag,
        }
    )


def _load_reply(stored: str) -> Reply:
    values = json.loads(stored)
    options = tuple(Option(label, message) for label, message in values.pop("options"))
    return Reply(**values, options=options)


def _dump(value: object) -> str:
    # Half a surrogate pair, which JSON from a browser may hold, fits no database.
    return json.dumps(value, ensure_ascii=False).encode(errors="replace").decode()
