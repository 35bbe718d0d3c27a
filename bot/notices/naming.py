"""From the words of people to whom a push concerns: sectors, groups, areas and channels by any of their names."""

from collections.abc import Collection, Iterable

from bot.subscriptions.groups import Groups, national_groups
from catalogue_index.areas import Areas
from catalogue_index.errors import Refused
from catalogue_index.sectors import Sectors, national_sectors

from .model import Rule


def rule_of(
    areas: Areas,
    *,
    sectors: Iterable[str] = (),
    items: Iterable[str] = (),
    groups: Iterable[str] = (),
    in_areas: Iterable[str] = (),
    everyone: bool = False,
) -> Rule:
    """A rule by the names that people use; raises ``Refused`` for one that there is not, with those that there are."""
    return Rule(
        sectors_of(sectors),
        tuple(items),
        groups_of(groups),
        tuple(areas.find(one).code for one in in_areas),
        everyone,
    )


def sectors_of(words: Iterable[str], sectors: Sectors | None = None) -> tuple[str, ...]:
    """Sectors by any of their names."""
    known = sectors or national_sectors()
    found = (known.canonical(one) or one_of(one, known.names, "领域") for one in words)
    return tuple(dict.fromkeys(found))


def groups_of(words: Iterable[str], groups: Groups | None = None) -> tuple[str, ...]:
    """Groups by any of their names; one word may name several."""
    known = groups or national_groups()
    found = (
        name for one in words for name in known.called(one) or (one_of(one, known.names, "人群"),)
    )
    return tuple(dict.fromkeys(found))


def one_of(word: str, allowed: Collection[str], what: str) -> str:
    """The word, if it is allowed; raises ``Refused`` with all that are."""
    if word not in allowed:
        raise Refused(f"没有“{word}”这个{what}。可以写：{'、'.join(allowed)}。")
    return word
