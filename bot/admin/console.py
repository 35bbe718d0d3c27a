"""How every page of the console is made: who is asking, may they, what they sent, what came of it, written down.

A module of pages registers handlers::

    def pages(console: Console, …) -> None:
        @console.get("/desk", right="desk.see")
        def desk(visit: Visit) -> Response:
            return visit.page("desk.html", groups=…)

        @console.post("/desk/{id}/close", right="desk.propose", shows=desk)
        def close(posted: Posted) -> Done:
            …
            return Done("/desk", "已关闭。", about=f"question_group:{id}")

Handlers are plain functions, run in a thread. Signing in, rights, the token against forged forms, the password again and
the record of what was done or refused are seen to here, and nowhere else.
"""

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from bot.clock import Clock
from bot.officers.model import Officer
from bot.officers.repository import Session
from bot.officers.rights import may, rights
from bot.officers.service import Officers
from bot.records.model import DONE, REFUSED, Deed
from bot.records.service import Records
from bot.storage.vault import Vault
from bot.web.assets import Assets
from bot.web.headers import PRIVATE, SECURITY
from bot.web.pages import ASSETS as CITIZEN_ASSETS
from bot.web.pages import STATIC as CITIZEN
from bot.web.preferences import letters_of, remember_letters
from catalogue_index.errors import Refused

from . import filters
from .sections import SECTIONS

PREFIX = "/admin"
COOKIE = "zwgk_officer"
SAID = "zwgk_said"
"""A cookie that carries one sentence to the next page."""

MOST_BYTES = 64_000_000
"""Of one request: the largest file that can be imported, and its form."""

_HERE = Path(__file__).parent
_ASSETS = f"{PREFIX}/assets"
_WITHOUT_PASSWORD_CHANGE = frozenset({"/password", "/sign-out"})


class NotHere(Refused):
    """There is no such thing, or none within this officer's areas and units: they are not told which."""

    def __init__(self, sentence: str = "没有这个页面，或者不在您负责的范围内。") -> None:
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Done:
    """What a form led to: the page to go to, a sentence for it, and what the record says it was about."""

    to: str
    said: str = ""
    about: str = ""
    detail: str = ""
    response: Response | None = None
    """What is sent instead of going to a page: a file, or a page that is shown once."""


def whole(text: str, default: int = 0, digits: int = 9) -> int:
    """A number as people type it, of at most so many digits (nine any column can hold); else the default."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else default


@dataclass(slots=True)
class Visit:
    """A page being asked for by somebody who may see it."""

    console: "Console"
    request: Request
    session: Session
    problem: str = ""
    """Why what was sent was not done."""
    entered: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What was typed into the form that is shown again."""
    begun: str | None = None
    """The mark of what was begun and is not written down yet."""

    @property
    def here(self) -> str:
        """The address within the console."""
        return self.request.url.path.removeprefix(PREFIX)

    @property
    def officer(self) -> Officer:
        """Who asks."""
        return self.session.officer

    @property
    def path(self) -> Mapping[str, Any]:
        """The parts of the address that a route names."""
        return self.request.path_params

    def query(self, name: str, default: str = "") -> str:
        """What stands behind ``?`` in the address under a name."""
        return self.request.query_params.get(name, default).strip()

    def number(self, name: str, default: int = 0, digits: int = 9) -> int:
        """The same as a whole number."""
        return whole(self.query(name), default, digits)

    def may(self, right: str) -> bool:
        """Whether the officer has a right."""
        return may(self.officer, right)

    def scoped(self, area: str) -> None:
        """Raise ``NotHere`` for an area that is not this officer's."""
        if not self.officer.covers(area):
            raise NotHere

    @property
    def now(self) -> int:
        """The moment, in seconds since 1970."""
        return int(self.console.clock().timestamp())

    def page(self, template: str, *, status: int = 200, **shown: Any) -> HTMLResponse:
        """A template as a whole page; 422 where it says why something was not done."""
        return self.console.page(self, template, status, shown)

    def fragment(self, template: str, **shown: Any) -> HTMLResponse:
        """A template alone, to be put into a page that is open."""
        text = self.console.render(self, template, shown)
        return HTMLResponse(text, headers={**SECURITY, **PRIVATE})


@dataclass(slots=True)
class Posted:
    """A form that was sent by somebody who may send it."""

    visit: Visit
    form: FormData

    @property
    def officer(self) -> Officer:
        """Who sent it."""
        return self.visit.officer

    @property
    def session(self) -> Session:
        """Where they are signed in."""
        return self.visit.session

    @property
    def path(self) -> Mapping[str, Any]:
        """The parts of the address that a route names."""
        return self.visit.path

    def text(self, name: str, default: str = "") -> str:
        """What was typed, without the space around it; the first of several."""
        value = self.form.get(name, default)
        return value.strip() if isinstance(value, str) else default

    def texts(self, name: str) -> list[str]:
        """All that was chosen under a name, empty ones left out."""
        return [v.strip() for v in self.form.getlist(name) if isinstance(v, str) and v.strip()]

    def ticked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return bool(self.text(name))

    def file(self, name: str) -> UploadFile | None:
        """An uploaded file; ``None`` where none was chosen."""
        value = self.form.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None


Handler = Callable[[Visit], Response]
Action = Callable[[Posted], Done]


@dataclass(frozen=True, slots=True)
class Registered:
    """An address of the console, and the right that it asks for (empty: nobody needs to be signed in)."""

    method: str
    path: str
    right: str
    does: str = ""


class Console:
    """Makes the console's pages; one an application."""

    def __init__(
        self,
        officers: Officers,
        records: Records,
        vault: Vault,
        clock: Clock,
        site_name: str,
    ) -> None:
        self.officers = officers
        self.records = records
        self.clock = clock
        self.registered: list[Registered] = []
        self._vault = vault
        self._routes: list[BaseRoute] = []
        self._assets = Assets(_HERE / "static", _ASSETS)
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(filters.FILTERS)
        self._templates.globals.update(
            site_name=site_name,
            asset=self._assets.address,
            citizen_asset=Assets(CITIZEN, CITIZEN_ASSETS).address,
            admin=PREFIX,
            sections=SECTIONS,
        )

    # --- registering ---

    def get(self, path: str, *, right: str) -> Callable[[Handler], Handler]:
        """Show a page to those who have a right."""
        assert right in rights(), right

        def register(handler: Handler) -> Handler:
            self._add("GET", path, right, partial(self._shown, handler, right))
            return handler

        return register

    def post(
        self,
        path: str,
        *,
        right: str,
        shows: Handler | None = None,
        confirm: bool = False,
        does: str = "",
        changes: bool = True,
    ) -> Callable[[Action], Action]:
        """Take a form from those who have a right, and write down what came of it; only a refusal of one that ``changes``
        nothing.

        ``shows`` makes the page on which a refusal is told, beside what was typed. ``confirm`` asks for the password (field
        ``password``) where it was not given in the last minutes. ``does`` is the name in the record, the right's own
        where it is empty.
        """
        assert right in rights(), right

        def register(action: Action) -> Action:
            entry = partial(self._sent, action, right, does or right, shows, confirm, changes)
            self._add("POST", path, right, entry, does or right)
            return action

        return register

    def open(self, method: str, path: str, endpoint: Callable[[Request], Any]) -> None:
        """An address for people who are not signed in."""
        self._add(method, path, "", endpoint)

    def _add(self, method: str, path: str, right: str, endpoint: Any, does: str = "") -> None:
        self.registered.append(Registered(method, path, right, does))
        self._routes.append(Route(path, endpoint, methods=[method]))

    def routes(self) -> list[BaseRoute]:
        """Everything registered, to be mounted at ``PREFIX``."""
        nowhere = Route("/{rest:path}", partial(self._shown, _nowhere, "own.change"))
        return [Mount("/assets", self._assets, name="console-assets"), *self._routes, nowhere]

    # --- asking and sending ---

    def _shown(self, handler: Handler, right: str, request: Request) -> Response:
        admitted = self._admitted(request, right, right)
        return self._answer(handler, admitted) if isinstance(admitted, Visit) else admitted

    async def _sent(
        self,
        action: Action,
        right: str,
        does: str,
        shows: Handler | None,
        confirm: bool,
        changes: bool,
        request: Request,
    ) -> Response:
        # A form is read here, where others are waited for; all that asks the database is done in threads.
        admitted = await run_in_threadpool(self._admitted, request, right, does)
        if not isinstance(admitted, Visit):
            return admitted
        try:
            form = await read_form(request)
        except FormRefused as error:
            return await run_in_threadpool(self.refusal, admitted, str(error), 413)
        try:
            return await run_in_threadpool(
                self._carry_out, action, Posted(admitted, form), does, shows, confirm, changes
            )
        finally:
            await form.close()

    def _admitted(self, request: Request, right: str, does: str) -> Visit | Response:
        """The visit of somebody who is signed in and has a right; what anybody else is sent instead."""
        session = self.session_of(request)
        if session is None:
            return self._to_sign_in(request)
        visit = Visit(self, request, session)
        return self._turned_away(visit, right, does) or visit

    def _carry_out(
        self,
        action: Action,
        posted: Posted,
        does: str,
        shows: Handler | None,
        confirm: bool,
        changes: bool,
    ) -> Response:
        visit = posted.visit
        visit.entered = {
            name: [v for v in posted.form.getlist(name) if isinstance(v, str)]
            for name in posted.form
            if not name.startswith(("password", "csrf"))
        }
        if not self._genuine(posted):
            self.write_down(visit, does, REFUSED, detail="表单令牌不符")
            return self.refusal(visit, "这个页面放得太久了，没有执行。请返回刷新后再提交。", 403)
        if changes:
            visit.begun = self.records.begin(_deed(visit, does, visit.here))
        try:
            if confirm and not self.officers.is_fresh(visit.session):
                self.officers.confirm(visit.session, posted.text("password"))
            done = action(posted)
        except NotHere as error:
            self.write_down(visit, does, REFUSED, detail=str(error))
            return self.refusal(visit, str(error), 404)
        except Refused as error:
            self.write_down(visit, does, REFUSED, visit.request.url.path, str(error))
            visit.problem = str(error)
            if shows is None:
                return self.refusal(visit, str(error), 422)
            return self._answer(shows, visit)
        except Exception as error:
            # Half done, perhaps: the record must say that it was tried.
            self.write_down(visit, does, REFUSED, detail=f"系统出错：{type(error).__name__}")
            raise
        if changes:
            self.write_down(visit, does, about=done.about, detail=done.detail)
        return done.response or self.redirect(visit.request, done.to, done.said)

    def _answer(self, handler: Handler, visit: Visit) -> Response:
        try:
            return handler(visit)
        except NotHere as error:
            return self.refusal(visit, str(error), 404)
        except Refused as error:
            return self.refusal(visit, str(error), 422)

    def session_of(self, request: Request) -> Session | None:
        """Who is signed in where a request comes from."""
        token = request.cookies.get(COOKIE, "")
        return self.officers.session(token) if token else None

    def write_down(
        self, visit: Visit, does: str, outcome: str = "done", about: str = "", detail: str = ""
    ) -> None:
        """Record what an officer did, or tried."""
        begun, visit.begun = visit.begun, None
        self.records.write(_deed(visit, does, about, outcome, detail), begun)

    def _turned_away(self, visit: Visit, right: str, does: str) -> Response | None:
        here = visit.here
        if visit.officer.temporary and here not in _WITHOUT_PASSWORD_CHANGE:
            return self.redirect(visit.request, "/password", "请先改成自己的密码。")
        if visit.may(right):
            return None
        self.write_down(visit, does, REFUSED, here, "没有这项权限")
        return self.refusal(
            visit, f"您的岗位不能“{rights()[right].name}”。如有需要，请联系管理员。", 403
        )

    # --- against forged forms ---

    def csrf(self, session: Session) -> str:
        """What every form of a session carries; another site cannot know it."""
        return self._vault.hash("csrf", session.id)[:32]

    def _genuine(self, posted: Posted) -> bool:
        request = posted.visit.request
        given = posted.form.get("csrf") or request.headers.get("x-csrf-token", "")
        known = self.csrf(posted.session)
        return isinstance(given, str) and hmac.compare_digest(given.encode(), known.encode())

    # --- showing ---

    def page(
        self, visit: Visit, template: str, status: int, shown: Mapping[str, Any]
    ) -> HTMLResponse:
        """A template as a whole page."""
        text = self.render(visit, template, shown)
        status = 422 if visit.problem and status == 200 else status
        response = HTMLResponse(text, status, {**SECURITY, **PRIVATE})
        if SAID in visit.request.cookies:
            response.delete_cookie(SAID, path=PREFIX)
        remember_letters(visit.request, response)
        return response

    def render(self, visit: Visit, template: str, shown: Mapping[str, Any]) -> str:
        """A template with what every page may need."""
        return self._templates.get_template(template).render(
            visit=visit,
            officer=visit.officer,
            may=visit.may,
            csrf=self.csrf(visit.session),
            fresh=self.officers.is_fresh(visit.session),
            problem=visit.problem,
            entered=visit.entered,
            said=unquote(visit.request.cookies.get(SAID, "")),
            here=visit.here,
            letters=letters_of(visit.request.query_params, visit.request.cookies),
            **shown,
        )

    def bare(
        self, request: Request, template: str, status: int = 200, **shown: Any
    ) -> HTMLResponse:
        """A page for somebody who is not signed in."""
        letters = letters_of(request.query_params, request.cookies)
        said = unquote(request.cookies.get(SAID, ""))
        text = self._templates.get_template(template).render(said=said, letters=letters, **shown)
        return HTMLResponse(text, status, {**SECURITY, **PRIVATE})

    def refusal(self, visit: Visit, sentence: str, status: int) -> Response:
        """A page that says why not."""
        visit.problem = sentence
        return self.page(visit, "refused.html", status, {})

    def redirect(self, request: Request, to: str, said: str = "") -> Response:
        """Go to a page of the console, with a sentence for it."""
        response = RedirectResponse(PREFIX + to, 303, headers=dict(PRIVATE))
        if said:
            set_cookie(request, response, SAID, quote(said[:500]), 60)
        return response

    def _to_sign_in(self, request: Request) -> Response:
        if self.officers.none_yet():
            return self.redirect(request, "/set-up")
        here = request.url.path.removeprefix(PREFIX)
        back = f"{here}?{request.url.query}" if request.url.query else here
        wanted = {"to": back} if request.method == "GET" and back not in ("", "/") else {}
        said = "" if request.method == "GET" else "登录已过期，刚才的内容没有提交。请登录后再试。"
        return self.redirect(
            request, "/sign-in" + (f"?{urlencode(wanted)}" if wanted else ""), said
        )


def _nowhere(_: Visit) -> Response:
    raise NotHere


class FormRefused(Refused):
    """A form that cannot be read."""


async def read_form(request: Request) -> FormData:
    """The form of a request; raises ``FormRefused`` for one that is too large or damaged."""
    seen = 0
    receive = request._receive

    async def bounded() -> Any:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MOST_BYTES:
            raise FormRefused("文件太大，一次最多 64 MB。请拆开后再传。")
        return message

    request._receive = bounded
    try:
        return await request.form(max_files=20, max_fields=2_000, max_part_size=4_000_000)
    except MultiPartException:
        raise FormRefused("表单不完整，没有执行。请返回刷新后重新提交。") from None
    except Exception as error:
        if type(error).__name__ in {"HTTPException", "ClientDisconnect"}:
            raise FormRefused("表单不完整，没有执行。请返回刷新后重新提交。") from None
        raise


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    """A cookie of the console: not for scripts, not for other sites, and encrypted on its way where the page is."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=PREFIX,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def _deed(visit: Visit, does: str, about: str, outcome: str = DONE, detail: str = "") -> Deed:
    return Deed(visit.officer.name, does, about, origin_of(visit.request), outcome, detail)


def origin_of(request: Request) -> str:
    """Where a request comes from: an IP address, for the record."""
    return request.client.host if request.client else ""


def safe_target(to: str) -> str:
    """A place of the console to go to after signing in; anything else is its first page."""
    fine = to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable()
    return to if fine and "\\" not in to else "/"


def chosen(values: Iterable[str]) -> str:
    """Words of a form as one line of a record."""
    return "、".join(values)
