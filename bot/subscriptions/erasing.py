"""Everything that is held of a person, taken away (个人信息保护法 第四十七条).

What a report is added up from stays, under a name that leads nowhere: how many messages went out must
still be true when somebody was erased. So do unhandled calls for help, until somebody has looked.
"""

import secrets

from bot.storage.database import Statement, Statements
from bot.storage.scope import OF_ANY_PUSH


def erase(statements: Statements, person: str, kept_key: str = "") -> None:
    """Erase ``person`` from every table, but for the stored reply to ``kept_key``."""
    values = {"person": person, "kept_key": kept_key, "nobody": secrets.token_hex(32)}
    values["nowhere"] = values["nobody"]
    for statement in _ERASE:
        statements.run(statement, values)


_ERASE = tuple(
    map(
        Statement,
        (
            "DELETE FROM people WHERE person = :person",
            'DELETE FROM seen_messages WHERE person = :person AND "key" <> :kept_key',
            "DELETE FROM flagged_messages WHERE person = :person"
            " AND (flag <> 'crisis' OR handled_at IS NOT NULL)",
            "DELETE FROM subscriptions WHERE person = :person",
            "DELETE FROM addresses WHERE person = :person",
            "DELETE FROM subscribers WHERE person = :person",
            "UPDATE questions SET person = '', words = '' WHERE person = :person",
            "UPDATE consents SET person = :nobody, evidence = '' WHERE person = :person",
            "UPDATE audience SET person = :nobody WHERE person = :person",
            "UPDATE deliveries SET person = :nobody, address_hash ="
            " CASE WHEN address_hash IS NULL THEN NULL ELSE :nowhere END WHERE person = :person"
            f" AND {OF_ANY_PUSH}",
        ),
    )
)
