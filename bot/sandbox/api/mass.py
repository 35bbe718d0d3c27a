"""群发: to all, to a tag or to openids; to one person as a preview; what became of it, and its deletion."""

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from ..account import SUBSCRIPTION
from ..file import milliseconds
from ..mass import DELETED, REFUSED, SENT, Job
from ..rules import Denied, rule
from .call import ONLY_SERVICE, Answer, Call, Route, ok, part, text, texts, whole, within

KINDS = ("text", "mpnews", "image", "voice", "mpvideo", "wxcard")
DELETABLE = ("mpnews", "mpvideo")
STATES: Mapping[str, str] = {SENT: "SEND_SUCCESS", REFUSED: "SEND_FAIL", DELETED: "DELETE"}


def send_all(call: Call) -> Answer:
    """To all followers, or to those with a tag."""
    kind = _kind(call, "filter")
    chosen = part(call.body, "filter")
    everybody = chosen.get("is_to_all") is True
    if not everybody and not _has_tag(call, whole(chosen, "tag_id")):
        raise Denied("tag_id")
    content = _content(call, kind)
    openids = _everybody(call) if everybody else call.world.tags.people(call.name, chosen["tag_id"])
    if call.account.kind == SUBSCRIPTION:
        return _submit(call, openids, content, "mass_subscription_day")
    return _submit(call, openids, content, "mass_all_day" if everybody else "mass_day")


def send(call: Call) -> Answer:
    """To the openids given: those who do not follow are left out."""
    kind = _kind(call, "touser")
    openids = texts(call.body, "touser")
    if len(openids) < rule("mass_fewest").limit:
        raise Denied("mass_fewest")
    if len(openids) > rule("mass_most").limit:
        raise Denied("mass_most")
    if any(call.world.followers.get(call.name, openid) is None for openid in openids):
        raise Denied("openid")
    return _submit(call, list(dict.fromkeys(openids)), _content(call, kind), "mass_day")


def preview(call: Call) -> Answer:
    """To one follower, to look at it: counts for nothing but its own quota."""
    kind = _kind(call, "touser")
    openid = call.follower(call.text("touser")).openid
    content = _content(call, kind)
    call.take("mass_preview_day")
    at = milliseconds(call.now)
    ref = call.world.ledger.accept(call.name, openid, "wechat_preview", content, at)
    return ok(msg_id=int(ref))


def get(call: Call) -> Answer:
    """What became of a job."""
    call.only("msg_id")
    job = _job(call)
    return {"msg_id": job.id, "msg_status": STATES.get(job.state, "SENDING")}


def delete(call: Call) -> Answer:
    """Take the article of a job away; there is nothing to take away of a text."""
    call.only("msg_id", "article_idx", "url")
    job = _job(call)
    if job.state != SENT or job.content["msgtype"] not in DELETABLE:
        raise Denied("mass_id")
    call.world.mass.delete(job)
    return ok()


def add_draft(call: Call) -> Answer:
    """Keep articles to send: the media_id of mpnews."""
    call.only("articles")
    articles = call.body.get("articles")
    if not isinstance(articles, list) or not articles:
        raise Denied("parameter", "articles")
    for article in articles:
        if not isinstance(article, dict):
            raise Denied("parameter", "articles")
        text(article, "title")
        text(article, "content")
    media_id = secrets.token_urlsafe(32)
    call.world.choices.set(call.name, f"media {media_id}", articles)
    return {"media_id": media_id}


def _kind(call: Call, whom: str) -> str:
    kind = call.text("msgtype")
    if kind not in KINDS:
        raise Denied("mass_type")
    call.only(whom, "msgtype", kind, "send_ignore_reprint", "clientmsgid", "towxname")
    return kind


def _content(call: Call, kind: str) -> dict[str, Any]:
    given = part(call.body, kind)
    content: dict[str, Any] = {"msgtype": kind, kind: given}
    if kind == "text":
        within(text(given, "content"), "text_bytes")
        return content
    kept = call.world.choices.get(call.name, f"media {given.get('media_id')}", None)
    if kept is None:
        raise Denied("media")
    return {**content, "articles": kept}


def _submit(call: Call, openids: Sequence[str], content: dict[str, Any], quota: str) -> Answer:
    key = within(str(call.body.get("clientmsgid") or ""), "mass_key_bytes")
    call.take("mass_minute")
    call.world.mass.refuse_repeated(call.name, key, openids, content, call.now)
    call.take(quota)
    protected = call.world.choices.get(call.name, "protection", False)
    number = call.world.mass.submit(
        call.name, key, openids, content, call.now, confirmed=not protected
    )
    return ok(errmsg="send job submission success", msg_id=number, msg_data_id=number + 10**9)


def _everybody(call: Call) -> list[str]:
    return call.world.followers.page(call.name, "", -1)


def _has_tag(call: Call, tag: int) -> bool:
    return tag in call.world.tags.names(call.name)


def _job(call: Call) -> Job:
    given = call.body.get("msg_id")
    # More digits than a number of SQLite has: nothing of ours.
    number = str(given) if isinstance(given, int | str) else ""
    known = re.fullmatch(r"[0-9]{1,18}", number)
    job = call.world.mass.get(call.name, int(number)) if known else None
    if job is None:
        raise Denied("mass_id")
    return job


ROUTES: Mapping[str, Route] = {
    "/cgi-bin/message/mass/sendall": Route(send_all),
    "/cgi-bin/message/mass/send": Route(send, kinds=ONLY_SERVICE),
    "/cgi-bin/message/mass/preview": Route(preview),
    "/cgi-bin/message/mass/get": Route(get),
    "/cgi-bin/message/mass/delete": Route(delete),
    "/cgi-bin/draft/add": Route(add_draft),
}
