"""腾讯云短信, by Tencent's own client (https://cloud.tencent.com/document/product/382/55981)."""

import logging
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from bot.clock import Clock

from ..calling import Failed
from ..port import Fate, Outcome
from . import errors
from .certainty import after
from .channel import Sent

BASE_URL = "https://sms.tencentcloudapi.com"
REGION = "ap-guangzhou"
VERSION = "2021-01-11"
TIMEOUT = 10
KEPT_DAYS = 7
"""How long the provider can be asked about a message (…/382/55987)."""

_UNCERTAIN = ("ClientNetworkError", "ServerNetworkError")
"""Codes of the client itself: no answer of the provider's."""

# At DEBUG the client writes requests and answers whole.
logging.getLogger("tencentcloud_sdk_common").setLevel(logging.WARNING)


class Tencent:
    """The short messages of one application (SdkAppId)."""

    name = "tencent"

    def __init__(
        self,
        app: str,
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
        profile = HttpProfile(protocol=address.scheme, endpoint=address.netloc, reqTimeout=timeout)
        self._client = CommonClient(
            "sms", VERSION, Credential(key_id, secret), REGION, ClientProfile(httpProfile=profile)
        )
        self._app = app
        self._sign = sign
        self._template = template
        self._clock = clock

    def send(self, phone: str, filled: dict[str, str], key: str) -> Sent:
        """One message; variables go by their order."""
        answer = self._call(
            "SendSms",
            {
                "SmsSdkAppId": self._app,
                "SignName": self._sign,
                "TemplateId": self._template,
                "TemplateParamSet": list(filled.values()),
                "PhoneNumberSet": [f"+86{phone}"],
                "SessionContext": key,
            },
        )
        [status] = answer["SendStatusSet"]
        code = "" if status["Code"] == "Ok" else str(status["Code"])
        return Sent(str(status.get("SerialNo") or ""), code, int(status.get("Fee") or 0))

    def ask(self, phone: str, key: str, ref: str) -> Outcome:
        """By the number; found again by our key, or by the provider's reference."""
        begin = self._clock() - timedelta(days=KEPT_DAYS)
        answer = self._call(
            "PullSmsSendStatusByPhoneNumber",
            {
                "SmsSdkAppId": self._app,
                "PhoneNumber": f"+86{phone}",
                "BeginTime": int(begin.timestamp()),
                "Offset": 0,
                "Limit": 100,
            },
        )
        for row in answer.get("PullSmsSendStatusSet") or []:
            if row.get("SessionContext") == key or (ref and row.get("SerialNo") == ref):
                return _told(row)
        why = "腾讯云查不到这条短信的结果。"
        return Outcome(Fate.UNKNOWN, ref=ref, why=why)

    def missing(self) -> str:
        """The template has to be there, and approved."""
        answer = self._call(
            "DescribeSmsTemplateList", {"TemplateIdSet": [int(self._template)], "International": 0}
        )
        rows = answer.get("DescribeTemplateStatusSet") or []
        if not rows:
            return (
                f"腾讯云短信里没有模板 {self._template}。请在短信控制台核对模板编号，并修改设置。"
            )
        if rows[0].get("StatusCode") != 0:
            return f"腾讯云短信模板 {self._template} 还没有通过审核。请在短信控制台查看审核结果。"
        return ""

    def _call(self, action: str, values: dict[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = self._client.call_json(action, values)["Response"]
            return answer
        except TencentCloudSDKException as error:
            code = str(error.code or "")
            known = code and code not in _UNCERTAIN
            outcome = errors.outcome_of(self.name, code, self._clock()) if known else after(error)
        except (OSError, ValueError, KeyError, TypeError) as error:
            outcome = after(error)
        raise Failed(outcome)


def _told(row: dict[str, Any]) -> Outcome:
    ref, description = str(row.get("SerialNo") or ""), str(row.get("Description") or "")
    match row.get("ReportStatus"):
        case "SUCCESS":
            return Outcome(Fate.DELIVERED, ref=ref, code="SUCCESS")
        case "FAIL":
            why = "运营商没有送达这条短信。"
            return Outcome(Fate.UNDELIVERED, ref=ref, code=description[:32], why=why)
        case _:
            return Outcome(Fate.ACCEPTED, ref=ref)
