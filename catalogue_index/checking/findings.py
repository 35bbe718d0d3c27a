"""Running the checks: what they hit becomes findings that an office can act on."""

from collections.abc import Collection
from dataclasses import dataclass

from .. import privacy
from ..areas import NATION
from ..model import COLUMNS, Place
from .checks import AGAINST_CONSENSUS, AGAINST_GUIDE, CHECKS
from .draft import Draft, Hit
from .rules import SEVERITIES, Rule, Severity, rules


@dataclass(frozen=True, slots=True)
class Quotation:
    """The words a finding rests on: document (its ``short`` name beside), question or article, text.

    ``binding``: whether the document binds the office, where that is known.
    """

    short: str
    document: str
    number: str
    words: str
    binding: bool

    @property
    def place(self) -> str:
        """Where the words stand, in brief: 答疑第6问."""
        return f"{self.short}{self.number}"

    def __str__(self) -> str:
        """One line for comments."""
        reference = "" if self.binding else "（省外供参考）"
        return f"{self.document}{self.number}{reference}：“{self.words}”"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to change or to look at.

    ``place`` is row and sheet as the clerk sees them (row 0: the whole sheet), ``column`` 0-based
    in the grid with its official ``label`` (``None`` and "": the whole row).
    """

    rule: str
    severity: Severity
    place: Place
    column: int | None
    label: str
    what: str
    todo: str
    quotation: Quotation


def check(draft: Draft, area: str = NATION, only: Collection[str] = ()) -> list[Finding]:
    """What is wrong with the draft of the office of ``area`` (a code), gravest first, then by place.

    By all rules, or by ``only`` some, which are named by their ids.
    """
    naming = AGAINST_GUIDE if draft.guide.complete else AGAINST_CONSENSUS
    found = [
        _finding(rules()[rule], hit, draft, area)
        for rule, run in {**CHECKS, **naming}.items()
        if not only or rule in only
        for hit in run(draft)
    ]
    return sorted(found, key=_order)


def _finding(rule: Rule, hit: Hit, draft: Draft, area: str) -> Finding:
    quotation = Quotation(
        rule.source.short,
        rule.source.title,
        rule.number.format_map(hit.words),
        rule.words.format_map(hit.words),
        area.startswith(rule.source.area),
    )
    return Finding(
        rule.id,
        rule.severity,
        hit.place,
        draft.column(hit.place, hit.attribute),
        COLUMNS.get(hit.attribute or "", ""),
        privacy.mask(rule.what.format_map(hit.words)),
        rule.todo.format_map(hit.words),
        quotation,
    )


def _order(finding: Finding) -> tuple[int, str, int, int]:
    severity = list(SEVERITIES).index(finding.severity)
    column = -1 if finding.column is None else finding.column
    return severity, finding.place.sheet, finding.place.row, column
