"""Short messages by the providers' own clients, against the strict platform."""

import json

import pytest
from alibabacloud_dysmsapi20170525.client import Client as AliyunClient
from alibabacloud_dysmsapi20170525.models import QuerySendDetailsRequest, SendSmsRequest
from alibabacloud_tea_openapi.models import Config
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111.models import (
    PullSmsSendStatusByPhoneNumberRequest,
    PullSmsSendStatusRequest,
)
from tencentcloud.sms.v20210111.models import (
    SendSmsRequest as TencentRequest,
)
from tencentcloud.sms.v20210111.sms_client import SmsClient

from bot.sandbox.sms.exchange import SIGN

from .conftest import wait_for

PHONE, DEAD = "13800138000", "13800130404"


@pytest.fixture
def tencent(platform):
    endpoint = f"{platform.http.base_url.host}:{platform.http.base_url.port}"
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=endpoint))
    return SmsClient(Credential("id", "key"), "ap-guangzhou", profile)


@pytest.fixture
def aliyun(platform):
    endpoint = f"{platform.http.base_url.host}:{platform.http.base_url.port}"
    config = Config(access_key_id="id", access_key_secret="key", endpoint=endpoint, protocol="HTTP")
    return AliyunClient(config)


def by_tencent(client, *phones, **changes):
    request = TencentRequest()
    given = {
        "PhoneNumberSet": [f"+86{phone}" for phone in phones or (PHONE,)],
        "SmsSdkAppId": "1400000000",
        "SignName": SIGN,
        "TemplateId": "2000001",
        "TemplateParamSet": ["高龄津贴", "http://127.0.0.1/n/1"],
        "SessionContext": "push-1:p1",
        **changes,
    }
    request.from_json_string(json.dumps(given))
    return client.SendSms(request).SendStatusSet


def by_aliyun(client, phone=PHONE, **changes):
    given = {
        "phone_numbers": phone,
        "sign_name": SIGN,
        "template_code": "SMS_200000001",
        "template_param": json.dumps({"title": "高龄津贴", "link": "http://127.0.0.1/n/1"}),
        "out_id": "push-1:p1",
        **changes,
    }
    return client.send_sms(SendSmsRequest(**given)).body


def test_tencent_takes_a_message_with_our_key(platform, tencent):
    (status,) = by_tencent(tencent)
    assert (status.Code, status.Fee, status.SessionContext) == ("Ok", 1, "push-1:p1")
    (message,) = platform.ledger.received("push-1")
    assert (message.openid, message.channel, message.ref) == (PHONE, "sms", status.SerialNo)
    assert message.content["text"].startswith(f"【{SIGN}】高龄津贴")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"SignName": "别家"}, "FailedOperation.SignatureIncorrectOrUnapproved"),
        ({"TemplateId": "9"}, "FailedOperation.TemplateIncorrectOrUnapproved"),
        ({"TemplateParamSet": ["一"]}, "InvalidParameterValue.TemplateParameterFormatError"),
        ({"PhoneNumberSet": ["+8610086"]}, "InvalidParameterValue.IncorrectPhoneNumber"),
    ],
)
def test_tencent_names_what_is_wrong(platform, tencent, changes, code):
    assert [status.Code for status in by_tencent(tencent, **changes)] == [code]
    assert platform.ledger.received() == []


def test_tencent_refuses_too_many_numbers_and_the_eleventh_message_of_a_day(tencent):
    with pytest.raises(TencentCloudSDKException, match="PhoneNumberCountLimit"):
        by_tencent(tencent, *[PHONE] * 201)
    codes = [status.Code for status in by_tencent(tencent, *[PHONE] * 11)]
    assert codes == ["Ok"] * 10 + ["LimitExceeded.PhoneNumberDailyLimit"]


def test_tencent_gives_each_report_once_and_by_number_again(platform, tencent):
    by_tencent(tencent, PHONE, DEAD)
    platform.clock.forward(1)
    pull = PullSmsSendStatusRequest()
    pull.from_json_string(json.dumps({"Limit": 100, "SmsSdkAppId": "1400000000"}))
    reports = tencent.PullSmsSendStatus(pull).PullSmsSendStatusSet
    assert [(one.SubscriberNumber, one.ReportStatus) for one in reports] == [
        (PHONE, "SUCCESS"),
        (DEAD, "FAIL"),
    ]
    assert tencent.PullSmsSendStatus(pull).PullSmsSendStatusSet == []
    given = {
        "BeginTime": int(platform.clock()) - 60,
        "Offset": 0,
        "Limit": 10,
        "PhoneNumber": f"+86{DEAD}",
        "SmsSdkAppId": "1400000000",
    }
    again = PullSmsSendStatusByPhoneNumberRequest()
    again.from_json_string(json.dumps(given))
    (report,) = tencent.PullSmsSendStatusByPhoneNumber(again).PullSmsSendStatusSet
    assert report.Description == "空号"
    assert [message.openid for message in platform.ledger.received()] == [PHONE]


def test_unsigned_calls_are_refused(platform):
    unsigned = platform.http.post("/", headers={"X-TC-Action": "SendSms"}, json={})
    assert unsigned.json()["Response"]["Error"]["Code"] == "AuthFailure.SignatureFailure"
    unsigned = platform.http.post("/", params={"Action": "SendSms"})
    assert (unsigned.status_code, unsigned.json()["Code"]) == (400, "IncompleteSignature")


def test_aliyun_takes_a_message_and_tells_what_became_of_it(platform, aliyun):
    sent = by_aliyun(aliyun)
    assert sent.code == "OK"
    platform.clock.forward(1)
    query = QuerySendDetailsRequest(
        phone_number=PHONE, send_date="20261121", page_size=10, current_page=1, biz_id=sent.biz_id
    )
    found = aliyun.query_send_details(query).body.sms_send_detail_dtos.sms_send_detail_dto
    assert [(one.out_id, one.send_status) for one in found] == [("push-1:p1", 3)]
    assert len(platform.ledger.received("push-1")) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sign_name": "别家"}, "isv.SMS_SIGNATURE_ILLEGAL"),
        ({"template_code": "SMS_9"}, "isv.SMS_TEMPLATE_ILLEGAL"),
        ({"template_param": "{}"}, "isv.TEMPLATE_MISSING_PARAMETERS"),
        ({"template_param": "{"}, "isv.INVALID_JSON_PARAM"),
        ({"phone": "10086"}, "isv.MOBILE_NUMBER_ILLEGAL"),
    ],
)
def test_aliyun_names_what_is_wrong(platform, aliyun, changes, code):
    assert by_aliyun(aliyun, **changes).code == code
    assert platform.ledger.received() == []


def test_aliyun_refuses_the_51st_message_of_a_day(aliyun):
    codes = [by_aliyun(aliyun).code for _ in range(51)]
    assert codes == ["OK"] * 50 + ["isv.BUSINESS_LIMIT_CONTROL"]


@pytest.mark.parametrize("provider", ["sms-tencent", "sms-aliyun"])
def test_reports_are_pushed_to_the_address_chosen(platform, webhook, provider, tencent, aliyun):
    platform.choose("callback", f"{webhook.address}/reports", account=provider)
    if provider == "sms-tencent":
        by_tencent(tencent, DEAD)
    else:
        by_aliyun(aliyun, DEAD)
    platform.clock.forward(1)
    ((report,),) = wait_for(lambda: [json.loads(body) for body in webhook.bodies])
    failed = report.get("report_status") == "FAIL" or report.get("success") is False
    assert failed
    assert DEAD in report.values()
    (accepted,) = platform.ledger.sent(provider, DEAD, before=2**60)
    assert accepted.ref in report.values()


@pytest.mark.parametrize(("size", "parts"), [(70, 1), (71, 2), (134, 2), (135, 3)])
def test_long_messages_are_paid_by_parts(platform, aliyun, size, parts):
    platform.choose("templates", {"SMS_1": "${x}"}, account="sms")
    param = json.dumps({"x": "字" * (size - len(f"【{SIGN}】"))})
    by_aliyun(aliyun, template_code="SMS_1", template_param=param)
    assert [one.content["segments"] for one in platform.ledger.received()] == [parts]
