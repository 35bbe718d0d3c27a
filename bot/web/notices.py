"""``/notices/{id}``: what every letter of a notice leads to. A recall or a new version shows here at once, whatever letter
somebody still holds.
"""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.clock import CHINA
from bot.notices.model import Notice

from .pages import Pages


def router(public: Callable[[str], Notice | None], *, site_name: str) -> APIRouter:
    """``public`` gives a notice as the public may see it, ``None`` for drafts and for what there is not."""
    pages = Pages(site_name)
    routes = APIRouter()

    @routes.api_route("/notices/{notice_id}", methods=["GET", "HEAD"], include_in_schema=False)
    def notice_page(request: Request, notice_id: str) -> HTMLResponse:
        notice = public(notice_id)
        if notice is None:
            return pages.missing(request)
        changed = datetime.fromtimestamp(notice.updated_at, CHINA).date().isoformat()
        return pages.page(
            request,
            "notice.html",
            notice=notice,
            text=notice.text,
            paragraphs=[line for line in notice.text.body.splitlines() if line.strip()],
            changed=changed,
        )

    return routes
