"""阿里云短信, by Alibaba's own client (https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms)."""

import json
import logging
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from alibabacloud_dysmsapi20170525 import models
from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.runtime import RuntimeOptions

from bot.clock import CHINA, Clock

from ..calling import Failed, maybe_out
from ..port import Fate, Outcome
from . import errors
from .certainty import after
from .channel import Sent

BASE_URL = "https://dysmsapi.aliyuncs.com"
TIMEOUT = 10
ASKED_DAYS = 2
"""Days that are asked for, today first: receipts come within three, most within minutes."""

# The client puts a handler of its own on these, at DEBUG; addresses with telephone numbers would go there.
for _name in ("darabonba-core", "alibabacloud-tea"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class Aliyun:
    """The short messages of one account."""

    name = "aliyun"

    def __init__(
        self,
        key_id: str,
        secret: str,
        sign: str,
        template: str,
        clock: Clock,
        *,
        base_url: str = BASE_URL,
        timeout: int = TIMEOUT,
    ) -> None:
        address = urlsplit(base_url)
        self._client = Client(
            Config(
                access_key_id=key_id,
                access_key_secret=secret,
                endpoint=address.netloc,
                protocol=address.scheme.upper(),
            )
        )
        milliseconds = timeout * 1000
        # One attempt: the client's own repetition would send twice.
        self._once = RuntimeOptions(
            autoretry=False, connect_timeout=milliseconds, read_timeout=milliseconds
        )
        self._sign = sign
        self._template = template
        self._clock = clock

    def send(self, phone: str, filled: dict[str, str], key: str) -> Sent:
        """One message; variables go by their names."""
        request = models.SendSmsRequest(
            phone_numbers=phone,
            sign_name=self._sign,
            template_code=self._template,
            template_param=json.dumps(filled, ensure_ascii=False),
            out_id=key,
        )
        answer = self._call(self._client.send_sms_with_options, request)
        code = str(answer["Code"])
        return Sent(str(answer.get("BizId") or ""), "" if code == "OK" else code)

    def ask(self, phone: str, key: str, ref: str) -> Outcome:
        """By number and day; found again by our key."""
        for days in range(ASKED_DAYS):
            day = self._clock().astimezone(CHINA) - timedelta(days=days)
            request = models.QuerySendDetailsRequest(
                phone_number=phone, send_date=f"{day:%Y%m%d}", page_size=50, current_page=1
            )
            answer = self._call(self._client.query_send_details_with_options, request)
            self._check(answer)
            rows = (answer.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []
            for row in rows:
                if row.get("OutId") == key:
                    return _told(row, ref)
        return Outcome(Fate.UNKNOWN, ref=ref, why="阿里云查不到这条短信的结果。")

    def missing(self) -> str:
        """The template has to be there, and approved."""
        request = models.QuerySmsTemplateRequest(template_code=self._template)
        answer = self._call(self._client.query_sms_template_with_options, request)
        self._check(answer)
        if str(answer.get("TemplateStatus")) != "1":
            return f"阿里云短信模板 {self._template} 还没有通过审核。请在短信控制台查看审核结果。"
        return ""

    def _check(self, answer: dict[str, Any]) -> None:
        code = str(answer.get("Code"))
        if code != "OK":
            raise Failed(errors.outcome_of(self.name, code, self._clock()))

    def _call(self, method: Any, request: Any) -> dict[str, Any]:
        try:
            body = method(request, self._once).body
            answer: dict[str, Any] = body.to_map()
            if "Code" in answer:
                return answer
            outcome = maybe_out("返回的不是接口数据")
        except AlibabaCloudException as error:
            server = (error.status_code or 0) >= 500 or not error.code or error.code == "None"
            outcome = (
                maybe_out(f"HTTP {error.status_code}")
                if server
                else errors.outcome_of(self.name, str(error.code), self._clock())
            )
        except Exception as error:  # the client raises whatever its parts raise
            outcome = after(error)
        raise Failed(outcome)


def _told(row: dict[str, Any], ref: str) -> Outcome:
    match int(row.get("SendStatus") or 0):
        case 3:
            return Outcome(Fate.DELIVERED, ref=ref, code="DELIVERED")
        case 2:
            why = "运营商没有送达这条短信。"
            code = str(row.get("ErrCode") or "")[:32]
            return Outcome(Fate.UNDELIVERED, ref=ref, code=code, why=why)
        case _:
            return Outcome(Fate.ACCEPTED, ref=ref)
