"""Accounts of the office: the first one, those after it, signing in and out."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.clock import Clock
from bot.storage.database import Database
from bot.storage.vault import Vault

from . import codes, repository
from .model import Officer, OfficerRefused, Role, roles_of
from .passwords import Passwords, refuse_easy, temporary_password
from .repository import Kept, Session
from .setup import nobody_yet, setup_code

LONGEST_NAME = 32


@dataclass(frozen=True, slots=True)
class Limits:
    """When an account locks and a session ends (GB/T 22239-2019 8.1.4.1 b: 登录失败处理, 超时自动退出).

    ``failures`` in a row lock the account for ``locked`` seconds; a session ends ``idle`` seconds after its last page
    and ``longest`` seconds after it began; what needs the password again needs one given in the last ``fresh`` seconds.
    """

    failures: int = 5
    locked: int = 15 * 60
    idle: int = 30 * 60
    longest: int = 12 * 60 * 60
    fresh: int = 5 * 60


class SignInRefused(OfficerRefused):
    """Nobody was signed in."""


class Officers:
    """All accounts of an installation, safe to share between threads."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        passwords: Passwords | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._passwords = passwords or Passwords()
        self.limits = limits or Limits()

    # --- the first account ---

    def none_yet(self) -> bool:
        """Whether nobody has an account."""
        return nobody_yet(self._database)

    def found(self, code: str, name: str, password: str) -> Officer:
        """Make the first account, a 管理员. Raises ``OfficerRefused`` for a wrong code, and once there is one."""
        given = "".join(sign for sign in code.upper() if sign.isalnum())
        if not secrets.compare_digest(
            given.encode(), setup_code(self._vault).replace("-", "").encode()
        ):
            raise OfficerRefused(
                "设置码不对。它显示在启动服务的窗口里，也可以运行 zwgk officer code 查看。"
            )
        name = _checked_name(name)
        refuse_easy(password, name)
        officer = Officer(0, name, (Role.ADMINISTRATOR,))
        hashed = self._passwords.hash(password)
        with self._database.write() as connection:
            if repository.count(connection):
                raise OfficerRefused("已经有账号了，不能再用设置码。请登录，或请管理员添加账号。")
            return repository.add(connection, officer, hashed, self._now())

    # --- keeping accounts ---

    def all(self) -> list[Officer]:
        """Every account, the open ones first."""
        with self._database.read() as connection:
            return repository.all_of(connection)

    def find(self, id: int) -> Officer:
        """The account of an id; raises ``OfficerRefused``."""
        with self._database.read() as connection:
            return _account(repository.by_id(connection, id)).officer

    def named(self, name: str) -> Officer:
        """The account of a name; raises ``OfficerRefused``."""
        with self._database.read() as connection:
            return _account(repository.by_name(connection, name)).officer

    def add(
        self,
        name: str,
        roles: Collection[str],
        areas: Collection[str] = (),
        units: Collection[str] = (),
    ) -> tuple[Officer, str]:
        """Make an account; returns it with the password to hand over, which must be changed at the first sign-in."""
        password = temporary_password()
        officer = Officer(
            0, _checked_name(name), roles_of(roles), tuple(areas), tuple(units), temporary=True
        )
        hashed = self._passwords.hash(password)
        try:
            with self._database.write() as connection:
                return repository.add(connection, officer, hashed, self._now()), password
        except IntegrityError:
            raise OfficerRefused(
                f"已经有叫“{officer.name}”的账号了（停用的也算）。请换个名字，例如加上单位。"
            ) from None

    def change(
        self, id: int, roles: Collection[str], areas: Collection[str], units: Collection[str]
    ) -> Officer:
        """Put other roles and scopes in place of an account's; it counts from the next page on."""
        with self._database.write() as connection:
            before = _account(repository.by_id(connection, id, lock=True)).officer
            after = replace(before, roles=roles_of(roles), areas=tuple(areas), units=tuple(units))
            self._keep_an_administrator(connection, after)
            repository.write_rights(connection, after, self._now())
        return after

    def reset(self, id: int) -> str:
        """Give an account a new temporary password, returned; its sessions end, its lock and its codes are gone."""
        password = temporary_password()
        hashed = self._passwords.hash(password)
        with self._database.write() as connection:
            _account(repository.by_id(connection, id, lock=True))
            repository.write(
                connection,
                id,
                self._now(),
                password=hashed,
                temporary=1,
                failures=0,
                locked_until=0,
                totp="",
            )
            repository.end_sessions(connection, id)
        return password

    def close(self, id: int) -> Officer:
        """Close an account; its sessions end. Its name stays taken: the records hold it."""
        with self._database.write() as connection:
            before = _account(repository.by_id(connection, id, lock=True)).officer
            after = replace(before, closed_at=self._now())
            self._keep_an_administrator(connection, after)
            repository.write(connection, id, self._now(), closed_at=after.closed_at)
            repository.end_sessions(connection, id)
        return after

    def open(self, id: int) -> Officer:
        """Open a closed account again."""
        with self._database.write() as connection:
            before = _account(repository.by_id(connection, id, lock=True)).officer
            repository.write(connection, id, self._now(), closed_at=None)
        return replace(before, closed_at=None)

    # --- signing in ---

    def sign_in(
        self, name: str, password: str, code: str = "", origin: str = ""
    ) -> tuple[str, Officer]:
        """The token that a browser keeps, and whose it is. Raises ``SignInRefused``, which never tells whether the name
        or the password was wrong."""
        now = self._now()
        with self._database.read() as connection:
            kept = repository.by_name(connection, name.strip())
        open_now = kept if kept and kept.officer.closed_at is None else None
        if open_now and open_now.officer.locked_until > now:
            raise self._locked(open_now.officer.locked_until)
        if not self._passwords.right(password, open_now.password if open_now else ""):
            if open_now:
                self._count_failure(open_now.officer.id)
            raise SignInRefused("名字或密码不对。忘了密码，请管理员重置。")
        assert open_now
        token = secrets.token_urlsafe(32)
        with self._database.write() as connection:
            fresh = _account(repository.by_id(connection, open_now.officer.id, lock=True))
            refused = self._code_refused(connection, fresh, code)
            if not refused:
                repository.write(connection, fresh.officer.id, now, failures=0, locked_until=0)
                if self._passwords.outdated(fresh.password):
                    hashed = self._passwords.hash(password)
                    repository.write(connection, fresh.officer.id, now, password=hashed)
                session = Session(repository.hashed(token), fresh.officer, now, now, now, origin)
                repository.add_session(connection, session)
        if refused:
            if code.strip():
                self._count_failure(open_now.officer.id)
            raise SignInRefused(refused)
        return token, fresh.officer

    def session(self, token: str) -> Session | None:
        """Who holds a token, if anybody still does; their moment of being seen moves on."""
        now = self._now()
        with self._database.read() as connection:
            found = repository.session(connection, repository.hashed(token))
        if found is None or found.officer.closed_at is not None:
            return None
        if self._over(found):
            self.sign_out(found)
            return None
        if now - found.seen_at > 60:  # a write a minute, not a page
            with self._database.write() as connection:
                repository.touch(connection, found.id, seen_at=now)
        return found

    def lasts(self, session: Session) -> bool:
        """Whether somebody still is signed in; asking does not count as being seen."""
        with self._database.read() as connection:
            found = repository.session(connection, session.id)
        return bool(found and found.officer.closed_at is None and not self._over(found))

    def sign_out(self, session: Session) -> None:
        """End a session."""
        with self._database.write() as connection:
            repository.end_session(connection, session.id)

    def is_fresh(self, session: Session) -> bool:
        """Whether the password was given a short while ago."""
        return self._now() - session.confirmed_at <= self.limits.fresh

    def confirm(self, session: Session, password: str) -> None:
        """Take the password again, before something that binds. Raises ``OfficerRefused``; failures count, and lock."""
        self._check_password(session, password)
        with self._database.write() as connection:
            repository.touch(connection, session.id, confirmed_at=self._now())

    def change_password(self, session: Session, old: str, new: str) -> None:
        """Take another password; all other sessions of the officer end."""
        self._check_password(session, old)
        refuse_easy(new, session.officer.name)
        if new == old:
            raise OfficerRefused("新密码和原来的一样。请换一个。")
        hashed = self._passwords.hash(new)
        with self._database.write() as connection:
            id = session.officer.id
            repository.write(connection, id, self._now(), password=hashed, temporary=0)
            repository.end_sessions(connection, id, but=session.id)

    # --- one-time codes ---

    def take_codes(self, session: Session, secret: str, code: str) -> None:
        """Ask this officer for the one-time codes of a secret (``codes.new_secret``) from now on. Raises ``OfficerRefused``
        for a wrong code."""
        step = codes.step_of(secret, code, self._now(), 0)
        if step is None:
            raise OfficerRefused("验证码不对。请核对手机时间是否准确，再输入最新的六位数字。")
        sealed = self._vault.seal(secret)
        with self._database.write() as connection:
            repository.write(
                connection, session.officer.id, self._now(), totp=sealed, totp_used=step
            )

    def drop_codes(self, session: Session, password: str) -> None:
        """Ask for no more one-time codes."""
        self._check_password(session, password)
        with self._database.write() as connection:
            repository.write(connection, session.officer.id, self._now(), totp="")

    def _over(self, session: Session) -> bool:
        now, limits = self._now(), self.limits
        return now - session.seen_at > limits.idle or now - session.created_at > limits.longest

    def _check_password(self, session: Session, password: str) -> None:
        with self._database.read() as connection:
            kept = _account(repository.by_id(connection, session.officer.id))
        if kept.officer.locked_until > self._now():
            raise self._locked(kept.officer.locked_until)
        if not self._passwords.right(password, kept.password):
            self._count_failure(session.officer.id)
            raise OfficerRefused("密码不对，没有执行。请重新输入自己的登录密码。")
        with self._database.write() as connection:
            repository.write(connection, session.officer.id, self._now(), failures=0)

    def _code_refused(self, connection: Connection, kept: Kept, code: str) -> str:
        """Why a one-time code does not do; empty where it does, or none is asked for. A code taken is used up."""
        if not kept.totp:
            return ""
        if not code.strip():
            return "请再输入验证器上的六位验证码。"
        secret = self._vault.unseal(kept.totp)
        step = codes.step_of(secret, code, self._now(), kept.totp_used)
        if step is None:
            return "验证码不对，或已经用过。请等下一个验证码。"
        repository.write(connection, kept.officer.id, self._now(), totp_used=step)
        return ""

    def _count_failure(self, id: int) -> None:
        with self._database.write() as connection:
            kept = _account(repository.by_id(connection, id, lock=True))
            failures = kept.failures + 1
            lock = failures >= self.limits.failures
            repository.write(
                connection,
                id,
                self._now(),
                failures=0 if lock else failures,
                locked_until=self._now() + self.limits.locked if lock else 0,
            )

    def _locked(self, until: int) -> SignInRefused:
        minutes = -(-(until - self._now()) // 60)
        return SignInRefused(f"密码连续输错，账号锁定中。请 {minutes} 分钟后再试，或请管理员重置。")

    def _keep_an_administrator(self, connection: Connection, after: Officer) -> None:
        others = [one for one in repository.all_of(connection) if one.id != after.id]
        if not any(
            one.closed_at is None and Role.ADMINISTRATOR in one.roles for one in (*others, after)
        ):
            raise OfficerRefused("这是最后一个管理员账号，不能停用或改岗位。请先添加另一个管理员。")

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _account(kept: Kept | None) -> Kept:
    if kept is None:
        raise OfficerRefused("没有这个账号。请从账号列表里重新选择。")
    return kept


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise OfficerRefused(f"请填写真实姓名，最多 {LONGEST_NAME} 个字。")
    return name
