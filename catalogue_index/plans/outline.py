"""The sections of a document: what stands under which heading, annex by annex."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..documents.brackets import last_bracket
from ..documents.layout import (
    ends_with_duty,
    is_attachment,
    is_closing,
    is_finished,
    is_section,
    is_sentence,
    is_title,
)
from ..documents.manuscript import Block, Paragraph, Table
from ..documents.numbering import Number, number_of

_QUESTION = re.compile(r"(?:问题?|Q)\s*[\d一二三四五六七八九十]{0,3}\s*[：:、]\s*")
_ANNEX_LIST = re.compile(r"附件\d*：")
_ANNEX_HEAD = re.compile(r"(?P<number>附件\d+)：(?P<title>.{2,60})$")
_RUN_IN_TITLE = re.compile(r"(?P<title>[^。；？！]{2,45})。.|(?P<label>[^，。：]{2,20})：.")


@dataclass(slots=True)
class Section:
    """A heading and the blocks right under it.

    ``path`` are the headings above and ``heading`` is its own, as it stands in the path of what is
    below. ``level`` is that of the number (see ``numbering``), 0 without one. ``run_in`` says that
    the first block carries the number itself: （七）拓宽渠道。依托……
    """

    path: tuple[str, ...] = ()
    number: str = ""
    title: str = ""
    level: int = 0
    heading: str = ""
    run_in: bool = False
    question: bool = False
    body: list[Block] = field(default_factory=list)


def outline(blocks: Sequence[Block]) -> list[Section]:
    """The sections in order; every block is in the body, or the heading, of exactly one."""
    reader = _Reader()
    for block, following in zip(blocks, [*blocks[1:], None], strict=False):
        reader.read(block, following.text if isinstance(following, Paragraph) else "")
    return _told(reader.sections)


def _told(sections: Sequence[Section]) -> list[Section]:
    """Sections that say something.

    A heading with nothing below it is a list item without a full stop (1.身份证), or all that its
    annex says; neighbours of this kind are one section.
    """
    told: list[Section] = []
    items: Section | None = None
    for section, following in zip(sections, [*sections[1:], Section()], strict=True):
        below = (*section.path, section.heading)
        if section.body:
            told.append(section)
            items = None
        elif section.heading and following.path[: len(below)] != below:
            if not items or items.path != section.path or items.level != section.level:
                items = replace(section, number="", heading="", body=[])
                told.append(items)
            items.body.append(Paragraph(section.heading))
    return told


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    text: str
    title: str


class _Reader:
    """Walks the blocks with the headings that are open; ``sections`` grows at its end."""

    def __init__(self) -> None:
        self.sections = [Section()]
        self._title = ""
        self._annex = Section()
        """The annex under way; without a heading before the first one."""
        self._open: list[_Heading] = []
        self._annex_titles: set[str] = set()
        self._awaits_title = False
        self._in_annex_list = False

    def read(self, block: Block, following: str) -> None:
        """Take in the next block; ``following`` is the text of the paragraph after it."""
        if isinstance(block, Table):
            self._awaits_title = self._in_annex_list = False
            self._section.body.append(block)
            return
        text = block.text
        number = number_of(text)
        listed = _ANNEX_LIST.match(text)
        if self._in_annex_list and not is_finished(text) and (number or listed):
            self._list_annex(number.rest if number else text[text.index("：") + 1 :])
            self._section.body.append(block)
            return
        self._in_annex_list = False
        if self._awaits_title and not is_sentence(text) and not number:
            self._enter_annex(self.sections.pop().number, text)
            return
        self._awaits_title = False
        if is_attachment(text):
            self._enter_annex(text, "")
            self._awaits_title = True
        elif _same(text) in self._annex_titles and text != self._annex.title:
            self._enter_annex("", text)
        elif mark := _QUESTION.match(text):
            self._begin(Section(path=self._path(), title=text[mark.end() :], question=True), block)
        elif is_section(text):
            self._descend(_Heading(1, text, text[1:-1]))
        elif self._section.question:
            self._section.body.append(block)
        elif (head := _ANNEX_HEAD.match(text)) and not _ANNEX_LIST.match(following):
            self._enter_annex(head["number"], head["title"])
        elif listed:
            self._in_annex_list = True
            first = text[listed.end() :]
            number = number_of(first)
            self._list_annex(number.rest if number else first)
            self._open = []
            self._begin(Section(title=text[:2]), block)
        elif number:
            self._read_numbered(block, text, number)
        elif is_closing(text, following) and self._section.title != self._title:
            self._close(block)
        elif is_title(text) and not self._annex.heading:
            self._retitle(block, text)
        else:
            self._section.body.append(block)

    @property
    def _section(self) -> Section:
        return self.sections[-1]

    def _path(self) -> tuple[str, ...]:
        above = (self._annex.heading,) if self._annex.heading else ()
        return (*above, *(heading.text for heading in self._open))

    def _begin(self, section: Section, *body: Block) -> None:
        section.body.extend(body)
        self.sections.append(section)

    def _retitle(self, block: Block, title: str) -> None:
        """A title before the annexes: a notice is followed by the plan that it issues."""
        if self._title or self._section.heading:
            self._open = []
            self._begin(Section(title=title))
        self._title = self._section.title = title
        self._section.body.append(block)

    def _close(self, block: Block) -> None:
        """The lines that close the document belong to no annex and to no section."""
        self._open = []
        self._annex = Section()
        self._begin(Section(title=self._title), block)

    def _enter_annex(self, number: str, title: str) -> None:
        self._awaits_title = False
        self._open = []
        self._annex = Section(number=number, title=title, heading=f"{number} {title}".strip())
        self._begin(replace(self._annex, body=[]))

    def _list_annex(self, title: str) -> None:
        if title:
            self._annex_titles.add(_same(title))

    def _descend(self, heading: _Heading) -> None:
        """Open a heading on a line of its own: deeper ones end, and a section of it begins."""
        self._open = [open_ for open_ in self._open if open_.level < heading.level]
        number = number_of(heading.text)
        self._begin(
            Section(
                path=self._path(),
                number=number.printed if number else "",
                title=heading.title,
                level=heading.level,
                heading=heading.text,
            )
        )
        self._open.append(heading)

    def _read_numbered(self, block: Block, text: str, number: Number) -> None:
        if not is_finished(text) and "。" not in text and "：" not in text:
            self._descend(_Heading(number.level, text, number.rest))
            return
        self._open = [open_ for open_ in self._open if open_.level < number.level]
        own = _run_in_title(number.rest)
        title = own or (self._open[-1].title if self._open else self._annex.title)
        begins = text[: len(text) - len(number.rest)]
        heading = begins + (own or re.split("[，。；：]", number.rest, maxsplit=1)[0])
        self._begin(
            Section(self._path(), number.printed, title, number.level, heading, run_in=True), block
        )
        self._open.append(_Heading(number.level, heading, title))


def _run_in_title(rest: str) -> str:
    """The title that a numbered paragraph begins with: a short sentence, or words to a ：."""
    if ends_with_duty(rest) and "。" not in rest:
        return rest[: last_bracket(rest)]
    found = _RUN_IN_TITLE.match(rest)
    title = (found["title"] or found["label"]) if found else ""
    return title if title.count("，") <= 1 else ""


def _same(text: str) -> str:
    return "".join(text.split())
