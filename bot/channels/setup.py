"""The channels of an installation, made of its settings."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from bot.clock import Clock
from bot.settings import AccountKind, WeChatSettings
from bot.storage.database import Database
from bot.storage.vault import Vault
from catalogue_index.errors import Refused

from .calling import open_http
from .cost import cost
from .email import LIMITS as EMAIL_LIMITS
from .email import Email, MailServer
from .filling import Template
from .port import Channel, Limits
from .settings import ChannelKind, ChannelSettings
from .sms.channel import LIMITS as SMS_LIMITS
from .sms.channel import Provider, Sms, Wording
from .sms.receipts import READERS, Reader
from .tokens import Fetched, Tokens
from .wechat import custom, mass, templated
from .wechat.client import Platform, fetcher

ONLY_SERVICE = frozenset({ChannelKind.WECHAT_NOTICE, ChannelKind.WECHAT_TEMPLATE})
"""Channels that the platform grants to certified service accounts alone (https://developers.weixin.qq.com/doc/service/en/
Getting_Started/Explanation_of_interface_privileges.html)."""


class ChannelRefused(Refused):
    """A channel cannot be made of its settings."""


@dataclass(frozen=True, slots=True)
class Channels:
    """All channels by name and account, the platform as each official account sees it, and how to read what providers
    of short messages push."""

    by_key: Mapping[tuple[str, str], Channel]
    platforms: Mapping[str, Platform]
    readers: Mapping[str, Reader]
    _open: ExitStack = field(default_factory=ExitStack, repr=False)

    def close(self) -> None:
        """Let go of all connections."""
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_channels(
    accounts: Iterable[WeChatSettings],
    settings: Iterable[ChannelSettings],
    database: Database,
    vault: Vault,
    clock: Clock,
) -> Channels:
    """Make the channels of ``settings``; nobody is called yet. Raises ``ChannelRefused``."""
    opened = ExitStack()
    by_name = {account.name: account for account in accounts}
    chosen = tuple(settings)
    platforms = _platforms(by_name, database, vault, clock, opened)
    by_key: dict[tuple[str, str], Channel] = {}
    for one in chosen:
        if one.kind.by_wechat:
            by_key[one.key] = _by_wechat(one, by_name[one.account], platforms)
        elif one.kind is ChannelKind.EMAIL:
            mail = _email(one, clock)
            opened.callback(mail.close)
            by_key[one.key] = mail
        else:
            by_key[one.key] = _sms(one, clock)
    return Channels(by_key, platforms, readers_of(chosen), opened)


def readers_of(settings: Iterable[ChannelSettings]) -> dict[str, Reader]:
    """How to read what is pushed to each account of short messages, by the account's name."""
    return {
        one.account: READERS[one.kind.removeprefix("sms_")]
        for one in settings
        if one.kind.channel == "sms"
    }


def receipts_secret(vault: Vault, account: str) -> str:
    """The part of an address that only we and the provider of ``account`` know."""
    return vault.hash("sms receipts", account)[:32]


def _platforms(
    accounts: Mapping[str, WeChatSettings],
    database: Database,
    vault: Vault,
    clock: Clock,
    opened: ExitStack,
) -> dict[str, Platform]:
    """One for each account that has an AppSecret: without it an account can only reply."""
    able = {n: a for n, a in accounts.items() if a.app_secret.get_secret_value()}
    https = {
        url: opened.enter_context(open_http(url)) for url in {a.api_url for a in able.values()}
    }
    credentials = {n: (a.app_id, a.app_secret.get_secret_value()) for n, a in able.items()}
    fetchers = {url: fetcher(http, credentials, clock) for url, http in https.items()}

    def fetch(account: str, force: bool) -> Fetched:
        return fetchers[able[account].api_url](account, force)

    tokens = Tokens(database, vault, clock, fetch)
    return {n: Platform(https[a.api_url], tokens, n, clock) for n, a in able.items()}


def _by_wechat(
    chosen: ChannelSettings, account: WeChatSettings, platforms: Mapping[str, Platform]
) -> Channel:
    platform = platforms.get(account.name)
    if platform is None:
        raise ChannelRefused(
            f"渠道 {chosen.kind} 要用公众号 {account.name} 主动发送，但它没有填 app_secret。"
            "请从公众平台“基本配置”复制 AppSecret。"
        )
    if chosen.kind in ONLY_SERVICE and account.kind is not AccountKind.SERVICE:
        raise ChannelRefused(
            f"渠道 {chosen.kind} 只有认证的服务号能用，公众号 {account.name} 是订阅号。请改用群发、邮件或短信。"
        )
    match chosen.kind:
        case ChannelKind.WECHAT_NOTICE:
            return _templated(templated.NOTICE, platform, chosen)
        case ChannelKind.WECHAT_TEMPLATE:
            return _templated(templated.TEMPLATE, platform, chosen)
        case ChannelKind.WECHAT_CUSTOM:
            return custom.WeChatCustom(platform, chosen.style, _limits(custom.LIMITS, chosen))
        case _:
            limits = _limits(mass.LIMITS[account.kind], chosen)
            return mass.WeChatMass(
                platform, account.kind, protected=chosen.protected, limits=limits
            )


def _templated(
    service: templated.Service, platform: Platform, chosen: ChannelSettings
) -> templated.WeChatTemplated:
    filling = Template(chosen.template, chosen.fields)
    limits = _limits(service.limits, chosen)
    return templated.WeChatTemplated(service, platform, filling, limits)


def _email(chosen: ChannelSettings, clock: Clock) -> Email:
    server = MailServer(
        chosen.host,
        chosen.port,
        chosen.security,
        chosen.sender,
        chosen.sender_name,
        chosen.user,
        chosen.password.get_secret_value(),
    )
    return Email(chosen.account, server, clock, _limits(EMAIL_LIMITS, chosen))


def _sms(chosen: ChannelSettings, clock: Clock) -> Sms:
    price = cost(chosen.price)
    filling = Template(chosen.template, chosen.fields)
    wording = Wording(chosen.sign, chosen.wording, filling, price)
    limits = _limits(SMS_LIMITS, chosen)
    try:
        provider = _provider(chosen, clock)
    except ModuleNotFoundError as error:
        raise ChannelRefused(
            f"没有安装短信组件（{error.name}）。请先运行 pip install 'zwgk[sms]'。"
        ) from error
    return Sms(chosen.account, provider, wording, clock, limits)


def _provider(chosen: ChannelSettings, clock: Clock) -> Provider:
    # Their clients are an extra, and take a second to load: only who uses one pays for it.
    secret = chosen.secret.get_secret_value()
    if chosen.kind is ChannelKind.SMS_TENCENT:
        from .sms import tencent

        return tencent.Tencent(
            chosen.app,
            chosen.key_id,
            secret,
            chosen.sign,
            chosen.template,
            clock,
            base_url=chosen.base_url or tencent.BASE_URL,
        )
    from .sms import aliyun

    url = chosen.base_url or aliyun.BASE_URL
    return aliyun.Aliyun(chosen.key_id, secret, chosen.sign, chosen.template, clock, base_url=url)


def _limits(limits: Limits, chosen: ChannelSettings) -> Limits:
    return replace(
        limits,
        per_second=chosen.per_second or limits.per_second,
        per_day=chosen.per_day or limits.per_day,
    )
