"""What keeps people unnamed: keyed hashes for their ids, encryption for their words.

The secret comes from the settings or from ``secret.key`` in the data directory. Without it stored
hashes lead nowhere and stored words stay closed, so a copy of the database alone gives nobody away.
"""

import base64
import contextlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from catalogue_index.errors import Refused

SECRET_NAME = "secret.key"
_SHORTEST = 32


class VaultRefused(Refused):
    """The secret cannot be read or made, or is not the one that the words were sealed with."""


class Vault:
    """Hashes and seals with one secret. The same secret gives the same hashes in every process."""

    def __init__(self, secret: str) -> None:
        self._hash_key = _derive(secret, b"zwgk hash")
        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(secret, b"zwgk seal")))

    def hash(self, *parts: str) -> str:
        """64 hexadecimal digits that stand for ``parts``; HMAC-SHA256 over parts told apart."""
        # Each part goes with its length, or ("ab", "c") and ("a", "bc") would be one person.
        told_apart = b"".join(
            len(part).to_bytes(4) + part for part in (_encode(text) for text in parts)
        )
        return hmac.digest(self._hash_key, told_apart, "sha256").hex()

    def seal(self, text: str) -> str:
        """``text`` encrypted, as ASCII; twice the same text gives two different results."""
        return self._fernet.encrypt(_encode(text)).decode()

    def unseal(self, sealed: str) -> str:
        """The text that ``seal`` was given; raises ``VaultRefused`` for another secret's work."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise VaultRefused(
                f"这段内容解不开：密钥与保存时不同。请恢复原来的 {SECRET_NAME} 或 ZWGK_SECRET_KEY。"
            ) from error


def open_vault(data_dir: Path, secret: str = "") -> Vault:
    """The vault of ``secret``, or of ``secret.key`` in ``data_dir``, which is made on first use.

    Processes that start at the same moment get the same secret. Raises ``VaultRefused``.
    """
    return Vault(secret or _secret_in(data_dir / SECRET_NAME))


def _secret_in(path: Path) -> str:
    try:
        if not path.exists():
            _make_secret(path)
        secret = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise VaultRefused(
            f"密钥文件 {path} 建不了或读不出来。请检查权限，或用备份恢复它。"
        ) from error
    if len(secret) < _SHORTEST:
        raise VaultRefused(
            f"密钥文件 {path} 不完整。请用备份恢复它；若从未使用过，可删去，由程序重新生成。"
        )
    return secret


def _make_secret(path: Path) -> None:
    """Write a new secret to ``path``, unless another process just did."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        # Linking, unlike renaming, leaves a file that is already there: the first process wins,
        # and nobody ever sees half a secret.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)


def _encode(text: str) -> bytes:
    # Half a surrogate pair, which JSON from a browser may hold, is no reason to fail.
    return text.encode(errors="replace")


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
