"""A record and its hash."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

DONE, REFUSED, INTERRUPTED = "done", "refused", "interrupted"

OUTCOMES: Mapping[str, str] = {
    DONE: "完成",
    REFUSED: "没有执行",
    INTERRUPTED: "中断，结果不明",
}
"""What the office calls them. A deed was interrupted where its process ended before it could say how far it got."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be recorded: ``action`` is a right or a name like one, ``object`` is ``kind:id`` or empty.

    Nothing in it names a citizen: persons appear as the vault's hashes at most.
    """

    who: str
    action: str
    object: str = ""
    origin: str = ""
    outcome: str = DONE
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A deed as it was written down; ``number`` counts from 1 without a gap, ``at`` is in seconds since 1970."""

    number: int
    at: int
    deed: Deed
    hash: str


Hash = Callable[..., str]
"""The vault's keyed hash: who may write to the database but has no key can make no record that fits."""


def chained(keyed: Hash, before: str, number: int, at: int, deed: Deed) -> str:
    """The hash of a record that follows the one whose hash is ``before`` (empty: the first)."""
    said = (deed.who, deed.action, deed.object, deed.origin, deed.outcome, deed.detail)
    return keyed("record", before, str(number), str(at), *said)
