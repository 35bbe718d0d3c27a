"""One page out: the template, what every page shows, the security headers and the two cookies."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from catalogue_index.areas import Area

from . import wording
from .assets import Assets
from .card import chinese_date
from .headers import PRIVATE, SECURITY
from .preferences import AREA_COOKIE, letters_of, remember_letters, set_preference

HERE = Path(__file__).parent
STATIC = HERE / "static"
ASSETS = "/assets/web"


class Pages:
    """Renders the templates of this folder, and of ``folders`` before it, in the site's frame."""

    def __init__(self, site_name: str, *folders: Path) -> None:
        self.assets = Assets(STATIC, ASSETS)
        self._templates = Environment(
            loader=FileSystemLoader([*folders, HERE / "templates"]),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["chinese_date"] = chinese_date
        self._templates.globals.update(
            site_name=site_name, asset=self.assets.address, wording=wording
        )

    def page(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        chosen: Area | None = None,
        **shown: Any,
    ) -> HTMLResponse:
        """``template`` as a whole page; ``chosen`` is an area to be remembered from now on."""
        letters = letters_of(request.query_params, request.cookies)
        text = self.fragment(
            template, letters=letters, here=_Here(request), path=request.url.path, **shown
        )
        response = HTMLResponse(text, status, {**SECURITY, **PRIVATE})
        remember_letters(request, response)
        if chosen is not None:
            set_preference(request, response, AREA_COOKIE, chosen.code)
        return response

    def missing(self, request: Request) -> HTMLResponse:
        """The page for an address that leads nowhere."""
        return self.page(request, "missing.html", status=404)

    def fragment(self, template: str, **shown: Any) -> str:
        """``template`` alone, for a page that is already open."""
        return self._templates.get_template(template).render(**shown)


class _Here:
    """Links back to the page being shown, with something changed."""

    def __init__(self, request: Request) -> None:
        self._query: Mapping[str, str] = dict(request.query_params)

    def __call__(self, **changes: str) -> str:
        return "?" + urlencode({**self._query, **changes})
