"""The account's menu."""

from collections.abc import Mapping
from typing import Any

from ..rules import Denied, rule
from .call import Answer, Call, Route, ok, within

KEYED = frozenset(
    {
        "click",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
    }
)


def create(call: Call) -> Answer:
    """Put a menu in place of the one before."""
    call.only("button")
    buttons = _list(call.body.get("button"), "menu_buttons")
    for button in buttons:
        below = button.get("sub_button")
        within(_name(button, "menu_name_bytes"), "menu_name_bytes")
        if below:
            for one in _list(below, "menu_sub_buttons"):
                within(_name(one, "menu_sub_name_bytes"), "menu_sub_name_bytes")
                _does_something(one)
        else:
            _does_something(button)
    call.world.choices.set(call.name, "menu", buttons)
    return ok()


def get(call: Call) -> Answer:
    """The menu in place."""
    buttons = call.world.choices.get(call.name, "menu", None)
    if not buttons:
        raise Denied("menu_missing")
    return {"menu": {"button": buttons}}


def delete(call: Call) -> Answer:
    """Have no menu."""
    call.world.choices.set(call.name, "menu", [])
    return ok()


def _list(given: Any, name: str) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise Denied("parameter", "button")
    if not 1 <= len(given) <= rule(name).limit:
        raise Denied(name)
    return given


def _name(button: Mapping[str, Any], name: str) -> str:
    given = button.get("name")
    if not isinstance(given, str) or not given:
        raise Denied(name)
    return given


def _does_something(button: Mapping[str, Any]) -> None:
    kind = str(button.get("type"))
    if kind in KEYED:
        key = button.get("key")
        if not isinstance(key, str) or not key:
            raise Denied("menu_key_bytes")
        within(key, "menu_key_bytes")
    elif kind == "view":
        url = button.get("url")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise Denied("menu_url_bytes")
        within(url, "menu_url_bytes")
    else:
        raise Denied("menu_type")


ROUTES: Mapping[str, Route] = {
    "/cgi-bin/menu/create": Route(create),
    "/cgi-bin/menu/get": Route(get, "GET"),
    "/cgi-bin/menu/delete": Route(delete, "GET"),
}
