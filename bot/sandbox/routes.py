"""``/sandbox``: a phone that talks to the real webhook over HTTP, and beside it the wire.

For trying out and for showing; whoever mounts it decides who may see it. Its memory is this
process's own, so it belongs on a service with one process.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.web.assets import Assets
from bot.web.headers import PRIVATE, SECURITY

from .account import Account
from .delivery import FAILURE_NOTICE, PATIENCE, Platform
from .log import Log
from .messages import NAMES, UnknownGesture, gesture

HERE = Path(__file__).parent
ASSETS = "/sandbox/assets"
MODES: Mapping[str, str] = MappingProxyType(
    {"safe": "安全模式", "compatible": "兼容模式", "plain": "明文模式"}
)


@dataclass(frozen=True, slots=True)
class Follower:
    """A pretended WeChat user."""

    openid: str
    name: str


@dataclass(frozen=True, slots=True)
class MenuButton:
    """A button of the account's menu that sends ``key`` (CLICK)."""

    label: str
    key: str


FOLLOWERS = (
    Follower("oSandbox_citizen_0000000001", "王大娘 · 群众"),
    Follower("oSandbox_clerk_000000000002", "小李 · 办事员"),
    Follower("oSandbox_business_000000003", "张老板 · 企业"),
)


def router(
    accounts: Sequence[Account],
    base_url: str,
    *,
    now: Callable[[], int],
    title: str = "",
    menu: Sequence[MenuButton] = (),
    patience: float = PATIENCE,
) -> APIRouter:
    """The sandbox for ``accounts`` (at least one) of the service at ``base_url``.

    ``now`` gives Unix seconds; ``title`` is the name that the phone shows, or else the account's;
    ``patience`` is how long the platform waits for each delivery.
    """
    platform, log = Platform(base_url, now, patience), Log()
    named = {account.name: account for account in accounts}
    assets = Assets(HERE / "static", ASSETS)
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    routes = APIRouter(prefix="/sandbox", include_in_schema=False)

    def page(account: Account, follower: Follower, problem: str = "") -> HTMLResponse:
        shown: dict[str, Any] = {
            "asset": assets.address,
            "account": account,
            "title": title or account.name,
            "accounts": accounts,
            "mode": MODES.get(account.mode, account.mode),
            "follower": follower,
            "followers": FOLLOWERS,
            "follows": log.follows(account.name, follower.openid),
            "exchanges": log.of(account.name, follower.openid),
            "menu": menu,
            "names": NAMES,
            "failure": FAILURE_NOTICE,
            "problem": problem,
        }
        text = templates.get_template("sandbox.html").render(**shown)
        return HTMLResponse(text, 422 if problem else 200, {**SECURITY, **PRIVATE})

    def pair(account: str, openid: str) -> tuple[Account, Follower]:
        follower = next((known for known in FOLLOWERS if known.openid == openid), FOLLOWERS[0])
        return named.get(account, accounts[0]), follower

    @routes.get("")
    def phone(account: str = "", follower: str = "") -> HTMLResponse:
        return page(*pair(account, follower))

    @routes.post("/send")
    async def send(
        request: Request,
        account: Annotated[str, Form()],
        follower: Annotated[str, Form()],
        kind: Annotated[str, Form()] = "text",
        text: Annotated[str, Form()] = "",
        tap: Annotated[str, Form()] = "",
    ) -> Response:
        """``tap`` is the menu id and the message of a tapped line, with a colon between."""
        if not _from_here(request):
            return _foreign()
        chosen, person = pair(account, follower)
        menu_id, _, message = tap.partition(":")
        try:
            done = gesture("text" if tap else kind, (message or text).strip(), menu_id)
            if not (log.follows(chosen.name, person.openid) or done.kind == "subscribe"):
                raise UnknownGesture("已经取消关注，不能再发消息。请先点“关注”。")
        except UnknownGesture as refused:
            return page(chosen, person, str(refused))
        log.put(await platform.push(chosen, person.openid, done, log.number()))
        return _back(chosen, person)

    @routes.post("/again")
    async def again(
        request: Request,
        account: Annotated[str, Form()],
        follower: Annotated[str, Form()],
        number: Annotated[int, Form()],
    ) -> Response:
        if not _from_here(request):
            return _foreign()
        chosen, person = pair(account, follower)
        exchange = log.get(number)
        if exchange is None or exchange.account != chosen.name or exchange.gesture is None:
            return page(chosen, person, "这条消息已经不在记录里。请重新发送一条。")
        log.put(await platform.again(chosen, exchange))
        return _back(chosen, person)

    @routes.post("/verify")
    async def verify(
        request: Request, account: Annotated[str, Form()], follower: Annotated[str, Form()]
    ) -> Response:
        if not _from_here(request):
            return _foreign()
        chosen, person = pair(account, follower)
        log.put(await platform.verify(chosen, log.number()))
        return _back(chosen, person)

    routes.mount(ASSETS, assets, name="sandbox-assets")
    return routes


def _from_here(request: Request) -> bool:
    """Browsers say which site sent a form; only this page may make the sandbox send."""
    return request.headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}


def _foreign() -> Response:
    return Response("请从沙盒页面操作。", 403, dict(SECURITY), "text/plain; charset=utf-8")


def _back(account: Account, follower: Follower) -> Response:
    query = urlencode({"account": account.name, "follower": follower.openid})
    return RedirectResponse(f"/sandbox?{query}", 303, {**SECURITY, **PRIVATE})
