"""模板消息: to a follower, once for each client_msg_id within ten minutes; a receipt tells what became of it."""

from collections.abc import Mapping

from ..file import milliseconds
from ..rules import Denied, rule
from .call import ONLY_SERVICE, Answer, Call, Route, ok, opens, part
from .fields import check

CHANNEL = "wechat_template"


def send(call: Call) -> Answer:
    """A message to one follower; who takes no messages does not get it, which only the receipt tells."""
    call.only(
        "touser", "template_id", "url", "miniprogram", "client_msg_id", "data", "topcolor", "color"
    )
    template = call.world.choices.templates(call.name).get(call.text("template_id"))
    if template is None or template.type:
        raise Denied("template")
    person = call.follower(call.text("touser"))
    check(part(call.body, "data"), template.fields)
    if not opens(call.body.get("url", "")):
        raise Denied("page")
    key = _new_key(call, person.openid)
    call.take("template_day")
    arrives = not person.barred
    content = {"title": template.title, "labels": list(template.fields.items()), **call.body}
    ref = call.world.ledger.accept(
        call.name,
        person.openid,
        CHANNEL,
        content,
        milliseconds(call.now),
        key=key,
        arrived=arrives,
    )
    status = "success" if arrives else "failed:user block"
    call.world.outbox.template_sent(call.account, person.openid, ref, status, call.now)
    return ok(msgid=int(ref))


def listed(call: Call) -> Answer:
    """The account's templates of 模板消息."""
    found = [t for t in call.world.choices.templates(call.name).values() if not t.type]
    templates = [
        {
            "template_id": template.id,
            "title": template.title,
            "primary_industry": "政府与公共事业",
            "deputy_industry": "公共事业",
            "content": template.content,
            "example": "",
        }
        for template in found
    ]
    return {"template_list": templates}


def remove(call: Call) -> Answer:
    """Give a template back."""
    call.only("template_id")
    known = dict(call.world.choices.templates(call.name))
    if known.pop(call.text("template_id"), None) is None:
        raise Denied("template")
    call.world.choices.set_templates(call.name, known)
    return ok()


def _new_key(call: Call, openid: str) -> str:
    key = call.body.get("client_msg_id", "")
    if not isinstance(key, str) or len(key) > rule("template_key_characters").limit:
        raise Denied("template_key_characters")
    since = milliseconds(call.now - rule("template_repeated").limit)
    if key and call.world.ledger.known(call.name, openid, CHANNEL, key, since):
        raise Denied("template_repeated")
    return key


ROUTES: Mapping[str, Route] = {
    "/cgi-bin/message/template/send": Route(send, kinds=ONLY_SERVICE),
    "/cgi-bin/template/get_all_private_template": Route(listed, "GET", ONLY_SERVICE),
    "/cgi-bin/template/del_private_template": Route(remove, kinds=ONLY_SERVICE),
}
