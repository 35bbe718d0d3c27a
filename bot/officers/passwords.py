"""Passwords: kept as argon2id, never in the clear; what is too easy is refused."""

import secrets
import string
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from .model import OfficerRefused

MEMORY, PASSES, LANES = 19_456, 2, 1
"""KiB, passes and lanes (OWASP Password Storage Cheat Sheet, Argon2id): a small computer can
afford them beside its work."""

SHORTEST, LONG_ENOUGH = 10, 16
"""Characters: from ``LONG_ENOUGH`` on, no mixture of kinds is asked for."""

_KINDS = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
_EASY = ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"]


class Passwords:
    """Hashes and checks; at most two at once, so that many sign-ins together do not fill the memory."""

    def __init__(self, memory: int = MEMORY, passes: int = PASSES) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=LANES)
        self._turns = threading.BoundedSemaphore(2)
        self._nobodys = ""

    def hash(self, password: str) -> str:
        """The hash to keep, with its salt and parameters."""
        with self._turns:
            return self._hasher.hash(password)

    def right(self, password: str, kept: str) -> bool:
        """Whether ``password`` is the one that ``kept`` was made of. It takes as long for an empty ``kept``, which is
        nobody's, so that names cannot be told by the time."""
        if not kept:
            self._nobodys = self._nobodys or self.hash(secrets.token_hex(16))
        with self._turns:
            try:
                return self._hasher.verify(kept or self._nobodys, password) and bool(kept)
            except (VerificationError, InvalidHashError):
                return False

    def outdated(self, kept: str) -> bool:
        """Whether a kept hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)


def refuse_easy(password: str, name: str) -> None:
    """Raise ``OfficerRefused`` for a password that is easily guessed (口令复杂度: GB/T 22239-2019 8.1.4.1 a)."""
    kinds = sum(any(sign in kind for sign in password) for kind in _KINDS)
    kinds += any(not sign.isascii() or not sign.isalnum() for sign in password)
    low = password.lower()
    if len(password) < SHORTEST:
        raise OfficerRefused(f"密码太短，至少 {SHORTEST} 个字符。")
    if len(password) < LONG_ENOUGH and kinds < 3:
        raise OfficerRefused(
            f"密码太简单：大写字母、小写字母、数字、符号至少用三种；或者写满 {LONG_ENOUGH} 个字符。"
        )
    if name and name.lower() in low:
        raise OfficerRefused("密码里不能有自己的名字。")
    if len(set(low)) < 5 or any(run in low for run in _runs()):
        raise OfficerRefused("密码里有连续或重复的字符，容易被猜到。请换一个。")


def temporary_password() -> str:
    """A password to be handed over and changed at the first sign-in: easily read out, 71 bits."""
    signs = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(signs) for _ in range(4)) for _ in range(3)) + (
        "-" + "".join(secrets.choice(signs.upper()) for _ in range(3))
    )


def _runs() -> list[str]:
    long = 6
    return [row[i : i + long] for row in _EASY for i in range(len(row) - long + 1)]
