"""Which groups ask nearly the same: like words, asked for alike, from one area."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.answering.asking import understand

from .groups import Group

LIKE = 0.7
"""Share of content words that two groups have in common (Dice) from which they are shown together: 低保公示几天 and
低保结果公示几天."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group, and those near to it, which may be closed along with it."""

    head: Group
    near: tuple[Group, ...] = ()

    @property
    def count(self) -> int:
        """How often all of them were asked."""
        return self.head.count + sum(group.count for group in self.near)

    @property
    def last_at(self) -> int:
        """When one of them was asked last."""
        return max(group.last_at for group in (self.head, *self.near))


def joined(groups: Sequence[Group], content: Callable[[str], frozenset[str]]) -> list[Cluster]:
    """Each group under the first one that it is near to, in the order given; ``content`` are the content words of a text.

    What asks for something else (who, when, where) is not near, nor what comes from another area.
    """
    told = [content(group.words) for group in groups]
    asked = [(group.key.area, understand(group.words).aspects) for group in groups]
    alike = _shared(told) >= LIKE
    heads: dict[int, list[Group]] = {}
    for place, group in enumerate(groups):
        near = (int(one) for one in np.flatnonzero(alike[place, :place]))
        head = next((n for n in near if n in heads and asked[n] == asked[place]), None)
        if head is None:
            heads[place] = []
        else:
            heads[head].append(group)
    return [Cluster(groups[place], tuple(near)) for place, near in heads.items()]


def _shared(bags: Sequence[frozenset[str]]) -> NDArray[np.float32]:
    """How much each two bags of words share, from 0 to 1; empty ones share nothing."""
    numbers = {word: n for n, word in enumerate(sorted(frozenset().union(*bags)))}
    has = np.zeros((len(bags), len(numbers)), dtype=np.float32)
    for row, bag in enumerate(bags):
        has[row, [numbers[word] for word in bag]] = 1
    sizes = has.sum(axis=1)
    shared: NDArray[np.float32] = 2 * (has @ has.T) / np.maximum(sizes[:, None] + sizes, 1)
    return shared
