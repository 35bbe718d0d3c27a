"""Short messages as Tencent Cloud takes them (API 3.0, SendSms 2021-01-11).

https://cloud.tencent.com/document/api/382/55981 and, for the reports pushed, https://cloud.tencent.com/document/product/382/59178
"""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from ..world import World
from . import exchange
from .exchange import Sms

PROVIDER = "sms-tencent"
MOST_NUMBERS = 200
DAILY = "sms_tencent_day"

Given = Mapping[str, Any]


class _Refused(Exception):
    def __init__(self, code: str, words: str) -> None:
        super().__init__(code)
        self.code = code
        self.words = words


def answer(
    world: World, headers: Mapping[str, str], _: Mapping[str, str], body: bytes, now: float
) -> tuple[int, Any]:
    """The answer to one signed call."""
    try:
        _signed(headers)
        handle = _ACTIONS.get(headers.get("x-tc-action", ""))
        if handle is None or headers.get("x-tc-version") != "2021-01-11":
            raise _Refused("InvalidAction", "The action or version does not exist.")
        found = handle(world, _object(body), now)
    except _Refused as refused:
        found = {"Error": {"Code": refused.code, "Message": refused.words}}
    return 200, {"Response": {**found, "RequestId": str(uuid.uuid4())}}


def _signed(headers: Mapping[str, str]) -> None:
    looks = r"TC3-HMAC-SHA256 Credential=\S+/\d{4}-\d\d-\d\d/sms/tc3_request, ?SignedHeaders=\S+, ?Signature=[0-9a-f]{64}"
    if not headers.get("x-tc-timestamp", "").isdecimal() or not re.fullmatch(
        looks, headers.get("authorization", "")
    ):
        raise _Refused("AuthFailure.SignatureFailure", "The signature is missing or malformed.")


def _object(body: bytes) -> Given:
    try:
        given = json.loads(body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise _Refused("InvalidParameter", "The body is no JSON object.")
    return given


def _send(world: World, given: Given, now: float) -> dict[str, Any]:
    numbers = given.get("PhoneNumberSet")
    if not isinstance(numbers, list) or not numbers:
        raise _Refused("MissingParameter", "PhoneNumberSet")
    if len(numbers) > MOST_NUMBERS:
        raise _Refused("LimitExceeded.PhoneNumberCountLimit", f"at most {MOST_NUMBERS} numbers")
    if not given.get("SmsSdkAppId"):
        raise _Refused("MissingParameter", "SmsSdkAppId")
    return {"SendStatusSet": [_one(world, given, str(number), now) for number in numbers]}


def _one(world: World, given: Given, wanted: str, now: float) -> dict[str, Any]:
    context = str(given.get("SessionContext") or "")
    status = {"SerialNo": "", "PhoneNumber": wanted, "Fee": 0, "SessionContext": context}
    try:
        sms = _sms(world, given, wanted, context)
        if not world.uses.take(PROVIDER, DAILY, now, sms.number):
            raise _Refused("LimitExceeded.PhoneNumberDailyLimit", "号码当日下发数量超过上限")
    except _Refused as refused:
        return {**status, "Code": refused.code, "Message": refused.words, "IsoCode": ""}
    serial = exchange.accept(world, PROVIDER, sms, now)
    exchange.push_report(world, PROVIDER, _report(sms.number, serial, round(now * 1000)), now)
    sent = {"SerialNo": serial, "Fee": sms.segments, "Code": "Ok", "Message": "send success"}
    return {**status, **sent, "IsoCode": "CN"}


def _sms(world: World, given: Given, wanted: str, context: str) -> Sms:
    number = exchange.number_of(wanted)
    if not number:
        raise _Refused("InvalidParameterValue.IncorrectPhoneNumber", "手机号格式错误")
    sign = str(given.get("SignName") or "")
    if sign not in exchange.signs(world):
        raise _Refused("FailedOperation.SignatureIncorrectOrUnapproved", "签名未审批或格式错误")
    template = str(given.get("TemplateId") or "")
    text = exchange.templates(world).get(template)
    if text is None:
        raise _Refused("FailedOperation.TemplateIncorrectOrUnapproved", "模板未审批或内容不匹配")
    given_values = given.get("TemplateParamSet") or []
    if not isinstance(given_values, list):
        raise _Refused("InvalidParameter", "TemplateParamSet")
    values = [str(value) for value in given_values]
    if len(values) != len(set(re.findall(r"\{\d+\}", text))):
        raise _Refused("InvalidParameterValue.TemplateParameterFormatError", "模板参数个数不对")
    for place, value in enumerate(values, 1):
        text = text.replace(f"{{{place}}}", value)
    return Sms(number, sign, template, f"【{sign}】{text}", context)


def _pull(world: World, given: Given, now: float) -> dict[str, Any]:
    most = min(_whole(given, "Limit"), 100)
    found = exchange.not_pulled(world, PROVIDER, most, now)
    return {"PullSmsSendStatusSet": [_status(m.openid, m.ref, m.at) for m in found]}


def _pull_number(world: World, given: Given, now: float) -> dict[str, Any]:
    number = exchange.number_of(str(given.get("PhoneNumber") or ""))
    begin, end = _whole(given, "BeginTime"), _whole(given, "EndTime") or now
    found = [
        m for m in exchange.sent_to(world, PROVIDER, number, now) if begin <= m.at // 1000 <= end
    ]
    start, most = _whole(given, "Offset"), min(_whole(given, "Limit"), 100)
    statuses = [_status(m.openid, m.ref, m.at) for m in found[start : start + most]]
    return {"PullSmsSendStatusSet": statuses}


def _whole(given: Given, name: str) -> int:
    value = given.get(name) or 0
    if not isinstance(value, int) or value < 0:
        raise _Refused("InvalidParameterValue", name)
    return value


def _status(number: str, serial: str, at: int) -> dict[str, Any]:
    fate = exchange.fate_of(number)
    return {
        "UserReceiveTime": at // 1000 + 1 if fate.arrived else 0,
        "CountryCode": "86",
        "SubscriberNumber": number,
        "PhoneNumber": f"+86{number}",
        "SerialNo": serial,
        "ReportStatus": "SUCCESS" if fate.arrived else "FAIL",
        "Description": fate.words,
        "SessionContext": "",
    }


def _report(number: str, serial: str, at: int) -> dict[str, Any]:
    fate = exchange.fate_of(number)
    return {
        "user_receive_time": exchange.clock_of(at + 1000),
        "nationcode": "86",
        "mobile": number,
        "report_status": "SUCCESS" if fate.arrived else "FAIL",
        "errmsg": fate.code,
        "description": fate.words,
        "sid": serial,
    }


_ACTIONS: Mapping[str, Callable[[World, Given, float], dict[str, Any]]] = {
    "SendSms": _send,
    "PullSmsSendStatus": _pull,
    "PullSmsSendStatusByPhoneNumber": _pull_number,
}
