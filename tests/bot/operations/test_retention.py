"""What is older than its term goes, what is younger stays, on both stores."""

import pytest
from sqlalchemy import func, insert, select, update

from bot.notices.model import PushState
from bot.operations.retention import AT_ONCE, REMOVED, Retention, rules
from bot.questions.model import KEEP_DAYS
from bot.records.model import Deed
from bot.records.service import Records
from bot.storage.schema import (
    addresses,
    delivery_events,
    metadata,
    officers,
    pushes,
    seen_messages,
    subscribers,
    subscriptions,
)
from bot.storage.vault import Vault

VAULT = Vault("0123456789abcdef0123456789abcdef")
SIMPLE = [rule for rule in rules() if rule.table != "records" and not rule.only]


def row_of(table, number):
    """A row with something in every column that the database does not number itself."""
    filled = [c for c in table.columns if not (c.primary_key and c.type.python_type is int)]
    return {c.name: f"{number}" if c.type.python_type is str else 1 for c in filled}


@pytest.fixture
def log(office):
    return Records(office.database, VAULT, office.clock)


@pytest.fixture
def retention(office, log):
    return Retention(office.database, log, office.clock)


def moments(database, rule):
    table = metadata.tables[rule.table]
    with database.read() as connection:
        return set(connection.execute(select(table.c[rule.since])).scalars())


def put(office, rule, *ages):
    """Rows of a rule's table of so many days ago; ``None``: not to be removed at all."""
    table = metadata.tables[rule.table]
    told = [None if age is None else office.second - int(age * 86400) for age in ages]
    with office.database.write() as connection:
        if rule.table == "officer_sessions":
            connection.execute(insert(officers), row_of(officers, 1) | {"id": 1})
        for number, moment in enumerate(told):
            connection.execute(insert(table), row_of(table, number) | {rule.since: moment})
    return told


@pytest.mark.parametrize("rule", SIMPLE, ids=lambda rule: rule.table)
def test_what_is_older_than_its_term_goes(office, retention, log, rule):
    nullable = metadata.tables[rule.table].c[rule.since].nullable
    young, _, *unset = put(
        office, rule, rule.days - 0.1, rule.days + 0.1, *([None] if nullable else [])
    )
    removed = retention.run()

    assert removed[rule] == 1
    assert moments(office.database, rule) == {young, *unset}
    (record,) = log.search(action=REMOVED)
    assert f"{rule.name} 1 条" in record.deed.detail
    assert sum(retention.run().values()) == 0
    assert len(log.search(action=REMOVED)) == 1


def test_more_than_fits_one_transaction_goes(office, retention):
    old = office.second - 2 * 86400
    rows = [
        {"person": "p", "key": f"{n}", "reply": "", "created_at": old} for n in range(AT_ONCE + 1)
    ]
    with office.database.write() as connection:
        connection.execute(insert(seen_messages), rows)
    assert sum(retention.run().values()) == AT_ONCE + 1


@pytest.mark.parametrize("state", list(PushState))
def test_events_of_finished_pushes_alone_go(office, retention, state):
    (rule,) = (rule for rule in rules() if rule.table == "delivery_events")
    office.push("p1", state=state)
    delivery = office.delivery("p1")
    office.push("p2", state=PushState.FINISHED)
    other = office.delivery("p2")
    event = {"came_from": "queued", "went_to": "claimed", "who": "x", "evidence": ""}
    with office.database.write() as connection:
        connection.execute(delivery_events.delete())
        connection.execute(
            insert(delivery_events),
            [event | {"delivery": id, "at": office.second} for id in (delivery, other)],
        )
    office.clock.pass_(days=rule.days - 1)
    with office.database.write() as connection:
        connection.execute(
            update(pushes).where(pushes.c.id == "p2").values(updated_at=office.second)
        )
        young = event | {"delivery": delivery, "at": office.second}
        connection.execute(insert(delivery_events), young)
    assert sum(retention.run().values()) == 0
    office.clock.pass_(days=2)
    # The other was at work a day ago; of this one, what is younger stays.
    assert sum(retention.run().values()) == (state is PushState.FINISHED)
    with office.database.read() as connection:
        assert connection.execute(
            select(func.count()).select_from(delivery_events)
        ).scalar_one() == 3 - (state is PushState.FINISHED)
        assert connection.execute(select(func.count()).select_from(pushes)).scalar_one() == 2


def test_of_who_left_long_ago_nothing_is_kept_but_that_they_left(office, retention):
    for person in ("走了", "刚走", "还在"):
        for medium in MEDIA:
            office.address(person, medium)
        topic = {"person": person, "kind": "sector", "value": "养老服务", "source": "words"}
        with office.database.write() as connection:
            connection.execute(insert(subscriptions), topic | {"since": office.second})
    stop(office, "走了", "sms")
    stop(office, "走了", "wechat")
    leave(office, "走了")
    office.clock.pass_(days=20)
    leave(office, "刚走")
    office.clock.pass_(days=10, seconds=1)

    retention.run()

    with office.database.read() as connection:
        people = connection.execute(select(subscribers.c.person, subscribers.c.state)).all()
        topics = set(connection.execute(select(subscriptions.c.person)).scalars())
        kept = connection.execute(select(addresses.c.person, addresses.c.medium)).all()
    assert set(people) == {("走了", "ended"), ("刚走", "ended"), ("还在", "active")}
    assert topics == {"刚走", "还在"}
    # What must not be sent to is remembered.
    assert set(kept) == {("走了", "sms"), *((p, m) for p in ("刚走", "还在") for m in MEDIA)}


MEDIA = ("wechat", "sms")


def leave(office, person):
    change = update(subscribers).where(subscribers.c.person == person)
    with office.database.write() as connection:
        connection.execute(change.values(state="ended", updated_at=office.second))


def stop(office, person, medium):
    of_person = (addresses.c.person == person) & (addresses.c.medium == medium)
    with office.database.write() as connection:
        connection.execute(update(addresses).where(of_person).values(suppressed="本人要求"))


def test_old_records_go_and_the_chain_stays_whole(office, retention, log):
    for who in ("甲", "乙"):
        log.write(Deed(who, "notice.approve"))
    (rule,) = (rule for rule in rules() if rule.table == "records")
    office.clock.pass_(days=rule.days - 1)
    log.write(Deed("丙", "notice.approve"))
    assert sum(retention.run().values()) == 0
    office.clock.pass_(days=2)
    assert retention.run()[rule] == 2
    assert log.verify().whole
    assert {record.deed.who for record in log.search(action="notice")} == {"丙"}


def test_every_term_has_a_source_and_keeps_what_the_law_asks_for():
    kept_by_law = {"records", "questions", "receipts", "delivery_events"}
    for rule in rules():
        table = metadata.tables[rule.table]
        assert rule.since in table.c
        assert "法" in rule.why or "同时" in rule.why
        if rule.table in kept_by_law:
            assert rule.days >= 184
    assert kept_by_law < {rule.table for rule in rules()}


def test_people_are_told_the_term_that_is_kept():
    (rule,) = (rule for rule in rules() if rule.table == "questions")
    assert rule.days == KEEP_DAYS


def test_what_pushes_and_figures_stand_on_has_no_term():
    stand = {"pushes", "audience", "deliveries", "subscribers"}
    stand |= {"officers", "notices", "approvals", "push_events", "question_counts"}
    assert not stand & {rule.table for rule in rules()}
    of_people = {rule.only for rule in rules() if rule.table in ("subscriptions", "addresses")}
    assert of_people == {"left", "left_unused"}
