"""Tags of followers: a 群发 by tag reaches exactly those who wear it.

100 tags an account, names of at most 30 bytes, 20 tags a person, 50 openids a call
(https://developers.weixin.qq.com/doc/offiaccount/User_Management/User_Tag_Management.html).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from catalogue_index.errors import Refused

from ..calling import Failed
from .client import Platform

MOST_TAGS = 100
NAME_BYTES = 30
OPENIDS_A_CALL = 50
NOT_FOLLOWING = frozenset({"40003", "49003", "50005"})


@dataclass(frozen=True, slots=True)
class Synced:
    """What a tag's synchronising did: the tag's id, how many people got it and lost it, and the openids that could not
    get it, for they follow no more."""

    tag: int
    added: int
    removed: int
    strangers: frozenset[str] = field(default=frozenset(), repr=False)


class TagRefused(Refused):
    """The tag cannot be made."""


def sync(platform: Platform, name: str, openids: Iterable[str]) -> Synced:
    """Make exactly ``openids`` wear the tag ``name``, which is made where it is missing.

    May be repeated after any failure. Raises ``Failed`` and ``TagRefused``.
    """
    tag = _tag(platform, name)
    wanted, now = set(openids), set(wearers(platform, tag))
    strangers = _change(platform, "batchtagging", tag, sorted(wanted - now))
    gone = _change(platform, "batchuntagging", tag, sorted(now - wanted))
    added, removed = len(wanted - now) - len(strangers), len(now - wanted) - len(gone)
    return Synced(tag, added, removed, frozenset(strangers))


def wearers(platform: Platform, tag: int) -> Iterator[str]:
    """The openids of all who wear a tag; 10,000 an answer."""
    after = ""
    while True:
        answer = platform.post("/cgi-bin/user/tag/get", {"tagid": tag, "next_openid": after})
        page: Sequence[str] = (answer.get("data") or {}).get("openid") or []
        yield from page
        after = str(answer.get("next_openid") or "")
        if not page or not after:
            return


def _tag(platform: Platform, name: str) -> int:
    tags = platform.get("/cgi-bin/tags/get").get("tags") or []
    for tag in tags:
        if tag.get("name") == name:
            return int(tag["id"])
    if not name or len(name.encode()) > NAME_BYTES:
        raise TagRefused(
            f"标签“{name}”超过 {NAME_BYTES} 个字节。请缩短到 {NAME_BYTES // 3} 个汉字以内。"
        )
    if len(tags) >= MOST_TAGS:
        raise TagRefused(f"公众号已有 {MOST_TAGS} 个标签。请在公众平台“用户管理”中删去不用的标签。")
    made = platform.post("/cgi-bin/tags/create", {"tag": {"name": name}})
    return int(made["tag"]["id"])


def _change(platform: Platform, how: str, tag: int, openids: Sequence[str]) -> list[str]:
    """Give the tag to, or take it from, ``openids``; returns those that the platform does not know."""
    calls = range(0, len(openids), OPENIDS_A_CALL)
    parts = (openids[start : start + OPENIDS_A_CALL] for start in calls)
    return [stranger for part in parts for stranger in _change_some(platform, how, tag, part)]


def _change_some(platform: Platform, how: str, tag: int, openids: Sequence[str]) -> list[str]:
    try:
        body = {"openid_list": list(openids), "tagid": tag}
        platform.post(f"/cgi-bin/tags/members/{how}", body)
        return []
    except Failed as failed:
        if failed.outcome.code not in NOT_FOLLOWING:
            raise
    # One stranger spoils the call for all: halve it until they stand alone.
    if len(openids) == 1:
        return list(openids)
    middle = len(openids) // 2
    halves = (openids[:middle], openids[middle:])
    return [one for half in halves for one in _change_some(platform, how, tag, half)]
