"""What the READMEs name exists, and what exists is named."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from bot.app import Sandbox, create_app
from bot.cli import command_line
from bot.notices.model import Attribute, Notice, NoticeState, Text
from bot.notices.repository import add_notice
from bot.settings import PREFIX, Settings, WeChatSettings, load_settings, secret_variable
from bot.storage.database import open_sqlite
from bot.storage.migration import migrate
from bot.storage.vault import open_vault
from catalogue_index.model import Document, Item

ROOT = Path(__file__).parents[2]
ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
TABLES = {"wechat", "channel", "officer", "approval", "sending"}
"""Settings that no variable of the environment can hold."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def commands(group, name="zwgk") -> Iterator[str]:
    for word, command in group.commands.items():
        if hasattr(command, "commands"):
            if command.invoke_without_command:
                yield f"{name} {word}"
            yield from commands(command, f"{name} {word}")
        else:
            yield f"{name} {word}"


def first_cells(heading: str) -> list[str]:
    """The first cells of the table under a heading."""
    section = ENGLISH.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("|")][2:]


def test_command_table_is_the_command_line():
    assert {cell.strip("`") for cell in first_cells("Commands")} == set(
        commands(typer.main.get_command(command_line()))
    )


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh-CN"])
def test_every_command_shown_exists_with_its_options(text):
    known = sorted(commands(typer.main.get_command(command_line())), key=len, reverse=True)
    shown = re.findall(r"(?:^|[`/ ])(zwgk [a-z][^`\n|]*)", text, re.MULTILINE)
    assert len(shown) > 10
    for line in shown:
        name = next(command for command in known if line.startswith(command))
        options = set(re.findall(r"(--[a-z-]+)", line.removeprefix(name))) - {"--data-dir"}
        result = CliRunner().invoke(command_line(), [*name.split()[1:], "--help"])
        assert result.exit_code == 0
        assert all(option in result.output for option in options), line


def test_every_setting_is_told_and_every_setting_told_exists():
    told = re.findall(r"^\| `(\w+)` \|", ENGLISH.split("\n## Settings\n")[1], re.MULTILINE)
    assert set(told) >= {*Settings.model_fields, *WeChatSettings.model_fields}
    variables = {PREFIX + name.upper() for name in Settings.model_fields if name not in TABLES}
    secrets = {secret_variable("gaoyao", s) for s in ("app_secret", "token", "encoding_aes_key")}
    named = set(re.findall(r"ZWGK_\w+", ENGLISH)) - {"ZWGK_TEST_POSTGRES_URL"}
    assert named == variables | secrets


def test_defaults_are_as_told():
    for name, default in (("messages_per_minute", "20"), ("data_dir", "`data`")):
        row = next(line for line in ENGLISH.splitlines() if line.startswith(f"| `{name}`"))
        assert row.split("|")[3].strip() == default
        assert str(Settings.model_fields[name].default) == default.strip("`")


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh-CN"])
def test_example_configuration_is_accepted(text, tmp_path):
    example = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert example
    lines = "\n".join(line.strip() for line in example[1].splitlines())
    config = tmp_path / "zwgk.toml"
    config.write_text(lines, encoding="utf-8")
    (account,) = load_settings(config, {}).wechat
    assert f"/wechat/{account.name}`" in text


def test_glossary_words_are_the_words_of_the_code():
    words = " ".join(first_cells("Words"))
    assert all(term in words for term in ("领域", "标准目录", "行政区划", "答疑", "牵头", "台账"))
    fields = ("content", "basis", "time_limit", "discloser", "channels", "audience", "method")
    for field in (*fields, "level", "sector", "category", "item"):
        assert field in ENGLISH
        assert field in Item.__dataclass_fields__
    assert "area" in Document.__dataclass_fields__


def test_addresses_are_served(services, builtin_dir):
    known = services.library.current()
    catalogue = next(d.id for d in known.documents.values() if d.kind == "catalogue")
    database, vault = open_sqlite(builtin_dir / "readme.db"), open_vault(builtin_dir)
    migrate(database)
    text = Text("通知", "正文", Attribute.ACTIVE, "https://www.example.gov.cn/1.html")
    notice = Notice("readme", 1, "441204", text, NoticeState.PUBLISHED, "甲", 1, 1)
    with database.write() as connection:
        add_notice(connection, notice)
    client = TestClient(create_app(services, database, vault, Sandbox("http://127.0.0.1")))
    told = {word for cell in first_cells("Addresses") for word in re.findall(r"`(/[^`]*)`", cell)}
    assert len(told) > 8
    for address in told:
        path = address.format(
            item_key=f"{catalogue}-1",
            entry_id="guangdong-2020-notice-1",
            document_id="guangdong-2020-notice",
            name="trial",
            notice=notice.id,
        )
        assert client.get(path).status_code != 404, address
    database.close()


def test_every_dependency_is_explained_and_locked():
    project = PROJECT["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["postgres"]]
    names = [re.match(r"[\w.-]+", line)[0] for line in wanted]
    assert first_cells("Dependencies") == names
    locked = set(re.findall(r"^([\w.-]+)==", LOCK, re.MULTILINE))
    everything = [
        *names,
        *(re.match(r"[\w.-]+", d)[0] for d in PROJECT["dependency-groups"]["dev"]),
    ]
    assert [name for name in everything if name.lower() not in locked] == []


def test_lock_has_hashes_and_no_address():
    assert "://" not in LOCK
    pins = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n", "", LOCK).strip())
    assert len(pins) > 50
    assert all("--hash=sha256:" in pin for pin in pins)


def test_both_commands_install_alike_and_files_named_exist():
    install = re.findall(r"^(python3 -m venv .*) && \.venv/bin/(.*)$", ENGLISH, re.MULTILINE)
    assert [last for _, last in install] == [
        "zwgk serve",
        "python -m pytest -n auto --dist worksteal -q",
    ]
    assert install[0][0] == install[1][0]
    assert f"{install[0][0]} && .venv/bin/zwgk serve" in CHINESE
    for text in (ENGLISH, CHINESE):
        for path in re.findall(r"\]\(([^):]+)\)|src=\"([^\"]+)\"", text):
            assert (ROOT / "".join(path)).exists(), path
    picture = ROOT / ".ci" / "conversation.png"
    assert picture.stat().st_size < 150_000
