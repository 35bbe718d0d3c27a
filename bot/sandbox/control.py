"""``/sandbox/control``: what a trial or a drill needs to set up and to ask, as JSON. No part of the platform."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Body, Depends, HTTPException
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from .choices import LONG_TERM
from .faults import Fault, Faults, Receipts
from .file import Now
from .followers import LONG, ONCE, Follower
from .inbox import from_here
from .world import World

Given = Annotated[dict[str, Any], Body()]

T = TypeVar("T")

_FAULTS: TypeAdapter[Sequence[Fault]] = TypeAdapter(list[Fault])
_RECEIPTS = TypeAdapter(Receipts)


def router(world: World, faults: Faults, *, now: Now) -> APIRouter:
    """The controls of ``world`` and of what goes wrong in it."""
    routes = APIRouter(
        prefix="/sandbox/control", include_in_schema=False, dependencies=[Depends(_only_from_here)]
    )

    @routes.get("/received")
    async def received(push: str = "") -> dict[str, Any]:
        """How many messages arrived, and how many of them twice."""
        return {**world.ledger.counts(push), "events": world.outbox.open()}

    @routes.get("/messages")
    async def messages(push: str = "") -> list[dict[str, Any]]:
        """The messages themselves."""
        return [asdict(message) for message in world.ledger.received(push)]

    @routes.get("/duplicates")
    async def duplicates(push: str = "") -> list[dict[str, Any]]:
        """Messages that somebody had already."""
        return [asdict(message) for message in world.ledger.duplicates(push)]

    @routes.post("/followers")
    async def followers(given: Given) -> dict[str, Any]:
        """``{account, count, prefix, agreed: [template ids]}``: so many followers, who agreed to these templates."""
        account = _account(world, given)
        prefix = str(given.get("prefix", "oSandbox_many_"))
        openids = [f"{prefix}{n:08d}" for n in range(1, int(given["count"]) + 1)]
        people = [Follower(openid, f"用户 {n}") for n, openid in enumerate(openids, 1)]
        world.followers.add(account, people, now())
        templates = world.choices.templates(account)
        for template in given.get("agreed", ()):
            kind = LONG if templates[template].type == LONG_TERM else ONCE
            world.followers.agree(account, openids, template, kind)
        await world.file.settled()
        return {"first": openids[0], "last": openids[-1], "count": len(openids)}

    @routes.post("/wrote")
    async def wrote(given: Given) -> dict[str, Any]:
        """``{account, openids}``: these followers have just written, so that 客服消息 may be sent to them."""
        for openid in given["openids"]:
            world.followers.wrote(_account(world, given), openid, now())
        await world.file.settled()
        return {}

    @routes.post("/faults")
    async def set_faults(given: Given) -> dict[str, Any]:
        """``{rules: [Fault], latency}``: what is to go wrong from now on."""
        faults.replace(_read(_FAULTS, given.get("rules", [])))
        faults.latency = float(given.get("latency", faults.latency))
        return {"rules": len(faults.rules), "latency": faults.latency}

    @routes.post("/receipts")
    async def set_receipts(given: Given) -> dict[str, Any]:
        """A ``Receipts``: when receipts come from now on."""
        world.outbox.receipts = _read(_RECEIPTS, given)
        return asdict(world.outbox.receipts)

    @routes.post("/choices")
    async def choose(given: Given) -> dict[str, Any]:
        """``{account, name, value}``: protection (bool), addresses, templates; of sms: signs, templates, callback."""
        world.choices.set(str(given["account"]), str(given["name"]), given["value"])
        await world.file.settled()
        return {}

    @routes.post("/tokens")
    async def tokens(given: Given) -> dict[str, Any]:
        """``{account, end: killed | expired}``: the tokens work no longer."""
        if given.get("end") == "expired":
            world.tokens.expire(_account(world, given), now())
        else:
            world.tokens.kill(_account(world, given))
        await world.file.settled()
        return {}

    @routes.get("/jobs")
    async def jobs(account: str) -> list[dict[str, Any]]:
        """群发 that wait for an administrator."""
        return [
            {**asdict(job), "confirm_by": job.confirm_by} for job in world.mass.waiting(account)
        ]

    return routes


def _only_from_here(request: Request) -> None:
    if not from_here(request):
        raise HTTPException(403, "请从本机的程序操作。")


def _account(world: World, given: dict[str, Any]) -> str:
    name = str(given.get("account", ""))
    if name not in world.accounts:
        raise HTTPException(404, "没有这个公众号。")
    return name


def _read(adapter: TypeAdapter[T], given: Any) -> T:
    try:
        return adapter.validate_python(given)
    except ValidationError as error:
        raise HTTPException(422, error.errors(include_url=False, include_input=False)) from None
