"""``zwgk db`` at the command line."""

import json
import shutil

import pytest

from bot.storage.database import open_sqlite
from bot.storage.migration import NEWEST, bring_to


@pytest.fixture(autouse=True)
def of_its_own(office, monkeypatch, zwgk):
    monkeypatch.setenv("ZWGK_DATA_DIR", str(office))
    return office


def test_a_backup_comes_back(zwgk, refused, office, monkeypatch, tmp_path):
    assert zwgk("db", "migrate")[0] == 0
    status, out, _ = zwgk("subscription", "scene", "new", "--group", "老年人", "--label", "大厅")
    assert status == 0
    status, out, _ = zwgk("db", "backup", "-o", tmp_path / "a.tar.gz")
    assert status == 0
    assert "没有存入密钥 secret.key" in out
    assert "换一个文件名" in refused("db", "backup", "-o", tmp_path / "a.tar.gz")
    assert "--over" in refused("db", "restore", tmp_path / "a.tar.gz")

    monkeypatch.setenv("ZWGK_DATA_DIR", str(tmp_path / "new"))
    status, out, _ = zwgk("db", "restore", tmp_path / "a.tar.gz")
    assert status == 0
    assert "还缺密钥" in out
    shutil.copy(office / "secret.key", tmp_path / "new")
    assert zwgk("db", "check")[0] == 0
    assert "大厅" in zwgk("subscription", "scene", "list")[1]

    (tmp_path / "new" / "secret.key").write_text("0" * 64)
    status, out, _ = zwgk("db", "restore", tmp_path / "a.tar.gz", "--over")
    assert "不是存档所用的那一个" in out
    assert "原来的数据留在" in out


def test_with_the_key_nothing_is_missing(zwgk, monkeypatch, tmp_path):
    zwgk("db", "migrate")
    zwgk("subscription", "list")
    status, out, _ = zwgk("db", "backup", "--with-key", "--json", "-o", tmp_path / "a.tar.gz")
    made = json.loads(out)
    assert (status, made["left_out"]) == (0, [])
    monkeypatch.setenv("ZWGK_DATA_DIR", str(tmp_path / "new"))
    status, out, _ = zwgk("db", "restore", tmp_path / "a.tar.gz")
    assert (status, "密钥" in out) == (0, False)


def test_an_old_database_is_kept_before_it_is_migrated(zwgk, office):
    database = open_sqlite(office / "zwgk.db")
    with database.write() as connection:
        bring_to(connection, "0002")
    database.close()
    assert zwgk("db", "check")[0] == 1
    status, out, _ = zwgk("db", "migrate")
    assert (status, f"从 0002 升级到 {NEWEST}" in out) == (0, True)
    (kept,) = (office / "backups").iterdir()
    assert str(kept) in out
    assert "没有改动" in zwgk("db", "migrate")[1]
    assert zwgk("db", "check")[0] == 0
    (kept,) = (office / "backups").iterdir()


def test_a_start_keeps_an_old_database_too(zwgk, office):
    database = open_sqlite(office / "zwgk.db")
    with database.write() as connection:
        bring_to(connection, "0002")
    database.close()
    assert zwgk("subscription", "stats")[0] == 0
    assert len(list((office / "backups").iterdir())) == 1


def test_faults_are_told_one_by_one(zwgk, office):
    zwgk("subscription", "list")
    for one in (office / "knowledge").glob("*.sqlite"):
        one.unlink()
    status, out, _ = zwgk("db", "check", "--json")
    told = {one["name"]: one["faults"] for one in json.loads(out)}
    assert status == 1
    assert told["业务数据库"] == []
    assert "zwgk knowledge build" in told["知识版本"][0]
    assert "有问题" in zwgk("db", "check")[1]


def test_what_cannot_be_done_is_said(refused, office, tmp_path):
    assert "还没有业务数据库" in refused("db", "backup")
    assert "没有找到存档" in refused("db", "restore", tmp_path / "none.tar.gz")
    (tmp_path / "other.tar.gz").write_text("not an archive")
    assert "没有改动任何数据" in refused("db", "restore", "--over", tmp_path / "other.tar.gz")
    assert not (office / "zwgk.db").exists()
