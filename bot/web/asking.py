"""What may be asked: a question of 1 to 500 characters, about an area that exists.

Refused
└── Unaskable          the question as sent cannot be answered; ``field`` names the part at fault
    └── TooLarge       far too long to be a question at all
"""

from catalogue_index.errors import Refused

from . import wording

LONGEST_QUESTION = 500
"""Characters. What is longer is a letter, and searching it finds everything and nothing."""
LONGEST_MESSAGE = 10_000
"""Characters still read, so that the writer is told about the length rather than cut off."""
LONGEST_BODY = 64 * 1024
"""Bytes of a request; 10,000 汉字 in UTF-8 are 30,000."""


class Unaskable(Refused):
    """The question as sent cannot be answered; the sentence says what to change."""

    status = 422

    def __init__(self, message: str, field: str = "question") -> None:
        super().__init__(message)
        self.field = field


class TooLarge(Unaskable):
    """The message is far too long to be a question; nothing of it was read."""

    status = 413

    def __init__(self) -> None:
        super().__init__(wording.HUGE_MESSAGE.format(limit=LONGEST_MESSAGE, short=LONGEST_QUESTION))


def askable(text: str) -> str:
    """``text`` without blanks around it; raises ``Unaskable`` when empty or too long."""
    text = text.strip()
    if not text:
        raise Unaskable(wording.EMPTY_QUESTION)
    if len(text) > LONGEST_MESSAGE:
        raise TooLarge
    if len(text) > LONGEST_QUESTION:
        raise Unaskable(wording.LONG_QUESTION.format(count=len(text), limit=LONGEST_QUESTION))
    return text


def context_of(text: str | None) -> str | None:
    """The previous question, cut: a follow-up must not fail for what was said before."""
    return (text or "").strip()[:LONGEST_QUESTION] or None
