"""``zwgk worker`` at the command line."""

import pytest


@pytest.fixture(autouse=True)
def of_its_own(office, monkeypatch, zwgk):
    monkeypatch.setenv("ZWGK_DATA_DIR", str(office))


def test_without_channels_there_is_nothing_to_work_with(refused):
    assert "还没有设置发送渠道" in refused("worker", "--once")
