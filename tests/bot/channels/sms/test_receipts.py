from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.channels.port import Fate
from bot.channels.sms.errors import official_errors
from bot.channels.sms.receipts import READERS, Leaving, Told, read_aliyun, read_tencent
from bot.channels.sms.receiving import path_of, router
from bot.channels.sms.segments import mainland, segments, whole

TENCENT = {
    "user_receive_time": "2026-11-21 09:03:04",
    "nationcode": "86",
    "mobile": "13800138000",
    "report_status": "SUCCESS",
    "errmsg": "DELIVRD",
    "sid": "2019:1",
    "ext": "k-1",
}
ALIYUN = {
    "phone_number": "13800138000",
    "success": True,
    "err_code": "DELIVERED",
    "biz_id": "biz-1",
    "out_id": "k-1",
}


@pytest.mark.parametrize(
    ("characters", "count"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)]
)
def test_seventy_are_one_and_longer_ones_go_by_sixty_seven(characters: int, count: int) -> None:
    assert segments("政" * characters) == segments("a" * characters) == count


def test_the_signature_counts_and_variables_of_both_kinds_are_filled() -> None:
    assert whole("高要", "{1}在${link}", {"1": "通知", "link": "网站"}) == "【高要】通知在网站"


@pytest.mark.parametrize(
    "number", ["13800138000", "+8613800138000", "86 138 0013 8000", "0086-138-0013-8000"]
)
def test_one_number_is_written_in_many_ways(number: str) -> None:
    assert mainland(number) == "13800138000"


def test_both_providers_tell_what_arrived() -> None:
    failed = {**TENCENT, "report_status": "FAIL", "errmsg": "MK:0001", "sid": "2019:2"}
    arrived, lost = read_tencent("office", [TENCENT, failed]).receipts
    assert (arrived.key, arrived.ref, arrived.fate) == ("k-1", "2019:1", Fate.DELIVERED)
    assert (lost.fate, lost.code) == (Fate.UNDELIVERED, "MK:0001")
    lost_too = {**ALIYUN, "success": False, "err_code": "MK:0001"}
    assert [one.fate for one in read_aliyun("office", [ALIYUN, lost_too]).receipts] == [
        Fate.DELIVERED,
        Fate.UNDELIVERED,
    ]


@pytest.mark.parametrize("words", ["R", "t", "TD", " 退订 ", "取消订阅"])
def test_who_answers_so_wants_no_more(words: str) -> None:
    leaving = Told(leavings=(Leaving("office", "13800138000"),))
    assert read_tencent("office", {"mobile": "13800138000", "text": words}) == leaving
    assert read_aliyun("office", [{"phone_number": "13800138000", "content": words}]) == leaving
    assert "13800138000" not in repr(leaving)


def test_other_answers_and_nonsense_tell_nothing() -> None:
    for pushed in ({"mobile": "13800138000", "text": "谢谢"}, None, 3, [[]], [{"sid": 1}], "x"):
        assert read_tencent("office", pushed) == read_aliyun("office", pushed) == Told()


@pytest.fixture
def taken() -> list[Told]:
    return []


@pytest.fixture
def client(taken: list[Told]) -> TestClient:
    app = FastAPI()
    readers = {"office": READERS["tencent"], "town": READERS["aliyun"]}
    app.include_router(router(readers, lambda account: f"secret-of-{account}", taken.append))
    return TestClient(app, raise_server_exceptions=False)


def test_what_is_pushed_is_taken_and_thanked_for(client: TestClient, taken: list[Told]) -> None:
    answer = client.post(path_of("office", "secret-of-office"), json=[TENCENT])
    assert answer.json() == {"result": 0, "errmsg": "OK"}
    assert client.post(path_of("town", "secret-of-town"), json=[ALIYUN]).json()["code"] == 0
    assert [told.receipts[0].account for told in taken] == ["office", "town"]


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        (path_of("office", "secret-of-town"), b"[]", 404),
        (path_of("nobody", "secret-of-nobody"), b"[]", 404),
        (path_of("office", "secret-of-office"), b"{", 400),
        (path_of("office", "secret-of-office"), b"[" * 100_000, 400),
        (path_of("office", "secret-of-office"), b" " * 300_000, 413),
    ],
)
def test_strangers_and_rubbish_are_turned_away(
    client: TestClient, taken: list[Told], path: str, content: bytes, status: int
) -> None:
    assert client.post(path, content=content).status_code == status
    assert not taken


def test_what_could_not_be_stored_is_asked_for_again() -> None:
    def full(_: Told) -> None:
        raise OSError("disk full")

    app = FastAPI()
    app.include_router(router({"office": READERS["tencent"]}, lambda _: "s", full))
    client = TestClient(app, raise_server_exceptions=False)
    body: Any = [TENCENT]
    assert client.post(path_of("office", "s"), json=body).status_code == 500


def test_every_error_says_what_to_do_and_where_it_stands() -> None:
    for error in official_errors():
        assert error.provider in READERS
        assert error.meaning
        assert error.action
        assert error.source.startswith(("https://cloud.tencent.com/", "https://help.aliyun.com/"))
        assert bool(error.until) == (error.fate == "closed")
        assert error.until in ("", "minute", "hour", "day")
