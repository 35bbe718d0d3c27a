"""``/sandbox/inbox``: all followers of an account and what came to them, and what its administrator has to confirm."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.clock import CHINA
from bot.web.assets import Assets
from bot.web.headers import PRIVATE, SECURITY

from .account import Account
from .file import Now
from .followers import Listed
from .mass import Job
from .world import World

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A follower in the list."""

    listed: Listed
    last: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A 群发 that waits for the administrator, and the minutes that are left."""

    job: Job
    minutes: int


def add_to(
    routes: APIRouter, world: World, now: Now, templates: Environment, assets: Assets
) -> None:
    """Put the inbox on ``routes``."""

    @routes.get("/inbox")
    async def inbox(account: str = "", words: str = "", start: int = 0) -> HTMLResponse:
        chosen = _account(world, account)
        listed = world.followers.listed(chosen.name, words.strip(), max(0, start), A_PAGE + 1)
        shown: dict[str, Any] = {
            "asset": assets.address,
            "account": chosen,
            "accounts": list(world.accounts.values()),
            "words": words.strip(),
            "start": max(0, start),
            "size": A_PAGE,
            "more": len(listed) > A_PAGE,
            "rows": [Row(one, _moment(one.last_at)) for one in listed[:A_PAGE]],
            "followers": world.followers.count(chosen.name),
            "counts": world.ledger.channels(chosen.name),
            "protected": world.choices.get(chosen.name, "protection", False),
            "asked": [_asked(job, now()) for job in world.mass.waiting(chosen.name)],
        }
        text = templates.get_template("inbox.html").render(**shown)
        return HTMLResponse(text, 200, {**SECURITY, **PRIVATE})

    @routes.post("/confirm")
    async def confirm(
        request: Request,
        account: Annotated[str, Form()],
        job: Annotated[int, Form()],
        answer: Annotated[str, Form()],
    ) -> Response:
        """The administrator's answer to 群发保护: yes, or anything else."""
        if not from_here(request):
            return foreign()
        chosen = _account(world, account)
        world.mass.decide(chosen.name, job, now(), confirmed=answer == "yes")
        await world.file.settled()
        return _back(chosen)

    @routes.post("/protect")
    async def protect(
        request: Request,
        account: Annotated[str, Form()],
        on: Annotated[str, Form()],
    ) -> Response:
        """Switch 群发保护 on or off."""
        if not from_here(request):
            return foreign()
        chosen = _account(world, account)
        world.choices.set(chosen.name, "protection", on == "yes")
        await world.file.settled()
        return _back(chosen)


def from_here(request: Request) -> bool:
    """Browsers say which site sent a form; only our own pages may make the sandbox do something."""
    return request.headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}


def foreign() -> Response:
    """The answer to all other sites."""
    return Response("请从沙盒页面操作。", 403, dict(SECURITY), "text/plain; charset=utf-8")


def _account(world: World, name: str) -> Account:
    return world.accounts.get(name) or next(iter(world.accounts.values()))


def _asked(job: Job, now: float) -> Asked:
    return Asked(job, max(0, -int((now - job.confirm_by) // 60)))


def _moment(milliseconds: int) -> str:
    if not milliseconds:
        return ""
    return f"{datetime.fromtimestamp(milliseconds / 1000, CHINA):%m-%d %H:%M:%S}"


def _back(account: Account) -> Response:
    query = urlencode({"account": account.name})
    return RedirectResponse(f"/sandbox/inbox?{query}", 303, {**SECURITY, **PRIVATE})
