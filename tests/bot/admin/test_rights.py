"""Every address of the console × every role and nobody: let in or turned away as ``rights.csv`` says."""

import pytest

from bot.app import ADMIN
from bot.officers.model import Role
from bot.officers.rights import may, rights
from tests.bot.admin.conftest import NAMES

OPEN = {("GET", "/set-up"), ("POST", "/set-up"), ("GET", "/sign-in"), ("POST", "/sign-in")}
"""For people who are not signed in."""


def addresses(desk):
    return [one for one in desk.console.registered if one.right]


def filled(path):
    """An address with something in the place of each name, which leads nowhere."""
    while "{" in path:
        before, _, rest = path.partition("{")
        path = f"{before}0{rest.partition('}')[2]}"
    return path


def test_only_these_are_open_to_everybody(desk):
    assert {(one.method, one.path) for one in desk.console.registered if not one.right} == OPEN


def test_nobody_gets_in_without_signing_in(desk):
    visitor = desk.visitor()
    for one in addresses(desk):
        answer = visitor.request(one.method, ADMIN + filled(one.path), follow_redirects=False)
        assert answer.status_code == 303, one
        assert answer.headers["location"].startswith(f"{ADMIN}/sign-in"), one


@pytest.mark.parametrize("role", Role)
def test_a_role_gets_in_where_its_rights_say(desk, role):
    officer = desk.officers.named(NAMES[role])
    wrong = []
    for one in addresses(desk):
        if one.path in ("/sign-out", "/records/verify"):
            continue
        # A form without its token goes no further than the door: 403 for another reason.
        answer = desk.as_(role).request(
            one.method, ADMIN + filled(one.path), follow_redirects=False
        )
        turned_away = answer.status_code == 403 and "您的岗位不能" in answer.text
        if turned_away == may(officer, one.right):
            wrong.append((one, answer.status_code))
        assert answer.status_code < 500, one
    assert not wrong


def test_the_table_of_rights_keeps_apart_what_must_be_apart():
    table = rights()

    def has(role):
        return {right.id for right in table.values() if role in right.roles}

    changing = {
        id for id in table if not id.endswith(".see") and id not in ("own.change", "tester.use")
    }
    assert not has(Role.AUDITOR) & changing
    assert not has(Role.ADMINISTRATOR) & {
        "push.approve",
        "push.write",
        "notice.write",
        "desk.review",
    }
    assert not has(Role.DRAFTER) & {"push.approve", "knowledge.publish", "desk.review"}
    assert has(Role.AUDITOR) >= {"records.see"}


def test_being_turned_away_is_written_down(desk):
    desk.get(Role.DRAFTER, "/accounts")
    (newest,) = desk.records.search(limit=1)
    assert (newest.deed.who, newest.deed.action, newest.deed.outcome) == (
        NAMES[Role.DRAFTER],
        "accounts.manage",
        "refused",
    )
