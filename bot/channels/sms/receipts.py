"""What the providers tell by themselves: receipts, and people's answers to a message.

Aliyun pushes three times and then never again; so nothing may depend on these alone, and ``settle`` asks, too
(https://help.aliyun.com/zh/sms/developer-reference/smsreport-2, https://cloud.tencent.com/document/product/382/52077).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..port import Fate, Receipt
from .segments import mainland

LEAVING = frozenset({"R", "T", "N", "TD", "QX", "0000", "00000", "退订", "取消", "取消订阅"})
"""Answers that mean: no more, in capitals; operators ask for R or T, people write the words."""

_NOT_DELIVERED = "运营商没有送达这条短信。"


@dataclass(frozen=True, slots=True)
class Leaving:
    """Somebody answered that they want no more."""

    account: str
    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """All that one push of a provider tells."""

    receipts: tuple[Receipt, ...] = ()
    leavings: tuple[Leaving, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """How to read a provider's pushes, and what it takes for: received."""

    read: Callable[[str, Any], Told]
    thanks: Mapping[str, Any]


def read_tencent(account: str, pushed: Any) -> Told:
    """What 腾讯云 pushed to ``account``, parsed as JSON; what makes no sense is left out."""
    rows = _rows(pushed)
    return Told(
        tuple(
            _tencent(account, row) for row in rows if row.get("report_status") and row.get("sid")
        ),
        _leavings(account, [(row.get("mobile"), row.get("text")) for row in rows]),
    )


def read_aliyun(account: str, pushed: Any) -> Told:
    """What 阿里云 pushed to ``account``, parsed as JSON; what makes no sense is left out."""
    rows = _rows(pushed)
    return Told(
        tuple(_aliyun(account, row) for row in rows if "success" in row and row.get("biz_id")),
        _leavings(account, [(row.get("phone_number"), row.get("content")) for row in rows]),
    )


READERS: Mapping[str, Reader] = {
    "tencent": Reader(read_tencent, {"result": 0, "errmsg": "OK"}),
    "aliyun": Reader(read_aliyun, {"code": 0, "msg": "接收成功"}),
}


def _tencent(account: str, row: Mapping[str, Any]) -> Receipt:
    arrived = row["report_status"] == "SUCCESS"
    return _receipt(
        account, arrived, str(row["sid"]), str(row.get("ext") or ""), str(row.get("errmsg") or "")
    )


def _aliyun(account: str, row: Mapping[str, Any]) -> Receipt:
    arrived = row["success"] is True
    return _receipt(
        account,
        arrived,
        str(row["biz_id"]),
        str(row.get("out_id") or ""),
        str(row.get("err_code") or ""),
    )


def _receipt(account: str, arrived: bool, ref: str, key: str, code: str) -> Receipt:
    fate = Fate.DELIVERED if arrived else Fate.UNDELIVERED
    why = "" if arrived else _NOT_DELIVERED
    return Receipt("sms", account, ref[:128], fate, key=key, ref=ref, code=code[:32], why=why)


def _leavings(account: str, answers: list[tuple[Any, Any]]) -> tuple[Leaving, ...]:
    return tuple(
        Leaving(account, mainland(str(phone)))
        for phone, words in answers
        if isinstance(words, str) and words.strip().upper() in LEAVING and mainland(str(phone))
    )


def _rows(pushed: Any) -> list[Mapping[str, Any]]:
    rows = pushed if isinstance(pushed, list) else [pushed]
    return [row for row in rows if isinstance(row, Mapping)]
