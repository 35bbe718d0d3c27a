import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.storage.database import (
    Database,
    DatabaseRefused,
    Statement,
    open_sqlite,
    open_url,
)
from bot.storage.migration import migrate

INSERT = text(
    "INSERT INTO seen_messages (key, person, reply, created_at) VALUES (:key, 'p', '{}', 0)"
)
KEYS = [f"{number:064}" for number in range(500)]
COUNT = text("SELECT count(*) FROM seen_messages")


def insert(database: Database, *keys: str, pragma: str = "", then: Exception | None = None) -> None:
    with database.write() as connection:
        if pragma:
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        for key in keys:
            connection.execute(INSERT, {"key": key})
        if then:
            raise then


def count(database: Database) -> int:
    with database.read() as connection:
        found: int = connection.execute(COUNT).scalar_one()
        return found


def test_write_is_all_or_nothing(empty_database: Database) -> None:
    migrate(empty_database)
    insert(empty_database, "kept")

    with pytest.raises(ZeroDivisionError):
        insert(empty_database, "lost", then=ZeroDivisionError())

    assert count(empty_database) == 1


def test_defects_are_not_dressed_up_as_refusals(empty_database: Database) -> None:
    migrate(empty_database)
    with pytest.raises(IntegrityError):
        insert(empty_database, "same", "same")


QUICK_INSERT = Statement(
    "INSERT INTO seen_messages (key, person, reply, created_at)"
    " VALUES (:key, 'p', '{}', 0) ON CONFLICT DO NOTHING"
)
QUICK_READ = Statement("SELECT key, created_at FROM seen_messages WHERE key = :key")


def insert_quickly(database: Database, *keys: str, then: Exception | None = None) -> list[int]:
    with database.statements(writing=True) as statements:
        changed = [statements.run(QUICK_INSERT, {"key": key}) for key in keys]
        if then:
            raise then
        return changed


def test_statements_are_all_or_nothing(empty_database: Database) -> None:
    migrate(empty_database)

    assert insert_quickly(empty_database, "kept", "kept") == [1, 0]
    with pytest.raises(ZeroDivisionError):
        insert_quickly(empty_database, "lost", then=ZeroDivisionError())

    with empty_database.statements(writing=False) as statements:
        assert statements.first(QUICK_READ, {"key": "kept"}) == ("kept", 0)
        assert statements.first(QUICK_READ, {"key": "lost"}) is None


def test_statements_are_refused_as_writes_are(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "zwgk.db", busy_seconds=0.05)
    migrate(database)
    other = sqlite3.connect(tmp_path / "zwgk.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseRefused, match="占用"):
        insert_quickly(database, "k")
    other.close()

    assert insert_quickly(database, "k") == [1]
    database.close()


def test_a_patient_writer_outwaits_the_others(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "zwgk.db", busy_seconds=0.01)
    migrate(database)
    other = sqlite3.connect(tmp_path / "zwgk.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseRefused, match="占用"), database.write():
        pass
    letting_go = threading.Timer(0.2, lambda: other.execute("COMMIT"))
    letting_go.start()
    with database.write(patience=30) as connection:
        connection.execute(INSERT, {"key": KEYS[0]})

    letting_go.join()
    other.close()
    with database.read() as connection:
        assert connection.execute(COUNT).scalar_one() == 1
    database.close()


def test_writer_waits_for_another_and_keeps_its_patience(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "zwgk.db")
    migrate(database)
    other = sqlite3.connect(tmp_path / "zwgk.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    letting_go = threading.Timer(0.05, lambda: other.execute("COMMIT"))
    letting_go.start()

    assert insert_quickly(database, "k") == [1]

    letting_go.join()
    other.close()
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 3000
    database.close()


# The bytes of locks in the index of SQLite's log (sqlite.org/walformat.html, 2.3.1): 120 writing, 122 recovering.
RECOVERING = """
import fcntl, struct, sys, time
with open(sys.argv[1], "r+b") as index:
    for byte in (120, 122):
        fcntl.fcntl(index, fcntl.F_SETLK, struct.pack("hhqqi", fcntl.F_WRLCK, 0, byte, 1, 0))
    index.write(bytes(96))
    index.flush()
    print("begun", flush=True)
    time.sleep(0.3)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="holds SQLite's own locks")
def test_writer_waits_while_another_process_recovers_the_log(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "zwgk.db")
    migrate(database)
    assert insert_quickly(database, "before") == [1]
    command = [sys.executable, "-c", RECOVERING, tmp_path / "zwgk.db-shm"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"begun\n"
        assert insert_quickly(database, "after") == [1]

    assert count(database) == 2
    database.close()


def test_sqlite_is_set_up_for_readers_beside_a_writer(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "zwgk.db")
    with database.read() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    assert settings == {
        "journal_mode": "wal",
        "synchronous": 1,
        "foreign_keys": 1,
        "busy_timeout": 3000,
    }


def test_write_takes_its_lock_at_once(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "zwgk.db")
    migrate(database)
    other = sqlite3.connect(tmp_path / "zwgk.db", timeout=0)
    with database.write(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.close()
    database.close()


def test_locked_database_is_refused(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "zwgk.db", busy_seconds=0.05)
    migrate(database)
    other = sqlite3.connect(tmp_path / "zwgk.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")

    with pytest.raises(DatabaseRefused, match="占用"), database.write():
        pass
    other.close()
    database.close()


def test_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zwgk.db").write_bytes(b"not a database at all" * 400)
    database = open_sqlite(tmp_path / "zwgk.db")

    with pytest.raises(DatabaseRefused, match="不是数据库"):
        migrate(database)
    database.close()


def test_damaged_page_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "zwgk.db"
    database = open_sqlite(path)
    migrate(database)
    insert(database, *KEYS)
    database.close()  # the last connection writes the log back into the file
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))

    with pytest.raises(DatabaseRefused, match="已损坏"):
        count(database)
    database.close()


def test_full_disk_is_refused(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "zwgk.db")
    migrate(database)
    with pytest.raises(DatabaseRefused, match="磁盘已满"):
        insert(database, *KEYS, pragma="max_page_count = 1")  # no smaller than it is now
    database.close()


def test_read_only_database_is_refused(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "zwgk.db")
    migrate(database)
    with pytest.raises(DatabaseRefused, match="只读"):
        insert(database, "k", pragma="query_only = ON")
    database.close()


def test_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    with pytest.raises(DatabaseRefused, match="数据目录"):
        open_sqlite(tmp_path / "data" / "zwgk.db")


def test_path_that_is_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseRefused, match="打不开"):
        migrate(open_sqlite(tmp_path))


@pytest.mark.parametrize("url", ["not an address: hush", "mysql://u:hush@h/d", "sqlite://"])
def test_other_addresses_are_refused_without_repeating_them(url: str) -> None:
    with pytest.raises(DatabaseRefused, match="数据库地址") as caught:
        open_url(url)

    assert "hush" not in str(caught.value)


def test_unreachable_server_is_refused_without_the_password() -> None:
    database = open_url("postgresql://zwgk:hush@127.0.0.1:9/zwgk")

    with pytest.raises(DatabaseRefused, match="连不上") as caught, database.read():
        pass
    assert "hush" not in str(caught.value)


def test_sqlite_address_opens_the_file(tmp_path: Path) -> None:
    database = open_url(f"sqlite:///{tmp_path / 'zwgk.db'}")
    migrate(database)

    assert database.dialect == "sqlite"
    assert count(database) == 0
    database.close()


def test_refusal_does_not_carry_the_words_of_people(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "zwgk.db")
    migrate(database)
    with pytest.raises(DatabaseRefused) as caught:
        insert(database, "someone's words", pragma="query_only = ON")

    assert caught.value.__suppress_context__
    assert "someone's words" not in str(caught.value)
    database.close()


def test_what_a_write_asks_of_postgresql_ends_with_it(empty_database: Database) -> None:
    migrate(empty_database)
    if empty_database.dialect == "sqlite":
        with empty_database.write(hot=True, patience=7) as connection:
            connection.execute(INSERT, {"key": KEYS[0]})
        return
    shown = text(
        "SELECT current_setting('plan_cache_mode'), current_setting('synchronous_commit'),"
        " current_setting('lock_timeout')"
    )
    with empty_database.write() as connection:
        usual = connection.execute(shown).one()
    with empty_database.write(hot=True, patience=7) as connection:
        assert tuple(connection.execute(shown).one()) == ("force_generic_plan", "off", "7s")
    with empty_database.write() as connection:
        assert connection.execute(shown).one() == usual
