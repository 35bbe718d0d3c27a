"""What a killed process leaves behind: letters that certainly never left go back, all others may be out."""

import errno
import os
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.channels.calling import Failed
from bot.channels.port import Fate, Limits, Outcome
from bot.deliveries import quotas
from bot.deliveries.departures import Departures, this_boot
from bot.deliveries.ledger import Swept
from bot.deliveries.states import State
from bot.deliveries.stepping import LEASE
from bot.deliveries.worker import Worker
from tests.bot.deliveries.office import ACCOUNT, FakeChannel, Moment, Office
from tests.bot.deliveries.test_worker import letters_of


def row(id: int, attempt: str = "w.1") -> SimpleNamespace:
    return SimpleNamespace(id=id, attempt=attempt)


@pytest.fixture
def clock():
    return Moment()


@pytest.fixture
def departures(tmp_path, clock):
    found = Departures(tmp_path / "departures", clock, "boot-a")
    yield found
    found.close()


def test_what_was_begun_and_not_noted_has_stayed(departures):
    departures.begin(["w.1", "w.2"])
    departures.note(row(1))
    departures.note(row(2, "w.2"))
    rows = [row(1), row(2), row(1, "w.2"), row(2, "w.2")]
    assert departures.stayed(rows[:2]) == {2}
    assert departures.stayed(rows[2:]) == {1}
    assert departures.stayed([]) == set()


def test_of_an_attempt_that_was_not_begun_here_nothing_is_known(departures):
    departures.begin(["w.1"])
    assert departures.stayed([row(1, "elsewhere.1")]) == set()


def test_notes_are_there_for_other_processes_at_once(departures, tmp_path, clock):
    departures.begin(["w.1"])
    departures.note(row(1))
    other = Departures(tmp_path / "departures", clock, "boot-a")
    assert other.stayed([row(1), row(2)]) == {2}
    other.begin(["v.1"])
    other.close()
    assert departures.stayed([row(3, "v.1")]) == {3}


def test_after_a_new_start_of_the_computer_nothing_is_known(departures, tmp_path, clock):
    departures.begin(["w.1"])
    departures.note(row(1))
    other = Departures(tmp_path / "departures", clock, "boot-b")
    assert other.stayed([row(1), row(2)]) == set()


def test_where_the_computer_does_not_tell_its_starts_nothing_is_noted(tmp_path, clock):
    departures = Departures(tmp_path / "departures", clock, "")
    departures.begin(["w.1"])
    departures.note(row(1))
    assert departures.stayed([row(2)]) == set()
    assert not (tmp_path / "departures").exists()


def test_an_attempt_goes_on_after_midnight(departures, clock):
    clock.pass_(hours=11, minutes=59)
    departures.begin(["w.1"])
    departures.note(row(1))
    clock.pass_(minutes=2)
    departures.note(row(2))
    assert departures.stayed([row(1), row(2), row(3)]) == {3}


def test_old_notes_go_and_then_nothing_is_known_of_their_attempts(departures, tmp_path, clock):
    (tmp_path / "departures").mkdir()
    (tmp_path / "departures" / "boot-0.20261123").write_text("w.0\n")
    departures.begin(["w.1"])
    clock.pass_(days=3)
    departures.begin(["w.2"])
    assert departures.stayed([row(1), row(2, "w.2")]) == {2}
    assert [file.name for file in (tmp_path / "departures").iterdir()] == ["boot-a.20261126"]


def test_notes_name_nobody_and_are_for_the_office_alone(departures, tmp_path):
    departures.begin(["w.1"])
    departures.note(row(7))
    (file,) = (tmp_path / "departures").iterdir()
    assert file.read_text() == "w.1\nw.1 7\n"
    assert file.stat().st_mode & 0o077 == 0


def test_a_letter_that_cannot_be_noted_stays(tmp_path, clock):
    (tmp_path / "departures").write_text("not a folder")
    departures = Departures(tmp_path / "departures", clock, "boot-a")
    departures.begin(["w.1"])
    with pytest.raises(Failed, match="数据目录写不进去") as failed:
        departures.note(row(1))
    assert failed.value.outcome.fate is Fate.LATER
    assert os.strerror(errno.EEXIST) in str(failed.value)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no disk that is always full")
def test_a_letter_stays_where_the_disk_is_full(departures, tmp_path, clock):
    (tmp_path / "departures").mkdir()
    (tmp_path / "departures" / "boot-a.20261123").symlink_to("/dev/full")
    with pytest.raises(Failed) as failed:
        departures.note(row(1))
    assert failed.value.outcome.fate is Fate.LATER
    assert os.strerror(errno.ENOSPC) in str(failed.value)


def test_the_start_of_this_computer_stays_the_same():
    assert this_boot() == this_boot()


# With the ledger


def killed(office: Office, ledger, departures: Departures, *, noted: tuple[str, ...] = ()) -> None:
    """A worker that is killed between the mark and the calls, but for those to the people in ``noted``."""
    claimed = ledger.claim("w", 10)
    departures.begin(one.attempt for one in claimed)
    for one in ledger.hand(claimed):
        if one.person in noted:
            departures.note(one)
    office.clock.pass_(seconds=LEASE + 1)


@pytest.fixture
def noting(tmp_path, office):
    found = Departures(tmp_path / "departures", office.clock, "boot-a")
    yield found
    found.close()


def test_who_was_not_called_yet_is_sent_the_letter_after_a_kill(office, noting):
    office.push()
    for person in ("甲", "乙", "丙"):
        office.delivery(person=person)
    ledger = office.ledger(stayed=noting.stayed)
    killed(office, ledger, noting, noted=("乙",))

    assert ledger.sweep() == Swept(queued=2, unknown=1)

    assert office.states() == {"甲": State.QUEUED, "乙": State.UNKNOWN, "丙": State.QUEUED}
    office.clock.pass_(minutes=1)
    assert {one.person for one in ledger.claim("w", 10)} == {"甲", "丙"}


def test_what_a_letter_that_stayed_had_used_up_is_given_back(office, noting):
    limits = Limits(per_person_day=1)
    office.push()
    office.delivery()
    ledger = office.ledger(FakeChannel(limits=limits), stayed=noting.stayed)
    claimed = ledger.claim("w", 10)
    noting.begin(one.attempt for one in claimed)
    ledger.hand(claimed, {claimed[0].id: 450})
    office.clock.pass_(seconds=LEASE + 1)
    ledger.sweep()
    with office.database.read() as connection:
        spent = quotas.Quotas(connection, "", "").used(quotas.SPENT, {"p1"})
    assert spent.get("p1", 0) == 0

    office.clock.pass_(minutes=1)
    assert len(ledger.claim("w", 10)) == 1


def test_a_letter_at_which_worker_after_worker_dies_fails_in_the_end(office, noting):
    office.push()
    office.delivery()
    ledger = office.ledger(stayed=noting.stayed)
    for _ in range(20):
        killed(office, ledger, noting)
        ledger.sweep()
        office.clock.pass_(hours=1)
    assert office.states() == {"甲": State.FAILED}


def test_who_shares_the_address_of_a_letter_that_stayed_goes_with_it(office, noting):
    office.push()
    leader = office.delivery()
    office.delivery(person="乙", shares=leader)
    ledger = office.ledger(stayed=noting.stayed)
    killed(office, ledger, noting)
    ledger.sweep()
    office.clock.pass_(minutes=1)
    (handed,) = ledger.hand(ledger.claim("w", 10))
    ledger.settle([(handed, Outcome(Fate.ACCEPTED))])
    assert set(office.states().values()) == {State.ACCEPTED}


def test_a_worker_notes_each_letter_before_its_channel_has_it(office, noting):
    office.push()
    office.deliveries(3)
    seen: list[set[int]] = []

    class Looking(FakeChannel):
        def hand(self, letters):
            ids = {one.delivery for one in letters}
            here = noting.stayed(ledger.rows(*ids))
            found = super().hand(letters)
            seen.append(here - noting.stayed(ledger.rows(*ids)))
            return found

    channel = Looking()
    ledger = office.ledger(channel)
    by_account = {("sms", ACCOUNT): channel}
    Worker(ledger, by_account, letters_of, office.clock, departures=noting).run_once()
    assert sorted(map(len, seen)) == [1, 1, 1]


def test_who_was_taken_for_dead_notes_and_then_lets_the_letter_be(office, noting):
    """Stopped before the note, swept, and awake again: the letter is another worker's by then."""
    office.push()
    office.delivery()

    class Stopped(FakeChannel):
        def hand(self, letters):
            office.clock.pass_(seconds=LEASE + 1)
            ledger.sweep()
            return super().hand(letters)

    channel = Stopped()
    ledger = office.ledger(channel, stayed=noting.stayed)
    by_account = {("sms", ACCOUNT): channel}
    Worker(ledger, by_account, letters_of, office.clock, departures=noting).run_once()
    assert channel.got == []
    assert office.states() == {"甲": State.QUEUED}
    office.clock.pass_(seconds=timedelta(hours=1).total_seconds())
    assert len(ledger.claim("w", 10)) == 1
