"""An office on each of the two stores."""

import pytest

from tests.bot.deliveries.office import Office


@pytest.fixture
def office(database):
    return Office(database)
