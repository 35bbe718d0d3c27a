import os
from datetime import date
from pathlib import Path

import pytest

from bot.settings import (
    AccountKind,
    Mode,
    Settings,
    SettingsRefused,
    WeChatSettings,
    load_settings,
    secret_variable,
)

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = f"""
[[wechat]]
name = "gaoyao"
app_id = "wx2c2769f8efd9abc2"
app_secret = "s3cret-of-app"
token = "t0ken-of-account"
encoding_aes_key = "{KEY}"
mode = "safe"
kind = "service"
area = "441204"
"""


def load(tmp_path: Path, text: str, **environment: str) -> Settings:
    path = tmp_path / "zwgk.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path, environment)


def refusal(tmp_path: Path, text: str, **environment: str) -> str:
    with pytest.raises(SettingsRefused) as caught:
        load(tmp_path, text, **environment)
    assert caught.value.__cause__ is None, "the cause would show secrets"
    return str(caught.value)


def test_nothing_set_is_enough_for_a_trial(tmp_path: Path) -> None:
    settings = load_settings(None, {"ZWGK_DATA_DIR": str(tmp_path)})

    assert settings.data_dir == tmp_path
    assert settings.wechat == ()
    assert settings.messages_per_minute == 20


def test_file_as_the_design_shows_it(tmp_path: Path) -> None:
    (account,) = load(tmp_path, ACCOUNT).wechat

    assert (account.name, account.app_id, account.area) == (
        "gaoyao",
        "wx2c2769f8efd9abc2",
        "441204",
    )
    assert (account.mode, account.kind) == (Mode.SAFE, AccountKind.SERVICE)
    assert account.token.get_secret_value() == "t0ken-of-account"


def test_file_in_the_data_directory_is_found(tmp_path: Path) -> None:
    (tmp_path / "zwgk.toml").write_text(ACCOUNT, encoding="utf-8")

    assert load_settings(None, {"ZWGK_DATA_DIR": str(tmp_path)}).wechat[0].name == "gaoyao"


def test_byte_order_mark_of_notepad_is_no_hindrance(tmp_path: Path) -> None:
    path = tmp_path / "zwgk.toml"
    path.write_text(ACCOUNT, encoding="utf-8-sig")

    assert load_settings(path, {}).wechat[0].name == "gaoyao"


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        'public_url = "https://a.example"\n' + ACCOUNT,
        ZWGK_PUBLIC_URL="https://b.example/",
        ZWGK_DATABASE_URL="postgresql://u:p@h/d",
        ZWGK_MESSAGES_PER_MINUTE="5",
        ZWGK_WECHAT_GAOYAO_TOKEN="another-token",
    )

    assert settings.public_url == "https://b.example"
    assert settings.database_url.get_secret_value() == "postgresql://u:p@h/d"
    assert settings.messages_per_minute == 5
    assert settings.wechat[0].token.get_secret_value() == "another-token"


def test_the_process_environment_is_not_read_behind_the_callers_back(tmp_path: Path) -> None:
    os.environ["ZWGK_PUBLIC_URL"] = "https://hidden.example"
    try:
        assert load(tmp_path, "").public_url == ""
    finally:
        del os.environ["ZWGK_PUBLIC_URL"]


def test_secrets_may_live_in_the_environment_alone(tmp_path: Path) -> None:
    text = '[[wechat]]\nname = "gao-yao"\napp_id = "wx2c2769f8efd9abc2"\n'

    (account,) = load(
        tmp_path,
        text,
        ZWGK_WECHAT_GAO_YAO_TOKEN="from-outside",
        ZWGK_WECHAT_GAO_YAO_ENCODING_AES_KEY=KEY,
        ZWGK_WECHAT_GAO_YAO_APP_SECRET="secret-from-outside",
    ).wechat

    assert account.token.get_secret_value() == "from-outside"
    assert account.app_secret.get_secret_value() == "secret-from-outside"
    assert secret_variable("gao-yao", "token") == "ZWGK_WECHAT_GAO_YAO_TOKEN"


@pytest.mark.parametrize(
    "token", ["", "  ", "…", "xxx", "changeme", "YOUR_TOKEN", "<token>", "请填写令牌"]
)
def test_placeholder_token_is_refused_by_name(tmp_path: Path, token: str) -> None:
    said = refusal(tmp_path, ACCOUNT.replace("t0ken-of-account", token))

    assert "token" in said
    assert "gaoyao" in said
    assert "ZWGK_WECHAT_GAOYAO_TOKEN" in said


@pytest.mark.parametrize("key", ["", KEY[:-1], KEY + "A", KEY[:-1] + "=", KEY[:-1] + "字"])
def test_key_that_is_not_43_letters_and_digits_is_refused(tmp_path: Path, key: str) -> None:
    assert "43 位" in refusal(tmp_path, ACCOUNT.replace(KEY, key))


def test_plain_mode_needs_no_key(tmp_path: Path) -> None:
    text = ACCOUNT.replace(KEY, "").replace('"safe"', '"plain"')

    assert load(tmp_path, text).wechat[0].mode is Mode.PLAIN


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"safe"', '"安全"', ("mode", "'safe'", "'plain'")),
        ('"service"', '"app"', ("kind", "'subscription'")),
        ("area =", "aera =", ("aera", "不认识")),
        ('"441204"', '"44120"', ("area", "2、4、6、9 或 12 位")),
        ('"gaoyao"', '"高要"', ("name", "小写字母")),
        ('app_id = "wx2c2769f8efd9abc2"', "", ("app_id", "没有填写")),
        ("wx2c2769f8efd9abc2", "wx…", ("app_id", "AppID")),
        ('"441204"', "441204", ("area", "双引号")),
        ("[[wechat]]", "[wechat]", ("[[wechat]]",)),
        ("s3cret-of-app", "xxxxxxxx", ("app_secret", "示例")),
    ],
)
def test_fault_is_named_with_its_place(
    tmp_path: Path, old: str, new: str, words: tuple[str, ...]
) -> None:
    assert old in ACCOUNT
    said = refusal(tmp_path, ACCOUNT.replace(old, new))

    assert all(word in said for word in words), said
    assert "s3cret-of-app" not in said


def test_two_accounts_of_one_name_are_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path, ACCOUNT + ACCOUNT)

    assert "重名" in said
    assert "gaoyao" in said


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('pubic_url = "https://a.example"', ("pubic_url", "不认识")),
        ('public_url = "zwgk.example.cn"', ("public_url", "完整网址")),
        ('secret_key = "short"', ("secret_key", "32")),
        ("messages_per_minute = 0", ("messages_per_minute", "至少为 1")),
        ('messages_per_minute = "many"', ("messages_per_minute", "整数")),
    ],
)
def test_other_settings_are_checked_too(tmp_path: Path, line: str, words: tuple[str, ...]) -> None:
    said = refusal(tmp_path, line)

    assert all(word in said for word in words), said


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    said = refusal(tmp_path, 'unknown = 1\npublic_url = "x"\n' + ACCOUNT.replace('"safe"', '"x"'))

    assert len(said.splitlines()) == 3


def test_broken_toml_names_the_line(tmp_path: Path) -> None:
    assert "第 2 行" in refusal(tmp_path, 'public_url = "https://a.example"\n[[wechat]\n')


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused, match=r"没有找到配置文件.*missing\.toml"):
        load_settings(tmp_path / "missing.toml", {})


def test_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "zwgk.toml"
    path.write_bytes('public_url = "网址"'.encode("gb18030"))

    with pytest.raises(SettingsRefused, match="UTF-8"):
        load_settings(path, {})


def test_secrets_stay_out_of_the_printed_form(tmp_path: Path) -> None:
    settings = load(tmp_path, ACCOUNT, ZWGK_DATABASE_URL="postgresql://u:hush@h/d")

    shown = repr(settings)
    assert not any(word in shown for word in ("s3cret-of-app", "t0ken-of-account", KEY, "hush"))


@pytest.mark.parametrize("model", [Settings, WeChatSettings])
def test_each_setting_has_a_sentence_of_help(model: type[Settings] | type[WeChatSettings]) -> None:
    assert all(field.description for field in model.model_fields.values())


def test_when_people_are_sent_something_can_be_set(tmp_path):
    config = tmp_path / "zwgk.toml"
    config.write_text(
        "[sending]\nweekly_day = 1\nweekly_hour = 9\nholidays = [2027-01-01]\n", encoding="utf-8"
    )

    sending = load_settings(config, {}).sending

    assert (sending.weekly_day, sending.weekly_hour) == (1, 9)
    assert sending.holidays == (date(2027, 1, 1),)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("weekly_day = 8", "太大，应至多为 7"),
        ("weekly_hour = -1", "太小，应至少为 0"),
        ('holidays = ["元旦"]', "应为日期"),
    ],
)
def test_a_time_that_cannot_be_is_refused(tmp_path, line, sentence):
    config = tmp_path / "zwgk.toml"
    config.write_text(f"[sending]\n{line}\n", encoding="utf-8")

    with pytest.raises(SettingsRefused, match=sentence):
        load_settings(config, {})
