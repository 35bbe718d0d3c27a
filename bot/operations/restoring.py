"""An archive put in the place of what is there: read and checked whole beside it first, then changed over in a few renames.

A process killed while it unpacks and checks leaves everything as it was. Once all is checked, one rename decides; from then
on ``finish``, which every start calls, brings the change to its end, whoever began it. Tables of PostgreSQL are changed in
one transaction, just before that rename: only a kill between the two leaves files older than tables.
"""

import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.knowledge.library import Knowledge
from bot.knowledge.versions import Versions
from bot.storage.database import DATABASE_NAME
from bot.storage.migration import NEWEST
from catalogue_index.errors import Refused

from . import archive, postgres, sqlite
from .archive import ArchiveRefused, Manifest, Told, quiet
from .finishing import DECIDED, NEW, OLD, PLAN, finish, is_bare
from .model import CARRIED, TABLES, Installation, is_carried

_UNPACKED = ".restoring"
_SPARE = 64 << 20
"""Bytes that must be left over on the disk."""

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in force, and where that which was there before is kept (``None``: there was nothing)."""

    manifest: Manifest
    kept: Path | None


def restore(
    this: Installation,
    path: Path,
    *,
    over: bool = False,
    at: datetime,
    software: str,
    told: Told = quiet,
) -> Restored:
    """Put the archive at ``path`` in force: in an empty installation, or with ``over`` in place of what is there, which is
    kept in a folder beside it (of PostgreSQL: in a schema of that name).

    Raises ``Refused``, and has changed nothing then; may raise ``OSError`` before anything is changed.
    """
    if not path.is_file():
        raise Refused(f"没有找到存档“{path}”。请核对文件名。")
    _check_place(this, over)
    work = this.data_dir / _UNPACKED
    this.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.rmtree(work, ignore_errors=True)  # of one that was killed
    kept = f"before-restore-{at:%Y%m%d-%H%M%S}"
    if (this.data_dir / kept).exists():
        raise Refused("刚刚才恢复过一次。请稍等一秒再试。")
    try:
        new = work / NEW
        new.mkdir(parents=True, mode=0o700)
        with archive.opened(path, is_carried) as reader:
            manifest = reader.manifest
            _check_fit(this, manifest)
            reader.unpack(new, told)
        _check_content(new, manifest, software)
        entering = sorted(one.name for one in new.iterdir() if one.name != TABLES)
        leaving = _leaving(this, entering)
        plan = {"leaving": leaving, "entering": entering, "kept": kept}
        (work / OLD).mkdir()
        (work / PLAN).write_text(json.dumps(plan), encoding="utf-8")
        with Versions(this.data_dir / "knowledge").changing():
            _change_over(this, new, manifest, work, kept)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    finish(this.data_dir)
    aside = this.data_dir / kept
    return Restored(manifest, aside if aside.exists() else None)


def _check_place(this: Installation, over: bool) -> None:
    if this.sqlite and this.sqlite.absolute() != (this.data_dir / DATABASE_NAME).absolute():
        raise Refused(
            "业务数据库不在数据目录里，不能恢复。请先去掉 ZWGK_DATABASE_URL（或 zwgk.toml 里的 database_url）。"
        )
    if not over and (_leaving(this, []) or _tables(this)):
        raise Refused(
            f"数据目录“{this.data_dir}”里已经有数据，没有改动。请换一个空目录（--data-dir）；"
            "确实要替换时加上 --over，原来的数据会留在旁边。"
        )


def _tables(this: Installation) -> list[str]:
    if this.sqlite:
        return []
    with this.database.read() as connection:
        return postgres.tables(connection)


def _leaving(this: Installation, entering: list[str]) -> list[str]:
    """What leaves the data directory: all that a backup carries, and what stands in the way of what enters."""
    names = [*CARRIED, *(sqlite.files(DATABASE_NAME) if this.sqlite else []), *entering]
    there = (name for name in dict.fromkeys(names) if (this.data_dir / name).exists())
    return [name for name in there if not is_bare(this.data_dir / name)]


def _check_fit(this: Installation, manifest: Manifest) -> None:
    if manifest.database != this.database.dialect:
        theirs = NAMES.get(manifest.database, "别的数据库")
        raise Refused(
            f"这份存档的业务数据库是 {theirs}，这里设置的是 {NAMES[this.database.dialect]}，没有改动。"
            "请把 ZWGK_DATABASE_URL 设置成同一种数据库，再恢复。"
        )
    if manifest.step > NEWEST:
        raise Refused("这份存档由更新版本的程序制作。请先升级程序，再恢复。")
    needed = manifest.size + _SPARE
    free = shutil.disk_usage(this.data_dir).free
    if free < needed:
        raise Refused(
            f"磁盘空间不够：恢复要 {needed / 1e6:.0f} MB，只剩 {free / 1e6:.0f} MB，没有改动。"
            "请先清理磁盘。"
        )


def _check_content(new: Path, manifest: Manifest, software: str) -> None:
    """See that the databases that were unpacked can be used; knowledge of another software is built anew at the start."""
    if manifest.database == "sqlite":
        _check_sqlite(new / DATABASE_NAME, manifest)
    versions = Versions(new / "knowledge")
    if versions.current() != (manifest.knowledge or None):
        raise ArchiveRefused("存档里没有它所说的知识版本，没有改动任何数据。请换一份备份。")
    if manifest.knowledge and manifest.software == software:
        versions.load(manifest.knowledge, Knowledge)


def _check_sqlite(path: Path, manifest: Manifest) -> None:
    if not path.exists():
        raise ArchiveRefused("存档里没有业务数据库，没有改动任何数据。请换一份备份。")
    for _ in sqlite.faults(path):
        raise ArchiveRefused("存档里的业务数据库已损坏，没有改动任何数据。请换一份备份。")
    if sqlite.step(path) != manifest.step:
        raise ArchiveRefused("存档里的业务数据库与清单不符，没有改动任何数据。请换一份备份。")


def _change_over(this: Installation, new: Path, manifest: Manifest, work: Path, kept: str) -> None:
    """Decide: after this the archive is in force."""
    this.database.close()
    decided = this.data_dir / DECIDED
    if this.sqlite:
        if this.sqlite.exists():
            sqlite.take_out_of_use(this.sqlite)
        work.rename(decided)
        return
    files = {path.stem: path for path in (new / TABLES).glob("*.csv")}
    with this.database.write() as connection:
        postgres.load(connection, files, manifest.step, kept)
        shutil.rmtree(new / TABLES)
    work.rename(decided)
