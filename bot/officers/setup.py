"""The code that the first account asks for: whoever keeps the computer is told it, a passer-by is not."""

from bot.storage.database import Database
from bot.storage.vault import Vault

from . import repository


def nobody_yet(database: Database) -> bool:
    """Whether nobody has an account."""
    with database.read() as connection:
        return repository.count(connection) == 0


def setup_code(vault: Vault) -> str:
    """``XXXX-XXXX-XXXX``, the same as long as the installation keeps its secret."""
    digits = vault.hash("officers", "setup")[:12].upper()
    return "-".join(digits[i : i + 4] for i in range(0, 12, 4))
