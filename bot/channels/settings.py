"""``[[channel]]`` tables: the ways to send that an office has set up."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from bot.values import short_name, web_address

from .options import Security, Style

SECRETS = ("secret", "password")
"""What may come from the environment: ZWGK_CHANNEL_EMAIL_OFFICE_PASSWORD."""


class ChannelKind(StrEnum):
    """What a channel is, and for short messages by whom."""

    WECHAT_NOTICE = "wechat_notice"
    WECHAT_TEMPLATE = "wechat_template"
    WECHAT_CUSTOM = "wechat_custom"
    WECHAT_MASS = "wechat_mass"
    EMAIL = "email"
    SMS_TENCENT = "sms_tencent"
    SMS_ALIYUN = "sms_aliyun"

    @property
    def channel(self) -> str:
        """The name in the ledger: short messages are ``sms``, whoever sends them."""
        return "sms" if self.startswith("sms_") else str(self)

    @property
    def by_wechat(self) -> bool:
        """Whether it goes by an official account of ``[[wechat]]``."""
        return self.startswith("wechat_")


NEEDED: Mapping[ChannelKind, tuple[str, ...]] = {
    ChannelKind.WECHAT_NOTICE: ("template",),
    ChannelKind.WECHAT_TEMPLATE: ("template",),
    ChannelKind.WECHAT_CUSTOM: (),
    ChannelKind.WECHAT_MASS: (),
    ChannelKind.EMAIL: ("host", "sender"),
    ChannelKind.SMS_TENCENT: ("app", "key_id", "secret", "sign", "template", "wording"),
    ChannelKind.SMS_ALIYUN: ("key_id", "secret", "sign", "template", "wording"),
}
"""Kind → what must be filled in."""


class ChannelSettings(BaseModel):
    """One ``[[channel]]`` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: ChannelKind = Field(
        description="渠道：wechat_notice 订阅通知、wechat_template 模板消息、wechat_custom 客服消息、"
        "wechat_mass 群发、email 邮件、sms_tencent 腾讯云短信、sms_aliyun 阿里云短信"
    )
    account: Annotated[str, short_name("office")] = Field(
        description="微信渠道填公众号的 name；邮件和短信自己取一个名字，小写字母、数字、-、_"
    )
    template: str = Field("", description="模板编号（订阅通知、模板消息、短信）")
    fields: dict[str, str] = Field(
        {},
        description="模板的每个字段填什么：title 标题、issuer 发文机关、number 文号、why 订阅原因、link 链接；"
        "固定的文字前面加 =",
    )
    style: Style = Field(Style.TEXT, description="客服消息的样子：text 文字、news 卡片")
    protected: bool = Field(False, description="公众号开启了“API 群发保护”，群发要管理员确认")
    sign: str = Field("", description="短信签名，不带【】")
    wording: str = Field(
        "", description="短信模板的全文，变量写成 {1} 或 ${name}，用来算条数和费用"
    )
    price: Decimal = Field(Decimal(0), ge=0, description="短信每条多少元，例如 0.045")
    app: str = Field("", description="腾讯云短信应用的 SdkAppId")
    key_id: str = Field("", description="腾讯云 SecretId 或阿里云 AccessKey ID")
    secret: SecretStr = Field(
        SecretStr(""), description="腾讯云 SecretKey 或阿里云 AccessKey Secret"
    )
    host: str = Field("", description="邮件服务器，例如 smtp.example.cn")
    port: int = Field(465, ge=1, le=65535, description="邮件服务器端口：tls 465，starttls 587")
    security: Security = Field(
        Security.TLS, description="邮件加密方式：tls、starttls、plain（只限本机或内网）"
    )
    sender: str = Field("", description="发件地址，例如 zwgk@example.cn")
    sender_name: str = Field("", description="发件人的名称，例如 高要区政务公开办")
    user: str = Field("", description="邮箱登录名；不需要登录时不填")
    password: SecretStr = Field(SecretStr(""), description="邮箱授权码")
    base_url: Annotated[str, web_address("https://sms.tencentcloudapi.com", empty=True)] = Field(
        "", description="短信接口地址；只在试用沙盒或专有云时填写"
    )
    per_second: int | None = Field(None, ge=1, description="每秒最多发多少条；不填用平台的限额")
    per_day: int | None = Field(None, ge=1, description="每天最多发多少条；不填用平台的限额")

    @model_validator(mode="after")
    def _what_is_needed_is_there(self) -> Self:
        missing = [name for name in NEEDED[self.kind] if not _plain(getattr(self, name))]
        if missing:
            raise ValueError(f"渠道 {self.kind} 还要填写 {'、'.join(missing)}")
        if self.kind is ChannelKind.SMS_TENCENT and not self.template.isdigit():
            raise ValueError("腾讯云短信的 template 应为数字编号")
        return self

    @property
    def key(self) -> tuple[str, str]:
        """Name and account, as in the ledger."""
        return self.kind.channel, self.account


def secret_variable(table: Mapping[str, Any], secret: str) -> str:
    """The environment variable of a table's ``secret``: ``ZWGK_CHANNEL_EMAIL_OFFICE_PASSWORD``."""
    name = f"ZWGK_CHANNEL_{table.get('kind', '')}_{table.get('account', '')}_{secret}"
    return name.replace("-", "_").upper()


def with_secrets(tables: Any, environment: Mapping[str, str]) -> Any:
    """The tables as read, with secrets of the environment, which win."""
    if not isinstance(tables, list):
        return tables
    return [
        table | {s: v for s in SECRETS if (v := environment.get(secret_variable(table, s)))}
        if isinstance(table, dict)
        else table
        for table in tables
    ]


def _plain(value: object) -> object:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
