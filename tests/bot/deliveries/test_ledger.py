"""The ledger on both stores: claimed, handed over, settled; each step once, and written down."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.channels.port import Fate, Limits, Outcome, Receipt
from bot.deliveries import following, repository, stepping
from bot.deliveries.ledger import LEASE_AGAIN, Ledger, Swept
from bot.deliveries.model import IllegalMove, Step
from bot.deliveries.quotas import SPENT, Quotas
from bot.deliveries.repository import ClaimLost
from bot.deliveries.results import MOST_ATTEMPTS
from bot.deliveries.states import State
from bot.deliveries.stepping import LEASE
from bot.deliveries.window import national_days_off
from bot.notices.model import PushState
from tests.bot.deliveries.office import ACCOUNT, FakeChannel, send


def receipt(fate, *, key="", ref="", event="e", channel="sms"):
    return Receipt(channel, ACCOUNT, event, fate, key=key, ref=ref)


def test_a_letter_goes_from_the_queue_to_the_receipt_and_each_step_is_written_down(office):
    office.push()
    row = office.delivery()
    ledger = office.ledger()

    send(ledger, Fate.ACCEPTED)
    assert ledger.apply(receipt(Fate.DELIVERED, ref="ref-p1-甲-sms"))

    assert ledger.counts("p1") == {State.DELIVERED: 1}
    assert office.events(row) == [
        ("queued", "handing", "worker"),
        ("handing", "accepted", "worker"),
        ("accepted", "delivered", "receipt"),
    ]


def test_two_workers_never_claim_the_same_row(office):
    office.push()
    ids = office.deliveries(10)
    first, second = office.ledger(), office.ledger()

    claimed = [first.claim("a", 4), second.claim("b", 4), first.claim("a", 4)]

    assert [len(rows) for rows in claimed] == [4, 4, 2]
    assert sorted(row.id for rows in claimed for row in rows) == ids
    assert len({row.attempt for rows in claimed for row in rows}) == 3


def test_oldest_first_and_urgent_before_all(office):
    office.push("p1")
    office.push("p2", urgent="暴雨红色预警")
    routine = office.deliveries(2, "p1")
    urgent = office.deliveries(1, "p2")

    claimed = office.ledger().claim("t", 10)

    assert [row.id for row in claimed] == urgent + routine


def test_what_another_process_put_back_goes_first_again_after_a_moment(office):
    office.push()
    first, second, third, fourth = office.deliveries(4)
    ledger, other = office.ledger(), office.ledger()

    taken = other.claim("o", 1)
    assert [row.id for row in ledger.claim("t", 1)] == [second]
    other.give_back(taken)
    assert [row.id for row in ledger.claim("t", 1)] == [third]
    office.clock.pass_(seconds=LEASE + 1)
    assert [row.id for row in ledger.claim("t", 2)] == [first, fourth]


def test_what_another_process_put_back_is_taken_at_once_where_nothing_else_is_left(office):
    office.push()
    first, second, third = office.deliveries(3)
    ledger, other = office.ledger(), office.ledger()

    taken = other.claim("o", 1)
    assert [row.id for row in ledger.claim("t", 1)] == [second]
    other.give_back(taken)
    assert [row.id for row in ledger.claim("t", 9)] == [third, first]


def test_what_a_ledger_puts_back_itself_goes_first_again_at_once(office):
    office.push()
    first, second, third = office.deliveries(3)
    ledger = office.ledger()

    taken = ledger.claim("t", 1)
    assert [row.id for row in ledger.claim("t", 1)] == [second]
    ledger.give_back(taken)
    assert [row.id for row in ledger.claim("t", 9)] == [first, third]


def test_a_claim_that_fails_half_way_leaves_all_rows_where_they_were(office):
    office.push("p1", workdays=True)
    office.push("p2", workdays=True)
    first, second = office.deliveries(2, "p1")
    (last,) = office.deliveries(1, "p2")
    days = iter([False, False, KeyError()])

    def rest(_):
        day = next(days, False)
        if day:
            raise day
        return day

    ledger = office.ledger(rest=rest)
    assert [row.id for row in ledger.claim("t", 1)] == [first]
    with pytest.raises(KeyError):
        ledger.claim("t", 9)
    assert [row.id for row in ledger.claim("t", 9)] == [second, last]


def test_a_paused_push_does_not_stand_in_the_way(office):
    office.push("p1", state=PushState.PAUSED)
    office.push("p2")
    office.deliveries(5, "p1")
    (free,) = office.deliveries(1, "p2")

    assert [row.id for row in office.ledger().claim("t", 1)] == [free]


@pytest.mark.parametrize("state", [s for s in PushState if s is not PushState.RUNNING])
def test_nothing_is_claimed_of_a_push_that_does_not_run(office, state):
    office.push(state=state)
    office.delivery()
    assert office.ledger().claim("t", 1) == []


def test_nothing_is_claimed_without_an_approval_of_just_this_content(office):
    office.push(approved=False)
    office.delivery()
    assert office.ledger().claim("t", 1) == []


def test_a_claim_whose_lease_is_over_goes_back_and_its_worker_may_not_hand_it_over(office):
    office.push()
    office.delivery()
    ledger = office.ledger()
    slow = ledger.claim("slow", 1)
    office.clock.pass_(seconds=LEASE + 1)

    assert ledger.sweep() == Swept(1, 0)
    fast = ledger.claim("fast", 1)

    assert ledger.hand(slow) == []
    assert len(ledger.hand(fast)) == 1


def test_what_a_sweep_takes_back_meanwhile_is_not_handed_over(office):
    office.push()
    office.delivery()
    ledger = office.ledger()
    claimed = ledger.claim("t", 1)
    second = office.second

    def hand():
        try:
            return ledger.hand(claimed)
        except ClaimLost:  # PostgreSQL shows the claim as it was before the wait
            return []

    with ThreadPoolExecutor(1) as pool:
        with office.database.write() as connection:
            # By a clock that is ahead.
            (row,) = repository.lock_lapsed(connection, second + LEASE + 1)
            handing = pool.submit(hand)
            wait_until_blocked(handing, office.database)
            back = Step(row, stepping.back(row, second, second), "sweep", "超时未送出，放回队列")
            following.write(connection, [back], second)
        assert handing.result() == []

    assert ledger.counts("p1") == {State.QUEUED: 1}
    assert len(ledger.hand(ledger.claim("t", 1))) == 1


def wait_until_blocked(work, database):
    """Until ``work`` waits for what another has locked; SQLite does not tell, and lets nobody in anyway."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    seen = database.dialect != "postgresql"
    while not seen and not work.done():
        with database.read() as connection:  # a transaction sees the same again and again
            seen = bool(connection.scalar(waiting))


def test_a_claim_is_not_handed_over_after_its_lease_even_before_the_sweep(office):
    office.push()
    office.delivery()
    ledger = office.ledger()
    claimed = ledger.claim("t", 1)
    office.clock.pass_(seconds=LEASE)
    assert ledger.hand(claimed) == []


def test_a_letter_whose_worker_died_while_handing_it_over_is_unknown_and_not_sent_again(office):
    office.push()
    office.delivery()
    ledger = office.ledger()
    ledger.hand(ledger.claim("t", 1))
    office.clock.pass_(seconds=LEASE + 1)

    assert ledger.sweep() == Swept(0, 1)

    assert ledger.counts("p1") == {State.UNKNOWN: 1}
    assert ledger.claim("t", 1) == []


def test_a_late_result_of_the_same_attempt_counts_after_the_sweep(office):
    office.push()
    office.delivery()
    ledger = office.ledger()
    (handed,) = ledger.hand(ledger.claim("t", 1))
    office.clock.pass_(seconds=LEASE + 1)
    ledger.sweep()

    ledger.settle([(handed, Outcome(Fate.ACCEPTED, ref="r"))])

    assert ledger.counts("p1") == {State.ACCEPTED: 1}
    assert ledger.rows(handed.id)[0].provider_ref == "r"


def test_a_late_result_of_an_earlier_attempt_is_only_noted(office):
    office.push()
    row = office.delivery()
    ledger = office.ledger()
    (early,) = ledger.hand(ledger.claim("t", 1))
    ledger.settle([(early, Outcome(Fate.LATER))])
    office.clock.pass_(minutes=1)
    ledger.hand(ledger.claim("t", 1))

    ledger.settle([(early, Outcome(Fate.REFUSED))])

    assert office.states() == {"甲": State.HANDING}
    assert office.events(row)[-1] == ("handing", "handing", "worker")


@pytest.mark.parametrize(
    ("fate", "state"),
    [
        (Fate.ACCEPTED, State.ACCEPTED),
        (Fate.DELIVERED, State.DELIVERED),
        (Fate.UNDELIVERED, State.UNDELIVERED),
        (Fate.REFUSED, State.FAILED),
        (Fate.LATER, State.QUEUED),
        (Fate.CLOSED, State.QUEUED),
        (Fate.UNKNOWN, State.UNKNOWN),
    ],
)
def test_every_fate_has_its_state(office, fate, state):
    office.push()
    office.delivery()
    ledger = office.ledger()
    send(ledger, fate)
    assert ledger.counts("p1") == {state: 1}


def test_a_letter_that_is_turned_down_comes_back_later_and_later_and_fails_in_the_end(office):
    office.push()
    office.delivery()
    ledger = office.ledger()
    waits = []
    while (counts := ledger.counts("p1")) == {State.QUEUED: 1}:
        if not send(ledger, Fate.LATER):
            waits[-1] += 1
            office.clock.pass_(seconds=1)
        else:
            waits.append(0)

    assert counts == {State.FAILED: 1}
    assert waits[:-1] == sorted(waits[:-1])
    assert len(waits) == MOST_ATTEMPTS


def test_a_letter_turned_down_beyond_its_time_has_failed(office):
    office.push()
    office.delivery(hours=1)
    ledger = office.ledger()
    (handed,) = ledger.hand(ledger.claim("t", 1))
    until = office.clock() + timedelta(hours=2)
    ledger.settle([(handed, Outcome(Fate.LATER, until=until))])
    assert ledger.counts("p1") == {State.FAILED: 1}


def test_claimed_rows_that_are_given_back_are_claimed_again(office):
    office.push()
    office.deliveries(3)
    ledger = office.ledger()
    ledger.give_back(ledger.claim("t", 3))
    assert len(ledger.claim("t", 3)) == 3


def test_a_row_without_a_letter_fails_with_the_reason(office):
    office.push()
    row = office.delivery()
    ledger = office.ledger()
    ledger.drop(ledger.claim("t", 1)[0], "地址解不开")
    assert ledger.counts("p1") == {State.FAILED: 1}
    assert office.events(row)[-1] == ("queued", "failed", "worker")


def test_no_way_leads_back_from_an_end(office):
    office.push()
    office.delivery()
    ledger = office.ledger()
    (handed,) = send(ledger, Fate.REFUSED)
    with pytest.raises(IllegalMove):
        ledger.rows(handed.id)[0].to(State.QUEUED)


# The last look


def test_the_last_look_keeps_in_what_was_stopped_since_the_claim(office):
    office.push()
    office.delivery()
    ledger = office.ledger()
    claimed = ledger.claim("t", 1)
    office.set_push("p1", state=PushState.STOPPED)

    assert ledger.hand(claimed) == []
    assert ledger.counts("p1") == {State.CANCELLED: 1}


@pytest.mark.parametrize(
    "change",
    [{"state": PushState.PAUSED}, {"hash": "changed since the approval"}],
    ids=["paused", "approval void"],
)
def test_the_last_look_puts_back_what_may_go_later(office, change):
    office.push()
    office.delivery()
    ledger = office.ledger()
    claimed = ledger.claim("t", 1)
    office.set_push("p1", **change)

    assert ledger.hand(claimed) == []
    assert ledger.counts("p1") == {State.QUEUED: 1}
    office.set_push("p1", state=PushState.RUNNING, hash="h")
    office.clock.pass_(minutes=2)
    assert len(ledger.hand(ledger.claim("t", 1))) == 1


def test_who_unsubscribed_since_the_approval_never_receives_it(office):
    office.push()
    row = office.delivery(person="甲")
    office.delivery(person="乙")
    ledger = office.ledger(refusals=lambda _c, _r, rows: {row: "已退订"})

    send(ledger, Fate.ACCEPTED)

    assert office.states() == {"甲": State.SKIPPED, "乙": State.ACCEPTED}


def test_nothing_goes_to_an_address_that_takes_nothing_any_more(office):
    office.push("p1")
    office.push("p2")
    address = office.address("甲")
    same = office.address("乙", hash="甲sms")
    office.delivery("p1", address=address)
    ledger = office.ledger()
    (handed,) = ledger.hand(ledger.claim("t", 1))
    ledger.settle([(handed, Outcome(Fate.REFUSED, code="43004", why="已取消关注", gone=True))])
    assert office.suppressed(address) == office.suppressed(same) == "已取消关注（43004）"

    office.delivery("p2", "乙", address=same)
    assert send(ledger) == []
    assert ledger.counts("p2") == {State.SKIPPED: 1}


def test_an_address_where_nothing_arrives_is_given_up_after_three_times(office):
    address = office.address("甲")
    ledger = office.ledger()
    for number in range(3):
        assert office.suppressed(address) == ""
        office.push(f"p{number}")
        office.delivery(f"p{number}", address=address)
        send(ledger, Fate.UNDELIVERED)
    assert "3" in office.suppressed(address)


def test_quiet_hours_and_a_pause_over_them(office):
    office.push()
    office.delivery()
    ledger = office.ledger()
    office.clock.now = office.clock().replace(hour=20, minute=59, second=59)
    claimed = ledger.claim("t", 1)
    office.clock.pass_(seconds=2)

    assert ledger.hand(claimed) == []
    assert ledger.claim("t", 1) == []
    office.clock.pass_(hours=11)
    assert len(ledger.hand(ledger.claim("t", 1))) == 1


def test_an_urgent_push_goes_out_at_night(office):
    office.push(urgent="暴雨红色预警")
    office.delivery()
    office.clock.now = office.clock().replace(hour=23)
    assert len(send(office.ledger(), Fate.ACCEPTED)) == 1


def test_what_is_over_its_time_is_skipped(office):
    office.push(hours=1)
    office.deliveries(3)
    ledger = office.ledger()
    office.clock.pass_(hours=1)

    assert ledger.claim("t", 3) == []
    assert ledger.clear() == 3
    assert ledger.counts("p1") == {State.SKIPPED: 3}


def test_a_stopped_push_ends_all_that_is_not_out(office):
    office.push()
    office.deliveries(4)
    ledger = office.ledger()
    ledger.hand(ledger.claim("t", 1))
    office.set_push("p1", state=PushState.STOPPED)

    assert ledger.clear(2) + ledger.clear(2) == 3

    assert ledger.counts("p1") == {State.HANDING: 1, State.CANCELLED: 3}


# Receipts


def test_a_receipt_may_come_before_the_answer(office):
    office.push()
    office.delivery()
    ledger = office.ledger()
    (handed,) = ledger.hand(ledger.claim("t", 1))

    assert ledger.apply(receipt(Fate.DELIVERED, key=handed.provider_key))
    ledger.settle([(handed, Outcome(Fate.ACCEPTED, ref="r", cost=5))])

    (row,) = ledger.rows(handed.id)
    assert (row.state, row.provider_ref, row.cost) == (State.DELIVERED, "r", 5)


def test_receipts_out_of_order_and_repeated_never_lead_back(office):
    office.push()
    office.delivery()
    ledger = office.ledger()
    (handed,) = send(ledger, Fate.ACCEPTED)

    for fate in (Fate.UNDELIVERED, Fate.ACCEPTED, Fate.DELIVERED, Fate.UNDELIVERED):
        assert ledger.apply(receipt(fate, key=handed.provider_key))

    assert ledger.counts("p1") == {State.UNDELIVERED: 1}


def test_a_receipt_of_a_stranger_is_not_taken(office):
    office.push()
    office.delivery()
    ledger = office.ledger()
    send(ledger, Fate.ACCEPTED)
    for told in (
        receipt(Fate.DELIVERED, ref="somebody else's"),
        receipt(Fate.DELIVERED, key="somebody else's"),
        receipt(Fate.DELIVERED, ref="ref-p1-甲-sms", channel="email"),
        receipt(Fate.DELIVERED),
    ):
        assert not ledger.apply(told)
    assert ledger.counts("p1") == {State.ACCEPTED: 1}


def test_a_receipt_lifts_what_was_given_up(office):
    office.push()
    office.delivery(person="甲")
    office.delivery(person="乙")
    ledger = office.ledger()
    silent, lost = send(ledger, Fate.ACCEPTED, Fate.UNKNOWN)
    office.clock.pass_(hours=72)
    assert ledger.close_silent([silent, lost]) == 2
    assert office.states() == {"甲": State.NO_RECEIPT, "乙": State.ABANDONED}

    for row in (silent, lost):
        assert ledger.apply(receipt(Fate.DELIVERED, key=row.provider_key))
    assert ledger.counts("p1") == {State.DELIVERED: 2}


def test_a_person_may_give_up_an_unknown_one_and_nothing_else(office):
    office.push()
    office.delivery(person="甲")
    office.delivery(person="乙")
    ledger = office.ledger()
    unknown, accepted = send(ledger, Fate.UNKNOWN, Fate.ACCEPTED)

    assert ledger.abandon(unknown.id, "李四", "电话已告知")
    assert not ledger.abandon(accepted.id, "李四", "电话已告知")
    assert office.events(unknown.id)[-1] == ("unknown", "abandoned", "officer")


# Unknown ones that the provider would know


def test_a_repetition_goes_straight_to_handing_with_the_same_key(office):
    office.push()
    office.delivery()
    ledger = office.ledger()
    (unknown,) = send(ledger, Fate.UNKNOWN)

    (again,) = ledger.hand_again([unknown], within=600)

    assert again.state is State.HANDING
    assert (again.provider_key, again.attempt) != (again.provider_key, unknown.attempt)
    assert [e[1] for e in office.events(again.id)][-2:] == ["queued", "handing"]


def test_no_repetition_once_the_provider_may_have_forgotten_or_nobody_may_be_disturbed(office):
    office.push()
    office.delivery()
    ledger = office.ledger()
    (unknown,) = send(ledger, Fate.UNKNOWN)
    office.set_push("p1", state=PushState.STOPPED)
    assert ledger.hand_again([unknown], within=600) == []
    office.set_push("p1", state=PushState.RUNNING)
    office.clock.pass_(seconds=600 - LEASE_AGAIN)
    assert ledger.hand_again([unknown], within=600) == []
    assert ledger.counts("p1") == {State.UNKNOWN: 1}


@pytest.mark.parametrize("fate", [Fate.LATER, Fate.CLOSED, Fate.REFUSED, Fate.UNKNOWN])
def test_a_repetition_that_is_turned_down_says_nothing_of_the_first(office, fate):
    office.push()
    office.delivery()
    ledger = office.ledger()
    (unknown,) = send(ledger, Fate.UNKNOWN)
    (again,) = ledger.hand_again([unknown], within=600)
    ledger.settle([(again, Outcome(fate))])
    assert ledger.counts("p1") == {State.UNKNOWN: 1}


# Quotas


def claims(ledger, most=100):
    return len(ledger.hand(ledger.claim("t", most)))


def test_the_pace_of_an_account_holds_for_all_workers(office):
    office.push()
    office.deliveries(30)
    ledgers = [office.ledger(FakeChannel(limits=Limits(per_second=10))) for _ in range(2)]

    assert [claims(ledger, 7) for ledger in ledgers] == [7, 3]
    assert claims(ledgers[0]) == 0
    office.clock.pass_(seconds=1)
    assert claims(ledgers[1]) == 10


def test_the_quota_of_a_day_holds_until_midnight(office):
    office.push(urgent="暴雨红色预警")
    office.deliveries(30)
    ledger = office.ledger(FakeChannel(limits=Limits(per_day=20)))

    assert [claims(ledger, 15), claims(ledger, 15)] == [15, 5]
    office.clock.now = office.clock().replace(hour=23, minute=59, second=59)
    assert claims(ledger) == 0
    office.clock.pass_(seconds=1)
    assert claims(ledger) == 10


def test_a_reservation_that_was_not_used_is_given_back(office):
    office.push()
    office.deliveries(3)
    ledger = office.ledger(FakeChannel(limits=Limits(per_day=2, per_person_day=1)))
    for _ in range(5):
        ledger.give_back(ledger.claim("t", 10))
    assert claims(ledger) == 2


def test_a_person_gets_no_more_than_allowed_and_the_next_period_again(office):
    for push in ("p1", "p2", "p3"):
        office.push(push)
        office.delivery(push, "甲")
        office.delivery(push, "乙")
    ledger = office.ledger(FakeChannel(limits=Limits(per_person_day=2)))

    assert len(send(ledger, *[Fate.ACCEPTED] * 6)) == 4
    assert ledger.counts("p3") == {State.QUEUED: 2}
    office.clock.pass_(days=1)
    assert len(send(ledger, *[Fate.ACCEPTED] * 6)) == 2


def test_who_has_had_the_month_is_skipped_when_the_push_ends_sooner(office):
    office.push("p1")
    office.push("p2")
    office.delivery("p1")
    office.delivery("p2")
    ledger = office.ledger(FakeChannel(limits=Limits(per_person_month=1)))
    send(ledger, Fate.ACCEPTED)
    assert ledger.counts("p2") == {State.SKIPPED: 1}


def test_calls_that_another_quota_does_not_allow_are_given_back(office):
    office.push()
    office.deliveries(3)
    ledger = office.ledger(FakeChannel(limits=Limits(per_second=10, per_day=1)))
    assert len(ledger.claim("t", 5)) == 1
    assert ledger.claim("t", 5) == []
    pace = f"second:{office.second}"
    with office.database.read() as connection:
        assert Quotas(connection, "sms", ACCOUNT).used(pace, {""}) == {"": 1}


def test_a_push_that_can_pay_is_not_kept_by_one_that_cannot(office):
    office.push("poor", cost_cap=500)
    office.push("rich", cost_cap=1000)
    for push in ("poor", "rich"):
        office.deliveries(2, push)
    ledger = office.ledger()
    claimed = ledger.claim("t", 9)

    ledger.hand(claimed, {row.id: 300 for row in claimed})

    assert ledger.counts("rich") == {State.HANDING: 2}
    assert ledger.counts("poor") == {State.HANDING: 1, State.QUEUED: 1}
    with office.database.read() as connection:
        spent = Quotas(connection, "", "").used(SPENT, {"poor", "rich"})
    assert spent == {"poor": 300, "rich": 600}


def test_the_cost_cap_stops_before_it_is_overrun(office):
    office.push(cost_cap=1000)
    office.deliveries(5)
    ledger = office.ledger()
    claimed = ledger.claim("t", 5)

    handed = ledger.hand(claimed, {row.id: 300 for row in claimed})

    assert len(handed) == 3
    assert office.push_state() == PushState.PAUSED
    assert ledger.counts("p1") == {State.HANDING: 3, State.QUEUED: 2}


def test_what_a_letter_did_not_cost_may_be_spent_on_another(office):
    office.push(cost_cap=300)
    office.deliveries(2)
    ledger = office.ledger()
    (first,) = claimed = ledger.claim("t", 1)
    ledger.hand(claimed, {first.id: 300})
    ledger.settle([(first, Outcome(Fate.REFUSED, cost=0))])
    (second,) = claimed = ledger.claim("t", 1)
    assert len(ledger.hand(claimed, {second.id: 300})) == 1


def test_a_quota_code_closes_the_channel_and_costs_no_attempt(office):
    office.push()
    office.deliveries(3)
    ledger = office.ledger()
    (handed,) = ledger.hand(ledger.claim("t", 1))
    until = office.clock() + timedelta(hours=2)
    ledger.settle([(handed, Outcome(Fate.CLOSED, code="45009", until=until))])

    assert ledger.claim("t", 9) == []
    assert ledger.rows(handed.id)[0].attempts == 0
    office.clock.pass_(hours=2)
    assert len(ledger.claim("t", 9)) == 3


def test_fifty_errors_in_a_minute_close_the_channel_and_forty_nine_do_not(office):
    office.push()
    office.deliveries(60)
    ledger = office.ledger()
    send(ledger, *[Fate.LATER] * 25, most=25)
    office.clock.pass_(seconds=59)
    send(ledger, *[Fate.UNKNOWN] * 24, most=24)
    assert len(send(ledger, Fate.REFUSED, most=1)) == 1
    assert len(send(ledger, Fate.UNKNOWN, most=1)) == 1
    assert ledger.claim("t", 9) == []
    office.clock.pass_(minutes=10)
    assert ledger.claim("t", 9) != []


def test_errors_of_more_than_a_minute_ago_do_not_count(office):
    office.push()
    office.deliveries(60)
    ledger = office.ledger()
    send(ledger, *[Fate.LATER] * 49, most=49)
    office.clock.pass_(seconds=60)
    send(ledger, Fate.UNKNOWN, most=1)
    assert ledger.claim("t", 9) != []


# Turns


def fallback_of(office, **plan):
    office.push(channels=("wechat_notice", "sms"), patience=4, **plan)
    first = office.delivery(channel="wechat_notice")
    second = office.delivery(state=State.WAITING, turn=1)
    return first, second, office.ledger(FakeChannel("wechat_notice"), FakeChannel())


@pytest.mark.parametrize("fate", [Fate.REFUSED, Fate.UNDELIVERED])
def test_the_next_channel_has_its_turn_when_the_one_before_surely_failed(office, fate):
    _, second, ledger = fallback_of(office)
    ledger.release()
    send(ledger, fate)
    ledger.release()
    assert [row.id for row in ledger.claim("t", 9)] == [second]


def test_the_next_channel_is_not_needed_when_the_one_before_arrived(office):
    _, _, ledger = fallback_of(office)
    send(ledger, Fate.DELIVERED)
    ledger.release()
    assert office.states()["甲"] is State.SUPERSEDED


def test_the_next_channel_waits_for_a_receipt_as_long_as_the_plan_is_patient(office):
    _, second, ledger = fallback_of(office)
    send(ledger, Fate.ACCEPTED)
    office.clock.pass_(hours=4, seconds=-1)
    ledger.release()
    assert ledger.claim("t", 9) == []
    office.clock.pass_(seconds=1)
    ledger.release()
    assert [row.id for row in ledger.claim("t", 9)] == [second]


def test_the_next_channel_never_has_its_turn_while_the_one_before_is_unknown(office):
    first, _, ledger = fallback_of(office)
    send(ledger, Fate.UNKNOWN)
    for _ in range(5):
        office.clock.pass_(hours=7)
        ledger.release()
    assert office.states()["甲"] is State.WAITING
    ledger.abandon(first, "李四", "查不到")
    office.clock.pass_(hours=7)
    ledger.release()
    assert office.states()["甲"] is State.WAITING


def test_a_late_success_keeps_the_next_channel_from_being_handed_over(office):
    _, second, ledger = fallback_of(office)
    (handed,) = send(ledger, Fate.ACCEPTED)
    office.clock.pass_(hours=4)
    ledger.release()
    claimed = ledger.claim("t", 9)
    assert [row.id for row in claimed] == [second]
    ledger.apply(receipt(Fate.DELIVERED, key=handed.provider_key))

    assert ledger.hand(claimed) == []
    assert office.states()["甲"] is State.SUPERSEDED


def test_on_all_channels_none_supersedes_the_other(office):
    office.push(channels=("wechat_notice", "sms"), all_channels=True)
    office.delivery(channel="wechat_notice")
    office.delivery(turn=1)
    ledger = office.ledger(FakeChannel("wechat_notice"), FakeChannel())
    send(ledger, Fate.DELIVERED, most=1)
    assert len(send(ledger, Fate.DELIVERED)) == 1


def test_a_channel_without_receipts_has_done_its_part_when_it_accepts(office):
    office.push(channels=("email", "sms"))
    office.delivery(channel="email")
    office.delivery(state=State.WAITING, turn=1)
    ledger = office.ledger(FakeChannel("email"), FakeChannel())
    send(ledger, Fate.ACCEPTED)
    ledger.release()
    assert office.states()["甲"] is State.SUPERSEDED


# Two people, one telephone


def shared(office, *, leader=State.QUEUED, follower=State.QUEUED):
    office.push()
    first = office.delivery(person="甲", state=leader, turn=int(leader is State.WAITING))
    second = office.delivery(person="乙", shares=first, state=follower)
    return first, second, office.ledger()


def test_two_people_with_one_telephone_get_one_letter_and_both_rows_say_so(office):
    first, second, ledger = shared(office)

    (handed,) = send(ledger, Fate.ACCEPTED)
    assert handed.id == first
    leading, following = ledger.rows(first, second)
    assert leading.state is following.state is State.ACCEPTED
    assert leading.provider_ref == following.provider_ref != ""
    assert [e[1] for e in office.events(second)] == ["handing", "accepted"]

    ledger.apply(receipt(Fate.DELIVERED, ref=leading.provider_ref))
    assert ledger.counts("p1") == {State.DELIVERED: 2}


def test_the_other_person_still_gets_it_when_the_first_unsubscribed(office):
    _, second, _ = shared(office)
    ledger = office.ledger(
        refusals=lambda _c, _r, rows: {row.id: "已退订" for row in rows if row.person == "甲"}
    )
    assert send(ledger) == []
    assert [row.id for row in send(ledger, Fate.ACCEPTED)] == [second]
    assert office.states() == {"甲": State.SKIPPED, "乙": State.ACCEPTED}


def test_who_waits_for_another_channel_does_not_keep_the_other_from_the_letter(office):
    first, second, ledger = shared(office, leader=State.WAITING)
    office.delivery(person="甲", channel="wechat_notice")
    ledger.release()
    assert [row.id for row in send(ledger, Fate.DELIVERED)] == [second]
    assert ledger.rows(first)[0].shares == second


def test_a_stop_ends_both(office):
    _, _, ledger = shared(office)
    office.set_push("p1", state=PushState.STOPPED)
    ledger.clear()
    assert ledger.counts("p1") == {State.CANCELLED: 2}


def test_whose_turn_comes_after_the_letter_went_out_is_told_by_it(office):
    office.push(channels=("email", "sms"))
    first = office.delivery(person="甲")
    office.delivery(person="乙", channel="email")
    office.delivery(person="乙", turn=1, shares=first, state=State.WAITING)
    ledger = office.ledger(FakeChannel(), FakeChannel("email"))

    send(ledger, Fate.DELIVERED, Fate.REFUSED)
    assert office.states()["乙"] is State.WAITING
    ledger.release()

    assert office.states()["乙"] is State.DELIVERED
    assert ledger.claim("t", 9) == []


def test_a_ledger_without_channels_claims_nothing(office):
    office.push()
    office.delivery()
    assert Ledger(office.database, office.clock).claim("t", 1) == []


# Consents


def test_a_consent_is_told_of_once_for_a_letter_that_named_it(office):
    office.push()
    office.deliveries(3)
    told = []
    ledger = office.ledger(consent_told=lambda _, *words: told.append(words))
    handed = ledger.hand(ledger.claim("t", 3))
    fates = (Fate.ACCEPTED, Fate.REFUSED, Fate.ACCEPTED)
    scopes = ("wechat_notice:t", "wechat_notice:t", "")
    outcomes = [Outcome(f, consent=s) for f, s in zip(fates, scopes, strict=True)]
    for _ in range(2):
        ledger.settle(list(zip(handed, outcomes, strict=True)))
    assert told == [("人000", "wechat_notice:t", False), ("人001", "wechat_notice:t", True)]


@pytest.mark.parametrize(
    ("plan", "sent"),
    [({"workdays": True}, 0), ({}, 1), ({"workdays": True, "urgent": "台风"}, 1)],
)
def test_a_push_for_workdays_rests_on_saturday(office, plan, sent):
    office.clock.pass_(days=5)
    office.push(**plan)
    office.delivery()
    ledger = office.ledger(rest=national_days_off())

    assert len(send(ledger, Fate.ACCEPTED)) == sent
    office.clock.pass_(days=1, hours=20)  # Monday, eight o'clock
    assert len(send(ledger, Fate.ACCEPTED)) == 1 - sent
