"""What the first page tells, on both stores."""

import json
import os
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from bot.deliveries import switches
from bot.deliveries.states import State
from bot.notices.model import PushState
from bot.operations.backup import default_path
from bot.operations.overview import Overview, Silence, Slots
from bot.settings import AccountKind
from bot.storage.schema import (
    channel_jobs,
    channels,
    notices,
    platform_tokens,
    push_events,
    question_counts,
    receipts,
)

GAOYAO, DUANZHOU = "441204", "441202"


@pytest.fixture
def overview(office, tmp_path):
    accounts = {"gaoyao": AccountKind.SERVICE, "news": AccountKind.SUBSCRIPTION}
    ways = [("sms", "aliyun"), ("wechat_mass", "gaoyao")]
    return Overview(office.database, tmp_path, office.clock, accounts, ways)


def put(office, table, *rows):
    with office.database.write() as connection:
        connection.execute(insert(table), list(rows))


def of_area(office, notice, area):
    with office.database.write() as connection:
        connection.execute(update(notices).where(notices.c.id == notice).values(area=area))


def fact(overview, name):
    (found,) = [one for one in overview.health() if one.name == name]
    return found


def test_todays_questions_are_those_of_today_and_of_the_areas(office, overview):
    row = {"kind": "answer", "route": "faq", "area": GAOYAO, "day": "2026-11-23", "count": 3}
    put(
        office,
        question_counts,
        row,
        row | {"kind": "declined", "count": 1},
        row | {"area": DUANZHOU, "count": 5},
        row | {"day": "2026-11-22", "count": 7},
    )
    assert overview.today(()) == {"answer": 8, "declined": 1}
    assert overview.today((GAOYAO,)) == {"answer": 3, "declined": 1}


def test_pushes_under_way_tell_how_far_they_are(office, overview):
    for state in PushState:
        office.push(f"p-{state}", state=state)
    for number, state in enumerate((State.QUEUED, State.UNKNOWN, State.DELIVERED, State.FAILED)):
        office.delivery("p-running", person=f"{number}", state=state)
    found = {one.push: one for one in overview.under_way(())}
    assert set(found) == {"p-running", "p-paused", "p-stopped", "p-draining"}
    assert (found["p-running"].done, found["p-running"].total) == (2, 4)
    assert (found["p-paused"].done, found["p-paused"].total) == (0, 0)
    of_area(office, "p-paused", DUANZHOU)
    assert [one.push for one in overview.under_way((DUANZHOU,))] == ["p-paused"]


def test_days_without_a_publication_are_counted_by_area(office, overview):
    assert overview.silence(()).days is None
    for push, days in (("p1", 9), ("p2", 3)):
        office.push(push)
        event = {"push": push, "who": "worker", "detail": ""}
        begun = event | {"what": "running", "at": office.second - days * 86400}
        put(office, push_events, begun, event | {"what": "finished", "at": office.second})
    of_area(office, "p2", DUANZHOU)
    assert overview.silence(()).days == 3
    assert overview.silence((GAOYAO,)).days == 9


@pytest.mark.parametrize(
    ("days", "level"),
    [(None, 0), (0, 0), (6, 0), (7, 1), (9, 1), (10, 2), (13, 2), (14, 3), (99, 3)],
)
def test_silence_is_told_of_at_seven_ten_and_fourteen_days(days, level):
    assert Silence(days).level == level


def test_mass_sendings_of_this_month_are_counted_by_push(office, overview):
    office.push("p1")
    office.push("p2")
    month = office.second - 22 * 86400
    row = {"channel": "wechat_mass", "account": "gaoyao", "state": "accepted", "attempt": ""}
    row |= {"lease_until": 0, "not_before": 0, "scope": "", "provider_ref": "", "totals": ""}
    put(
        office,
        channel_jobs,
        row | {"id": "a", "push": "p1", "updated_at": office.second},
        row | {"id": "b", "push": "p1", "updated_at": office.second},
        row | {"id": "c", "push": "p2", "updated_at": month},
        row | {"id": "d", "push": "p2", "updated_at": month - 86400},
    )
    assert overview.slots() == [Slots("gaoyao", 2, 4)]


def test_health_says_what_is_closed_or_cannot_be_used(office, overview):
    assert fact(overview, "短信（aliyun）").fine
    told = json.dumps({"usable": False, "why": "没有认证"}, ensure_ascii=False)
    row = {"channel": "wechat_mass", "account": "gaoyao", "closed": "", "probed_at": 1}
    put(office, channels, row | {"capability": told})
    with office.database.write() as connection:
        switches.close(connection, "sms", "", "签名被停", None)
    assert not fact(overview, "短信（aliyun）").fine
    assert "签名被停" in fact(overview, "短信（aliyun）").said
    assert fact(overview, "群发（gaoyao）").said == "没有认证"


def test_health_knows_tokens_receipts_and_backups(office, overview, tmp_path):
    assert [one.name for one in overview.health() if not one.fine] == ["备份"]
    token = {"account": "gaoyao", "sealed": "x", "lease_until": 0, "forced_at": 0}
    put(office, platform_tokens, token | {"expires_at": office.second + 60})
    assert fact(overview, "公众号 gaoyao 的令牌").fine
    office.clock.pass_(seconds=61)
    assert not fact(overview, "公众号 gaoyao 的令牌").fine

    assert fact(overview, "平台回执").said == "还没有收到过"
    receipt = {"channel": "sms", "account": "a", "event": "e", "raw": ""}
    put(office, receipts, receipt | {"received_at": office.second})
    assert "2026年11月23日 12:01" in fact(overview, "平台回执").said

    archive = default_path(tmp_path, office.clock())
    archive.parent.mkdir()
    archive.write_bytes(b"")
    for days, fine in ((0, True), (6, True), (7, False)):
        made = (office.clock() - timedelta(days=days, seconds=1)).timestamp()
        os.utime(archive, (made, made))
        assert fact(overview, "备份").fine is fine


def test_an_installation_without_channels_is_told_so(office, tmp_path):
    overview = Overview(office.database, tmp_path, office.clock, {}, [])
    assert not fact(overview, "发送渠道").fine
    assert overview.slots() == []
