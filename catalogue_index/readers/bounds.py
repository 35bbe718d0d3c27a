"""How large a table may be: a file of a few kilobytes can claim a billion cells."""

from dataclasses import dataclass

from ..errors import UnreadableFile


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of one file.

    ``unpacked`` counts the bytes that a packed file unpacks to, ``xml`` those of a page or part
    that is held as a tree, which takes much more memory and time.
    """

    rows: int = 200_000
    cells: int = 5_000_000
    unpacked: int = 256_000_000
    xml: int = 32_000_000

    def check(self, name: str, rows: int, cells: int) -> None:
        """Raises ``UnreadableFile`` for a table that is too large."""
        if rows > self.rows or cells > self.cells:
            self.refuse(name)

    def refuse(self, name: str) -> None:
        """Raises ``UnreadableFile``: the file called ``name`` is too large."""
        raise UnreadableFile(
            f"文件“{name}”太大：超过 {self.rows} 行、{self.cells} 格或"
            f" {self.unpacked // 1_000_000} MB。请删去表格外的多余内容，或拆成几个文件再导入。"
        )


DEFAULT_BOUNDS = Bounds()
"""Room for a whole city's catalogues in one file."""
