"""Checks: a sound installation is fine, and each fault is told where it is."""

import json
import os
import shutil
import sqlite3
from dataclasses import replace

import pytest
from sqlalchemy import insert, text

from bot.operations.checking import check
from bot.records.model import Deed
from bot.records.service import Records
from bot.storage.schema import people
from bot.storage.vault import Vault
from tests.bot.operations.conftest import AT


def faults(this):
    return {one.name: one.faults for one in check(this, lambda: AT) if one.faults}


@pytest.fixture
def sound(installation):
    said = {"file": "答疑.docx", "sector": None, "imported": []}
    document = {"id": "faq-441204-aaaaaaaa", "title": "答疑", "kind": "faq", "area": "441204"}
    document |= {"area_name": "高要区", "number": "", "date": "", "version": "2026-11-21"}
    folder = installation.data_dir / "documents" / "faq-441204-aaaaaaaa"
    (folder / "document.json").write_text(json.dumps({**said, "document": document}))
    (folder / "file" / "答疑.docx").write_bytes(b"")
    row = {"person": "p", "account": "a", "state": installation.vault.seal("{}"), "version": 1}
    row |= {"window_start": 0, "window_count": 0, "updated_at": 0}
    with installation.database.write() as connection:
        connection.execute(insert(people), row)
    return installation


def test_a_sound_installation_has_no_faults(sound):
    assert faults(sound) == {}


def test_a_missing_or_another_key_is_found(sound):
    (told,) = faults(replace(sound, vault=None))["密钥"]
    assert "secret.key 不见了" in told
    (told,) = faults(replace(sound, vault=Vault("another secret, long enough to be one")))["密钥"]
    assert "people" in told
    assert "放回原来的" in told


def test_nothing_sealed_needs_no_key(installation):
    assert "密钥" not in faults(replace(installation, vault=None))


def test_an_old_and_a_newer_database_are_told_apart(sound):
    for step, said in (("0002", "zwgk db migrate"), ("9999", "升级程序")):
        with sound.database.write() as connection:
            connection.execute(text(f"UPDATE alembic_version SET version_num = '{step}'"))
        (told,) = faults(sound)["业务数据库"]
        assert said in told


def test_a_lost_table_is_named(sound):
    with sound.database.write() as connection:
        connection.execute(text("DROP TABLE quotas"))
    assert "quotas" in faults(sound)["业务数据库"][0]


def test_damaged_knowledge_is_named(sound):
    folder = sound.data_dir / "knowledge"
    (current,) = folder.glob("*.sqlite")
    shutil.copy(current, folder / "20200101-000000000000.sqlite")
    with (folder / "20200101-000000000000.sqlite").open("r+b") as file:
        file.seek(50_000)
        file.write(b"!" * 100)
    (told,) = faults(sound)["知识版本"]
    assert "20200101-000000000000" in told
    assert "可以删去" in told
    current.unlink()
    assert "没有正在使用" in faults(sound)["知识版本"][0]


def test_lost_documents_are_named(sound):
    (sound.data_dir / "documents" / "faq-441204-aaaaaaaa" / "file" / "答疑.docx").unlink()
    assert "“答疑.docx”不见了" in faults(sound)["导入的文件"][0]
    (sound.data_dir / "documents" / "faq-441204-aaaaaaaa" / "document.json").unlink()
    assert "说明不见了" in faults(sound)["导入的文件"][0]


def test_changed_records_are_found(sound):
    log = Records(sound.database, sound.vault, lambda: AT)
    for who in ("甲", "乙"):
        log.write(Deed(who, "notice.approve"))
    assert faults(sound) == {}
    with sound.database.write() as connection:
        connection.execute(text("UPDATE records SET who = '丙' WHERE number = 1"))
    (told,) = faults(sound)["操作记录"]
    assert "第 1 条" in told


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_damaged_file_is_found(sound):
    sound.database.close()
    whole = sound.sqlite.read_bytes()
    sound.sqlite.write_bytes(whole[:8192] + os.urandom(4096) + whole[12288:])
    assert "已损坏" in faults(sound)["业务数据库"][0]


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_rows_that_belong_to_nothing_are_found(sound):
    other = sqlite3.connect(sound.sqlite)
    other.execute("INSERT INTO subscriptions VALUES ('x', 'sector', 'y', 0, '')")
    other.commit()
    other.close()
    assert "subscriptions" in faults(sound)["业务数据库"][0]


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_looking_at_an_empty_directory_makes_nothing(elsewhere):
    elsewhere.data_dir.mkdir(exist_ok=True)
    before = set(elsewhere.data_dir.iterdir())
    assert "还没有业务数据库" in faults(elsewhere)["业务数据库"][0]
    assert set(elsewhere.data_dir.iterdir()) == before
