"""How a visitor wants the page: area and letter size, kept in two cookies and nowhere else.

Sizes follow 《移动互联网应用（APP）适老化通用设计规范》: text of the elder version from 18 to 30.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

AREA_COOKIE = "zwgk_area"
LARGE_COOKIE = "zwgk_large"
KEPT_SECONDS = 365 * 24 * 3600

NORMAL = 0
SIZES = (18, 21, 24, 27, 30)
"""Main text of the elder version (长辈版) in CSS pixels, smallest to largest."""
FIRST_SIZE = 21


@dataclass(frozen=True, slots=True)
class Letters:
    """The size chosen: 0 for the normal page, or one of ``SIZES`` for the elder version."""

    size: int = NORMAL

    @property
    def large(self) -> bool:
        """Whether this is the elder version."""
        return self.size != NORMAL

    @property
    def larger(self) -> int | None:
        """The next size up, or ``None`` at the top."""
        return next((size for size in SIZES if size > self.size), None)

    @property
    def smaller(self) -> int | None:
        """The next size down, or ``None`` at the bottom."""
        return next((size for size in reversed(SIZES) if size < self.size), None)


def letters_of(query: Mapping[str, str], cookies: Mapping[str, str]) -> Letters:
    """What ``?large=`` asks for (0 off, 1 on, or a size), else what the cookie says, else normal.

    Anything else in either place counts as not said: a damaged cookie must never break a page.
    """
    remembered = _letters(cookies.get(LARGE_COOKIE), Letters())
    if query.get("large") == "1":
        return remembered if remembered.large else Letters(FIRST_SIZE)
    return _letters(query.get("large"), remembered)


def remember_letters(request: Request, response: Response) -> None:
    """Keep the size that a page was asked for in."""
    if "large" in request.query_params:
        size = letters_of(request.query_params, request.cookies).size
        set_preference(request, response, LARGE_COOKIE, str(size))


def set_preference(request: Request, response: Response, name: str, value: str) -> None:
    """One of the two cookies."""
    response.set_cookie(
        name,
        value,
        max_age=KEPT_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def _letters(value: str | None, otherwise: Letters) -> Letters:
    known = {str(size): Letters(size) for size in (NORMAL, *SIZES)}
    return known.get(value or "", otherwise)
