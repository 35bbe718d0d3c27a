import json
from pathlib import Path

import pytest

from bot.cli import main
from tests.fixtures.platform import APP_ID, APP_SECRET, NOTICE_TEMPLATE, serving

CONFIG = """
public_url = "https://zwgk.example.cn"

[[wechat]]
name = "gaoyao"
app_id = "{app_id}"
app_secret = "{secret}"
token = "t0ken"
mode = "plain"
api_url = "{url}"

[[channel]]
kind = "wechat_notice"
account = "gaoyao"
template = "{template}"
"""


def run(tmp_path: Path, *words: str) -> int:
    try:
        main(["channels", *words, "--data-dir", str(tmp_path)])
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZWGK_DATA_DIR", str(tmp_path))


def write(tmp_path: Path, url: str, template: str = NOTICE_TEMPLATE) -> None:
    text = CONFIG.format(app_id=APP_ID, secret=APP_SECRET, url=url, template=template)
    (tmp_path / "zwgk.toml").write_text(text, encoding="utf-8")


def test_what_works_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving() as server:
        write(tmp_path, server.url)
        assert run(tmp_path) == 0
    shown = capsys.readouterr().out
    assert "订阅通知" in shown
    assert "可以用" in shown


def test_what_does_not_work_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as server:
        write(tmp_path, server.url, "lost")
        assert run(tmp_path, "--json") == 1
    [channel] = json.loads(capsys.readouterr().out)["channels"]
    assert not channel["usable"]
    assert "lost" in channel["why"]


def test_without_channels_it_is_said_how_to_set_one_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path) == 0
    assert "[[channel]]" in capsys.readouterr().out
