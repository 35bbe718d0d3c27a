"""``/sandbox``: a phone that talks to the real webhook over HTTP, and beside it the wire; and an inbox of all phones.

For trying out and for showing; whoever mounts it decides who may see it. What was said is in this process's memory,
so it belongs on a service with one process; what the platform accepted is in the world's file.
"""

from collections.abc import Mapping, Sequence
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
from .cards import Card, card
from .delivery import FAILURE_NOTICE, PATIENCE, Exchange, Platform
from .file import Now
from .followers import Follower
from .gestures import follow_up
from .inbox import add_to as add_inbox
from .inbox import foreign, from_here
from .log import Log
from .messages import NAMES, Gesture, UnknownGesture, gesture
from .world import FOLLOWERS, World

HERE = Path(__file__).parent
ASSETS = "/sandbox/assets"
MODES: Mapping[str, str] = MappingProxyType(
    {"safe": "安全模式", "compatible": "兼容模式", "plain": "明文模式"}
)


@dataclass(frozen=True, slots=True)
class MenuButton:
    """A button of the account's menu that sends ``key`` (CLICK)."""

    label: str
    key: str


@dataclass(frozen=True, slots=True)
class Said:
    """Something in the talk: an exchange, or a message that came by itself."""

    at: float
    exchange: Exchange | None = None
    card: Card | None = None


def router(
    world: World,
    base_url: str,
    *,
    now: Now,
    title: str = "",
    menu: Sequence[MenuButton] = (),
    patience: float = PATIENCE,
) -> APIRouter:
    """The sandbox for the accounts of ``world`` (at least one), served at ``base_url``.

    ``title`` is the name that the phone shows, or else the account's;
    ``patience`` is how long the platform waits for each delivery.
    """
    platform, log = Platform(base_url, now, patience), Log()
    accounts = tuple(world.accounts.values())
    assets = Assets(HERE / "static", ASSETS)
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    routes = APIRouter(prefix="/sandbox", include_in_schema=False)

    def talk(account: Account, follower: Follower, exchanges: Sequence[Exchange]) -> list[Said]:
        came = world.ledger.of_person(account.name, follower.openid)
        said = [Said(exchange.at, exchange) for exchange in exchanges]
        said += [Said(message.at / 1000, card=card(message)) for message in came]
        return sorted(said, key=lambda one: one.at)

    def page(account: Account, follower: Follower, problem: str = "") -> HTMLResponse:
        exchanges = log.of(account.name, follower.openid)
        shown: dict[str, Any] = {
            "asset": assets.address,
            "account": account,
            "title": title or account.name,
            "accounts": accounts,
            "mode": MODES.get(account.mode, account.mode),
            "follower": follower,
            "followers": list(dict.fromkeys((*FOLLOWERS, follower))),
            "exchanges": exchanges,
            "talk": talk(account, follower, exchanges),
            "codes": world.codes.valid(account.name, now()),
            "notices": [t for t in world.choices.templates(account.name).values() if t.type],
            "agreed": world.followers.agreed(account.name, follower.openid),
            "menu": menu,
            "names": NAMES,
            "failure": FAILURE_NOTICE,
            "problem": problem,
        }
        text = templates.get_template("sandbox.html").render(**shown)
        return HTMLResponse(text, 422 if problem else 200, {**SECURITY, **PRIVATE})

    def pair(account: str, openid: str) -> tuple[Account, Follower]:
        chosen = world.accounts.get(account, accounts[0])
        person = world.followers.get(chosen.name, openid)
        person = person or world.followers.get(chosen.name, FOLLOWERS[0].openid)
        return chosen, person or FOLLOWERS[0]

    @routes.get("")
    async def phone(account: str = "", follower: str = "") -> HTMLResponse:
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
        if not from_here(request):
            return foreign()
        chosen, person = pair(account, follower)
        menu_id, _, message = tap.partition(":")
        try:
            done = gesture("text" if tap else kind, (message or text).strip(), menu_id)
            if done.kind == "scan" and not person.follows:
                done = Gesture("subscribe", done.text)  # scanning is a way to follow
            if not person.follows and done.kind != "subscribe":
                raise UnknownGesture("已经取消关注，不能再发消息。请先点“关注”。")
        except UnknownGesture as refused:
            return page(chosen, person, str(refused))
        follow_up(world, chosen, person, done, now())
        await world.file.settled()
        log.put(await platform.push(chosen, person.openid, done, log.number()))
        return _back(chosen, person)

    @routes.post("/again")
    async def again(
        request: Request,
        account: Annotated[str, Form()],
        follower: Annotated[str, Form()],
        number: Annotated[int, Form()],
    ) -> Response:
        if not from_here(request):
            return foreign()
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
        if not from_here(request):
            return foreign()
        chosen, person = pair(account, follower)
        log.put(await platform.verify(chosen, log.number()))
        return _back(chosen, person)

    add_inbox(routes, world, now, templates, assets)
    routes.mount(ASSETS, assets, name="sandbox-assets")
    return routes


def _back(account: Account, follower: Follower) -> Response:
    query = urlencode({"account": account.name, "follower": follower.openid})
    return RedirectResponse(f"/sandbox?{query}", 303, {**SECURITY, **PRIVATE})
