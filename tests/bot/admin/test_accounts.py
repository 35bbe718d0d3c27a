import re

from bot.officers.model import Role
from tests.bot.admin.conftest import AREA, NAMES, PASSWORD, words

ADMINISTRATOR = Role.ADMINISTRATOR


def id_of(desk, role):
    return desk.officers.named(NAMES[role]).id


def test_an_account_is_added_with_a_password_shown_once(desk):
    fields = {"name": "李经办", "roles": ["经办", "审核"], "areas": "高要区\n", "units": "县民政局"}
    answer = desk.send(ADMINISTRATOR, "/accounts/new", **fields)
    assert answer.status_code == 200
    made = desk.officers.named("李经办")
    assert made.roles == (Role.DRAFTER, Role.REVIEWER)
    assert made.areas == (AREA,)
    assert made.units == ("县民政局",)
    password = re.search(r'class="figure">([^<]+)<', answer.text)[1]
    assert desk.officers.sign_in("李经办", password)[1].temporary
    assert password not in str(desk.records.search())


def test_a_refused_account_keeps_what_was_typed(desk):
    answer = desk.send(
        ADMINISTRATOR, "/accounts/new", name="赵", roles=["审计", "经办"], areas="441204"
    )
    assert answer.status_code == 422
    assert "不能兼任" in answer.text
    assert 'value="赵"' in answer.text
    assert re.search(r'value="审计" checked', answer.text)


def test_the_last_administrator_stays(desk):
    answer = desk.send(ADMINISTRATOR, f"/accounts/{id_of(desk, ADMINISTRATOR)}", roles="经办")
    assert answer.status_code == 422
    assert "最后一个管理员" in words(answer)
    answer = desk.send(ADMINISTRATOR, f"/accounts/{id_of(desk, ADMINISTRATOR)}/close")
    assert answer.status_code == 422


def test_what_binds_asks_for_the_password_again_after_a_while(desk):
    path = f"/accounts/{id_of(desk, Role.DRAFTER)}/reset"
    desk.as_(ADMINISTRATOR)
    desk.clock.pass_(minutes=6)
    assert desk.send(ADMINISTRATOR, path).status_code == 422
    assert desk.officers.sign_in(NAMES[Role.DRAFTER], PASSWORD)
    assert desk.send(ADMINISTRATOR, path, password=PASSWORD).status_code == 200
    desk.clock.pass_(minutes=4)
    assert desk.send(ADMINISTRATOR, path).status_code == 200


def test_wrong_passwords_there_lock_the_account(desk):
    desk.as_(ADMINISTRATOR)
    desk.clock.pass_(minutes=6)
    path = f"/accounts/{id_of(desk, Role.DRAFTER)}/reset"
    for _ in range(6):
        answer = desk.send(ADMINISTRATOR, path, password="Falsch-2026-aa")
    assert "锁定" in words(answer)


def test_there_is_no_account_under_a_strange_number(desk):
    for id in ("0", "999999999999999999999999", "x", "-1"):
        assert desk.get(ADMINISTRATOR, f"/accounts/{id}").status_code == 404


def test_changes_of_roles_count_at_once(desk):
    assert desk.get(Role.AUDITOR, "/records").status_code == 200
    desk.send(ADMINISTRATOR, f"/accounts/{id_of(desk, Role.AUDITOR)}", roles="经办")
    assert desk.get(Role.AUDITOR, "/records").status_code == 403
