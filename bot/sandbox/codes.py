"""QR codes that an account had made, and what they tell when somebody scans them."""

from dataclasses import dataclass

from .file import File


@dataclass(frozen=True, slots=True)
class Code:
    """A code: its scene value, and the ticket that it is fetched by."""

    ticket: str
    scene: str


class Codes:
    """The codes kept in a file."""

    def __init__(self, file: File) -> None:
        self._file = file

    def add(self, account: str, ticket: str, scene: str, until: int | None, now: int) -> None:
        """Keep a code, for ever or ``until`` a moment (seconds)."""
        values = (ticket, account, scene, until, now)
        self._file.write("INSERT INTO codes VALUES (?, ?, ?, ?, ?)", values)

    def permanent(self, account: str) -> int:
        """How many codes of the account are for ever."""
        return self._file.number(
            "SELECT count(*) FROM codes WHERE account = ? AND until IS NULL", (account,)
        )

    def valid(self, account: str, now: float) -> list[Code]:
        """Codes that can be scanned now, the newest first, one for each scene."""
        rows = self._file.rows(
            "SELECT ticket, scene, max(at) FROM codes WHERE account = ?"
            " AND (until IS NULL OR until > ?) GROUP BY scene ORDER BY max(at) DESC LIMIT 50",
            (account, int(now)),
        )
        return [Code(row["ticket"], row["scene"]) for row in rows]
