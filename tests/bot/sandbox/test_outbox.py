"""Events that the platform owes: who delivers each, and when."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.account import Account
from bot.sandbox.faults import Receipts
from bot.sandbox.file import File
from bot.sandbox.outbox import AGAIN_SECONDS, Outbox

NOW = 1_795_000_000.0
ACCOUNT = Account("fuwu", "wx00000000000000aa", token="t", encoding_aes_key="")


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    file = File(tmp_path / "sandbox.db")
    yield Outbox(file)
    file.close()


def test_an_early_receipt_is_left_to_the_call_that_led_to_it(outbox):
    outbox.receipts = Receipts(early=1.0)
    outbox.template_sent(ACCOUNT, "o", "1", "success", NOW)
    assert outbox.due(NOW, 10) == []
    (early,) = outbox.take_early()
    assert f"<CreateTime>{NOW:.0f}</CreateTime>" in early.body
    outbox.told(early, "", NOW, taken=True)
    assert outbox.due(NOW + AGAIN_SECONDS, 10) == []


def test_an_early_receipt_whose_call_was_broken_off_comes_all_the_same(outbox):
    outbox.receipts = Receipts(early=1.0)
    outbox.template_sent(ACCOUNT, "o", "1", "success", NOW)
    (early,) = outbox.take_early()
    assert outbox.due(NOW + AGAIN_SECONDS, 10) == [early]
