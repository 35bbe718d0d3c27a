"""Brackets in official text: the one a paragraph ends with, and one still open at a line's end.

Plans print who does what in a bracket at a paragraph's end: 〔责任单位：各乡（镇）人民政府〕.
Scans mix the kinds of bracket, so any closing mark ends any opening one.
"""

OPENING = "（〔【［([《“‘"
CLOSING = "）〕】］)]》”’"

_ROUND_OR_SQUARE = frozenset("）〕】］)]")
_REACH = 200
"""Further back than this, an open bracket was lost by the scan and not broken by a page."""


def last_bracket(text: str) -> int | None:
    """Index of the opening mark of the bracket that ``text`` ends with, if it ends with one."""
    if not text or text[-1] not in _ROUND_OR_SQUARE:
        return None
    depth = 0
    for index in range(len(text) - 1, -1, -1):
        if text[index] in CLOSING:
            depth += 1
        elif text[index] in OPENING:
            depth -= 1
            if depth == 0:
                return index
    return None


def left_open(text: str) -> bool:
    """Whether a bracket or quotation mark opened near the end of ``text`` is not closed yet."""
    depth = 0
    for char in reversed(text[-_REACH:]):
        if char in CLOSING:
            depth += 1
        elif char in OPENING:
            depth -= 1
            if depth < 0:
                return True
    return False
