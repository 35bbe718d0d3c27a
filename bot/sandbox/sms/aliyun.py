"""Short messages as Aliyun takes them (dysmsapi 2017-05-25), in the old and the new way of signing.

https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms and, for the reports pushed,
https://help.aliyun.com/zh/sms/developer-reference/smsreport
"""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from ..world import World
from . import exchange
from .exchange import Sms

PROVIDER = "sms-aliyun"
MOST_NUMBERS = 1000
DAILY = "sms_aliyun_day"
ARRIVED, FAILED = 3, 2

Given = Mapping[str, str]


class _Refused(Exception):
    def __init__(self, code: str, words: str, status: int = 200) -> None:
        super().__init__(code)
        self.code = code
        self.words = words
        self.status = status


def answer(world: World, headers: Given, query: Given, body: bytes, now: float) -> tuple[int, Any]:
    """The answer to one signed call."""
    given = {**query, **dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))}
    status = 200
    try:
        _signed(headers, given)
        handle = _ACTIONS.get(headers.get("x-acs-action") or given.get("Action", ""))
        if handle is None:
            raise _Refused("InvalidAction.NotFound", "Specified api is not found.", 404)
        found = {"Code": "OK", "Message": "OK", **handle(world, given, now)}
    except _Refused as refused:
        status, found = refused.status, {"Code": refused.code, "Message": refused.words}
    return status, {**found, "RequestId": str(uuid.uuid4()).upper()}


def _signed(headers: Given, given: Given) -> None:
    new = r"ACS3-HMAC-SHA256 Credential=\S+,SignedHeaders=\S+,Signature=[0-9a-f]{64}"
    old = given.get("Signature") and given.get("AccessKeyId") and given.get("Timestamp")
    if not old and not re.fullmatch(new, headers.get("authorization", "")):
        raise _Refused("IncompleteSignature", "The signature is missing or malformed.", 400)


def _send(world: World, given: Given, now: float) -> dict[str, Any]:
    numbers = [exchange.number_of(one) for one in given.get("PhoneNumbers", "").split(",")]
    if not all(numbers) or len(numbers) > MOST_NUMBERS:
        raise _Refused("isv.MOBILE_NUMBER_ILLEGAL", "手机号码格式错误")
    sign, template = given.get("SignName", ""), given.get("TemplateCode", "")
    if sign not in exchange.signs(world):
        raise _Refused("isv.SMS_SIGNATURE_ILLEGAL", "该账号下找不到对应签名")
    text = exchange.templates(world).get(template)
    if text is None:
        raise _Refused("isv.SMS_TEMPLATE_ILLEGAL", "该账号下找不到对应模板")
    text = f"【{sign}】{_filled(text, given.get('TemplateParam', ''))}"
    messages = [Sms(number, sign, template, text, given.get("OutId", "")) for number in numbers]
    for sms in messages:
        if not world.uses.take(PROVIDER, DAILY, now, f"{sms.number} {sign} {template}"):
            raise _Refused("isv.BUSINESS_LIMIT_CONTROL", "触发号码天级流控")
    refs = [exchange.accept(world, PROVIDER, sms, now) for sms in messages]
    for sms, ref in zip(messages, refs, strict=True):
        exchange.push_report(world, PROVIDER, _report(sms, ref, now), now)
    return {"BizId": refs[0]}


def _filled(text: str, given: str) -> str:
    try:
        values = json.loads(given or "{}")
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise _Refused("isv.INVALID_JSON_PARAM", "JSON参数不合法")
    for name in re.findall(r"\$\{(\w+)\}", text):
        if not values.get(name):
            raise _Refused("isv.TEMPLATE_MISSING_PARAMETERS", f"模板变量 {name} 没有赋值")
        text = text.replace(f"${{{name}}}", str(values[name]))
    return text


def _query(world: World, given: Given, now: float) -> dict[str, Any]:
    number, day = exchange.number_of(given.get("PhoneNumber", "")), given.get("SendDate", "")
    wanted = given.get("BizId", "")
    found = [
        m
        for m in exchange.sent_to(world, PROVIDER, number, now)
        if exchange.clock_of(m.at)[:10].replace("-", "") == day and wanted in ("", m.ref)
    ]
    size, page = _whole(given, "PageSize", 10), _whole(given, "CurrentPage", 1)
    fate = exchange.fate_of(number)
    details = [
        {
            "PhoneNum": number,
            "TemplateCode": m.content["template"],
            "Content": m.content["text"],
            "OutId": m.key,
            "SendDate": exchange.clock_of(m.at),
            "ReceiveDate": exchange.clock_of(m.at + 1000),
            "SendStatus": ARRIVED if fate.arrived else FAILED,
            "ErrCode": fate.code,
        }
        for m in found[(page - 1) * size : page * size]
    ]
    return {"SmsSendDetailDTOs": {"SmsSendDetailDTO": details}, "TotalCount": len(found)}


def _whole(given: Given, name: str, default: int) -> int:
    value = given.get(name) or str(default)
    if not re.fullmatch(r"[1-9][0-9]{0,8}", value):
        raise _Refused("isv.INVALID_PARAMETERS", f"参数 {name} 不正确")
    return int(value)


def _report(sms: Sms, ref: str, now: float) -> dict[str, Any]:
    fate = exchange.fate_of(sms.number)
    at = round(now * 1000)
    return {
        "phone_number": sms.number,
        "success": fate.arrived,
        "send_time": exchange.clock_of(at),
        "report_time": exchange.clock_of(at + 1000),
        "err_code": fate.code,
        "err_msg": fate.words,
        "sms_size": str(sms.segments),
        "biz_id": ref,
        "out_id": sms.key,
    }


_ACTIONS: Mapping[str, Callable[[World, Given, float], dict[str, Any]]] = {
    "SendSms": _send,
    "QuerySendDetails": _query,
}
