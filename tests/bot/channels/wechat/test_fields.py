import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.errors import official_errors
from bot.channels.wechat.fields import KINDS, fault_of, fit


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("thing1", "关于高龄津贴的通知"),
        ("number2", "400.5"),
        ("character_string3", "GY-2026/11"),
        ("time4", "2026年11月21日 09:05"),
        ("time4", "09:05"),
        ("date5", "2026-11-21"),
        ("amount6", "400元"),
        ("phone_number7", "0758-8391234"),
        ("name8", "医保局"),
        ("phrase9", "已公开"),
        ("keyword1", "旧模板的字段没有限制" * 9),
    ],
)
def test_what_fits(key: str, value: str) -> None:
    assert fit(key, value) == value
    assert fault_of(key, value) == ""


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("thing1", ""),
        ("number2", "四百"),
        ("character_string3", "高要"),
        ("time4", "明天上午"),
        ("date5", "2026年"),
        ("phone_number7", "1" * 18),
        ("name8", "高要区医疗保障事务服务管理中心"),
        ("phrase9", "已经公开了的"),
    ],
)
def test_what_does_not_fit_is_told_and_never_cut(key: str, value: str) -> None:
    assert fit(key, value) == value
    assert key in fault_of(key, value)


@given(st.sampled_from(["thing1", "thing12", "const3"]), st.text(min_size=1))
def test_a_title_always_fits(key: str, value: str) -> None:
    fitted = fit(key, value)
    assert len(fitted) <= 20
    assert "\n" not in fitted
    assert fitted == "" or fault_of(key, fitted) == ""


def test_every_error_says_what_to_do_and_where_it_stands() -> None:
    errors = official_errors()
    assert {-1, 40001, 40164, 43101, 45009, 45015, 45065, 48001, 50002} <= set(errors)
    for error in errors.values():
        assert error.meaning
        assert error.action
        assert re.fullmatch(r"https://(developers\.weixin\.qq\.com|github\.com)/.+", error.source)
        assert bool(error.until) == (error.fate == "closed")
        assert error.until in ("", "minute", "hour", "day")


def test_every_kind_says_what_it_takes() -> None:
    assert all(kind.told for kind in KINDS.values())
