"""``/notices/{id}`` and ``/weekly/{key}``: what every letter leads to, of one notice or of a week's. A recall or a new
version shows here at once, whatever letter somebody still holds.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.clock import CHINA
from bot.notices.model import Notice

from .pages import Pages


def router(
    public: Callable[[str], Notice | None],
    of_letter: Callable[[str], Sequence[Notice]],
    *,
    site_name: str,
) -> APIRouter:
    """``public`` gives a notice as the public may see it, ``None`` for drafts and for what there is not; ``of_letter``
    those that a letter tells of, by its key."""
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

    @routes.api_route("/weekly/{key}", methods=["GET", "HEAD"], include_in_schema=False)
    def weekly_page(request: Request, key: str) -> HTMLResponse:
        found = of_letter(key)
        if not found:
            return pages.missing(request)
        return pages.page(request, "weekly.html", notices=found)

    return routes
