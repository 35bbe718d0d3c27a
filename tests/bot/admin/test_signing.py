import re

import pyotp
import pytest

from bot.admin.console import COOKIE
from bot.app import ADMIN
from bot.officers.model import Role
from bot.officers.setup import setup_code
from bot.storage.schema import officers as officers_table
from tests.bot.admin.conftest import NAMES, PASSWORD, words

DRAFTER = NAMES[Role.DRAFTER]


@pytest.fixture
def nobody(desk):
    with desk.database.write() as connection:
        connection.execute(officers_table.delete())
    return desk


def sign_in(desk, name=DRAFTER, password=PASSWORD, **more):
    data = {"name": name, "password": password, **more}
    return desk.visitor().post(f"{ADMIN}/sign-in", data=data, follow_redirects=False)


def test_the_first_page_of_a_new_office_is_its_set_up(nobody):
    answer = nobody.visitor().get(f"{ADMIN}/", follow_redirects=False)
    assert answer.headers["location"] == f"{ADMIN}/set-up"


def test_the_first_account_needs_the_code_of_the_window(nobody):
    form = {"name": "王管理", "password": PASSWORD, "password_again": PASSWORD}
    visitor = nobody.visitor()
    answer = visitor.post(f"{ADMIN}/set-up", data={**form, "code": "0000-0000-0000"})
    assert answer.status_code == 422
    assert "设置码不对" in answer.text
    code = setup_code(nobody.vault).lower().replace("-", " ")
    answer = visitor.post(f"{ADMIN}/set-up", data={**form, "code": code}, follow_redirects=False)
    assert answer.headers["location"] == f"{ADMIN}/sign-in"
    (made,) = nobody.officers.all()
    assert made.roles == (Role.ADMINISTRATOR,)


def test_there_is_no_second_first_account(desk):
    data = {"name": "乙", "password": PASSWORD, "password_again": PASSWORD}
    data["code"] = setup_code(desk.vault)
    answer = desk.visitor().post(f"{ADMIN}/set-up", data=data, follow_redirects=False)
    assert answer.headers["location"] == f"{ADMIN}/sign-in"
    assert "乙" not in [one.name for one in desk.officers.all()]


def test_who_is_not_signed_in_comes_back_to_where_they_wanted(desk):
    answer = desk.visitor().get(f"{ADMIN}/records?who=a", follow_redirects=False)
    assert answer.status_code == 303
    to = answer.headers["location"].partition("?")[2]
    visitor = desk.visitor()
    page = visitor.get(f"{ADMIN}/sign-in?{to}")
    wanted = re.search(r'name="to" value="([^"]*)"', page.text)[1]
    data = {"name": NAMES[Role.AUDITOR], "password": PASSWORD, "to": wanted.replace("&amp;", "&")}
    answer = visitor.post(f"{ADMIN}/sign-in", data=data, follow_redirects=False)
    assert answer.headers["location"] == f"{ADMIN}/records?who=a"


@pytest.mark.parametrize(
    "to", ["https://evil.example", "//evil.example", "/\\evil", "javascript:1"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(desk, to):
    assert sign_in(desk, to=to).headers["location"] == f"{ADMIN}/"


def test_a_wrong_name_and_a_wrong_password_look_the_same(desk):
    one, other = sign_in(desk, name="没有的人"), sign_in(desk, password="Falsch-2026-aa")
    assert one.status_code == other.status_code == 422
    assert words(one).replace("没有的人", "") == words(other).replace(DRAFTER, "")


def test_five_failures_lock_the_account_for_a_while(desk):
    for _ in range(5):
        sign_in(desk, password="Falsch-2026-aa")
    assert "锁定" in sign_in(desk).text
    desk.clock.pass_(minutes=16)
    assert sign_in(desk).status_code == 303


def test_the_log_tells_of_failures_but_holds_no_password(desk):
    sign_in(desk, password="Falsch-2026-aa")
    sign_in(desk, name="Falsch-2026-aa")
    found = desk.records.search(action="sign_in")
    assert [one.deed.who for one in found] == ["未登录", DRAFTER]
    assert all(one.deed.outcome == "refused" for one in found)
    assert "Falsch" not in str(found)


def test_the_cookie_is_for_the_console_alone(desk):
    cookie = sign_in(desk).headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=lax", f"Path={ADMIN}"):
        assert part.lower() in cookie.lower()


def test_a_session_ends_when_nobody_uses_it(desk):
    desk.as_(Role.DRAFTER)
    desk.clock.pass_(minutes=29)
    assert desk.get(Role.DRAFTER, "/own").status_code == 200
    desk.clock.pass_(minutes=31)
    assert desk.get(Role.DRAFTER, "/own").status_code == 303


def test_a_session_ends_after_half_a_day_in_any_case(desk):
    desk.as_(Role.DRAFTER)
    for _ in range(36):
        desk.clock.pass_(minutes=20)
        answer = desk.get(Role.DRAFTER, "/own")
    assert answer.status_code == 200
    desk.clock.pass_(minutes=20)
    assert desk.get(Role.DRAFTER, "/own").status_code == 303


def test_signing_out_ends_the_session_itself(desk):
    token = desk.as_(Role.DRAFTER).cookies[COOKIE]
    assert desk.send(Role.DRAFTER, "/sign-out").status_code == 303
    assert desk.officers.session(token) is None


def test_a_temporary_password_must_be_changed_first(desk):
    _, password = desk.officers.add("新来的", ["经办"])
    client = desk.visitor()
    client.post(f"{ADMIN}/sign-in", data={"name": "新来的", "password": password})
    assert str(client.get(f"{ADMIN}/own").url).endswith("/password")
    form = {"password_old": password, "password_new": "Bailu-2026-feng", "csrf": desk.csrf(client)}
    client.post(f"{ADMIN}/password", data={**form, "password_again": "Bailu-2026-feng"})
    assert str(client.get(f"{ADMIN}/own").url).endswith("/own")


def test_changing_the_password_ends_the_other_sessions(desk):
    other = desk.visitor()
    other.post(f"{ADMIN}/sign-in", data={"name": DRAFTER, "password": PASSWORD})
    new = "Bailu-2026-feng"
    fields = {"password_old": PASSWORD, "password_new": new, "password_again": new}
    assert desk.send(Role.DRAFTER, "/password", **fields).status_code == 303
    assert desk.get(Role.DRAFTER, "/own").status_code == 200
    assert other.get(f"{ADMIN}/own", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("easy", ["kurz", "nurkleinbuchstaben", "Aa1!aaaaaaaa", "Abcdef-123456"])
def test_easy_passwords_are_refused(desk, easy):
    if easy == "nurkleinbuchstaben":
        easy = easy[:15]
    fields = {"password_old": PASSWORD, "password_new": easy, "password_again": easy}
    answer = desk.send(Role.DRAFTER, "/password", **fields)
    assert answer.status_code == 422
    assert easy not in answer.text
    assert sign_in(desk).status_code == 303


def test_one_time_codes(desk):
    page = desk.get(Role.DRAFTER, "/codes").text
    secret = re.search(r'name="secret" value="(\w+)"', page)[1]
    totp = pyotp.TOTP(secret)

    def code():
        return totp.at(int(desk.clock().timestamp()))

    answer = desk.send(Role.DRAFTER, "/codes", secret=secret, code="000000")
    assert answer.status_code == 422
    assert secret in answer.text
    assert desk.send(Role.DRAFTER, "/codes", secret=secret, code=code()).status_code == 303
    assert "验证码" in sign_in(desk).text
    assert sign_in(desk, code=code()).status_code == 422, "the code of the set-up is used up"
    desk.clock.pass_(seconds=60)
    fresh = code()
    assert sign_in(desk, code=fresh).status_code == 303
    assert sign_in(desk, code=fresh).status_code == 422, "a code is good once"


def test_a_form_from_elsewhere_is_not_taken(desk):
    client = desk.as_(Role.DRAFTER)
    for token in ({}, {"csrf": "0" * 32}):
        answer = client.post(f"{ADMIN}/sign-out", data=token)
        assert answer.status_code == 403
    assert desk.get(Role.DRAFTER, "/own").status_code == 200
    foreign = {"sec-fetch-site": "cross-site"}
    data = {"name": DRAFTER, "password": PASSWORD}
    answer = desk.visitor().post(f"{ADMIN}/sign-in", data=data, headers=foreign)
    assert COOKIE not in answer.headers.get("set-cookie", "")


def test_a_closed_account_is_out_at_once(desk):
    desk.as_(Role.DRAFTER)
    desk.officers.close(desk.officers.named(DRAFTER).id)
    assert desk.get(Role.DRAFTER, "/own").status_code == 303
    assert sign_in(desk).status_code == 422


def test_hostile_words_show_as_text(desk):
    hostile = '"><script>alert(1)</script>{{7*7}}'
    answer = sign_in(desk, name=hostile)
    assert "<script>alert" not in answer.text
    assert "49" not in answer.text


def test_too_large_a_form_is_refused_with_a_sentence(desk):
    client = desk.as_(Role.DRAFTER)
    chunks = (b"a" * 1_000_000 for _ in range(70))
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = client.post(f"{ADMIN}/sign-out", content=chunks, headers=headers)
    assert answer.status_code == 413
    assert "64 MB" in answer.text
