"""Many patterns over one short text, looked up by the characters in it.

An alternation of a thousand patterns is tried in full at every character of a text. Nearly every
pattern of ours begins with one of a few known characters, so here each character of the text opens
only the patterns that can begin with it: the same answer as searching one by one, several times
faster.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

_ZERO_WIDTH = ("(?!", "(?=", "(?<!", "(?<=")
_GROUP = re.compile(r"\(\?:|\(\?P<\w+>|\((?!\?)")
_OPTIONAL = re.compile(r"[*?]|\{0?,")
_QUANTIFIER = re.compile(r"(?:[*+?]|\{\d*,?\d*\})[?+]?")


class PatternTable:
    """Numbered sets of patterns.

    ``found_in`` tells which sets have a pattern somewhere in a text.
    """

    def __init__(self, sets: Iterable[Sequence[str]]) -> None:
        # Alternatives with the same beginnings share one pattern: one for every
        # character would be compiled too often.
        together: dict[tuple[int, frozenset[str] | None], list[str]] = {}
        for number, patterns in enumerate(sets):
            for alternative in (each for pattern in patterns for each in alternatives(pattern)):
                heads = first_characters(alternative)
                together.setdefault((number, heads), []).append(alternative)
        # Compiled when a text first opens them: all at once would cost a quarter of a second at start.
        self._compiled = cache(re.compile)
        self._anywhere: list[tuple[int, str]] = []
        self._by_head: dict[str, list[tuple[int, str]]] = {}
        for (number, heads), parts in together.items():
            entry = (number, "|".join(parts))
            if heads is None:
                self._anywhere.append(entry)
            for head in heads or ():
                self._by_head.setdefault(head, []).append(entry)

    def warm_up(self) -> None:
        """Compile every pattern now."""
        opened = (entry for entries in self._by_head.values() for entry in entries)
        for _, pattern in (*self._anywhere, *opened):
            self._compiled(pattern)

    def found_in(self, text: str) -> set[int]:
        """Numbers of the sets with a match in ``text``."""
        compiled = self._compiled
        found = {number for number, pattern in self._anywhere if compiled(pattern).search(text)}
        for position, character in enumerate(text):
            for number, pattern in self._by_head.get(character, ()):
                if number not in found and compiled(pattern).match(text, position):
                    found.add(number)
        return found


def alternatives(pattern: str) -> list[str]:
    """``a|b(c|d)`` → ``a``, ``b(c|d)``; a pattern that is one plain group is opened first."""
    if pattern.startswith("(?:") and _group(pattern)[1] == "":
        return alternatives(pattern[3:-1])
    parts = [""]
    depth = 0
    for token in _tokens(pattern):
        depth += token.startswith("(") - (token == ")")
        if token == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += token
    return parts


def first_characters(pattern: str) -> frozenset[str] | None:
    """The characters that a match of ``pattern`` (without top-level ``|``) can begin with.

    ``None``: any, or none.
    """
    rest = pattern
    found: frozenset[str] = frozenset()
    while rest:
        token = next(_tokens(rest))
        if token == r"\b":
            rest = rest[2:]
            continue
        if token.startswith("("):
            body, after = _group(rest)
            if body is None:  # zero-width: what follows decides
                rest = after
                continue
            heads = _union(first_characters(part) for part in alternatives(body))
        else:
            after = rest[len(token) :]
            heads = _one_character(token)
        if heads is None:
            return None
        found |= heads
        if not _OPTIONAL.match(after):
            return found
        quantifier = _QUANTIFIER.match(after)
        rest = after[quantifier.end() :] if quantifier else after
    return None


def _one_character(token: str) -> frozenset[str] | None:
    if token.startswith("["):
        inside = token[1:-1]
        return (
            None if inside.startswith("^") or "-" in inside or "\\" in inside else frozenset(inside)
        )
    if token.startswith("\\"):
        return None if token[1].isalnum() else frozenset(token[1])
    return None if token in {".", "^", "$"} else frozenset(token)


def _union(parts: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    found: frozenset[str] = frozenset()
    for part in parts:
        if part is None:
            return None
        found |= part
    return found


def _group(pattern: str) -> tuple[str | None, str]:
    """The body of the group at the start (``None`` for a look-around), and what follows it."""
    depth = end = 0
    for token in _tokens(pattern):
        end += len(token)
        depth += token.startswith("(") - (token == ")")
        if not depth:
            break
    if pattern.startswith(_ZERO_WIDTH):
        return None, pattern[end:]
    opening = _GROUP.match(pattern)
    return pattern[opening.end() if opening else 0 : end - 1], pattern[end:]


def _tokens(pattern: str) -> Iterator[str]:
    """Escapes and character classes whole, all else by the character."""
    at = 0
    while at < len(pattern):
        end = at + 1
        if pattern[at] == "\\":
            end = at + 2
        elif pattern[at] == "[":
            end = at + 2 + pattern.startswith("^", at + 1)
            while pattern[end] != "]" or pattern[end - 1] == "\\" != pattern[end - 2]:
                end += 1
            end += 1
        yield pattern[at:end]
        at = end
