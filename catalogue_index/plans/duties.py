"""Who does a task and until when, read from the words that plans use for it.

Three ways are in use: labels (牵头单位：县司法局，责任单位：各镇；完成时限：2023年10月底), verbs
(区发改局牵头，会同区水利局负责), a due time before either (2020年8月底前完成，责任单位：…). They
stand in a bracket at the end of a paragraph, or after its last sentence.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..documents.brackets import CLOSING, OPENING, last_bracket

_LABEL = re.compile(
    r"(?:(?P<lead>牵头责任|牵头|主办|主要负责)|(?P<supporting>配合|协办|协同|协助|参与|参加)"
    r"|(?P<responsible>责任|负责|承办|实施|落实))(?:单位|部门|科室|机构)[：:]"
    r"|(?P<due>(?:完成|办理|工作|落实)?(?:时限|期限)(?:要求)?|完成时间|时间要求)[：:]"
)
_LABEL_AFTER_SENTENCE = re.compile(rf"(?:^|(?<=[。！？]))(?={_LABEL.pattern})")
_CLAUSE = re.compile(
    r"(?P<units>.{1,200}?)(?:按照?职责(?:分工)?)?(?:分别|共同)?"
    r"(?P<verb>牵头|主办|负责|落实|配合|协助|参与|参加)(?:负责|抓|组织|编制|实施|落实|推进|完成)*"
    r"(?=[，；。]|会同|$)[，；。]?"
)
_VERB_ROLES = {
    "牵头": "lead",
    "主办": "lead",
    "负责": "responsible",
    "落实": "responsible",
    "配合": "supporting",
    "协助": "supporting",
    "参与": "supporting",
    "参加": "supporting",
}
_DUE = re.compile(
    r"(?:于|在|到)?(?=.*\d)[\d年月日底末旬上中下前之至到、—–~～-]+(?:季度|工作日|内|起)*"
    r"(?:底|末|前|内)*(?:基本|全面)?(?:完成|落实|到位)*"
    r"|(?:长期|持续|常态)\S{0,8}|每[年月季周]\S{0,8}|全年\S{0,6}"
)
_LONG_TERM = re.compile("长期|持续|常态")
_OFFICE_END = "局办委府心门位部室院社会厅处站所）"
_AND = re.compile(rf"以及|会同|(?<=[{_OFFICE_END}])(?:及|和|与)(?=[省市区县州旗各镇乡街相有])")
_SEPARATORS = frozenset("、，；, ")
_TRIM = "，。；、 "


@dataclass(frozen=True, slots=True)
class Duties:
    """Units by what they do, the due time in the document's words, and whether it is long-term."""

    lead: tuple[str, ...] = ()
    supporting: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    due: str | None = None
    long_term: bool = False

    def __bool__(self) -> bool:
        return bool(self.lead or self.supporting or self.responsible or self.due or self.long_term)

    def __or__(self, other: "Duties") -> "Duties":
        """Both together; units in order, each once."""
        return Duties(
            lead=tuple(dict.fromkeys(self.lead + other.lead)),
            supporting=tuple(dict.fromkeys(self.supporting + other.supporting)),
            responsible=tuple(dict.fromkeys(self.responsible + other.responsible)),
            due=self.due or other.due,
            long_term=self.long_term or other.long_term,
        )


NO_DUTIES = Duties()


def duties_of(paragraph: str) -> Duties:
    """The duties that a paragraph states at its end; ``NO_DUTIES`` when it states none."""
    found = NO_DUTIES
    text = paragraph.rstrip("。；")
    while (start := last_bracket(text)) is not None:
        inside = stated(text[start + 1 : -1])
        if not inside:
            break
        found = inside | found
        text = text[:start].rstrip("。；")
    if not found and (tail := _LABEL_AFTER_SENTENCE.search(paragraph)):
        return stated(paragraph[tail.start() :])
    return found


def is_label(paragraph: str) -> bool:
    """Whether a paragraph is nothing but duties, on a line of its own: 责任单位：县教育局."""
    return _LABEL.match(paragraph) is not None


def stated(words: str) -> Duties:
    """The duties in ``words``, the inside of a bracket or a sentence such as 由县教育局负责."""
    labels = list(_LABEL.finditer(words))
    first = labels[0].start() if labels else len(words)
    found = _in_sentence(words[:first])
    ends = [*(label.start() for label in labels[1:]), len(words)]
    for label, end in zip(labels, ends, strict=False):
        segment = words[label.end() : end].strip(_TRIM)
        role = label.lastgroup
        found |= due_in(segment) if role == "due" else _with_units(str(role), segment)
    return found


def due_in(words: str) -> Duties:
    """A due time in the document's words; 长期坚持 alone is long-term and no time."""
    words = words.strip(_TRIM)
    long_term = _LONG_TERM.search(words) is not None
    timed = words if words and (not long_term or re.search(r"\d", words)) else None
    return Duties(due=timed, long_term=long_term)


def with_role(role: str, units: Iterable[str]) -> Duties:
    """Duties of ``units`` in one role: lead, supporting or responsible."""
    named = tuple(dict.fromkeys(units))
    return Duties(
        lead=named if role == "lead" else (),
        supporting=named if role == "supporting" else (),
        responsible=named if role == "responsible" else (),
    )


def split_units(words: str) -> tuple[str, ...]:
    """Unit names in a list; brackets stay whole: 区住建局（区城综局）、各镇（街道）."""
    names = (_bare(name) for piece in _pieces(words) for name in _AND.split(piece))
    return tuple(dict.fromkeys(name for name in names if name))


def named_units(words: str) -> tuple[str, ...]:
    """The units in ``words`` when it is nothing but unit names, else none."""
    units = split_units(words)
    return units if all(unit[-1] in _OFFICE_END for unit in units) else ()


def _in_sentence(words: str) -> Duties:
    found = NO_DUTIES
    rest = []
    for piece in re.split("[，；]", words):
        if _is_due(piece.strip(_TRIM)):
            found |= due_in(piece)
        else:
            rest.append(piece)
    for clause in _CLAUSE.finditer("，".join(rest)):
        units = clause["units"].strip(_TRIM).removeprefix("由")
        together = re.match("会同|联合|协同", units)
        role = "supporting" if together else _VERB_ROLES[clause["verb"]]
        found |= with_role(role, split_units(units[together.end() :] if together else units))
    return found


def _is_due(words: str) -> bool:
    return len(words) <= 40 and _DUE.fullmatch(words) is not None


def _with_units(role: str, segment: str) -> Duties:
    """A label's units; a due time written among them is taken as such."""
    found = NO_DUTIES
    for unit in split_units(segment):
        found |= due_in(unit) if _is_due(unit) else with_role(role, [unit])
    return found


def _pieces(words: str) -> Iterator[str]:
    """``words`` cut at separators outside brackets."""
    depth = 0
    piece = ""
    for char in words:
        depth += (char in OPENING) - (char in CLOSING)
        if depth <= 0 and char in _SEPARATORS:
            yield piece
            piece = ""
        else:
            piece += char
    yield piece


def _bare(name: str) -> str:
    """A unit's name without 由 before it and 等单位 or 配合 behind; 等相关部门 stays."""
    name = name.strip(_TRIM).removeprefix("由")
    name = re.sub("(?:分别|共同)?(?:配合|参与|参加|协助)$", "", name)
    return re.sub("等(?:单位|部门)?$", "", name)
