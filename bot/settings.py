"""Everything an office can set: one typed value, read once by the composition root.

Values come from ``zwgk.toml`` and from the environment (``ZWGK_`` and the name in capitals), which
wins. Both arrive as arguments. The libraries and features below receive what they need and never
see where it came from.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from bot.channels.settings import ChannelSettings, with_secrets
from bot.values import short_name, web_address
from catalogue_index.areas import LEVELS
from catalogue_index.errors import Refused

CONFIG_NAME = "zwgk.toml"
PREFIX = "ZWGK_"

_TABLES = frozenset({"wechat", "channel", "officer", "approval", "sending"})
_ACCOUNT_SECRETS = ("app_secret", "token", "encoding_aes_key")
_PLACEHOLDER = re.compile(
    r"[x*.…?\s]*|<.*>|【.*】|请?(填写|修改|替换).*|change[-_ ]?me|todo|placeholder"
    r"|your[-_ ]?(token|secret|key|app[-_ ]?id|app[-_ ]?secret|encoding[-_ ]?aes[-_ ]?key)",
    re.IGNORECASE,
)


class SettingsRefused(Refused):
    """The settings cannot be used; one line for each fault, each naming its place and its cure."""


class Mode(StrEnum):
    """消息加解密方式, as chosen in the platform's console."""

    SAFE = "safe"
    COMPATIBLE = "compatible"
    PLAIN = "plain"


class AccountKind(StrEnum):
    """服务号 or 订阅号: the platform grants them different abilities."""

    SERVICE = "service"
    SUBSCRIPTION = "subscription"


class WeChatSettings(BaseModel):
    """One ``[[wechat]]`` table: an official account that the service answers for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, short_name("gaoyao")] = Field(
        description="公众号的简称，决定回调地址 /wechat/简称；小写字母、数字、-、_"
    )
    app_id: str = Field(description="公众平台“开发者ID(AppID)”，以 wx 开头")
    app_secret: SecretStr = Field(
        SecretStr(""), description="公众平台“开发者密码(AppSecret)”；只回复消息时可以不填"
    )
    token: SecretStr = Field(description="公众平台“服务器配置”中的令牌(Token)")
    encoding_aes_key: SecretStr = Field(
        SecretStr(""),
        description="公众平台“消息加解密密钥(EncodingAESKey)”，43 位；明文模式可以不填",
    )
    mode: Mode = Field(
        Mode.SAFE, description="消息加解密方式：safe 安全、compatible 兼容、plain 明文"
    )
    kind: AccountKind = Field(
        AccountKind.SERVICE, description="公众号类型：service 服务号、subscription 订阅号"
    )
    area: str | None = Field(
        None, description="公众号所属地区的代码，例如 441204；不填时先问群众所在地区"
    )
    api_url: Annotated[str, web_address("https://api.weixin.qq.com")] = Field(
        default="https://api.weixin.qq.com",
        description="微信接口的网址；只在试用沙盒时改成沙盒的，例如 http://127.0.0.1:8000/sandbox/api",
    )

    @field_validator("app_id")
    @classmethod
    def _app_id_is_real(cls, app_id: str) -> str:
        if _PLACEHOLDER.fullmatch(app_id) or not re.fullmatch(r"[A-Za-z0-9_-]{2,64}", app_id):
            raise ValueError("请填写公众平台上的 AppID，以 wx 开头")
        return app_id

    @field_validator("app_secret")
    @classmethod
    def _app_secret_is_real(cls, secret: SecretStr) -> SecretStr:
        if secret.get_secret_value() and _PLACEHOLDER.fullmatch(secret.get_secret_value()):
            raise ValueError("还是示例内容，请换成公众平台上的 AppSecret，或删去这一行")
        return secret

    @field_validator("token")
    @classmethod
    def _token_is_real(cls, token: SecretStr) -> SecretStr:
        # Who knows the token can sign: an empty or published one makes anybody the platform.
        if _PLACEHOLDER.fullmatch(token.get_secret_value()):
            raise ValueError("是空的或还是示例内容，请换成公众平台“服务器配置”中的令牌(Token)")
        return token

    @field_validator("area")
    @classmethod
    def _area_is_a_code(cls, area: str | None) -> str | None:
        if area is not None and not (area.isascii() and area.isdigit() and len(area) in LEVELS):
            raise ValueError("应为 2、4、6、9 或 12 位数字的地区代码，例如 441204")
        return area

    @model_validator(mode="after")
    def _encrypted_modes_have_a_key(self) -> Self:
        key = self.encoding_aes_key.get_secret_value()
        if (key or self.mode is not Mode.PLAIN) and not re.fullmatch(r"[A-Za-z0-9]{43}", key):
            found = f"现在是 {len(key)} 位" if key else "现在是空的"
            raise ValueError(
                f"encoding_aes_key 应为 43 位字母和数字（{found}），请从公众平台“服务器配置”复制"
            )
        return self


class OfficerSettings(BaseModel):
    """One ``[[officer]]`` table: a person of the office and what they may do."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="工作人员姓名，命令里用 --by 写它", min_length=1, max_length=32)
    roles: tuple[str, ...] = Field(description="职责：起草，或审批步骤的名称，例如 初审")


class ApprovalSettings(BaseModel):
    """The ``[approval]`` table: the steps that every push takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: tuple[str, ...] = Field(
        ("初审", "复审", "终审"), description="审批步骤，按顺序，至少两步"
    )
    valid_hours: int = Field(24, ge=1, description="审批多少小时内有效")

    @field_validator("steps")
    @classmethod
    def _at_least_two(cls, steps: tuple[str, ...]) -> tuple[str, ...]:
        if len(steps) < 2 or len(set(steps)) < len(steps):
            raise ValueError("至少要有两步，且名称不能重复")
        return steps


class SendingSettings(BaseModel):
    """The ``[sending]`` table: when people are sent something."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weekly_day: int = Field(5, ge=1, le=7, description="每周汇总在星期几发：1 是星期一，7 是星期日")
    weekly_hour: int = Field(10, ge=0, le=23, description="每周汇总在几点发")
    holidays: tuple[date, ...] = Field(
        (), description="程序还不知道的放假日期，例如 2027-01-01；推送可以定为工作日才发"
    )
    workdays: tuple[date, ...] = Field((), description="程序还不知道的调休上班日期")


class Settings(BaseModel):
    """All settings. With none given the service starts for a trial on one computer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data_dir: Path = Field(Path("data"), description="数据目录：数据库、知识库和密钥都放在这里")
    database_url: SecretStr = Field(
        SecretStr(""),
        description="业务数据库地址；不填时用数据目录里的 SQLite，"
        "也可以是 postgresql://用户:密码@主机/库名",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="加密个人信息的密钥，至少 32 个字符；"
        "不填时用数据目录里的 secret.key，首次启动自动生成",
    )
    public_url: Annotated[
        str, web_address("https://zwgk.example.cn", empty=True, in_pages=True)
    ] = Field("", description="对外网址，例如 https://zwgk.example.cn；消息里的链接由它开头")
    messages_per_minute: int = Field(20, ge=1, description="每人每分钟最多处理的消息数")
    wechat: tuple[WeChatSettings, ...] = Field((), description="微信公众号，每个一段 [[wechat]]")
    channel: tuple[ChannelSettings, ...] = Field((), description="发送渠道，每个一段 [[channel]]")
    officer: tuple[OfficerSettings, ...] = Field((), description="工作人员，每人一段 [[officer]]")
    approval: ApprovalSettings = Field(
        default_factory=lambda: ApprovalSettings.model_validate({}),
        description="推送的审批步骤，写在 [approval]",
    )
    sending: SendingSettings = Field(
        default_factory=lambda: SendingSettings.model_validate({}),
        description="什么时候发，写在 [sending]",
    )

    @field_validator("secret_key")
    @classmethod
    def _secret_key_is_long(cls, key: SecretStr) -> SecretStr:
        if key.get_secret_value() and len(key.get_secret_value()) < 32:
            raise ValueError("太短，应至少 32 个字符；或删去它，由程序自动生成")
        return key

    @field_validator("wechat")
    @classmethod
    def _names_differ(cls, accounts: tuple[WeChatSettings, ...]) -> tuple[WeChatSettings, ...]:
        names = [account.name for account in accounts]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"有重名的公众号：{'、'.join(repeated)}。每个 name 只能用一次")
        return accounts

    @model_validator(mode="after")
    def _channels_differ_and_have_accounts(self) -> Self:
        keys = [channel.key for channel in self.channel]
        if repeated := sorted({"/".join(key) for key in keys if keys.count(key) > 1}):
            raise ValueError(
                f"有重复的发送渠道：{'、'.join(repeated)}。同一个账号每种渠道只能有一段"
            )
        known = {account.name for account in self.wechat}
        for channel in self.channel:
            if channel.kind.by_wechat and channel.account not in known:
                raise ValueError(
                    f"渠道 {channel.kind} 的 account 是“{channel.account}”，但没有这个公众号。"
                    "请改成 [[wechat]] 里的 name"
                )
        return self


def load_settings(config: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read the settings from ``config`` and ``environment``.

    ``config`` must exist when given; otherwise ``zwgk.toml`` in the data directory is read where
    there is one. Raises ``SettingsRefused``.
    """
    data_dir = environment.get(f"{PREFIX}DATA_DIR") or Settings.model_fields["data_dir"].default
    path = config or Path(data_dir) / CONFIG_NAME
    values = _read_toml(path) if config or path.exists() else {}
    for field in Settings.model_fields:
        if field not in _TABLES and (value := environment.get(PREFIX + field.upper())):
            values[field] = value
    values["wechat"] = _with_secrets(values.get("wechat", []), environment)
    values["channel"] = with_secrets(values.get("channel", []), environment)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        # The error repeats the values, secrets among them: it must not become the cause.
        raise SettingsRefused("\n".join(_sentences(error, path, values))) from None


def secret_variable(account: str, secret: str) -> str:
    """The environment variable that holds an account's ``secret``: ``ZWGK_WECHAT_GAOYAO_TOKEN``."""
    return f"{PREFIX}WECHAT_{account}_{secret}".replace("-", "_").upper()


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SettingsRefused(f"没有找到配置文件 {path}。请核对 --config 后面的路径。") from None
    except UnicodeDecodeError:
        raise SettingsRefused(f"配置文件 {path} 不是 UTF-8 编码。请另存为 UTF-8 后再试。") from None
    except OSError as error:
        raise SettingsRefused(
            f"配置文件 {path} 读不出来（{error.strerror}）。请检查权限。"
        ) from error
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        where = f"第 {place[1]} 行第 {place[2]} 列" if place else "末尾"
        raise SettingsRefused(
            f"配置文件 {path} {where}写得不对。"
            '每项单独一行，文字用英文双引号括起来，例如 area = "441204"。'
        ) from None


def _with_secrets(accounts: Any, environment: Mapping[str, str]) -> Any:
    if not isinstance(accounts, list):
        return accounts
    return [
        account | _secrets_of(account, environment) if isinstance(account, dict) else account
        for account in accounts
    ]


def _secrets_of(account: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, str]:
    variables = {s: secret_variable(str(account.get("name", "")), s) for s in _ACCOUNT_SECRETS}
    return {s: environment[v] for s, v in variables.items() if environment.get(v)}


def _sentences(error: ValidationError, path: Path, values: Mapping[str, Any]) -> Iterable[str]:
    for fault in error.errors(include_url=False, include_input=False):
        place = _place(fault["loc"], values)
        allowed = str(fault.get("ctx", {}).get("expected", "")).replace("' or '", "'、'")
        reasons = {
            "extra_forbidden": "不认识这一项。请核对拼写，或删去它",
            "missing": "没有填写",
            "enum": f"只能是 {allowed} 之一",
            "value_error": str(fault.get("ctx", {}).get("error", "")),
            "greater_than_equal": f"太小，应至少为 {fault.get('ctx', {}).get('ge', 1)}",
            "less_than_equal": f"太大，应至多为 {fault.get('ctx', {}).get('le', '')}",
            "date_from_datetime_parsing": "应为日期，例如 2027-01-01",
            "date_parsing": "应为日期，例如 2027-01-01",
            "date_type": "应为日期，例如 2027-01-01",
            "int_parsing": "应为整数",
            "int_type": "应为整数",
            "tuple_type": "应写成 [[wechat]] 或 [[channel]]（双方括号），每个公众号或渠道一段",
            "model_type": "应写成 [[wechat]] 或 [[channel]]（双方括号），每个公众号或渠道一段",
        }
        reason = reasons.get(fault["type"], "类型不对，应为用英文双引号括起来的文字")
        yield f"设置有误（{path} 或环境变量）：{place}{reason}。"


def _place(location: tuple[int | str, ...], values: Mapping[str, Any]) -> str:
    match location:
        case ("wechat", int(number), *rest):
            account = values["wechat"][number]
            name = account.get("name") if isinstance(account, dict) else None
            label = f"第 {number + 1} 个公众号" + (f"（{name}）" if isinstance(name, str) else "")
            secret = rest and rest[0] in _ACCOUNT_SECRETS and isinstance(name, str)
            hint = f"（环境变量 {secret_variable(str(name), str(rest[0]))}）" if secret else ""
            return f"{label}的{''.join(f' {part} ' for part in rest)}{hint}"
        case ("channel", int(number), *rest):
            table = values["channel"][number]
            kind = table.get("kind") if isinstance(table, dict) else None
            label = f"第 {number + 1} 个渠道" + (f"（{kind}）" if isinstance(kind, str) else "")
            return f"{label}的{''.join(f' {part} ' for part in rest)}" if rest else f"{label}："
        case _:
            return "".join(f"{part} " for part in location)
