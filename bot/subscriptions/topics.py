"""What people call a thing → what they can subscribe to. Everyday words do: 养老, 低保户, 找活的."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from catalogue_index.analysis.normalise import normalise
from catalogue_index.analysis.synonyms import Synonyms, everyday_words
from catalogue_index.errors import Refused
from catalogue_index.sectors import Sectors, national_sectors

from .groups import Groups, national_groups
from .model import Kind, Topic

_BEFORE = re.compile(r"^(?:我们?家?|俺|咱)?(?:是|想要?|要)?(?:有关|关于|所有|全部)?")
_AFTER = re.compile(r"(?:方面|领域|人群|相关|有关)?的?(?:政策|消息|信息|通知|公告|内容)?$")
"""What people say around the name of a topic: 关于…方面的消息."""

_SHORTEST = 2
"""Characters of a part of a name that still means that name."""


class Topics:
    """The sectors and groups that can be subscribed to."""

    def __init__(self, sectors: Sectors, groups: Groups, synonyms: Synonyms) -> None:
        self._sectors = sectors
        self._groups = groups
        self._synonyms = synonyms
        self.sectors = tuple(Topic(Kind.SECTOR, name) for name in sectors.names)
        self.groups = tuple(Topic(Kind.GROUP, name) for name in groups.names)

    def find(self, words: str) -> tuple[Topic, ...]:
        """The topics that ``words`` may mean: one where it is clear, several to choose from, none.

        Ways of meaning are tried from the surest to the loosest; the first that finds anything decides.
        """
        ways: tuple[Callable[[str], Iterable[Topic]], ...] = (
            self._begun,
            self._mentioned,
            self._near,
        )
        plain = normalise(words)
        begun = _BEFORE.sub("", plain)
        bare = _AFTER.sub("", begun)
        for form in (plain, begun, bare):
            if found := self._named(form):
                return found
        if len(bare) < _SHORTEST:
            return ()
        return next((found for way in ways if (found := tuple(dict.fromkeys(way(bare))))), ())

    def only(self, kind: Kind, words: str) -> Topic:
        """The one topic of a kind (sector, group) that an office names; raises ``Refused``, saying what there is."""
        found = [topic for topic in self.find(words) if topic.kind is kind]
        if len(found) != 1:
            offered = self.sectors if kind is Kind.SECTOR else self.groups
            names = "、".join(topic.value for topic in found or offered)
            raise Refused(f"不清楚“{words}”是哪一个。可以写：{names}。")
        return found[0]

    def _named(self, words: str) -> tuple[Topic, ...]:
        sector = self._sectors.canonical(words)
        named = (Topic(Kind.SECTOR, sector),) if sector else ()
        return named + _groups(self._groups.called(words))

    def _begun(self, words: str) -> Iterable[Topic]:
        return (topic for topic in self.sectors + self.groups if topic.value.startswith(words))

    def _mentioned(self, words: str) -> Iterable[Topic]:
        sectors = {name: None for name, _, _ in self._sectors.mentioned(words)}
        return (
            *(Topic(Kind.SECTOR, name) for name in sectors),
            *_groups(self._groups.mentioned(words)),
        )

    def _near(self, words: str) -> Iterable[Topic]:
        yield from (topic for topic in self.sectors + self.groups if words in topic.value)
        names = {synonym.sector for synonym in self._synonyms.find(words)}
        yield from (topic for topic in self.sectors if topic.value in names)
        yield from _groups(
            name
            for name in self._groups.names
            if any(words in word for word in self._groups.words_of(name))
        )


@lru_cache(maxsize=1)
def national_topics() -> Topics:
    """The topics of the built-in lists."""
    return Topics(national_sectors(), national_groups(), Synonyms(everyday_words()))


def _groups(names: Iterable[str]) -> tuple[Topic, ...]:
    return tuple(Topic(Kind.GROUP, name) for name in names)
