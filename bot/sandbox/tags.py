"""Tags of followers (用户标签).

https://developers.weixin.qq.com/doc/offiaccount/User_Management/User_Tag_Management.html
"""

from collections.abc import Mapping, Sequence

from .file import File
from .rules import rule

SYSTEM: Mapping[int, str] = {0: "星标组", 1: "黑名单", 2: "屏蔽组"}
"""The platform's own tags; accounts begin to count behind them."""


class Tags:
    """The tags kept in a file."""

    def __init__(self, file: File) -> None:
        self._file = file

    def names(self, account: str) -> dict[int, str]:
        """The account's own tags, by id."""
        rows = self._file.rows(
            "SELECT id, name FROM tags WHERE account = ? ORDER BY id", (account,)
        )
        return {row["id"]: row["name"] for row in rows}

    def add(self, account: str, name: str) -> int:
        """Make a tag; returns its id."""
        made = max(self.names(account), default=rule("tag_reserved").limit + 97) + 1
        self._file.write("INSERT INTO tags VALUES (?, ?, ?)", (account, made, name))
        return made

    def rename(self, account: str, tag: int, name: str) -> None:
        """Give a tag another name."""
        self._file.write(
            "UPDATE tags SET name = ? WHERE account = ? AND id = ?", (name, account, tag)
        )

    def remove(self, account: str, tag: int) -> None:
        """Delete a tag, and take it from all who have it."""
        self._file.write("DELETE FROM tagged WHERE account = ? AND tag = ?", (account, tag))
        self._file.write("DELETE FROM tags WHERE account = ? AND id = ?", (account, tag))

    def put(self, account: str, tag: int, openids: Sequence[str]) -> None:
        """Give people the tag."""
        self._file.write_many(
            "INSERT INTO tagged VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [(account, tag, openid) for openid in openids],
        )

    def take(self, account: str, tag: int, openids: Sequence[str]) -> None:
        """Take the tag from people."""
        self._file.write_many(
            "DELETE FROM tagged WHERE account = ? AND tag = ? AND openid = ?",
            [(account, tag, openid) for openid in openids],
        )

    def people(self, account: str, tag: int) -> list[str]:
        """Who has the tag, in order."""
        rows = self._file.rows(
            "SELECT openid FROM tagged WHERE account = ? AND tag = ? ORDER BY openid",
            (account, tag),
        )
        return [row["openid"] for row in rows]

    def of(self, account: str, openid: str) -> list[int]:
        """The tags of one person."""
        rows = self._file.rows(
            "SELECT tag FROM tagged WHERE account = ? AND openid = ? ORDER BY tag",
            (account, openid),
        )
        return [row["tag"] for row in rows]
