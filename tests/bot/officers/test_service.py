import pytest

from bot.notices.chain import DRAFTING
from bot.officers.approving import approvers, steps_of
from bot.officers.model import Officer, OfficerRefused, Role, roles_of
from bot.officers.passwords import Passwords, refuse_easy, temporary_password
from bot.officers.service import Officers, SignInRefused
from bot.officers.setup import nobody_yet, setup_code
from bot.storage.schema import officer_sessions
from bot.storage.schema import officers as table
from tests.bot.officers.conftest import PASSWORD, QUICK

STEPS = ("初审", "复审", "终审")


def test_the_first_account(officers, vault, database):
    assert nobody_yet(database)
    with pytest.raises(OfficerRefused, match="设置码不对"):
        officers.found("", "王", PASSWORD)
    with pytest.raises(OfficerRefused, match="太短"):
        officers.found(setup_code(vault), "王", "kurz")
    assert officers.found(setup_code(vault), " 王  管理 ", PASSWORD).name == "王 管理"
    with pytest.raises(OfficerRefused, match="已经有账号"):
        officers.found(setup_code(vault), "乙", PASSWORD)


def test_a_name_belongs_to_one_person_for_ever(officers, founder):
    made, _ = officers.add("李", ["经办"])
    officers.close(made.id)
    with pytest.raises(OfficerRefused, match="已经有叫“李”的账号"):
        officers.add("李", ["审核"])


@pytest.mark.parametrize("roles", [[], ["审计", "经办"], ["管理员", "终审"], ["老板"]])
def test_roles_that_cannot_be(roles):
    with pytest.raises(OfficerRefused):
        roles_of(roles)


def test_nothing_secret_is_kept_in_the_clear(officers, founder, database):
    token, _ = officers.sign_in("王管理", PASSWORD)
    from bot.officers.codes import new_secret

    secret = new_secret()
    with pytest.raises(OfficerRefused):
        officers.take_codes(officers.session(token), secret, "000000")
    with database.read() as connection:
        kept = str(connection.execute(table.select()).all())
        kept += str(connection.execute(officer_sessions.select()).all())
    assert PASSWORD not in kept
    assert token not in kept
    assert "$argon2id$" in kept


def test_parameters_of_old_hashes_are_renewed_at_signing_in(
    officers, founder, database, vault, clock
):
    newer = Officers(database, vault, clock, Passwords(memory=128, passes=1))
    newer.sign_in("王管理", PASSWORD)
    with database.read() as connection:
        assert "m=128" in connection.execute(table.select()).one().password


def test_an_account_that_locks_opens_by_itself_or_by_a_reset(officers, founder, clock):
    made, password = officers.add("李", ["经办"])
    for _ in range(officers.limits.failures):
        with pytest.raises(SignInRefused):
            officers.sign_in("李", "falsch")
    with pytest.raises(SignInRefused, match="锁定"):
        officers.sign_in("李", password)
    new = officers.reset(made.id)
    assert officers.sign_in("李", new)[1].temporary


def test_a_success_between_failures_counts_from_the_start(officers, founder):
    for _ in range(3):
        for _ in range(officers.limits.failures - 1):
            with pytest.raises(SignInRefused):
                officers.sign_in("王管理", "falsch")
        officers.sign_in("王管理", PASSWORD)


def test_a_session_ends_by_itself(officers, founder, clock):
    old, _ = officers.sign_in("王管理", PASSWORD)
    clock.pass_(minutes=40)
    token, _ = officers.sign_in("王管理", PASSWORD)
    assert officers.session(old) is None
    assert officers.session(token)


def test_areas_and_units():
    officer = Officer(1, "李", (Role.LIAISON,), ("4412",), ("民政局",))
    assert officer.covers("441204")
    assert not officer.covers("4413")
    assert not officer.covers("44")
    assert officer.answers_for("高要区民政局")
    assert not officer.answers_for("高要区教育局")
    assert Officer(1, "李", (Role.DRAFTER,)).covers("")


@pytest.mark.parametrize(
    ("role", "does"),
    [
        (Role.DRAFTER, (DRAFTING,)),
        (Role.LIAISON, (DRAFTING,)),
        (Role.REVIEWER, ("初审", "复审")),
        (Role.FINAL, ("终审",)),
        (Role.AUDITOR, ()),
        (Role.ADMINISTRATOR, ()),
    ],
)
def test_what_roles_do_of_an_approval(role, does):
    assert steps_of(role, STEPS) == does


def test_approvers_are_the_open_accounts_and_those_of_the_settings(officers, founder, database):
    made, _ = officers.add("李", ["审核", "经办"])
    gone, _ = officers.add("赵", ["终审"])
    officers.close(gone.id)
    from bot.notices.chain import Officer as Approver

    found = {
        one.name: one.roles for one in approvers(database, STEPS, [Approver("设置里的", ())])()
    }
    assert found == {"设置里的": (), "王管理": (), "李": (DRAFTING, "初审", "复审")}
    officers.close(made.id)
    assert "李" not in {one.name for one in approvers(database, STEPS)()}


def test_temporary_passwords_are_good_ones_and_differ():
    made = {temporary_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        refuse_easy(password, "李")


def test_checking_nobodys_password_takes_an_attempt_too():
    assert not QUICK.right("", "")
    assert not QUICK.right(PASSWORD, "")
    assert not QUICK.right(PASSWORD, "no hash at all")


def test_looking_whether_a_session_lasts_does_not_make_it_last(officers, founder, clock):
    token, _ = officers.sign_in("王管理", PASSWORD)
    session = officers.session(token)
    for _ in range(6):
        clock.pass_(seconds=officers.limits.idle / 6)
        assert officers.lasts(session)
    clock.pass_(seconds=1)
    assert not officers.lasts(session)
    assert officers.session(token) is None


def test_a_session_that_was_ended_lasts_no_more(officers, founder):
    token, _ = officers.sign_in("王管理", PASSWORD)
    session = officers.session(token)
    officers.sign_out(session)
    assert not officers.lasts(session)
