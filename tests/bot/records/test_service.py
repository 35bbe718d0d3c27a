"""The chain of records, on both databases: whole when nobody touched it, broken where somebody did."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from bot.records.model import INTERRUPTED, REFUSED, Deed
from bot.records.service import LONGEST_DETAIL, PRUNED, Records
from bot.storage.schema import records as table
from bot.storage.vault import Vault
from tests.bot.deliveries.office import Moment


@pytest.fixture
def clock():
    return Moment()


@pytest.fixture
def log(database, clock):
    return Records(database, Vault("v" * 40), clock)


def fill(log, count=10):
    return [
        log.write(Deed("甲", "notice.write", f"notice:{n}", detail=f"第 {n} 件"))
        for n in range(count)
    ]


def change(database, where, **values):
    with database.write() as connection:
        connection.execute(update(table).where(where).values(**values))


def test_an_empty_log_is_whole(log):
    assert log.verify().whole


def test_records_count_from_one_without_a_gap(log):
    assert [record.number for record in fill(log)] == list(range(1, 11))
    verdict = log.verify()
    assert verdict.whole
    assert verdict.checked == 10


@pytest.mark.parametrize(
    "planted",
    [
        {"detail": "第 5 件 "},
        {"who": "乙"},
        {"outcome": REFUSED},
        {"at": 1},
        {"object": "notice:9"},
        {"action": "push.approve"},
        {"origin": "10.0.0.1"},
        {"hash": "0" * 64},
    ],
)
def test_a_planted_change_is_found(log, database, planted):
    fill(log)
    change(database, table.c.number == 5, **planted)
    verdict = log.verify()
    assert verdict.wrong == 5
    assert verdict.checked == 4


def test_a_record_taken_out_is_found(log, database):
    fill(log)
    with database.write() as connection:
        connection.execute(delete(table).where(table.c.number == 5))
    assert log.verify().wrong == 5


def test_records_cut_off_at_the_end_are_found_with_an_anchor(log, database):
    newest = fill(log)[-1]
    anchor = (newest.number, newest.hash)
    assert log.verify(anchor).whole
    with database.write() as connection:
        connection.execute(delete(table).where(table.c.number > 8))
    assert log.verify().whole, "without an anchor nothing tells"
    assert log.verify(anchor).wrong == 10
    fill(log, 2)
    assert log.verify(anchor).wrong == 10, "new ones in their place do not fit"


def test_the_beginning_cannot_be_cut_off_unnoticed(log, database):
    fill(log)
    with database.write() as connection:
        connection.execute(delete(table).where(table.c.number < 4))
    assert not log.verify().whole


def test_another_key_makes_no_record_that_fits(log, database, clock):
    fill(log, 3)
    Records(database, Vault("w" * 40), clock).write(Deed("乙", "push.approve"))
    assert log.verify().wrong == 4


def test_old_records_are_removed_with_a_note_and_the_rest_stays_whole(log, clock):
    fill(log, 5)
    clock.pass_(days=200)
    fill(log, 5)
    assert log.prune(int(clock().timestamp()) - 184 * 86_400) == 5
    assert log.verify().whole
    (note,) = log.search(action=PRUNED)
    assert note.deed.detail.startswith("5 ")
    assert log.prune(int(clock().timestamp()) - 184 * 86_400) == 0
    clock.pass_(days=200)
    fill(log, 2)
    assert log.prune(int(clock().timestamp()) - 184 * 86_400) == 6
    assert log.verify().whole


def test_after_pruning_the_oldest_record_cannot_be_changed_either(log, clock, database):
    fill(log, 5)
    clock.pass_(days=200)
    kept = fill(log, 5)[0]
    log.prune(int(clock().timestamp()) - 184 * 86_400)
    change(database, table.c.number == kept.number, detail="不同")
    assert not log.verify().whole


def test_search(log, clock):
    fill(log, 3)
    log.write(Deed("乙", "push.approve", "push:1", "10.0.0.1", REFUSED, "没有这项权限"))
    clock.pass_(days=1)
    later = log.write(Deed("甲", "push.write", "push:1"))
    assert [one.deed.who for one in log.search(object="push:1")] == ["甲", "乙"]
    assert len(log.search(who="甲")) == 4
    assert len(log.search(action="push")) == 2
    assert [one.number for one in log.search(outcome=REFUSED)] == [4]
    assert [one.number for one in log.search(since=later.at)] == [5]
    assert [one.number for one in log.search(before=3, limit=1)] == [2]
    assert log.search(action="%") == []


def test_writers_at_once_take_turns(log):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: log.write(Deed(f"人{n}", "notice.write")), range(40)))
    verdict = log.verify()
    assert verdict.whole
    assert verdict.checked == 40


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    detail=st.text(max_size=LONGEST_DETAIL + 10),
    who=st.text(max_size=20).map(lambda s: s.replace("\0", "")),
)
def test_whatever_is_said_fits(log, detail, who):
    try:
        who.encode()
        detail.encode()
    except UnicodeEncodeError:
        return
    log.write(Deed(who, "tester.use", detail=detail))
    assert log.verify().whole


def test_what_was_begun_and_never_ended_is_written_down_once(log, clock):
    begun = int(clock().timestamp())
    ended = log.begin(Deed("甲", "notice.write", "/notices"))
    log.begin(Deed("乙", "push.approve", "/pushes/1/approve", "10.0.0.1"))
    log.write(Deed("甲", "notice.write", "notice:1"), ended)
    assert log.note_interrupted(begun) == 0  # so young that it may go on
    assert log.note_interrupted(begun + 1) == 1
    assert log.note_interrupted(begun + 1) == 0
    newest, older = log.search()
    assert (newest.deed.who, newest.deed.object, newest.deed.origin) == (
        "乙",
        "/pushes/1/approve",
        "10.0.0.1",
    )
    assert newest.deed.outcome == INTERRUPTED
    assert "核对" in newest.deed.detail
    assert older.deed.object == "notice:1"
    assert log.verify().whole


def test_what_ends_late_is_written_down_as_well(log, clock):
    mark = log.begin(Deed("甲", "notice.write"))
    log.note_interrupted(int(clock().timestamp()) + 1)
    log.write(Deed("甲", "notice.write"), mark)
    assert [one.deed.outcome for one in log.search()] == ["done", INTERRUPTED]
