"""订阅通知: to who agreed, once or for long, and the templates for it."""

import secrets
from collections.abc import Mapping

from ..choices import LONG_TERM, ONE_TIME, Template
from ..rules import Denied
from .call import ONLY_SERVICE, Answer, Call, Route, ok, opens, part
from .fields import check


def send(call: Call) -> Answer:
    """A notice to one follower; a one-time consent is used up by it."""
    call.only("touser", "template_id", "page", "miniprogram", "miniprogram_state", "lang", "data")
    template = call.world.choices.templates(call.name).get(call.text("template_id"))
    if template is None or not template.type:
        raise Denied("template")
    openid = call.follower(call.text("touser")).openid
    check(part(call.body, "data"), template.fields)
    if not opens(call.body.get("page", "")):
        raise Denied("page")
    if not call.world.followers.use_consent(call.name, openid, template.id):
        raise Denied("consent")
    content = {"title": template.title, "labels": list(template.fields.items()), **call.body}
    at = round(call.now * 1000)
    ref = call.world.ledger.accept(call.name, openid, "wechat_notice", content, at)
    call.world.outbox.notice_sent(call.account, openid, template.id, ref, call.now)
    return ok(msgid=int(ref))


def listed(call: Call) -> Answer:
    """The account's templates of 订阅通知."""
    found = [t for t in call.world.choices.templates(call.name).values() if t.type]
    data = [
        {
            "priTmplId": template.id,
            "title": template.title,
            "content": template.content,
            "example": "",
            "type": template.type,
        }
        for template in found
    ]
    return ok(data=data)


def add(call: Call) -> Answer:
    """Take a template from the public ones; the sandbox has one for each number, long-term ones from 10000."""
    call.only("tid", "kidList", "sceneDesc")
    number = str(call.body.get("tid", ""))
    keys = call.body.get("kidList")
    if not number.isdecimal() or not isinstance(keys, list) or not 2 <= len(keys) <= 5:
        raise Denied("parameter", "tid kidList")
    kind = LONG_TERM if int(number) >= 10_000 else ONE_TIME
    fields = {f"thing{key}": f"内容{key}" for key in keys}
    made = Template(secrets.token_urlsafe(32), f"公共模板 {number}", fields, kind)
    known = call.world.choices.templates(call.name)
    call.world.choices.set_templates(call.name, {**known, made.id: made})
    return ok(priTmplId=made.id)


def remove(call: Call) -> Answer:
    """Give a template back."""
    call.only("priTmplId")
    gone = call.text("priTmplId")
    known = dict(call.world.choices.templates(call.name))
    if known.pop(gone, None) is None:
        raise Denied("template")
    call.world.choices.set_templates(call.name, known)
    return ok()


def categories(_: Call) -> Answer:
    """What the account is registered for."""
    return ok(data=[{"id": 616, "name": "政务民生"}])


ROUTES: Mapping[str, Route] = {
    "/cgi-bin/message/subscribe/bizsend": Route(send, kinds=ONLY_SERVICE),
    "/wxaapi/newtmpl/gettemplate": Route(listed, "GET", ONLY_SERVICE),
    "/wxaapi/newtmpl/addtemplate": Route(add, kinds=ONLY_SERVICE),
    "/wxaapi/newtmpl/deltemplate": Route(remove, kinds=ONLY_SERVICE),
    "/wxaapi/newtmpl/getcategory": Route(categories, "GET", ONLY_SERVICE),
}
