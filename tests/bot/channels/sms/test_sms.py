"""Short messages by both providers' own clients over real HTTP."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.channels.calling import Failed
from bot.channels.filling import Template
from bot.channels.port import Fate, Letter, Outcome
from bot.channels.sms.aliyun import Aliyun
from bot.channels.sms.channel import Provider, Sms, Wording
from bot.channels.sms.tencent import Tencent
from tests.fixtures.clock import Clock
from tests.fixtures.sms_platform import KEY_ID, SECRET, SmsPlatform, serving

Letters = Callable[..., Letter]
PHONE = "13800138000"
TEXTS = {
    "tencent": "{1}发布《{2}》，详见 {3} ，拒收请回复R",
    "aliyun": "${issuer}发布《${title}》，详见 ${link} ，拒收请回复R",
}
FIELDS = {
    "tencent": {"1": "issuer", "2": "title", "3": "link"},
    "aliyun": {"issuer": "issuer", "title": "title", "link": "link"},
}


@dataclass
class Trial:
    provider: str
    channel: Sms
    platform: SmsPlatform

    def row(self, key: str, arrived: bool | None) -> dict[str, Any]:
        if self.provider == "tencent":
            status = {True: "SUCCESS", False: "FAIL", None: ""}[arrived]
            return {
                "SessionContext": key,
                "SerialNo": "2019:1",
                "ReportStatus": status,
                "Description": "x",
            }
        return {"OutId": key, "SendStatus": {True: 3, False: 2, None: 1}[arrived], "ErrCode": "x"}


@pytest.fixture
def sms_platform() -> Iterator[SmsPlatform]:
    with serving() as platform:
        yield platform


def provider_of(name: str, url: str, clock: Clock, secret: str = SECRET) -> Provider:
    if name == "tencent":
        return Tencent("1400", KEY_ID, secret, "高要政务", "1234", clock, base_url=url, timeout=1)
    return Aliyun(KEY_ID, secret, "高要政务", "SMS_1234", clock, base_url=url, timeout=1)


def channel_of(provider: Provider, clock: Clock) -> Sms:
    template = Template("1234", FIELDS[provider.name])
    wording = Wording("高要政务", TEXTS[provider.name], template, price=450)
    return Sms("office", provider, wording, clock)


@pytest.fixture(params=["tencent", "aliyun"])
def trial(request: pytest.FixtureRequest, sms_platform: SmsPlatform, clock: Clock) -> Trial:
    provider = provider_of(request.param, sms_platform.url, clock)
    return Trial(request.param, channel_of(provider, clock), sms_platform)


@pytest.fixture
def to(letter: Letters) -> Letters:
    def to(address: str = PHONE, **other: object) -> Letter:
        return letter(address, **{"key": "k-1", "title": "医保缴费标准", **other})

    return to


def test_a_message_that_has_to_stay_reaches_nobody(trial: Trial, to: Letters) -> None:
    def stay() -> None:
        raise Failed(Outcome(Fate.LATER, code="late", why="等待太久"))

    seen: list[int] = []
    letters = [to(leaving=stay), to(leaving=lambda: seen.append(len(trial.platform.sent)))]
    outcomes = trial.channel.hand(letters)
    assert [outcome.fate for outcome in outcomes] == [Fate.LATER, Fate.ACCEPTED]
    assert (seen, len(trial.platform.sent)) == ([0], 1)


def test_a_message_is_signed_filled_and_charged(trial: Trial, to: Letters) -> None:
    [outcome] = trial.channel.hand([to()])
    [sent] = trial.platform.sent
    assert trial.platform.unsigned == 0
    assert outcome.fate is Fate.ACCEPTED
    filled = ["高要区医保局", "医保缴费标准", "https://zwgk.example.cn/notices/1"]
    if trial.provider == "tencent":
        assert (outcome.ref, outcome.segments, outcome.cost) == ("2019:1", 2, 900)
        assert sent["TemplateParamSet"] == filled
        assert sent["PhoneNumberSet"] == ["+8613800138000"]
        assert (sent["SessionContext"], sent["SignName"]) == ("k-1", "高要政务")
    else:
        assert (outcome.ref, outcome.segments, outcome.cost) == ("biz-1", 1, 450)
        assert list(json.loads(sent["TemplateParam"]).values()) == filled
        assert (sent["PhoneNumbers"], sent["OutId"]) == (PHONE, "k-1")


def test_the_forecast_counts_what_will_arrive(trial: Trial, to: Letters) -> None:
    short, long = to(), to(title="城乡居民基本医疗保险个人缴费标准" * 3)
    assert [trial.channel.forecast(one).cost for one in (short, long)] == [450, 900]
    assert not trial.platform.sent


@pytest.mark.parametrize("broken", ["hang", "cut", "500", "html"])
def test_without_an_answer_the_outcome_is_unknown_and_nothing_is_repeated(
    trial: Trial, to: Letters, broken: str
) -> None:
    trial.platform.breaks = [broken]
    [outcome] = trial.channel.hand([to()])
    assert outcome.fate is Fate.UNKNOWN
    assert len(trial.platform.sent) == 1
    assert PHONE not in repr(outcome)


@pytest.mark.parametrize("name", ["tencent", "aliyun"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_without_a_connection_nothing_is_out(
    name: str, scheme: str, clock: Clock, free_port: int, to: Letters, sms_platform: SmsPlatform
) -> None:
    nowhere = f"http://127.0.0.1:{free_port}"
    url = nowhere if scheme == "http" else sms_platform.url.replace("http", "https")
    channel = channel_of(provider_of(name, url, clock), clock)
    [outcome] = channel.hand([to()])
    assert outcome.fate is Fate.LATER
    assert not channel.probe().usable
    assert SECRET not in repr(outcome) + channel.probe().why


@pytest.mark.parametrize(
    ("tencent", "aliyun", "fate", "gone"),
    [
        ("FailedOperation.PhoneNumberInBlacklist", "isv.MOBILE_NUMBER_ILLEGAL", Fate.REFUSED, True),
        (
            "LimitExceeded.PhoneNumberThirtySecondLimit",
            "isv.BUSINESS_LIMIT_CONTROL",
            Fate.LATER,
            False,
        ),
        (
            "FailedOperation.InsufficientBalanceInSmsPackage",
            "isv.AMOUNT_NOT_ENOUGH",
            Fate.CLOSED,
            False,
        ),
        ("InternalError.Timeout", "isp.SYSTEM_ERROR", Fate.UNKNOWN, False),
        ("SomethingNew", "isv.SOMETHING_NEW", Fate.LATER, False),
    ],
)
def test_codes_decide_what_becomes_of_a_letter(
    trial: Trial, to: Letters, tencent: str, aliyun: str, fate: Fate, gone: bool
) -> None:
    code = tencent if trial.provider == "tencent" else aliyun
    trial.platform.codes = [code]
    first, second = trial.channel.hand([to(), to()])
    assert (first.fate, first.gone, first.code) == (fate, gone, code[:32])
    assert (first.until is None) == (fate is not Fate.CLOSED)
    assert second.fate is (Fate.CLOSED if fate is Fate.CLOSED else Fate.ACCEPTED)
    assert code in first.why


@pytest.mark.parametrize("name", ["tencent", "aliyun"])
def test_a_wrong_secret_closes_the_account(
    name: str, clock: Clock, to: Letters, sms_platform: SmsPlatform
) -> None:
    channel = channel_of(provider_of(name, sms_platform.url, clock, "wrong"), clock)
    [outcome] = channel.hand([to()])
    assert outcome.fate is Fate.CLOSED
    assert "密钥" in outcome.why or "AccessKey" in outcome.why


@pytest.mark.parametrize(
    "address", ["", "0758-8391234", "1380013800", "+852 91234567", "12345678901"]
)
def test_what_is_no_mobile_number_is_refused_unsent(
    trial: Trial, to: Letters, address: str
) -> None:
    [outcome] = trial.channel.hand([to(address)])
    assert (outcome.fate, outcome.gone) == (Fate.REFUSED, True)
    assert not trial.platform.sent


def test_an_empty_variable_is_refused_unsent(trial: Trial, to: Letters) -> None:
    [outcome] = trial.channel.hand([to(fields={})])
    assert (outcome.fate, outcome.gone) == (Fate.REFUSED, False)
    assert not trial.platform.sent


@pytest.mark.parametrize(
    ("arrived", "fate"), [(True, Fate.DELIVERED), (False, Fate.UNDELIVERED), (None, Fate.ACCEPTED)]
)
def test_what_became_of_it_is_asked_by_our_key(
    trial: Trial, to: Letters, arrived: bool | None, fate: Fate
) -> None:
    trial.platform.rows = [trial.row("another", not arrived), trial.row("k-1", arrived)]
    trial.platform.rows[0]["SerialNo"] = "2019:9"
    assert [one.fate for one in trial.channel.settle([to()], [""])] == [fate]


def test_what_the_provider_does_not_find_stays_unknown(trial: Trial, to: Letters) -> None:
    assert [one.fate for one in trial.channel.settle([to()], ["x"])] == [Fate.UNKNOWN]
    trial.platform.breaks = ["500"]
    assert [one.fate for one in trial.channel.settle([to()], ["x"])] == [Fate.UNKNOWN]


def test_the_template_has_to_be_approved(trial: Trial) -> None:
    assert trial.channel.probe().usable
    trial.platform.approved = False
    assert "审核" in trial.channel.probe().why
