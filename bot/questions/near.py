"""Which groups ask nearly the same: like words, asked for alike, from one area."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .groups import Group

LIKE = 0.7
"""Share of content words that two groups have in common (Dice) from which they are shown together: 低保公示几天 and
低保结果公示几天."""


Read = Callable[[str], tuple[frozenset[str], tuple[str, ...]]]
"""A text's content words, and what it asks for."""


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


def joined(groups: Sequence[Group], read: Read) -> list[Cluster]:
    """Each group under the first one that it is near to, in the order given.

    What asks for something else (who, when, where) is not near, nor what comes from another area.
    """
    heads: dict[int, list[Group]] = {}
    sizes: dict[int, int] = {}
    having: defaultdict[object, list[int]] = defaultdict(list)
    for place, group in enumerate(groups):
        words, aspects = read(group.words)
        # Only what is asked alike in one area has words in common here.
        told = [(word, aspects, group.key.area) for word in words]
        shared = Counter(head for word in told for head in having[word])
        near = (h for h, n in shared.items() if 2 * n >= LIKE * (len(words) + sizes[h]))
        head = min(near, default=place)
        if head != place:
            heads[head].append(group)
            continue
        heads[place], sizes[place] = [], len(words)
        for word in told:
            having[word].append(place)
    return [Cluster(groups[place], tuple(near)) for place, near in heads.items()]
