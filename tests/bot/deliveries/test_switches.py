"""Channels that people close: nothing goes out there until somebody opens them."""

import pytest

from bot.channels.port import Fate
from bot.deliveries.states import State
from bot.deliveries.switches import Switches, SwitchRefused
from bot.records.service import Records
from bot.storage.vault import Vault
from tests.bot.deliveries.office import ACCOUNT, FakeChannel, send
from tests.bot.deliveries.test_worker import worker

VAULT = Vault("a secret of the tests, long enough")


@pytest.fixture
def switches(office):
    office.push()
    office.delivery()
    log = Records(office.database, VAULT, office.clock)
    return Switches(office.database, log, office.clock)


@pytest.mark.parametrize(("channel", "account"), [("sms", ACCOUNT), ("sms", ""), ("", "")], ids=str)
def test_workers_leave_a_closed_channel_alone(office, switches, channel, account):
    sms = FakeChannel()
    sending, _ = worker(office, sms)

    switches.close(channel, account, "签名被停", "甲")
    assert sending.run_once() == 0
    assert office.states() == {"甲": State.QUEUED}
    (closure,) = switches.closed().values()
    assert (closure.why, closure.until) == ("签名被停（甲）", None)

    switches.open(channel, account, "乙")
    assert sending.run_once() == 1
    assert len(sms.got) == 1


@pytest.mark.parametrize(("channel", "account"), [("email", ""), ("sms", "another")])
def test_the_others_go_on(office, switches, channel, account):
    switches.close(channel, account, "签名被停", "甲")

    assert len(send(office.ledger(), Fate.ACCEPTED)) == 1


def test_what_a_person_closed_no_error_opens(office, switches):
    """Errors close a channel for a while only; the person's closing stays."""
    switches.close("sms", ACCOUNT, "签名被停", "甲")
    office.clock.pass_(days=2)

    assert send(office.ledger()) == []


def test_what_a_worker_holds_already_does_not_go_out_either(office, switches):
    ledger = office.ledger()
    claimed = ledger.claim("t", 9)
    switches.close("sms", "", "签名被停", "甲")

    assert ledger.hand(claimed) == []
    assert office.states() == {"甲": State.QUEUED}

    switches.open("sms", "", "甲")
    office.clock.pass_(minutes=1)
    assert len(send(ledger, Fate.ACCEPTED)) == 1


def test_nothing_is_written_down_that_was_not_done(switches):
    with pytest.raises(SwitchRefused, match="没有停用"):
        switches.open("sms", "", "甲")
    with pytest.raises(SwitchRefused, match="原因"):
        switches.close("sms", "", " ", "甲")

    assert switches.closed() == {}
