"""客服消息: a few messages to who wrote within two days, or tapped within a minute."""

from collections.abc import Callable, Mapping
from typing import Any

from ..file import milliseconds
from ..rules import Denied, rule
from .call import Answer, Call, Route, ok, part, text, within

Body = Mapping[str, Any]


def send(call: Call) -> Answer:
    """One message to one follower; one of those that their last message or tap allows."""
    kind = call.text("msgtype")
    if kind not in _CHECKS:
        raise Denied("custom_type")
    call.only("touser", "msgtype", kind, "customservice")
    _CHECKS[kind](part(call.body, kind))
    person = call.world.followers.get(call.name, call.text("touser"))
    if person is None:
        raise Denied("openid")
    if broken := call.world.followers.write_back(call.name, person.openid, call.now):
        raise Denied(broken)
    call.take("custom_day")
    at = milliseconds(call.now)
    call.world.ledger.accept(call.name, person.openid, "wechat_custom", call.body, at)
    return ok()


def staff(_: Call) -> Answer:
    """The people who answer for the account: none."""
    return {"kf_list": []}


def _text(given: Body) -> None:
    within(text(given, "content"), "text_bytes")


def _news(given: Body) -> None:
    articles = given.get("articles")
    if not isinstance(articles, list) or not articles:
        raise Denied("parameter", "articles")
    if len(articles) > rule("articles").limit:
        raise Denied("articles")
    for article in articles:
        if not isinstance(article, dict):
            raise Denied("parameter", "articles")
        text(article, "title")
        if not text(article, "url").startswith(("http://", "https://")):
            raise Denied("parameter", "url")


def _menu(given: Body) -> None:
    options = given.get("list")
    if not isinstance(options, list) or not options:
        raise Denied("parameter", "list")
    for option in options:
        if not isinstance(option, dict) or not str(option.get("id", "")):
            raise Denied("parameter", "list")
        text(option, "content")
    within(str(given.get("head_content", "")), "text_bytes")


def _media(given: Body) -> None:
    if not given.get("media_id"):
        raise Denied("media")


_CHECKS: Mapping[str, Callable[[Body], None]] = {
    "text": _text,
    "news": _news,
    "msgmenu": _menu,
    "image": _media,
    "voice": _media,
    "video": _media,
    "mpnews": _media,
}

ROUTES: Mapping[str, Route] = {
    "/cgi-bin/message/custom/send": Route(send),
    "/cgi-bin/customservice/getkflist": Route(staff, "GET"),
}
