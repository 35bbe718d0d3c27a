"""What a line of an official document is by its form: sentence, title, signature, label, date.

Forms after GB/T 9704-2012 (党政机关公文格式). Every function takes clean text (see ``punctuation``).
"""

import re

from .brackets import last_bracket

_HAN = "\u3400-\u9fff〇"
_TITLE = re.compile(
    "(?:通知|方案|细则|意见|制度|规定|办法|规则|规划|计划|要点|指引|指南|标准|目录|清单|台账|答疑|问答|"
    "[分工任务一览登记]表|工作组|领导小组|函|决定|公告|通告|公报|报告|汇编)(?:（[^（）]*）)?$"
)
_OFFICE = re.compile("[^《》]{2,20}(?:人民政府|办公室|办公厅|委员会|[局厅委]|文件)$")
_DATE = re.compile(r"(?:\d{4}|[二〇○零一三四五六七八九十]{4})\s*年.{1,3}月.{1,3}日(?:印发)?$")
_DOCUMENT_NUMBER = re.compile(rf"[{_HAN}]{{2,12}}[〔\[［（(]\d{{4}}[〕\]］）)]第?\d+号$")
_ATTACHMENT = re.compile(r"附\s*[件表录]\s*[\d一二三四五六七八九十]*\s*$")
_SECTION = re.compile(r"【[^【】]{1,30}】$")
_LABEL = re.compile(
    r"(?:副?(?:组\s*长|召集人|主任|主席|总指挥|指挥长)|成\s*员(?:单位)?"
    r"|(?:牵头|责任|配合|负责|主办|协办|参与|参加)(?:单位|部门)|完成(?:时限|时间)|时限"
    r"|填报\S{0,12}?|填表\S{0,6}?|联系\S{0,8}?|抄送|主送|附\s*件\s*\d*|附)[：:]"
)
_LINK = re.compile(r"https?://")
_DUTY = re.compile("责任|牵头|负责|配合|完成|时限|主办|协办|承办")
_OPEN_DUTY = re.compile(rf"[（〔【［(\[][^）〕】］)\]]{{0,60}}?(?:{_DUTY.pattern})")
_SENTENCE_MARK = re.compile("[，。；：？！]")
_STOPPED = re.compile("[。！？：…][”’）〕】》]*+$")


def is_sentence(text: str) -> bool:
    """Whether a line has marks of a sentence, which titles, names and dates lack."""
    return _SENTENCE_MARK.search(text) is not None


def is_finished(text: str) -> bool:
    """Whether a line ends as sentences do, or with a bracket that says who or when."""
    if _STOPPED.search(text):
        return True
    start = last_bracket(text)
    if start is None:
        return False
    return start == 0 or ends_with_duty(text) or _STOPPED.search(text[:start]) is not None


def ends_with_duty(text: str) -> bool:
    """Whether ``text`` ends with a bracket that says who or when: 〔责任单位：县教育局〕."""
    start = last_bracket(text)
    return start is not None and _DUTY.search(text, start) is not None


def begins_with_duty(text: str) -> bool:
    """Whether a line begins with a bracket that says who or when: it belongs to the text above."""
    if text.startswith("〔") or _OPEN_DUTY.match(text):
        return True
    return last_bracket(text) == 0 and ends_with_duty(text)


def is_attachment(text: str) -> bool:
    """Whether a line is an annex's mark on its own: 附件, 附件2."""
    return _ATTACHMENT.match(text) is not None


def is_section(text: str) -> bool:
    """Whether a line is a section heading in square brackets on its own: 【怎样编制】."""
    return _SECTION.match(text) is not None


def is_title(text: str) -> bool:
    """Whether a line without marks of a sentence ends as titles of documents and annexes do."""
    return not is_sentence(text) and _TITLE.search(text) is not None


def is_label(text: str) -> bool:
    """Whether a line begins with a role or label and says who or what it is: 组长：, 填报日期：."""
    return _LABEL.match(text) is not None


def has_label(text: str) -> bool:
    """Whether a role or label stands anywhere in ``text``."""
    return _LABEL.search(text) is not None


def is_date(text: str) -> bool:
    """Whether a line is a date and no more: 2020年7月31日."""
    return _DATE.match(text) is not None


def is_link(text: str) -> bool:
    """Whether a line is the address of a page."""
    return _LINK.match(text) is not None


def is_office(text: str) -> bool:
    """Whether a line is the name of an office, as over a date, or a letterhead (……文件)."""
    return _OFFICE.match(text) is not None


def stands_alone(text: str) -> bool:
    """Whether a line is a paragraph whatever is above it: label, 文号, （此件公开发布）."""
    if _LABEL.match(text) or _DOCUMENT_NUMBER.match(text):
        return True
    return last_bracket(text) == 0 and not begins_with_duty(text)


def is_whole(text: str) -> bool:
    """Whether a line without marks of a sentence is all there is: title, date, 文号, address."""
    forms = (_TITLE.search, _DATE.match, _DOCUMENT_NUMBER.match, _ATTACHMENT.match)
    return any(form(text) for form in (*forms, _LINK.match, _SECTION.match))


def is_closing(text: str, following: str) -> bool:
    """Whether a line closes a document: the office over a date, a date, 抄送 (copies to)."""
    if text.startswith("抄送"):
        return True
    signed = is_office(text) and is_date(following)
    return not is_sentence(text) and (is_date(text) or signed)
