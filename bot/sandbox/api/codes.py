"""QR codes that tell the account what was scanned (带参数二维码)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from ..rules import Denied, rule
from .call import ONLY_SERVICE, Answer, Call, Route, part, whole

TEMPORARY, PERMANENT = ("QR_SCENE", "QR_STR_SCENE"), ("QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE")
DEFAULT_SECONDS = 60
LARGEST_TEMPORARY = 2**32 - 1


@dataclass(frozen=True, slots=True)
class _Wish:
    scene: str
    seconds: int | None


def create(call: Call) -> Answer:
    """Make a code: for some days, or for ever."""
    call.only("action_name", "action_info", "expire_seconds")
    wish = _wish(call)
    if wish.seconds is None and _permanent(call) >= rule("codes_permanent").limit:
        raise Denied("codes_permanent")
    call.take("code_day")
    ticket = "sandbox" + secrets.token_urlsafe(48)
    until = None if wish.seconds is None else int(call.now) + wish.seconds
    call.world.codes.add(call.name, ticket, wish.scene, until, int(call.now))
    lasting = {} if wish.seconds is None else {"expire_seconds": wish.seconds}
    return {"ticket": ticket, **lasting, "url": f"http://weixin.qq.com/q/{ticket[-16:]}"}


def _wish(call: Call) -> _Wish:
    action = call.text("action_name")
    scene = part(part(call.body, "action_info"), "scene")
    if action not in (*TEMPORARY, *PERMANENT):
        raise Denied("code_action")
    if action.endswith("STR_SCENE"):
        key = scene.get("scene_str")
        if not isinstance(key, str) or not 1 <= len(key) <= rule("code_scene").limit:
            raise Denied("code_scene")
    else:
        most = rule("code_scene_id").limit if action in PERMANENT else LARGEST_TEMPORARY
        if not 1 <= whole(scene, "scene_id") <= most:
            raise Denied("code_scene_id")
        key = str(scene["scene_id"])
    if action in PERMANENT:
        return _Wish(key, None)
    seconds = call.body.get("expire_seconds", DEFAULT_SECONDS)
    if not isinstance(seconds, int) or not 1 <= seconds <= rule("code_seconds").limit:
        raise Denied("code_seconds")
    return _Wish(key, seconds)


def _permanent(call: Call) -> int:
    return call.world.codes.permanent(call.name)


ROUTES: Mapping[str, Route] = {"/cgi-bin/qrcode/create": Route(create, kinds=ONLY_SERVICE)}
