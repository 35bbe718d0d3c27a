from pathlib import Path
from typing import Any

import pytest

from bot.channels.calling import Failed
from bot.channels.port import Accounting
from bot.channels.probing import probe_all
from bot.channels.setup import ChannelRefused, Channels, open_channels, receipts_secret
from bot.settings import Settings, SettingsRefused, load_settings
from bot.storage.database import Database
from bot.storage.vault import Vault
from tests.fixtures.clock import Clock
from tests.fixtures.platform import APP_ID, APP_SECRET, NOTICE_TEMPLATE, Server

ACCOUNT = {
    "name": "gaoyao",
    "app_id": APP_ID,
    "app_secret": APP_SECRET,
    "token": "t0ken",
    "mode": "plain",
}
NOTICE = {"kind": "wechat_notice", "account": "gaoyao", "template": NOTICE_TEMPLATE}
EMAIL = {"kind": "email", "account": "office", "host": "127.0.0.1", "sender": "a@example.cn"}
SMS = {
    "kind": "sms_tencent",
    "account": "office",
    "app": "1400",
    "key_id": "AKID",
    "secret": "s3cret-key",
    "sign": "高要政务",
    "template": "1234",
    "wording": "{1}",
    "price": 0.045,
}


def toml(*tables: dict[str, Any], wechat: dict[str, Any] | None = ACCOUNT) -> str:
    named = [("wechat", wechat)] if wechat else []
    named += [("channel", table) for table in tables]
    return "\n".join(
        "\n".join((f"[[{name}]]", *(f"{key} = {_value(value)}" for key, value in table.items())))
        for name, table in named
    )


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def settings_of(tmp_path: Path, text: str, environment: dict[str, str] | None = None) -> Settings:
    path = tmp_path / "zwgk.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path, environment or {})


def opened(settings: Settings, database: Database, vault: Vault, clock: Clock) -> Channels:
    return open_channels(settings.wechat, settings.channel, database, vault, clock)


def test_all_kinds_are_made_without_calling_anybody(
    tmp_path: Path, database: Database, vault: Vault, clock: Clock
) -> None:
    kinds = [
        {**NOTICE, "kind": f"wechat_{kind}"} for kind in ("notice", "template", "custom", "mass")
    ]
    aliyun = {**SMS, "kind": "sms_aliyun", "account": "town", "wording": "${title}"}
    settings = settings_of(tmp_path, toml(*kinds, EMAIL, SMS, aliyun))
    with opened(settings, database, vault, clock) as channels:
        assert set(channels.by_key) == {
            *((f"wechat_{kind}", "gaoyao") for kind in ("notice", "template", "custom", "mass")),
            ("email", "office"),
            ("sms", "office"),
            ("sms", "town"),
        }
        assert all(key == (one.name, one.account) for key, one in channels.by_key.items())
        assert {one.medium for one in channels.by_key.values()} == {"wechat", "email", "sms"}
        mass = channels.by_key["wechat_mass", "gaoyao"]
        assert mass.accounting is Accounting.AGGREGATE
        assert mass.limits.batch == 10_000
        assert set(channels.readers) == {"office", "town"}
        assert set(channels.platforms) == {"gaoyao"}


def test_limits_may_be_set(tmp_path: Path, database: Database, vault: Vault, clock: Clock) -> None:
    settings = settings_of(tmp_path, toml({**EMAIL, "per_second": 2, "per_day": 500}))
    with opened(settings, database, vault, clock) as channels:
        limits = channels.by_key["email", "office"].limits
    assert (limits.per_second, limits.per_day) == (2, 500)


def test_secrets_come_from_the_environment_and_are_not_shown(tmp_path: Path) -> None:
    table = {key: value for key, value in SMS.items() if key != "secret"}
    environment = {
        "ZWGK_CHANNEL_SMS_TENCENT_OFFICE_SECRET": "from-the-environment",
        "ZWGK_CHANNEL_EMAIL_OFFICE_PASSWORD": "authcode",
    }
    settings = settings_of(tmp_path, toml(table, EMAIL), environment)
    assert settings.channel[0].secret.get_secret_value() == "from-the-environment"
    assert settings.channel[1].password.get_secret_value() == "authcode"
    assert "from-the-environment" not in repr(settings)
    assert "authcode" not in repr(settings)


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ([{**NOTICE, "template": ""}], "template"),
        ([{**NOTICE, "account": "elsewhere"}], "elsewhere"),
        ([NOTICE, NOTICE], "重复"),
        ([SMS, {**SMS, "kind": "sms_aliyun"}], "重复"),
        ([{**EMAIL, "host": ""}], "host"),
        ([{**EMAIL, "security": "none"}], "starttls"),
        ([{**EMAIL, "kind": "pigeon"}], "wechat_notice"),
        ([{**EMAIL, "account": "办公室"}], "小写字母"),
        ([{**EMAIL, "passwrd": "x"}], "passwrd"),
        ([{**SMS, "template": "SMS_1"}], "数字"),
        ([{**SMS, "base_url": "sms.example.cn"}], "网址"),
    ],
)
def test_faults_of_settings_say_where_and_what(
    tmp_path: Path, tables: list[dict[str, Any]], told: str
) -> None:
    with pytest.raises(SettingsRefused) as refused:
        settings_of(tmp_path, toml(*tables))
    assert told in str(refused.value)
    assert "s3cret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_without_app_secret_nothing_is_sent_by_wechat(
    tmp_path: Path, database: Database, vault: Vault, clock: Clock
) -> None:
    settings = settings_of(tmp_path, toml(NOTICE, wechat={**ACCOUNT, "app_secret": ""}))
    with pytest.raises(ChannelRefused, match="app_secret"):
        opened(settings, database, vault, clock)


def test_a_subscription_account_has_no_notices(
    tmp_path: Path, database: Database, vault: Vault, clock: Clock
) -> None:
    settings = settings_of(tmp_path, toml(NOTICE, wechat={**ACCOUNT, "kind": "subscription"}))
    with pytest.raises(ChannelRefused, match="订阅号"):
        opened(settings, database, vault, clock)


def test_what_each_account_may_do_is_asked_and_kept(
    tmp_path: Path, database: Database, vault: Vault, clock: Clock, server: Server
) -> None:
    lost = {**NOTICE, "kind": "wechat_template", "template": "lost"}
    text = toml(NOTICE, lost, wechat={**ACCOUNT, "api_url": server.url})
    for _ in range(2):  # asked again, the newer answer counts
        with opened(settings_of(tmp_path, text), database, vault, clock) as channels:
            notice, template = probe_all(database, channels.by_key.values(), clock())
    assert (notice.capability.usable, template.capability.usable) == (True, False)
    assert "lost" in template.capability.why
    with database.read() as connection:
        rows = connection.exec_driver_sql(
            "select channel, probed_at, closed from channels"
        ).fetchall()
    now = int(clock().timestamp())
    assert sorted(rows) == [("wechat_notice", now, ""), ("wechat_template", now, "")]
    assert not any(path.endswith("send") for path, _ in server.calls)


def test_an_account_without_permission_is_told_what_to_do(
    tmp_path: Path, database: Database, vault: Vault, clock: Clock, server: Server
) -> None:
    server.codes["/wxaapi/newtmpl/gettemplate"] = [{"errcode": 48001, "errmsg": "api unauthorized"}]
    text = toml(NOTICE, wechat={**ACCOUNT, "api_url": server.url})
    with opened(settings_of(tmp_path, text), database, vault, clock) as channels:
        [notice] = probe_all(database, channels.by_key.values(), clock())
    assert "接口权限" in notice.capability.why


def test_accounts_at_different_addresses_have_their_own_tokens(
    tmp_path: Path, database: Database, vault: Vault, clock: Clock, server: Server, free_port: int
) -> None:
    away = {**ACCOUNT, "name": "away", "api_url": f"http://127.0.0.1:{free_port}"}
    here = {**ACCOUNT, "api_url": server.url}
    settings = settings_of(tmp_path, toml(wechat=here) + "\n" + toml(wechat=away))
    with opened(settings, database, vault, clock) as channels:
        assert channels.platforms["gaoyao"].get("/cgi-bin/tags/get")["tags"]
        with pytest.raises(Failed):
            channels.platforms["away"].get("/cgi-bin/tags/get")


def test_addresses_of_receipts_are_secret_and_stay(vault: Vault) -> None:
    assert receipts_secret(vault, "office") == receipts_secret(vault, "office")
    assert receipts_secret(vault, "office") != receipts_secret(vault, "town")
    assert receipts_secret(
        Vault("another secret of thirty-two chars"), "office"
    ) != receipts_secret(vault, "office")
