"""Official sectors (领域): the 26 pilot ones and those added since, with the other names in use.

The State Council's guidance (国办发〔2019〕54号) and the ministries' guides name some sectors
differently: 国土空间规划 is 城乡规划, 环境保护 is 生态环境. Offices follow the guides (so says the
粤 notice's Q&A), so those names are canonical and the others aliases. An alias is always a name of
the sector itself, never one of its topics.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files

_NUMBERING = re.compile(r"^(附件|附表|表)?[(]?[0-9一二三四五六七八九十]*[)]?[.、:]?")
_TITLE_TAIL = r"[)）]?(领域|基层|政务公开|政府信息公开|公开事项|公开目录|标准目录|事项标准目录)"


def _plain(text: str) -> str:
    """Full-width forms folded; every kind of blank and bracket style evened out."""
    return "".join(unicodedata.normalize("NFKC", text).split())


class Sectors:
    """The list of sectors: recognise one by its name, or find those that a text mentions."""

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        """``names`` gives the other names of each canonical one, in official order."""
        self.names = tuple(names)
        self._canonical = {
            _plain(alias): name for name, aliases in names.items() for alias in (name, *aliases)
        }
        longest_first = sorted(self._canonical, key=len, reverse=True)
        words = "|".join(map(re.escape, longest_first))
        self._mention = re.compile(words)
        self._titled = re.compile(rf"({words}){_TITLE_TAIL}")

    def canonical(self, text: str) -> str | None:
        """The sector that a cell, a sheet name or a title names; ``None`` for no or several ones.

        Understands names, aliases and titles: 安全生产, 环境保护, (七)社会保险,
        附件3 税收管理领域, XX县安全生产领域基层政务公开标准目录(试行).
        """
        if name := self._canonical.get(text):  # As most cells have it.
            return name
        plain = _plain(text)
        bare = _NUMBERING.sub("", plain).removesuffix("领域")
        if name := self._canonical.get(plain) or self._canonical.get(bare):
            return name
        titled = {self._canonical[match[1]] for match in self._titled.finditer(plain)}
        return titled.pop() if len(titled) == 1 else None

    def mentioned(self, text: str) -> list[tuple[str, str, int]]:
        """Each mention as (canonical name, words as they stand, start), longest name first."""
        return [
            (self._canonical[_plain(match[0])], match[0], match.start())
            for match in self._mention.finditer(text)
        ]


@lru_cache(maxsize=1)
def national_sectors() -> Sectors:
    """The built-in list; each row's source says which document names the sector."""
    table = files("catalogue_index").joinpath("data/sectors.csv").read_text(encoding="utf-8")
    return Sectors(
        {
            row["name"]: [alias for alias in row["aliases"].split("、") if alias]
            for row in csv.DictReader(table.splitlines())
        }
    )
