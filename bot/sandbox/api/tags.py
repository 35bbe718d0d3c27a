"""Tags of followers."""

from collections.abc import Mapping

from ..rules import Denied, rule
from .call import Answer, Call, Route, ok, part, text, texts, whole, within


def create(call: Call) -> Answer:
    """Make a tag."""
    call.only("tag")
    known = call.world.tags.names(call.name)
    name = _name(call, known)
    if len(known) >= rule("tags_most").limit:
        raise Denied("tags_most")
    return {"tag": {"id": call.world.tags.add(call.name, name), "name": name}}


def listed(call: Call) -> Answer:
    """All tags, with how many have them."""
    names = call.world.tags.names(call.name)
    tags = [
        {"id": tag, "name": name, "count": len(call.world.tags.people(call.name, tag))}
        for tag, name in names.items()
    ]
    return {"tags": tags}


def update(call: Call) -> Answer:
    """Give a tag another name."""
    call.only("tag")
    tag = _tag(call, whole(part(call.body, "tag"), "id"))
    others = {id_: name for id_, name in call.world.tags.names(call.name).items() if id_ != tag}
    call.world.tags.rename(call.name, tag, _name(call, others))
    return ok()


def delete(call: Call) -> Answer:
    """Delete a tag."""
    call.only("tag")
    tag = _tag(call, whole(part(call.body, "tag"), "id"))
    if len(call.world.tags.people(call.name, tag)) > rule("tag_big").limit:
        raise Denied("tag_big")
    call.world.tags.remove(call.name, tag)
    return ok()


def put(call: Call) -> Answer:
    """Give up to fifty people a tag."""
    tag, openids = _tagging(call)
    for openid in openids:
        has = call.world.tags.of(call.name, openid)
        if tag not in has and len(has) >= rule("tags_per_person").limit:
            raise Denied("tags_per_person", f"hint: {openid}")
    call.world.tags.put(call.name, tag, openids)
    return ok()


def take(call: Call) -> Answer:
    """Take a tag from up to fifty people."""
    tag, openids = _tagging(call)
    call.world.tags.take(call.name, tag, openids)
    return ok()


def of_person(call: Call) -> Answer:
    """The tags of one person."""
    call.only("openid")
    openid = call.text("openid")
    if call.world.followers.get(call.name, openid) is None:
        raise Denied("openid")
    return {"tagid_list": call.world.tags.of(call.name, openid)}


def people(call: Call) -> Answer:
    """Who has a tag, ten thousand at a time."""
    call.only("tagid", "next_openid")
    tag = _tag(call, whole(call.body, "tagid"))
    after = str(call.body.get("next_openid") or "")
    found = [openid for openid in call.world.tags.people(call.name, tag) if openid > after]
    found = found[: rule("users_page").limit]
    last = found[-1] if found else ""
    return {"count": len(found), "data": {"openid": found}, "next_openid": last}


def _tagging(call: Call) -> tuple[int, list[str]]:
    call.only("tagid", "openid_list")
    tag = _tag(call, whole(call.body, "tagid"))
    openids = texts(call.body, "openid_list")
    if not 1 <= len(openids) <= rule("tag_openids").limit:
        raise Denied("tag_openids")
    for openid in openids:
        person = call.world.followers.get(call.name, openid)
        if person is None or not person.follows:
            raise Denied("openid", openid)
    return tag, openids


def _tag(call: Call, tag: int) -> int:
    if tag <= rule("tag_reserved").limit:
        raise Denied("tag_reserved")
    if tag not in call.world.tags.names(call.name):
        raise Denied("tag_id")
    return tag


def _name(call: Call, known: Mapping[int, str]) -> str:
    name = within(text(part(call.body, "tag"), "name"), "tag_name_bytes")
    if name in known.values():
        raise Denied("tag_name", "the name is in use")
    return name


ROUTES: Mapping[str, Route] = {
    "/cgi-bin/tags/create": Route(create),
    "/cgi-bin/tags/get": Route(listed, "GET"),
    "/cgi-bin/tags/update": Route(update),
    "/cgi-bin/tags/delete": Route(delete),
    "/cgi-bin/tags/members/batchtagging": Route(put),
    "/cgi-bin/tags/members/batchuntagging": Route(take),
    "/cgi-bin/tags/getidlist": Route(of_person),
    "/cgi-bin/user/tag/get": Route(people),
}
