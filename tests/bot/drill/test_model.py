"""The verdict of a drill: each way in which it may fail is seen, and an honest unknown is no failure."""

import pytest

from bot.deliveries.states import State
from bot.drill.model import FAULTS, Found, count, planned_wholly
from bot.sandbox.faults import Kind


def found(state, times, *, included=True):
    states = {} if state is None else {"甲": state}
    return Found(
        included=frozenset({"甲"} if included else ()),
        excluded=0 if included else 1,
        states=states,
        received={"甲": times} if times else {},
    )


@pytest.mark.parametrize("state", [State.ACCEPTED, State.DELIVERED, State.NO_RECEIPT])
def test_what_the_ledger_calls_sent_must_have_arrived(state):
    assert count(found(state, 1)).passed
    assert count(found(state, 0)).unaccounted == 1


@pytest.mark.parametrize("state", [State.FAILED, State.SKIPPED, State.CANCELLED, State.SUPERSEDED])
def test_what_the_ledger_calls_not_sent_must_not_have_arrived(state):
    assert count(found(state, 0)).passed
    assert count(found(state, 1)).unaccounted == 1


@pytest.mark.parametrize("state", [State.UNKNOWN, State.ABANDONED])
@pytest.mark.parametrize("times", [0, 1])
def test_an_unknown_letter_is_accounted_for_and_said_on_its_own(state, times):
    counted = count(found(state, times))
    assert counted.passed
    assert (counted.unknown, counted.unknown_received) == (1, times)


@pytest.mark.parametrize("state", list(State))
def test_twice_is_a_duplicate_whatever_the_ledger_says(state):
    counted = count(found(state, 2))
    assert counted.duplicates == 1
    assert not counted.passed


@pytest.mark.parametrize("state", [State.WAITING, State.QUEUED, State.CLAIMED, State.HANDING, None])
def test_somebody_without_a_final_row_is_not_accounted_for(state):
    assert count(found(state, 0)).unaccounted == 1
    assert count(found(state, 1)).unaccounted == 1


def test_somebody_left_out_must_get_nothing():
    assert count(found(None, 0, included=False)).passed
    assert count(found(None, 1, included=False)).unaccounted == 1


def test_figures_add_up():
    everybody = [f"人{number}" for number in range(10)]
    states = dict.fromkeys(everybody[:6], State.DELIVERED) | {
        everybody[6]: State.FAILED,
        everybody[7]: State.UNKNOWN,
    }
    counted = count(Found(frozenset(everybody[:8]), 2, states, dict.fromkeys(everybody[:6], 1)))
    assert counted.passed
    assert (counted.matched, counted.planned, counted.excluded) == (10, 8, 2)
    assert counted.states == {"delivered": 6, "failed": 1, "unknown": 1}
    assert sum(counted.states.values()) == counted.planned
    assert counted.received == 6


@pytest.mark.parametrize(("rows", "whole"), [(0, True), (8, True), (1, False), (7, False)])
def test_a_planner_leaves_none_or_all(rows, whole):
    assert planned_wholly(8, rows) is whole


def test_a_quota_that_lasts_till_midnight_is_no_fault_of_a_drill():
    assert set(Kind) - set(FAULTS) == {Kind.QUOTA}
