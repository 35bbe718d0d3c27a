"""Where an installation keeps what, and which of it is carried by a backup."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.evaluation.gate import FOLDER as REGRESSION
from bot.settings import CONFIG_NAME
from bot.storage.database import DATABASE_NAME, Database
from bot.storage.vault import SECRET_NAME, Vault

TABLES = "tables"
"""The folder of an archive with the tables of a PostgreSQL database."""

BACKUPS = "backups"
"""The folder of the data directory for archives whose place nobody named, and for what stood before a change."""

CARRIED: Mapping[str, str] = {
    "knowledge": "知识版本",
    "documents": "导入的文件",
    "edits": "本单位的修改",
    "proposals": "等待审核的文件",
    REGRESSION: "本单位的核对题",
}
"""Folders of the data directory that a backup carries, by what they hold; all else there can be made anew, or is the
database or a secret."""

SECRETS: Mapping[str, str] = {SECRET_NAME: "密钥", CONFIG_NAME: "设置"}
"""Files that open doors: the vault's secret, and settings with passwords of accounts. Carried only when asked for."""

_KEY_MARK = "backup"


@dataclass(frozen=True, slots=True)
class Installation:
    """One data directory with its database, and the vault where its secret is at hand."""

    data_dir: Path
    database: Database
    vault: Vault | None

    @property
    def sqlite(self) -> Path | None:
        """The database's file; ``None`` for PostgreSQL."""
        return self.database.path

    @property
    def key(self) -> str:
        """What tells the vault's secret without giving it away; empty where it is not at hand."""
        return self.vault.hash(_KEY_MARK) if self.vault else ""


def is_carried(name: str) -> bool:
    """Whether an archive may hold a file of this name, with forward slashes."""
    first, _, rest = name.partition("/")
    if not rest:
        return first == DATABASE_NAME or first in SECRETS
    if first == TABLES:
        return re.fullmatch(r"[a-z_]{1,63}\.csv", rest) is not None
    return first in CARRIED
