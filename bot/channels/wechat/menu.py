"""The menu under the chat. Setting it replaces the one made in the console; people see it within five minutes.

Three buttons, five lines under each
(https://developers.weixin.qq.com/doc/offiaccount/Custom_Menus/Creating_Custom-Defined_Menu.html).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from catalogue_index.errors import Refused

from .client import Platform

BUTTONS, LINES = 3, 5
BUTTON_BYTES, LINE_BYTES = 16, 60
KEY_BYTES, URL_BYTES = 128, 1024


@dataclass(frozen=True, slots=True)
class Button:
    """A button that sends ``key``, or opens ``url``, or shows ``lines``."""

    label: str
    key: str = ""
    url: str = ""
    lines: tuple["Button", ...] = ()


def standard(public_url: str) -> tuple[Button, ...]:
    """The menu of this service: each key is a command that people may also type; the page only where it is public."""
    page = (Button("网页版", url=public_url),) if public_url else ()
    asking = (Button("怎么问", key="帮助"), Button("换地区", key="换地区"), *page)
    subscribing = (
        Button("订阅通知", key="订阅"),
        Button("我的订阅", key="我的订阅"),
        Button("每周一次", key="每周一次"),
        Button("暂停通知", key="暂停"),
        Button("退订", key="退订"),
    )
    mine = (Button("找工作人员", key="人工"), Button("我的数据", key="我的数据"))
    return (
        Button("问公开", lines=asking),
        Button("订政策", lines=subscribing),
        Button("我的", lines=mine),
    )


class MenuRefused(Refused):
    """The platform would not take this menu; one line for each fault."""


def set_menu(platform: Platform, buttons: Sequence[Button]) -> None:
    """Show ``buttons`` from now on. Raises ``Failed`` and ``MenuRefused``."""
    if faults := list(_faults(buttons)):
        raise MenuRefused("\n".join(faults))
    platform.post("/cgi-bin/menu/create", {"button": [_json(button) for button in buttons]})


def _json(button: Button) -> dict[str, Any]:
    if button.lines:
        return {"name": button.label, "sub_button": [_json(line) for line in button.lines]}
    if button.url:
        return {"type": "view", "name": button.label, "url": button.url}
    return {"type": "click", "name": button.label, "key": button.key}


def _faults(buttons: Sequence[Button]) -> Iterator[str]:
    if not 1 <= len(buttons) <= BUTTONS:
        yield f"菜单应有 1 至 {BUTTONS} 个按钮，现在有 {len(buttons)} 个。"
    for button in buttons:
        yield from _faults_of(button, BUTTON_BYTES)
        if len(button.lines) > LINES:
            yield f"按钮“{button.label}”下最多 {LINES} 行，现在有 {len(button.lines)} 行。"
        for line in button.lines:
            if line.lines:
                yield f"“{line.label}”下面不能再有下一级。"
            yield from _faults_of(line, LINE_BYTES)


def _faults_of(button: Button, most: int) -> Iterator[str]:
    if not 1 <= len(button.label.encode()) <= most:
        yield f"按钮“{button.label}”的名称应有 1 至 {most // 3} 个汉字。"
    if sum(map(bool, (button.key, button.url, button.lines))) != 1:
        yield f"按钮“{button.label}”应当只做一件事：发关键词、打开网页或展开下一级。"
    if len(button.key.encode()) > KEY_BYTES or len(button.url.encode()) > URL_BYTES:
        yield f"按钮“{button.label}”的关键词最多 {KEY_BYTES} 字节，网址最多 {URL_BYTES} 字节。"
