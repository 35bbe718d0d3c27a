"""One archive of an installation, made while it runs."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.knowledge.versions import Versions
from bot.storage.database import DATABASE_NAME, Database
from bot.storage.migration import step as step_of
from catalogue_index.errors import Refused

from . import archive, postgres, sqlite
from .archive import Manifest, Told, quiet
from .finishing import is_lock
from .model import BACKUPS, CARRIED, SECRETS, TABLES, Installation


@dataclass(frozen=True, slots=True)
class Backup:
    """An archive that was made; ``left_out`` are the secrets that it does not hold, by file name."""

    path: Path
    size: int
    files: int
    left_out: tuple[str, ...]


def default_path(data_dir: Path, at: datetime) -> Path:
    """Where an archive goes whose place nobody named."""
    return data_dir / BACKUPS / f"zwgk-{at:%Y%m%d-%H%M%S}.tar.gz"


def newest(data_dir: Path) -> datetime | None:
    """When the newest archive in the usual place was made; ``None``: there is none."""
    made = [path.stat().st_mtime for path in (data_dir / BACKUPS).glob("zwgk-*.tar.gz")]
    return datetime.fromtimestamp(max(made)).astimezone() if made else None


def keep_before_migration(data_dir: Path, database: Database, at: datetime) -> Path | None:
    """A copy of a SQLite database, for the case that its migration is regretted; ``None`` for PostgreSQL."""
    if database.path is None:
        return None
    kept = data_dir / BACKUPS / f"before-migration-{at:%Y%m%d-%H%M%S}.db"
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sqlite.copy(database.path, kept)
    kept.chmod(0o600)
    return kept


def back_up(
    this: Installation,
    output: Path,
    *,
    with_key: bool = False,
    at: datetime,
    software: str,
    told: Told = quiet,
) -> Backup:
    """Write the installation to ``output``, which must not exist; the service may run meanwhile.

    ``with_key`` puts in the secrets, too: without them sealed words and the people behind hashes stay closed to whoever
    finds the archive, with them the archive is personal data itself. Raises ``Refused``; may raise ``OSError`` and
    ``sqlite3.Error``. What cannot be finished leaves no file.
    """
    if output.exists():
        raise Refused(f"已经有“{output}”这个文件，没有备份。请换一个文件名。")
    if this.sqlite and not this.sqlite.exists():
        raise Refused(f"“{this.data_dir}”里还没有业务数据库，没有可以备份的。请核对 --data-dir。")
    output.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as made:
        folder = Path(made)
        files, step = _database(this, folder, told)
        # What is linked here stays as it is, whatever is imported or published meanwhile.
        with Versions(this.data_dir / "knowledge").changing():
            knowledge = Versions(this.data_dir / "knowledge").current() or ""
            files |= _documents(this.data_dir, folder)
        secrets = {n: path for n in SECRETS if (path := this.data_dir / n).exists()}
        files |= secrets if with_key else {}
        manifest = Manifest(
            at.isoformat(timespec="seconds"),
            software,
            this.database.dialect,
            step,
            knowledge,
            this.key,
            archive.listed(files),
        )
        archive.write(output, manifest, files, told)
    left_out = () if with_key else tuple(secrets)
    return Backup(output, output.stat().st_size, len(files), left_out)


def _database(this: Installation, folder: Path, told: Told) -> tuple[dict[str, Path], str]:
    """The database as files by name in the archive, and its step."""
    if this.sqlite:
        path = folder / DATABASE_NAME
        sqlite.copy(this.sqlite, path, told)
        for fault in sqlite.faults(path):
            raise Refused(f"没有备份：{fault}")
        with this.database.read() as connection:
            return {DATABASE_NAME: path}, step_of(connection) or ""
    (folder / TABLES).mkdir()
    with this.database.read() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        step = step_of(connection)
        if step is None:
            raise Refused("数据库里还没有本程序的表，没有可以备份的。请核对数据库地址。")
        tables = postgres.dump(connection, folder / TABLES)
    return {f"{TABLES}/{path.name}": path for path in tables.values()}, step


def _documents(data_dir: Path, folder: Path) -> dict[str, Path]:
    """Everything carried of the data directory, linked into ``folder``, by name."""
    found: dict[str, Path] = {}
    for path in (path for name in CARRIED for path in _files(data_dir / name)):
        name = path.relative_to(data_dir).as_posix()
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        _link(path, target)
        found[name] = target
    return found


def _files(path: Path) -> Iterator[Path]:
    """The file at ``path``, or all finished ones in the folder there, in order: no lock, no link, nothing half written."""
    if path.is_file():
        yield path
    for one in sorted(path.iterdir()) if path.is_dir() else ():
        if one.name.startswith(".") or ".part" in one.name or is_lock(one):
            continue
        # Below this the names are the office's own.
        found = (Path(above, name) for above, _, names in os.walk(one) for name in names)
        yield from (
            file for file in ([one] if one.is_file() else sorted(found)) if not file.is_symlink()
        )


def _link(path: Path, target: Path) -> None:
    try:
        target.hardlink_to(path)
    except OSError:  # another disk, or one without links
        shutil.copyfile(path, target)
