"""Whether an installation is sound: database, knowledge, documents, secret, records and disk, a sentence for each fault."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, Connection, select

from bot.clock import Clock
from bot.knowledge.office import OfficeDocuments
from bot.knowledge.versions import Versions
from bot.records.service import Records
from bot.storage.migration import NEWEST
from bot.storage.migration import step as step_of
from bot.storage.schema import (
    addresses,
    consents,
    flagged_messages,
    metadata,
    officers,
    people,
    platform_tokens,
    receipts,
)
from bot.storage.vault import SECRET_NAME, Vault, VaultRefused
from catalogue_index.errors import Refused, UnreadableFile
from catalogue_index.snapshot import SnapshotReader

from . import postgres, sqlite
from .model import CARRIED, Installation

SEALED = (
    people.c.state,
    addresses.c.sealed,
    flagged_messages.c.words,
    consents.c.evidence,
    receipts.c.raw,
    platform_tokens.c.sealed,
    officers.c.totp,
)
"""Columns whose words only the vault's secret opens."""

LEAST_FREE = 500_000_000
"""Bytes that shall be free: SQLite's log, an archive under way, a day of logs."""


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at and what is wrong with it, each fault a sentence with what to do; none: it is fine."""

    name: str
    faults: tuple[str, ...]


def check(this: Installation, clock: Clock) -> Iterator[Check]:
    """Look at everything; each result comes as soon as it is known."""
    steps: tuple[tuple[str, Callable[[], Iterator[str]]], ...] = (
        ("业务数据库", lambda: _database(this)),
        ("知识版本", lambda: _knowledge(this)),
        ("导入的文件", lambda: _documents(this)),
        ("密钥", lambda: _key(this)),
        ("操作记录", lambda: _records(this, clock)),
        ("磁盘空间", lambda: _disk(this)),
    )
    for name, look in steps:
        try:
            yield Check(name, tuple(look()))
        except Refused as error:
            yield Check(name, (str(error),))


def _database(this: Installation) -> Iterator[str]:
    if this.sqlite:
        if not this.sqlite.exists():
            yield "还没有业务数据库：启动服务（zwgk serve）时会建立。如果以前有过，请用备份恢复（zwgk db restore）。"
            return
        broken = tuple(sqlite.faults(this.sqlite))
        if broken:
            yield from broken
            return
    with this.database.read() as connection:
        step = step_of(connection) or ""
        missing = set(metadata.tables) - set(postgres.tables(connection))
    if step > NEWEST:
        yield "数据库的版本比程序新。请升级程序，或用升级前的备份恢复（zwgk db restore）。"
    elif step < NEWEST:
        yield "数据库还是旧版本的。请运行 zwgk db migrate 升级。"
    elif missing:
        yield f"数据库里少了表：{'、'.join(sorted(missing))}。请用最近的备份恢复（zwgk db restore）。"


def _is_newest(this: Installation) -> bool:
    if this.sqlite and not this.sqlite.exists():
        return False  # to look would be to make it
    with this.database.read() as connection:
        return step_of(connection) == NEWEST


def _knowledge(this: Installation) -> Iterator[str]:
    versions = Versions(this.data_dir / "knowledge")
    if versions.current() is None:
        yield "没有正在使用的知识版本。请运行 zwgk knowledge build 生成，再用 zwgk knowledge publish 发布。"
    for name in versions.names():
        try:
            SnapshotReader(versions.path(name))
        except UnreadableFile:
            cure = (
                "请运行 zwgk knowledge build 重新生成，再用 zwgk knowledge publish 发布"
                if name == versions.current()
                else "它不在使用，可以删去这个文件"
            )
            yield f"知识版本 {name} 读不出来，已损坏或由旧版程序生成。{cure}。"


def _documents(this: Installation) -> Iterator[str]:
    documents = OfficeDocuments(this.data_dir / "documents")
    folders = documents.directory.iterdir() if documents.directory.is_dir() else ()
    for folder in sorted(folders):
        if folder.name.startswith(".") or not folder.is_dir():
            continue
        try:
            stored = documents.stored(folder.name)
        except UnreadableFile as error:
            yield str(error)
            continue
        if not (folder / "file" / stored.file_name).is_file():
            yield f"已导入的文件“{stored.file_name}”不见了（{folder}）。请从备份恢复，或重新导入。"


def _key(this: Installation) -> Iterator[str]:
    if not _is_newest(this):
        return
    with this.database.read() as connection:
        sealed = [(column, words) for column in SEALED for words in _samples(connection, column)]
    if sealed and this.vault is None:
        yield f"密钥文件 {SECRET_NAME} 不见了，加密的内容打不开。请把另外保管的 {SECRET_NAME} 放回数据目录，再启动服务。"
        return
    closed = sorted({str(c.table.name) for c, words in sealed if not _opens(this.vault, words)})
    if closed:
        yield (
            f"密钥与保存时不同，打不开这些表里的内容：{'、'.join(closed)}。"
            f"请放回原来的 {SECRET_NAME}（或 ZWGK_SECRET_KEY）。"
        )


def _samples(connection: Connection, column: Column[str]) -> set[str]:
    """The first and the last value of a column, by its table's key."""
    key = tuple(column.table.primary_key.columns)
    some = select(column).where(column != "").limit(1)
    down = (part.desc() for part in key)
    return {
        words
        for query in (some.order_by(*key), some.order_by(*down))
        for words in connection.execute(query).scalars()
    }


def _opens(vault: Vault | None, sealed: str) -> bool:
    try:
        return bool(vault and vault.unseal(sealed) is not None)
    except VaultRefused:
        return False


def _records(this: Installation, clock: Clock) -> Iterator[str]:
    if not _is_newest(this) or this.vault is None:
        return
    found = Records(this.database, this.vault, clock).verify()
    if not found.whole:
        yield f"操作记录被动过：{found.why}请保留现场，对照最近的备份查明原因。"


def _disk(this: Installation) -> Iterator[str]:
    kept = [this.data_dir / name for name in CARRIED] + ([this.sqlite] if this.sqlite else [])
    held = sum(map(_size, kept))
    free = shutil.disk_usage(this.data_dir).free
    if free < LEAST_FREE + held:
        yield (
            f"磁盘只剩 {free / 1e6:.0f} MB，数据有 {held / 1e6:.0f} MB，下一次备份可能写不下。"
            f"请清理磁盘，至少空出 {(LEAST_FREE + held) / 1e6:.0f} MB。"
        )


def _size(path: Path) -> int:
    """Bytes of a file, or of all below a folder."""
    if path.is_file():
        return path.stat().st_size
    files = (Path(above, name) for above, _, names in os.walk(path) for name in names)
    return sum(file.stat().st_size for file in files if file.is_file())
