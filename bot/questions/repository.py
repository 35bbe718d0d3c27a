"""The SQL of questions that runs for every message, and for what is theirs of a person."""

from datetime import date

from bot.storage.database import Statement, Statements

from .model import Asker, Entry

OPEN = "open"
"""The state of a group that the desk has to work through."""

REOPENED_AFTER = 3
"""So often must a closed group be asked again, and not be answered, to be open again."""

_CHINA = 8 * 3600
_DAY = 24 * 3600
_EPOCH = date(1970, 1, 1).toordinal()
_LONGEST_SOURCE = 128


def write(statements: Statements, entry: Entry, asker: Asker, now: int) -> None:
    """Keep a question, count it, and count it in its group where the desk should see it."""
    past = entry.past
    values = {
        "at": now,
        "channel": asker.channel,
        "account": asker.account,
        "person": asker.person,
        "area": past.area,
        "words": past.words,
        "likeness": entry.likeness,
        "kind": past.kind,
        "route": past.route,
        "source": past.source[:_LONGEST_SOURCE],
        "knowledge": entry.knowledge,
    }
    ((number,),) = statements.all(_INSERT, values)
    if past.wanting and entry.likeness:
        group = {"likeness": entry.likeness, "area": past.area, "kind": past.wanting.value}
        statements.run(_COUNT_IN_GROUP, group | {"now": now, "newest": number})
    # Last: others wait for this row until we are done.
    day = {"day": day_of(now), "area": past.area, "kind": past.kind, "route": past.route}
    statements.run(_COUNT, day)


def day_of(moment: int) -> str:
    """The day in China of a moment in seconds: 2026-11-21."""
    return date.fromordinal(_EPOCH + (moment + _CHINA) // _DAY).isoformat()


def held_of(statements: Statements, person: str, most: int) -> tuple[int, list[str]]:
    """How many questions of a person are kept, and the words of the newest ``most``."""
    counted = statements.first(_COUNT_HELD, {"person": person})
    rows = statements.all(_READ_HELD, {"person": person, "most": most})
    return counted[0] if counted else 0, [row[0] for row in rows]


_INSERT = Statement(
    "INSERT INTO questions"
    " (at, channel, account, person, area, words, likeness, kind, route, source, knowledge) VALUES"
    " (:at, :channel, :account, :person, :area, :words, :likeness, :kind, :route, :source,"
    " :knowledge) RETURNING id"
)
# ``count`` begins anew when a group is closed: a closed one that is asked again often enough is open again.
_COUNT_IN_GROUP = Statement(
    "INSERT INTO question_groups"
    " (likeness, area, kind, count, first_at, last_at, newest, state, target, officer, note)"
    f" VALUES (:likeness, :area, :kind, 1, :now, :now, :newest, '{OPEN}', '', '', '')"
    " ON CONFLICT (likeness, area) DO UPDATE SET kind = excluded.kind,"
    " count = question_groups.count + 1, last_at = excluded.last_at, newest = excluded.newest,"
    f" state = CASE WHEN question_groups.count + 1 >= {REOPENED_AFTER}"
    f" THEN '{OPEN}' ELSE question_groups.state END"
)
_COUNT = Statement(
    "INSERT INTO question_counts (day, area, kind, route, count) VALUES"
    " (:day, :area, :kind, :route, 1) ON CONFLICT (day, area, kind, route)"
    " DO UPDATE SET count = question_counts.count + 1"
)
_COUNT_HELD = Statement("SELECT count(*) FROM questions WHERE person = :person")
_READ_HELD = Statement(
    "SELECT words FROM questions WHERE person = :person AND words <> '' ORDER BY id DESC LIMIT :most"
)
