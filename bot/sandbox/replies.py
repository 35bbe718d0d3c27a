"""A reply as the follower sees it, after the platform's checks (被动回复用户消息)."""

import re
from dataclasses import dataclass
from urllib.parse import unquote
from xml.etree import ElementTree

from .platform import BadReply, parse

MOST_BYTES = 2048
"""Content of a text reply, in UTF-8."""
MENU = "weixin://bizmsgmenu?"

_ANCHOR = re.compile(
    r"""<a\s[^<>]*?\bhref\s*=\s*(["'])(?P<href>[^<>]*?)\1[^<>]*>(?P<label>[^<>]*)</a>"""
)
_MEDIA = {"image": "Image", "voice": "Voice", "video": "Video"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text reply: plain, a link to ``url``, or one that sends ``message``."""

    text: str
    url: str = ""
    message: str = ""
    menu_id: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a news reply (图文消息)."""

    title: str
    description: str
    url: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What appears on the phone; ``kind`` is the MsgType."""

    kind: str
    pieces: tuple[Piece, ...] = ()
    articles: tuple[Article, ...] = ()


def read_reply(xml: str, *, openid: str, account_id: str, most_articles: int) -> Reply:
    """The reply in clear ``xml``.

    ``most_articles`` is 1 when a message is answered and 8 for an event. Raises ``BadReply`` for
    anything that the platform or the phone would not show.
    """
    root = parse(xml)
    fields = {child.tag: child.text or "" for child in root}
    for name, expected in (("ToUserName", openid), ("FromUserName", account_id)):
        if fields.get(name) != expected:
            found = fields.get(name) or "空"
            raise BadReply(f"{name} 应为 {expected}，实际是 {found}。收发双方要对调。")
    if not fields.get("CreateTime", "").isdecimal():
        raise BadReply("CreateTime 应为整数秒。请写当前时间戳。")
    kind = fields.get("MsgType", "")
    if kind == "text":
        return Reply(kind, _text(fields.get("Content", "")))
    if kind == "news":
        return Reply(kind, articles=_articles(root, most_articles))
    if kind in _MEDIA:
        if not root.findtext(f"{_MEDIA[kind]}/MediaId"):
            raise BadReply(f"{kind} 回复缺少 {_MEDIA[kind]}/MediaId。请先上传素材。")
        return Reply(kind)
    if kind == "music":
        if not root.findtext("Music/ThumbMediaId"):
            raise BadReply("music 回复缺少 Music/ThumbMediaId。请先上传缩略图。")
        return Reply(kind)
    if kind == "transfer_customer_service":
        return Reply(kind)
    raise BadReply(f"MsgType “{kind}”不是可以回复的类型。")


def pieces(content: str) -> tuple[Piece, ...]:
    """A text reply in stretches; what is not a whole ``<a href="…">…</a>`` is plain text."""
    found: list[Piece] = []
    end = 0
    for anchor in _ANCHOR.finditer(content):
        if anchor.start() > end:
            found.append(Piece(content[end : anchor.start()]))
        found.append(_linked(anchor["href"], anchor["label"]))
        end = anchor.end()
    if end < len(content):
        found.append(Piece(content[end:]))
    return tuple(found)


def _linked(href: str, label: str) -> Piece:
    if href.startswith(MENU):
        given = dict(pair.partition("=")[::2] for pair in href.removeprefix(MENU).split("&"))
        message = unquote(given.get("msgmenucontent", ""))
        menu_id = unquote(given.get("msgmenuid", ""))
        if not message or not menu_id:
            raise BadReply(f"可点选的“{label}”缺少 msgmenucontent 或 msgmenuid，点了没有反应。")
        return Piece(label, message=message, menu_id=menu_id)
    if href.startswith(("http://", "https://")):
        return Piece(label, url=href)
    raise BadReply(f"链接“{label}”的地址“{href}”在微信里打不开。请用 http(s) 的完整地址。")


def _text(content: str) -> tuple[Piece, ...]:
    if not content.strip():
        raise BadReply("Content 是空的。没有话要回时请直接返回 success。")
    size = len(content.encode())
    if size > MOST_BYTES:
        raise BadReply(
            f"Content 有 {size} 字节，超过 {MOST_BYTES} 字节（约 680 字）。请截短或分段。"
        )
    found = pieces(content)
    if any(re.search(r"<a\s|</a>", piece.text) for piece in found):
        raise BadReply("正文里有写了一半的 <a> 链接，可能是截短时切断了。请在标签外截短。")
    return found


def _articles(root: ElementTree.Element, most: int) -> tuple[Article, ...]:
    items = root.findall("Articles/item")
    if root.findtext("ArticleCount") != str(len(items)):
        raise BadReply(f"ArticleCount 与实际的 {len(items)} 篇不一致。")
    if not 1 <= len(items) <= most:
        raise BadReply(f"这里只能回复 1 到 {most} 篇图文，实际 {len(items)} 篇。")
    found = tuple(
        Article(
            item.findtext("Title") or "",
            item.findtext("Description") or "",
            item.findtext("Url") or "",
        )
        for item in items
    )
    if not all(article.title and article.url for article in found):
        raise BadReply("图文缺少标题 Title 或链接 Url。")
    return found
