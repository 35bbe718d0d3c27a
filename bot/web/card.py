"""An answer as the screen shows it: which words are official, and the line that says whose."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bot.answering.model import Answer, Source

SHORTEST_EXCERPT = 10
"""Characters of a stretch within a line that is taken for an excerpt of official text rather than for words of ours."""

_WHERE_FROM = re.compile(r"^来源：《.*$\n?", re.MULTILINE)
"""The line with which an answer's text names its source; on the screen the citation does."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of an answer's text; ``cells`` are official cells of a catalogue row."""

    text: str
    official: bool = False
    cells: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Cited:
    """A source under an answer; ``whole``: the answer's text already shows all of its quote."""

    source: Source
    line: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Card:
    """What the template needs of an answer; the runs in order are its text."""

    answer: Answer
    runs: tuple[Run, ...]
    cited: tuple[Cited, ...]


def card(answer: Answer) -> Card:
    """``answer`` with its official words marked."""
    cited = tuple(
        Cited(
            source,
            source_line(source),
            all(piece.shown in answer.text for piece in _pieces(source, "")),
        )
        for source in answer.sources
    )
    return Card(answer, tuple(_runs(answer)), cited)


def source_line(source: Source) -> str:
    """Where the words come from, in one line: document, 文号, place in it, date, area."""
    title = source.document_title
    named = title if title.startswith("《") else f"《{title}》"
    number = f"（{source.document_number}）" if source.document_number else ""
    parts = (named + number, _place(source), chinese_date(source.date), source.area_name)
    return " · ".join(part for part in parts if part)


def chinese_date(date: str) -> str:
    """``2020-07-31`` as 2020年7月31日, ``2020`` as 2020年; anything else as it stands."""
    if re.fullmatch(r"\d{4}(-\d{2}){0,2}", date):
        return "".join(
            f"{int(n)}{unit}" for n, unit in zip(date.split("-"), "年月日", strict=False)
        )
    return date


def _place(source: Source) -> str:
    found = source.locator
    if source.type == "faq" and "number" in found:
        return f"第 {found['number']} 问"
    if source.type == "catalogue":
        path = "—".join(found[key] for key in ("sector", "category", "item") if found.get(key))
        row = f"第 {found['row']} 行" if found.get("row") else ""
        return "，".join(part for part in (path, row) if part)
    return source.title if source.title != source.document_title else ""


class _Piece(NamedTuple):
    """What an answer's text may show of a source: the words as shown, the official among them."""

    shown: str
    official: str
    label: str = ""


def _pieces(source: Source, text: str) -> list[_Piece]:
    """The pieces of a source: cells, the whole quote, or the stretches of it that ``text`` excerpts."""
    quote = source.quote
    if isinstance(quote, Mapping):
        return [_Piece(f"{name}：{value}", value, name) for name, value in quote.items()]
    if not text or quote in text:
        return [_Piece(quote, quote)]
    stretches = (stretch.strip() for stretch in re.split(r"\n|……", text))
    lines = {line.strip() for line in quote.split("\n")}
    return [
        _Piece(s, s)
        for s in stretches
        if s and (s in lines or (len(s) >= SHORTEST_EXCERPT and s in quote))
    ]


def _runs(answer: Answer) -> Iterator[Run]:
    text = _WHERE_FROM.sub("", answer.text)
    pieces = {
        text.index(piece.shown): piece
        for source in reversed(answer.sources)
        for piece in _pieces(source, text)
        if piece.shown and piece.shown in text
    }
    end = 0
    cells: list[tuple[str, str]] = []
    for start, piece in sorted(pieces.items()):
        if start < end:  # part of what another source has just quoted
            continue
        own = text[end:start].strip()
        if cells and (own or not piece.label):
            yield _row(cells)
            cells = []
        if own:
            yield Run(own)
        if piece.label:
            cells.append((piece.label, piece.official))
        else:
            yield Run(piece.official, True)
        end = start + len(piece.shown)
    if cells:
        yield _row(cells)
    if own := text[end:].strip():
        yield Run(own)


def _row(cells: list[tuple[str, str]]) -> Run:
    return Run("\n".join(f"{label}：{value}" for label, value in cells), True, tuple(cells))
