"""Notices as an office keeps them: composed once, edited, looked up.

One text is one notice: a 文号, or an address on the government's site, that is kept already is not kept again.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.clock import Clock
from bot.storage.database import Database
from catalogue_index.errors import Refused

from . import repository
from .model import Event, Notice, NoticeState, Push, PushState, Text

Reopen = Callable[[Push, str, str], None]
"""Brings a push that waits for approval, or has it, back to the draft: the push, by whom, why."""

_WAITING = (PushState.SUBMITTED, PushState.APPROVED)
_LONGEST = {"文号": 200, "网址": 200}
"""Characters of what a notice is known by."""


class NoticeRefused(Refused):
    """Something about a notice is not possible; the sentence says why and what to do."""


class Notices:
    """All notices of the database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def compose(self, text: Text, area: str, officer: str) -> Notice:
        """Keep a new notice; raises ``NoticeRefused`` where it has no title or is kept already."""
        _look_over(text)
        now = self._second()
        notice = Notice(
            id=_new_id(),
            version=1,
            area=area,
            text=text,
            state=NoticeState.DRAFT,
            created_by=officer,
            created_at=now,
            updated_at=now,
        )
        try:
            with self._database.write() as connection:
                self._refuse_known(connection, text)
                repository.add_notice(connection, notice)
        except IntegrityError:  # another process kept it between our look and our write
            with self._database.read() as connection:
                self._refuse_known(connection, text)
            raise
        return notice

    def edit(self, id: str, text: Text, note: str, reopen: Reopen) -> Notice:
        """Put another text in place of a notice's.

        What the public sees stays as it is until the new text is approved. Pushes of the old text that wait for their
        approval, or have it, are brought back to the draft first (``reopen``). Raises ``NoticeRefused``.
        """
        _look_over(text)
        for push in self.pushes(id):
            if push.state in _WAITING:
                reopen(push, "系统", "通知内容有改动")
        with self._database.write() as connection:
            notice = _found(repository.find_notice(connection, id, lock=True), id)
            if notice.state is NoticeState.RECALLED:
                raise NoticeRefused(
                    f"通知 {id} 已撤回，不能再修改。请用 zwgk notice new 另拟一份。"
                )
            if text.content_key != notice.text.content_key:
                self._refuse_known(connection, text)
                if repository.pushes_of(connection, id):
                    raise NoticeRefused(
                        f"通知 {id} 已经拟过推送，文号和网址不能再换。内容不同的文件请另拟一份通知。"
                    )
            if notice.state is NoticeState.DRAFT and not repository.was_out(connection, id):
                edited = replace(notice, text=text, note=note, updated_at=self._second())
            else:  # its page, the note and the day on it included, is as it was approved
                edited = replace(notice, draft=text if text != notice.text else None)
            repository.write_notice(connection, edited)
        return edited

    def find(self, id: str) -> Notice:
        """The notice of an id; raises ``NoticeRefused``."""
        with self._database.read() as connection:
            return _found(repository.find_notice(connection, id), id)

    def public(self, id: str) -> Notice | None:
        """The notice as the public may see it; ``None`` for drafts and for what there is not."""
        with self._database.read() as connection:
            notice = repository.find_notice(connection, id)
        return notice if notice and notice.state is not NoticeState.DRAFT else None

    def of_letter(self, key: str) -> list[Notice]:
        """The notices that a letter tells of, as the public may see them; none for a key that no letter has."""
        with self._database.read() as connection:
            found = repository.notices_of_letter(connection, key)
        return [notice for notice in found if notice.state is not NoticeState.DRAFT]

    def all(self) -> list[Notice]:
        """All notices, newest first."""
        with self._database.read() as connection:
            return repository.all_notices(connection)

    def pushes(self, id: str) -> list[Push]:
        """The pushes of a notice."""
        with self._database.read() as connection:
            return repository.pushes_of(connection, id)

    def history(self, push: str) -> list[Event]:
        """Everything that happened to a push, in order."""
        with self._database.read() as connection:
            return repository.events_of(connection, push)

    def _refuse_known(self, connection: Connection, text: Text) -> None:
        known = repository.notice_of(connection, text.content_key)
        if known:
            by = f"文号“{text.number}”" if text.number else f"网址 {text.url}"
            raise NoticeRefused(
                f"{by}已经有通知了：{known}。同一份文件只发一次；要修改请用 zwgk notice edit {known}。"
            )

    def _second(self) -> int:
        return int(self._clock().timestamp())


def _found(notice: Notice | None, id: str) -> Notice:
    if notice is None:
        raise NoticeRefused(f"没有编号为“{id}”的通知。用 zwgk notice list 查看全部编号。")
    return notice


def _look_over(text: Text) -> None:
    if not text.title.strip():
        raise NoticeRefused("通知没有标题。请写明标题。")
    if not text.content_key:
        raise NoticeRefused(
            "通知既没有文号，也没有网址，无法认出是不是发过。请写明其中之一（--number 或 --url）。"
        )
    for name, value in (("文号", text.number), ("网址", text.url)):
        if len(value) > _LONGEST[name]:
            raise NoticeRefused(f"通知的{name}太长，最多 {_LONGEST[name]} 个字符。请核对。")


def _new_id() -> str:
    # Short enough for a short message, and not to be guessed from another one.
    return secrets.token_hex(5)
