"""``/receipts/sms/{account}/{secret}``: the providers push here. They sign nothing, so the address itself is the secret."""

import hmac
import json
from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from .receipts import Reader, Told

BODY_LIMIT = 256 * 1024
"""Bytes; the providers push at most some hundred receipts at a time."""

Take = Callable[[Told], None]
"""Stores what was told; when it raises, the provider is told to come again."""


def path_of(account: str, secret: str) -> str:
    """The path that the office enters in the provider's console."""
    return f"/receipts/sms/{account}/{secret}"


def router(readers: Mapping[str, Reader], secret_of: Callable[[str], str], take: Take) -> APIRouter:
    """Receives for accounts by name; whoever does not know an account's secret finds nothing here."""

    async def receive(request: Request) -> Response:
        account = request.path_params["account"]
        reader = readers.get(account)
        given = request.path_params["secret"].encode()
        if reader is None or not hmac.compare_digest(given, secret_of(account).encode()):
            return Response(status_code=404)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_LIMIT:
                return Response(status_code=413)
        try:
            pushed = json.loads(body)
        except (ValueError, RecursionError):
            return Response(status_code=400)
        told = reader.read(account, pushed)
        if told != Told():
            await run_in_threadpool(take, told)
        return JSONResponse(dict(reader.thanks))

    routes = APIRouter()
    routes.add_route("/receipts/sms/{account}/{secret}", receive, methods=["POST"])
    return routes
