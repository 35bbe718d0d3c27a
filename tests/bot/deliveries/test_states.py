"""The ways between a delivery's states."""

from bot.deliveries.states import MOVES, NOT_OUT, OPEN, REACHED, State, may_follow

ENDS = {state for state, moves in MOVES.items() if not moves}


def test_every_state_has_its_ways_and_each_leads_to_an_end():
    assert set(MOVES) == set(State)
    for state in State:
        seen, todo = set(), [state]
        while todo:
            now = todo.pop()
            if now not in seen:
                seen.add(now)
                todo += MOVES[now]
        assert seen & ENDS


def test_what_may_be_out_is_never_handed_over_again_without_being_queued():
    for state in State:
        if may_follow(state, State.HANDING):
            assert state is State.CLAIMED
        if state not in NOT_OUT:
            assert not may_follow(state, State.CLAIMED)


def test_nothing_that_is_out_is_called_unsent():
    unsent = {State.SKIPPED, State.CANCELLED, State.SUPERSEDED}
    for state in set(State) - NOT_OUT:
        assert not MOVES[state] & unsent


def test_open_and_reached_and_ended_are_told_apart():
    assert not OPEN & ENDS
    assert {State.UNKNOWN} == OPEN & REACHED
    assert {State.DELIVERED, State.ACCEPTED} <= REACHED
