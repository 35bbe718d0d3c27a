"""The stores of the deliveries' tests, and a notice to work with."""

import pytest

from bot.notices.service import Notices
from tests.bot.deliveries.office import Moment
from tests.bot.notices.office import AREA, TEXT, Express


@pytest.fixture
def clock():
    return Moment()


@pytest.fixture
def notices(database, clock):
    return Notices(database, clock)


@pytest.fixture
def notice(notices):
    return notices.compose(TEXT, AREA, "甲")


@pytest.fixture
def express(database, clock):
    return Express(database, clock)
