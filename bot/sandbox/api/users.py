"""Who follows, and the quota of all this."""

from collections.abc import Mapping
from typing import Any

from ..rules import Denied, rule, rules
from .call import Answer, Call, Route, ok


def listed(call: Call) -> Answer:
    """Openids of followers, ten thousand at a time."""
    call.take("users_day")
    after = call.query.get("next_openid", "")
    found = call.world.followers.page(call.name, after, rule("users_page").limit)
    data = {"data": {"openid": found}} if found else {}
    return {
        "total": call.world.followers.count(call.name),
        "count": len(found),
        **data,
        "next_openid": found[-1] if found else "",
    }


def info(call: Call) -> Answer:
    """Whether somebody follows, since when, with which tags; no name or picture since 2021."""
    return _info(call, call.query.get("openid", ""))


def many(call: Call) -> Answer:
    """The same of up to a hundred people."""
    call.only("user_list")
    asked = call.body.get("user_list")
    if not isinstance(asked, list) or not 1 <= len(asked) <= rule("users_batch").limit:
        raise Denied("users_batch")
    openids = [str(one.get("openid", "")) if isinstance(one, dict) else "" for one in asked]
    return {"user_info_list": [_info(call, openid) for openid in openids]}


def clear(call: Call) -> Answer:
    """Count all daily calls anew, ten times a month."""
    call.only("appid")
    if call.text("appid") != call.account.app_id:
        raise Denied("token_app_id")
    call.take("clear_month")
    for name, one in rules().items():
        if name.endswith("_day") and one.code == rule("users_day").code:
            call.world.uses.clear(call.name, name)
    return ok()


def _info(call: Call, openid: str) -> dict[str, Any]:
    person = call.world.followers.get(call.name, openid)
    if person is None:
        raise Denied("openid")
    if not person.follows:
        return {"subscribe": 0, "openid": openid}
    return {
        "subscribe": 1,
        "openid": openid,
        "nickname": "",
        "sex": 0,
        "language": "zh_CN",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "",
        "subscribe_time": call.world.followers.since(call.name, openid),
        "remark": "",
        "groupid": 0,
        "tagid_list": call.world.tags.of(call.name, openid),
        "subscribe_scene": "ADD_SCENE_QR_CODE",
        "qr_scene": 0,
        "qr_scene_str": "",
    }


ROUTES: Mapping[str, Route] = {
    "/cgi-bin/user/get": Route(listed, "GET"),
    "/cgi-bin/user/info": Route(info, "GET"),
    "/cgi-bin/user/info/batchget": Route(many),
    "/cgi-bin/clear_quota": Route(clear),
}
