"""When people may be disturbed."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import CHINA
from bot.deliveries.window import Window, days_off, national_days_off


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-11-23 20:59:59", "2026-11-23 20:59:59"),
        ("2026-11-23 21:00:00", "2026-11-24 08:00:00"),
        ("2026-11-23 23:59:59", "2026-11-24 08:00:00"),
        ("2026-11-24 00:00:00", "2026-11-24 08:00:00"),
        ("2026-11-24 07:59:59", "2026-11-24 08:00:00"),
        ("2026-11-24 08:00:00", "2026-11-24 08:00:00"),
        ("2026-12-31 22:00:00", "2027-01-01 08:00:00"),
    ],
)
def test_quiet_from_nine_in_the_evening_to_eight(now, opening):
    assert Window().opening(at(now)) == at(opening)


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-11-23 11:59:00", "2026-11-23 11:59:00"),
        ("2026-11-23 12:00:00", "2026-11-23 14:00:00"),
        ("2026-11-23 14:00:00", "2026-11-23 14:00:00"),
    ],
)
def test_quiet_within_a_day(now, opening):
    assert Window((12, 14)).opening(at(now)) == at(opening)


def test_equal_hours_are_never_quiet():
    assert Window((0, 0)).open(at("2026-11-23 03:00:00"))


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-11-20 20:00:00", "2026-11-20 20:00:00"),
        ("2026-11-20 21:30:00", "2026-11-23 08:00:00"),  # Friday evening
        ("2026-11-21 12:00:00", "2026-11-23 08:00:00"),
        # National Day, and the Saturday that is worked for it
        ("2026-09-30 22:00:00", "2026-10-08 08:00:00"),
        ("2026-10-09 22:00:00", "2026-10-10 08:00:00"),
    ],
)
def test_weekends_and_holidays(now, opening):
    holidays = frozenset(date(2026, 10, day) for day in range(1, 8))
    window = Window(rest=days_off(holidays, frozenset({date(2026, 10, 10)})))
    assert window.opening(at(now)) == at(opening)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
    st.tuples(st.integers(0, 23), st.integers(0, 23)),
    st.booleans(),
)
def test_an_opening_is_open_and_nothing_before_it_is(now, quiet, rests):
    window = Window(quiet, days_off()) if rests else Window(quiet)
    now = now.replace(tzinfo=CHINA)
    opening = window.opening(now)
    assert window.open(opening)
    assert opening >= now
    if opening > now:
        assert not window.open(opening - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("day", "rests"),
    [
        ((2026, 2, 14), False),  # a Saturday of work
        ((2026, 2, 15), True),
        ((2026, 2, 23), True),
        ((2026, 2, 24), False),
        ((2026, 9, 20), False),
        ((2026, 10, 7), True),
        ((2026, 10, 10), False),
        ((2026, 11, 21), True),
        ((2027, 1, 1), False),  # not ordered yet when this was written
        ((2027, 2, 2), True),
        ((2027, 2, 7), False),
    ],
)
def test_the_year_of_the_state_council_and_what_an_office_adds(day, rests):
    rest = national_days_off([date(2027, 2, 2)], [date(2027, 2, 7)])

    assert rest(date(*day)) is rests
