"""Personal data in text: identity card, mobile and bank card numbers, and home addresses.

Official text may hold a slip of it, and people type it into questions; neither may reach an
answer, an index or a log (个人信息保护法; article 15 of 政府信息公开条例). Numbers are judged by
their check digits, dates and prefixes, because catalogues are full of numbers that only look
alike: document numbers, credit codes, project codes, page addresses, hotlines and telephones.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from .homes import homes

NAMES = {
    "identity_card": "身份证号",
    "mobile": "手机号",
    "bank_card": "银行卡号",
    "home": "家庭住址",
}
"""What each kind of finding is called."""


@dataclass(frozen=True, slots=True)
class Personal:
    """Personal data found: its kind (a key of ``NAMES``) and its place, ``text[start:end]``."""

    kind: str
    start: int
    end: int


def find(text: str) -> list[Personal]:
    """Personal data in ``text``, in order, never overlapping.

    Full-width digits count as digits; one blank or dash may stand between two digits.
    """
    plain = text.translate(_HALF_WIDTH)  # keeps every position
    found = [Personal("home", start, end) for start, end in homes(plain)]
    if not _ENOUGH_DIGITS.search(plain):
        return found
    taken = [match.span() for match in _ADDRESS.finditer(plain)]
    taken += [(home.start, home.end) for home in found]
    for kind, pattern, belongs in _KINDS:
        for match in pattern.finditer(plain):
            start, end = match.span(1)
            free = all(end <= first or last <= start for first, last in taken)
            before = plain[max(0, start - 12) : start]
            if free and belongs(match[1], before):
                taken.append((start, end))
                found.append(Personal(kind, start, end))
    return sorted(found, key=lambda personal: personal.start)


def mask(text: str) -> str:
    """``text`` with each finding replaced by words that say what stood there: 〔手机号已隐去〕."""
    for personal in reversed(find(text)):
        notice = f"〔{NAMES[personal.kind]}已隐去〕"
        text = text[: personal.start] + notice + text[personal.end :]
    return text


_HALF_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ－—–‐−\u3000\u00a0", "0123456789Xx-----  ")
_ENOUGH_DIGITS = re.compile(r"(?:\d[ \t\n-]?){11}")
_ADDRESS = re.compile(r"(?:https?://|www\.)[!-~]+")


def _digits(count: str, last: str = r"\d") -> re.Pattern[str]:
    # A look-ahead finds overlapping candidates: a date may stand right before a number. What
    # follows an area code and a dash is an office telephone.
    body = rf"(?:\d[ \t\n-]?){count}{last}"
    return re.compile(
        rf"(?<![0-9A-Za-z])(?<!(?<!0)0[1-9]\d-)(?<!0[1-9]\d\d-)(?=({body})(?![0-9A-Za-z]))"
    )


def _identity_card(number: str, before: str) -> bool:
    """GB 11643-1999: province, date of birth, ISO 7064 MOD 11-2; the old form has no check."""
    if _CREDIT_CODE.search(before):
        return False
    bare = _bare(number)
    if not _PROVINCE.match(bare):
        return False
    if len(bare) == 15:
        return _is_date("19" + bare[6:12]) and not _OTHER_NUMBER.search(before)
    total = sum(int(digit) * pow(2, 17 - i, 11) for i, digit in enumerate(bare[:17]))
    return _is_date(bare[6:14]) and "10X98765432"[total % 11] == bare[17].upper()


def _mobile(number: str, before: str) -> bool:
    bare = _bare(number)
    groups = tuple(map(len, re.split(r"[ \t\n-]", number)))
    written = groups in _MOBILE_GROUPS or set(groups) == {1}
    return written and "13" <= bare[:2] <= "19" and not _OTHER_NUMBER.search(before)


def _bank_card(number: str, before: str) -> bool:
    """Luhn check and the prefixes in use here; foreign schemes only where a card is named."""
    bare = _bare(number)
    if _CREDIT_CODE.search(before) or _OTHER_NUMBER.search(before):
        return False
    named = re.search(r"卡|账号|帐号|账户|户头", before)
    if not (_LOCAL_CARD.match(bare) or (named and _FOREIGN_CARD.fullmatch(bare))):
        return False
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in bare[-2::-2])
    return (sum(map(int, bare[-1::-2])) + sum(doubled)) % 10 == 0


def _bare(number: str) -> str:
    return re.sub(r"[ \t\n-]", "", number)


def _is_date(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year >= 1880
    except ValueError:
        return False


_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_CREDIT_CODE = re.compile(r"(信用代码|机构代码|税号|识别号)[^0-9]{0,4}$")
_OTHER_NUMBER = re.compile(
    r"(文号|编号|代码|批号|批文号|许可证号?|登记号|注册号|备案号|案号|标准号|项目号)[^0-9]{0,4}$"
)
_MOBILE_GROUPS = {(11,), (3, 4, 4), (3, 8), (7, 4), (4, 4, 3), (3, 3, 5), (3, 5, 3), (5, 6)}
_LOCAL_CARD = re.compile(r"62|60|955[89]|103")
_FOREIGN_CARD = re.compile(r"(4\d|5[1-5]|35|2[2-7])\d{14}")
_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str, str], bool]], ...] = (
    ("identity_card", _digits("{17}", "[0-9Xx]"), _identity_card),
    ("bank_card", _digits("{18}"), _bank_card),
    ("bank_card", _digits("{17}"), _bank_card),
    ("bank_card", _digits("{16}"), _bank_card),
    ("bank_card", _digits("{15}"), _bank_card),
    ("identity_card", _digits("{14}"), _identity_card),
    ("mobile", _digits("{10}"), _mobile),
)
