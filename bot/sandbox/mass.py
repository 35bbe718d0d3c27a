"""群发: jobs that go out in the background, some of them only after the account's administrator confirmed.

https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Batch_Sends_and_Originality_Checks.html
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .account import SUBSCRIPTION, Account
from .file import File, milliseconds
from .followers import Followers, Uses
from .ledger import Ledger
from .outbox import Outbox, Totals
from .rules import Denied, rule

WAITING, SENDING, SENT, REFUSED, DELETED = "waiting", "sending", "sent", "refused", "deleted"

REFUSED_BY_PERSON, REFUSED_BY_TIME = "err(40001)", "err(40002)"
"""What the event says when the administrator refused, or did not confirm in time."""


@dataclass(frozen=True, slots=True)
class Job:
    """One 群发. ``at`` and ``confirm_by`` are in Unix seconds."""

    id: int
    account: str
    key: str
    state: str
    openids: tuple[str, ...]
    content: Mapping[str, Any]
    at: int

    @property
    def confirm_by(self) -> int:
        """Until when an administrator may confirm it."""
        return self.at + rule("mass_confirm").limit


class Mass:
    """The jobs kept in a file; ``step`` is to be called again and again, and moves them on."""

    def __init__(
        self,
        file: File,
        accounts: Mapping[str, Account],
        ledger: Ledger,
        followers: Followers,
        uses: Uses,
        outbox: Outbox,
    ) -> None:
        self._file = file
        self._accounts = accounts
        self._ledger = ledger
        self._followers = followers
        self._uses = uses
        self._outbox = outbox

    def submit(
        self,
        account: str,
        key: str,
        openids: Sequence[str],
        content: Mapping[str, Any],
        now: float,
        *,
        confirmed: bool,
    ) -> int:
        """Take a job on; returns its number."""
        values = (
            account,
            key or _digest(openids, content),
            SENDING if confirmed else WAITING,
            json.dumps(list(openids)),
            json.dumps(content, ensure_ascii=False),
            int(now),
            int(now),
        )
        return self._file.write(_INSERT, values).lastrowid or 0

    def refuse_repeated(
        self, account: str, key: str, openids: Sequence[str], content: Mapping[str, Any], now: float
    ) -> None:
        """Raise ``Denied`` where ``key``, or the very same job without one, was there within a day."""
        key = key or _digest(openids, content)
        row = self._file.first(_KNOWN, (account, key, int(now) - rule("mass_repeated").limit))
        if row is None:
            return
        asked = row["asked_at"]
        self._file.write("UPDATE jobs SET asked_at = ? WHERE id = ?", (int(now), row["id"]))
        # The first repetition is told what became of it; only asking on and on is too fast.
        fast = row["at"] < asked and now - asked < rule("mass_repeated_fast").limit
        raise Denied("mass_repeated_fast" if fast else "mass_repeated", msg_id=row["id"])

    def get(self, account: str, number: int) -> Job | None:
        """The job with that number."""
        row = self._file.first("SELECT * FROM jobs WHERE account = ? AND id = ?", (account, number))
        return _job(row) if row else None

    def waiting(self, account: str) -> list[Job]:
        """Jobs that an administrator is asked to confirm."""
        rows = self._file.rows(
            "SELECT * FROM jobs WHERE account = ? AND state = ?", (account, WAITING)
        )
        return [_job(row) for row in rows]

    def decide(self, account: str, number: int, now: float, *, confirmed: bool) -> bool:
        """The administrator's word; whether the job still waited for it."""
        job = self.get(account, number)
        if job is None or job.state != WAITING or now > job.confirm_by:
            return False
        if confirmed:
            self._set(job, SENDING)
        else:
            self._finish(job, REFUSED, REFUSED_BY_PERSON, Totals(), now)
        return True

    def delete(self, job: Job) -> None:
        """Take the article of a job away: the card stays on the phones, what it leads to is gone."""
        self._set(job, DELETED)
        self._file.write(
            "UPDATE messages SET content = json_set(content, '$.deleted', json('true'))"
            " WHERE account = ? AND ref = ?",
            (job.account, str(job.id)),
        )

    def step(self, now: float) -> None:
        """Send what may go out, and close what nobody confirmed in time."""
        for row in self._file.rows("SELECT * FROM jobs WHERE state = ?", (SENDING,)):
            self._send(_job(row), now)
        over = now - rule("mass_confirm").limit
        for row in self._file.rows(
            "SELECT * FROM jobs WHERE state = ? AND at < ?", (WAITING, over)
        ):
            self._finish(_job(row), REFUSED, REFUSED_BY_TIME, Totals(), now)

    def _send(self, job: Job, now: float) -> None:
        allowed = [openid for openid in job.openids if self._may_get(job.account, openid, now)]
        for openid in allowed:
            self._ledger.accept(
                job.account,
                openid,
                "wechat_mass",
                job.content,
                milliseconds(now),
                key=job.key,
                ref=str(job.id),
            )
        totals = Totals(len(job.openids), len(allowed), len(allowed), 0)
        self._finish(job, SENT, "send success", totals, now)

    def _may_get(self, account: str, openid: str, now: float) -> bool:
        person = self._followers.get(account, openid)
        if person is None or not person.follows or person.barred:
            return False
        if self._accounts[account].kind == SUBSCRIPTION:
            return True
        return self._uses.take(account, "mass_person_month", now, openid)

    def _finish(self, job: Job, state: str, status: str, totals: Totals, now: float) -> None:
        self._set(job, state)
        self._outbox.mass_finished(self._accounts[job.account], job.id, status, totals, now)

    def _set(self, job: Job, state: str) -> None:
        self._file.write("UPDATE jobs SET state = ? WHERE id = ?", (state, job.id))


def _digest(openids: Sequence[str], content: Mapping[str, Any]) -> str:
    """What stands in for a key that was not given: the same people and content are the same job."""
    text = json.dumps([list(openids), content], sort_keys=True)
    return "digest-" + hashlib.sha256(text.encode()).hexdigest()[:32]


def _job(row: sqlite3.Row) -> Job:
    return Job(
        row["id"],
        row["account"],
        row["clientmsgid"],
        row["state"],
        tuple(json.loads(row["openids"])),
        json.loads(row["content"]),
        row["at"],
    )


_INSERT = (
    "INSERT INTO jobs (account, clientmsgid, state, openids, content, at, asked_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_KNOWN = (
    "SELECT id, at, asked_at FROM jobs WHERE account = ? AND clientmsgid = ? AND at > ?"
    " ORDER BY id DESC LIMIT 1"
)
