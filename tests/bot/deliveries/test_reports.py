"""Reports: every number a count over rows, every total the sum of what it opens into."""

import csv
import hashlib
import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert

from bot.channels.port import Fate
from bot.deliveries.reports.counting import pace, report
from bot.deliveries.reports.listing import letters_of, masked, people, telephone, to_call
from bot.deliveries.reports.model import (
    EXCLUDED,
    MISSING,
    NAMES,
    NOT_REACHED,
    REACHED,
    TOTALS,
    Chosen,
)
from bot.deliveries.reports.tables import BLOCKS, as_csv, as_xlsx, rows
from bot.deliveries.states import State
from bot.storage.schema import channel_jobs
from tests.bot.deliveries.office import ACCOUNT, FakeChannel, send


@pytest.fixture
def found(office):
    """Nine people: left out, never planned, by 群发 only, and six by SMS, one of them by notice before."""
    office.push(channels=("wechat_notice", "sms"))
    fates = [Fate.DELIVERED, Fate.ACCEPTED, Fate.REFUSED, Fate.UNKNOWN, Fate.UNDELIVERED]
    for number in range(5):
        person = f"人{number}"
        address = office.address(person)
        office.in_audience("p1", person, "领域：养老服务", *["人群：老人"] * (number % 2))
        office.delivery(person=person, address=address)
    office.in_audience("p1", "人5", "人群：老人")
    office.delivery(person="人5", channel="wechat_notice")
    office.delivery(person="人5", state=State.WAITING, turn=1)
    office.in_audience("p1", "外", "没有同意", included=False)
    office.in_audience("p1", "漏", "人群：老人")
    office.in_audience("p1", "群", "人群：老人")
    office.delivery(person="群", channel="wechat_mass")
    job = {"id": "j", "push": "p1", "channel": "wechat_mass", "account": ACCOUNT, "scope": ""}
    job |= {"state": "finished", "attempt": "", "lease_until": 0, "not_before": 0}
    job |= {"provider_ref": "r", "totals": '{"sent": 4000}', "updated_at": 0}
    with office.database.write() as connection:
        connection.execute(insert(channel_jobs), job)
    office.clock.pass_(minutes=10)
    send(office.ledger(), *fates)
    office.clock.pass_(minutes=10)
    ledger = office.ledger(FakeChannel("wechat_notice"), FakeChannel())
    send(ledger, Fate.DELIVERED)
    ledger.release()
    send(office.ledger(FakeChannel("wechat_mass")), Fate.ACCEPTED)
    return read(office, report, "p1")


@pytest.fixture
def speed(office, found):
    return read(office, pace, found)


def read(office, ask, *told):
    with office.database.read() as connection:
        return ask(connection, *told)


def test_matched_is_excluded_and_all_outcomes(found):
    lines = {outcome: number for outcome, number in found.lines().items() if number}
    assert lines == {
        EXCLUDED: 1,
        MISSING: 1,
        TOTALS: 1,
        State.DELIVERED: 2,
        State.ACCEPTED: 1,
        State.FAILED: 1,
        State.UNKNOWN: 1,
        State.UNDELIVERED: 1,
    }
    assert sum(found.lines().values()) == found.matched == 9
    assert set(NAMES) >= set(State)


def test_every_number_opens_into_just_the_people_it_counts(found, speed, office):
    def opened(**chosen):
        return len(read(office, people, "p1", Chosen(**chosen)))

    assert opened() == found.matched
    for outcome, number in found.lines().items():
        assert opened(outcomes=frozenset({outcome})) == number
    for one in found.counts:
        alike = {"outcomes": frozenset({one.outcome}), "channel": one.channel, "area": one.area}
        assert opened(**alike) >= one.people
    for block, name in zip(BLOCKS, ("channel", "area", "why"), strict=True):
        for item, lines in found.by(BLOCKS[block]).items():
            chosen = {name: "" if item in ("无", "未填") else item}
            assert opened(**chosen) == sum(lines.values()), (block, item)
    for hour, number in speed.hours().items():
        assert opened(hour=hour) == number
    assert sum(speed.hours().values()) == found.reached


def test_what_it_opens_into_is_read_page_by_page(found, office):
    pages, after = [], ""
    while page := read(office, people, "p1", Chosen(), after, 4):
        pages.append(len(page))
        after = page[-1].person
    assert pages == [4, 4, 1]
    (left_out,) = read(office, people, "p1", Chosen(outcomes=frozenset({EXCLUDED})))
    assert (left_out.person, left_out.channel, left_out.why) == ("外", "", ("没有同意",))


def test_few_among_many_whom_it_reached_another_way_are_read_page_by_page(office):
    office.push(channels=("wechat_notice", "sms"))
    for number in range(120):
        person = f"{number:04x}"
        office.in_audience("p1", person, "人群：老人", included=number % 10 > 0)
        if number % 3 == 0:  # nobody else has any letter
            office.delivery(person=person, channel="wechat_notice", state=State.FAILED)
            again = State.FAILED if number % 27 == 0 else State.DELIVERED
            office.delivery(person=person, state=again, turn=1)
    found = read(office, report, "p1")
    choices = [Chosen(outcomes=frozenset({outcome})) for outcome in NAMES]
    choices += [Chosen(channel=channel) for channel in ("sms", "wechat_notice", "")]
    choices += [Chosen(outcomes=NOT_REACHED), Chosen(outcomes=REACHED, why="人群：老人")]
    for chosen in choices:
        opened, after = [], ""
        while page := read(office, people, "p1", chosen, after, 2):
            assert len(page) <= 2
            opened += page
            after = page[-1].person
        assert opened == read(office, people, "p1", chosen)
        assert [one.person for one in opened] == sorted({one.person for one in opened})
        counted = (
            one.people
            for one in found.counts
            if one.outcome in (chosen.outcomes or NAMES) and chosen.channel in (None, one.channel)
        )
        assert len(opened) == sum(counted), chosen
    assert found.lines()[State.FAILED] == 4
    assert found.lines()[MISSING] == 72


def test_a_word_is_not_found_inside_a_longer_one(office):
    office.push()
    office.in_audience("p1", "甲", "人群：老人")
    office.in_audience("p1", "乙", "人群：老人之家")
    office.in_audience("p1", "丙", '人群：%_"老人')
    found = read(office, people, "p1", Chosen(why="人群：老人"))
    assert [one.person for one in found] == ["甲"]
    found = read(office, people, "p1", Chosen(why='人群：%_"老人'))
    assert [one.person for one in found] == ["丙"]


def test_letters_are_counted_by_channel_without_mass_sendings(found, speed):
    assert sum(found.letters.values()) == 7
    assert found.letters["sms", State.SUPERSEDED] == 1
    assert found.totals == ({"job": "j", "sent": 4000},)
    said = [row for row in rows(found, speed) if "4000" in map(str, row)]
    assert [row[0] for row in said] == ["群发（只有总数，不与上面相加）"]


def test_who_was_reached_and_when(found, speed):
    assert found.reached == 3
    assert speed.seconds_to(25) == 600
    assert speed.seconds_to(30) == 1200
    assert speed.seconds_to(95) is None


def test_whom_to_call_up(found, office):
    calls = read(office, to_call, "p1")
    known = {call.address: "13800138000" for call in calls if call.address}

    assert sorted((telephone(c, known), c.area, NAMES[c.outcome]) for c in calls) == sorted(
        [
            ("138****8000", "441204", "发送失败"),
            ("138****8000", "441204", "没有送达"),
            ("", "", "没有投递记录"),
        ]
    )
    assert len(calls) == found.not_reached
    assert {telephone(c, known, whole=True) for c in calls} == {"13800138000", ""}
    assert {telephone(c, {}) for c in calls} == {""}
    assert masked("12345") == "****"


def test_letters_are_read_page_by_page(found, office):
    everything = read(office, letters_of, "p1")
    pages, after = [], ("", "")
    while page := read(office, letters_of, "p1", "", "", after, 3):
        pages += page
        after = (page[-1].person, page[-1].channel)
    assert pages == everything
    for (channel, state), number in found.letters.items():
        assert len(read(office, letters_of, "p1", channel, state)) == number


def test_the_file_proves_itself(found, speed):
    table = list(rows(found, speed))
    written = as_csv(table)
    body, _, last = written.rpartition(b"SHA-256,")
    assert hashlib.sha256(body).hexdigest() == last.decode().strip()
    read = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert [row[:3] for row in read] == [list(row[:3]) for row in table]

    book = load_workbook(io.BytesIO(as_xlsx(table)))
    assert book["报表"].max_row == len(table)
    assert book["校验"]["B1"].value == last.decode().strip()


def test_words_are_no_formulas():
    assert b"'=HYPERLINK" in as_csv([("=HYPERLINK(1)", 1)])


def test_costs_by_reached_person(office):
    office.push()
    for person in ("甲", "乙"):
        office.in_audience("p1", person, "全部")
        office.delivery(person=person)
    ledger = office.ledger()
    claimed = ledger.claim("t", 2)
    handed = ledger.hand(claimed, {row.id: 550 for row in claimed})
    outcomes = [FakeChannel(cost=550, fates=[fate]) for fate in (Fate.DELIVERED, Fate.REFUSED)]
    ledger.settle(
        [(row, fake._outcome(_Key(row))) for row, fake in zip(handed, outcomes, strict=True)]
    )
    found = read(office, report, "p1")
    assert (found.cost, found.cost_each) == (550, 550)


class _Key:
    def __init__(self, row):
        self.key = row.provider_key
