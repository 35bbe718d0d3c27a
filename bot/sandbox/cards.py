"""A message of the platform's as it looks on the phone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .ledger import CHANNELS, Message
from .replies import Piece, pieces


@dataclass(frozen=True, slots=True)
class Card:
    """What is to be seen: the channel's name, a title, labelled lines, words, and where a tap leads."""

    channel: str
    title: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    words: tuple[Piece, ...] = ()
    link: str = ""
    deleted: bool = False


def card(message: Message) -> Card:
    """How ``message`` looks."""
    name, content = CHANNELS.get(message.channel, message.channel), message.content
    if "data" in content:
        link = str(content.get("page") or content.get("url") or "")
        return Card(name, str(content["title"]), _lines(content), link=link)
    if articles := _articles(content):
        first = articles[0]
        return Card(
            name,
            str(first.get("title", "")),
            words=(Piece(str(first.get("description") or first.get("digest") or "")),),
            link=str(first.get("url") or first.get("content_source_url") or ""),
            deleted=bool(content.get("deleted")),
        )
    return Card(name, words=pieces(_words(content)))


def _lines(content: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    labels: Sequence[tuple[str, str]] = content["labels"]
    return tuple((label, str(content["data"][key]["value"])) for key, label in labels)


def _articles(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = (
        content.get("articles") or content.get("news", {}).get("articles") or []
    )
    return found


def _words(content: Mapping[str, Any]) -> str:
    if "msgmenu" in content:
        menu = content["msgmenu"]
        options = [str(option["content"]) for option in menu["list"]]
        parts = [menu.get("head_content", ""), *options, menu.get("tail_content", "")]
        return "\n".join(filter(None, map(str, parts)))
    text = content.get("text", "")
    words = text.get("content", "") if isinstance(text, dict) else text
    return str(words) or f"〔{content.get('msgtype', '消息')}〕"
