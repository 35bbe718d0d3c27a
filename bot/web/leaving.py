"""``/leave/{token}``: end a subscription with one tap, without a login.

GET only shows a button, for mail scanners follow every link; POST leaves, and the mail programs' own button posts
(RFC 8058). Doing it again changes nothing and is answered the same.
"""

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from .pages import Pages


def router(
    person_of: Callable[[str], str], leave: Callable[[str], None], *, site_name: str
) -> APIRouter:
    """``person_of`` tells whose token it is, empty for nobody's; ``leave`` ends what the person subscribed to."""
    pages = Pages(site_name)
    routes = APIRouter()
    shown = partial(routes.api_route, "/leave/{token}", include_in_schema=False)

    @shown(methods=["GET", "HEAD"])
    def ask(request: Request, token: str) -> Response:
        if not person_of(token):
            return pages.missing(request)
        return pages.page(request, "leaving.html", left=False)

    @shown(methods=["POST"])
    async def left(request: Request, token: str) -> Response:
        person = person_of(token)
        if not person:
            return pages.missing(request)
        await run_in_threadpool(leave, person)
        return pages.page(request, "leaving.html", left=True)

    return routes
