"""Reviewed corrections of scanning slips: made in the open, the scan kept, the reason on record."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ..errors import UnrecognisedFile
from .punctuation import clean


@dataclass(frozen=True, slots=True)
class Erratum:
    """One correction: ``right`` takes the place of ``wrong``, the text exactly as scanned.

    ``wrong`` carries enough around the slip to stand in its document once.
    """

    document: str
    wrong: str
    right: str
    reason: str
    reviewed_on: date


def correct(text: str, errata: Iterable[Erratum]) -> str:
    """The scanned ``text`` with its document's ``errata`` applied, in their order.

    Raises ``UnrecognisedFile`` when the wrong text of one is not there exactly once: a list that no
    longer fits its scan must be reviewed again rather than half applied.
    """
    for erratum in errata:
        found = text.count(erratum.wrong) if erratum.wrong else 0
        if found != 1:
            raise UnrecognisedFile(
                f"勘误与原文不符：文件“{erratum.document}”中“{erratum.wrong}”出现 {found} 次，"
                "应恰好出现 1 次。请对照扫描原文修改勘误表。"
            )
        text = text.replace(erratum.wrong, erratum.right)
    return text


def corrections_in(passage: str, errata: Iterable[Erratum]) -> list[Erratum]:
    """The errata whose corrected words stand in ``passage``: what the scan had is in ``wrong``."""
    return [erratum for erratum in errata if clean(erratum.right) in passage]
