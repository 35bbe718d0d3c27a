import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, make_url, text, update

from bot.deliveries.ledger import Swept
from bot.deliveries.states import State
from bot.deliveries.stepping import LEASE
from bot.storage import migration
from bot.storage.database import Database, DatabaseRefused, open_sqlite
from bot.storage.migration import NEWEST, migrate
from bot.storage.schema import deliveries, metadata
from tests.bot.deliveries.office import Office


def differences(database: Database) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True}
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, metadata))


def test_migrations_make_the_schema(empty_database: Database) -> None:
    assert differences(empty_database)

    migrate(empty_database)

    assert differences(empty_database) == []


def test_migrated_and_fresh_tables_are_the_same(empty_database: Database, tmp_path: Path) -> None:
    def shape(database: Database) -> dict[str, object]:
        with database.read() as connection:
            seen = inspect(connection)
            return {
                table: (
                    [(c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(table)],
                    seen.get_pk_constraint(table)["constrained_columns"],
                    sorted((i["name"] or "", i["column_names"]) for i in seen.get_indexes(table)),
                    sorted(seen.get_unique_constraints(table), key=lambda u: u["name"] or ""),
                )
                for table in metadata.tables
            }

    migrate(empty_database)
    migrated = shape(empty_database)
    with empty_database.write() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)

    assert shape(empty_database) == migrated


def test_migrating_again_changes_nothing(empty_database: Database) -> None:
    migrate(empty_database)
    with empty_database.write() as connection:
        connection.execute(
            text("INSERT INTO people VALUES ('p', 'a', '{}', 1, 0, 0, 0)"),
        )

    migrate(empty_database)

    with empty_database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM people")).scalar_one() == 1


def test_database_of_a_newer_program_is_refused(empty_database: Database) -> None:
    migrate(empty_database)
    with empty_database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseRefused, match="比程序新"):
        migrate(empty_database)


def test_a_step_that_fails_leaves_nothing(empty_database: Database) -> None:
    with empty_database.write() as connection:
        # The last table of the first step is in the way.
        connection.execute(text("CREATE TABLE flagged_messages (id INTEGER)"))

    with pytest.raises(Exception, match="flagged_messages"):
        migrate(empty_database)

    with empty_database.read() as connection:
        assert set(inspect(connection).get_table_names()) == {"flagged_messages"}


def test_processes_that_start_together_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "new" / "zwgk.db"
    script = (
        "import pathlib, sys\n"
        "from bot.storage.database import open_sqlite\n"
        "from bot.storage.migration import migrate\n"
        "migrate(open_sqlite(pathlib.Path(sys.argv[1])))\n"
    )
    starting = [
        subprocess.Popen([sys.executable, "-c", script, str(path)], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    errors = [process.communicate(timeout=300)[1] for process in starting]

    assert [process.returncode for process in starting] == [0, 0, 0], errors
    assert differences(open_sqlite(path)) == []


def test_what_was_claimed_before_claims_had_a_table_is_claimed_still(
    empty_database: Database,
) -> None:
    with empty_database.write() as connection:
        migration.bring_to(connection, "0006")
    office = Office(empty_database)
    office.push()
    queued, claimed = office.deliveries(2)
    held = {"state": "claimed", "attempt": "t.1", "lease_until": office.second + LEASE}
    with empty_database.write() as connection:
        connection.execute(update(deliveries).where(deliveries.c.id == claimed).values(held))

    migrate(empty_database)

    ledger = office.ledger()
    assert [row.state for row in ledger.rows(queued, claimed)] == [State.QUEUED, State.CLAIMED]
    assert [row.id for row in ledger.claim("t", 9)] == [queued]
    office.clock.pass_(seconds=LEASE + 1)
    assert ledger.sweep() == Swept(2, 0)


def test_a_database_of_another_step_or_without_tables_is_found(empty_database: Database) -> None:
    with pytest.raises(DatabaseRefused, match="不见了"):
        migration.check(empty_database)
    with empty_database.write() as connection:
        migration.bring_to(connection, "0001")
    with pytest.raises(DatabaseRefused, match="重启服务"):
        migration.check(empty_database)
    migrate(empty_database)
    migration.check(empty_database)


def test_a_database_that_takes_no_writes_is_found(empty_database: Database) -> None:
    migrate(empty_database)
    name = make_url(empty_database.url).database
    kept = {
        "sqlite": "PRAGMA query_only = ON",
        "postgresql": f"ALTER DATABASE {name} SET default_transaction_read_only = on",
    }
    with empty_database.write() as connection:
        connection.exec_driver_sql(kept[empty_database.dialect])
    if empty_database.dialect == "postgresql":
        empty_database.close()  # what is connected stays as it is

    with pytest.raises(DatabaseRefused, match="只读"):
        migration.check(empty_database)


def test_the_newest_step_is_the_last_script() -> None:
    scripts = Path(migration.__file__).parent / "migrations"
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    assert ScriptDirectory.from_config(config).get_current_head() == NEWEST


def test_a_database_at_the_newest_step_does_not_load_alembic(tmp_path: Path) -> None:
    path = tmp_path / "zwgk.db"
    migrate(open_sqlite(path))
    program = (
        "import sys; from pathlib import Path;"
        "from bot.storage.database import open_sqlite; from bot.storage.migration import migrate;"
        f"migrate(open_sqlite(Path({str(path)!r}))); print('alembic' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert told.stdout == "False\n", told.stderr


def test_what_is_to_be_done_before_tables_change_is_done_only_then(
    empty_database: Database,
) -> None:
    called: list[int] = []

    assert migrate(empty_database, before=lambda: called.append(1)) is None
    assert migrate(empty_database, before=lambda: called.append(2)) == NEWEST
    assert called == []

    with empty_database.write() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
        migration.bring_to(connection, "0002")
    assert migrate(empty_database, before=lambda: called.append(3)) == "0002"
    assert called == [3]
