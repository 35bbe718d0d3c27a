"""Signing in and out, the first account, and what an officer changes of their own."""

import io
from collections.abc import Callable

import segno
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from bot.officers import codes
from bot.officers.model import OfficerRefused
from bot.records.model import REFUSED, Deed

from .console import (
    COOKIE,
    PREFIX,
    Console,
    Done,
    FormRefused,
    Posted,
    Visit,
    origin_of,
    read_form,
    safe_target,
    set_cookie,
)

_FOREIGN = frozenset({"cross-site", "same-site"})


def pages(console: Console, site_name: str) -> None:
    """``/set-up``, ``/sign-in``, ``/sign-out``, ``/own``, ``/password`` and ``/codes``."""
    officers = console.officers

    def set_up_page(request: Request, problem: str = "", name: str = "") -> Response:
        if not officers.none_yet():
            return console.redirect(request, "/sign-in")
        status = 422 if problem else 200
        return console.bare(request, "set_up.html", status, problem=problem, name=name)

    def set_up(request: Request, form: FormData) -> Response:
        name, password = _text(form, "name"), _text(form, "password")
        try:
            if password != _text(form, "password_again"):
                raise OfficerRefused("两次输入的密码不一样。请重新输入。")
            made = officers.found(_text(form, "code"), name, password)
        except OfficerRefused as error:
            _write_down(console, request, name, "accounts.found", str(error))
            return set_up_page(request, str(error), name)
        _write_down(console, request, made.name, "accounts.found")
        return console.redirect(request, "/sign-in", "账号已建好，请登录。")

    def sign_in_page(request: Request, problem: str = "", name: str = "", to: str = "") -> Response:
        if officers.none_yet():
            return console.redirect(request, "/set-up")
        to = to or request.query_params.get("to", "")
        status = 422 if problem else 200
        return console.bare(request, "sign_in.html", status, problem=problem, name=name, to=to)

    def sign_in(request: Request, form: FormData) -> Response:
        name, to = _text(form, "name"), _text(form, "to")
        try:
            token, officer = officers.sign_in(
                name, _text(form, "password"), _text(form, "code"), origin_of(request)
            )
        except OfficerRefused as error:
            _write_down(console, request, name, "sign_in", str(error))
            return sign_in_page(request, str(error), name, to)
        _write_down(console, request, officer.name, "sign_in")
        response = console.redirect(request, safe_target(to))
        set_cookie(request, response, COOKIE, token, officers.limits.longest)
        return response

    _open(console, "/set-up", set_up_page, set_up)
    _open(console, "/sign-in", sign_in_page, sign_in)

    @console.post("/sign-out", right="own.change", does="sign_out")
    def sign_out(posted: Posted) -> Done:
        officers.sign_out(posted.session)
        response = console.redirect(posted.visit.request, "/sign-in", "已退出。")
        response.delete_cookie(COOKIE, path=PREFIX)
        return Done("/sign-in", response=response)

    @console.get("/own", right="own.change")
    def own(visit: Visit) -> Response:
        return visit.page("own.html")

    @console.get("/password", right="own.change")
    def password(visit: Visit) -> Response:
        return visit.page("password.html")

    @console.post("/password", right="own.change", does="own.password", shows=password)
    def change_password(posted: Posted) -> Done:
        if posted.text("password_new") != posted.text("password_again"):
            raise OfficerRefused("两次输入的新密码不一样。请重新输入。")
        officers.change_password(
            posted.session, posted.text("password_old"), posted.text("password_new")
        )
        return Done("/", "密码已改。别处的登录都已退出。")

    @console.get("/codes", right="own.change")
    def new_codes(visit: Visit) -> Response:
        # A refused code must go on with the secret that was scanned.
        secret = next(iter(visit.entered.get("secret", ())), "") or codes.new_secret()
        address = codes.address(secret, visit.officer.name, site_name)
        return visit.page("codes.html", secret=secret, picture=_picture(address))

    @console.post("/codes", right="own.change", does="own.codes", shows=new_codes)
    def take_codes(posted: Posted) -> Done:
        officers.take_codes(posted.session, posted.text("secret"), posted.text("code"))
        return Done("/own", "已启用验证码，下次登录要输入。")

    @console.post("/codes/drop", right="own.change", does="own.codes.drop", shows=own)
    def drop_codes(posted: Posted) -> Done:
        officers.drop_codes(posted.session, posted.text("password"))
        return Done("/own", "已停用验证码。")


def _open(
    console: Console,
    path: str,
    shown: Callable[[Request], Response],
    taken: Callable[[Request, FormData], Response],
) -> None:
    """A page and its form for people who are not signed in; a form from another site is not taken."""

    async def show(request: Request) -> Response:
        return await run_in_threadpool(shown, request)

    async def take(request: Request) -> Response:
        if request.headers.get("sec-fetch-site", "") in _FOREIGN:
            return await run_in_threadpool(shown, request)
        try:
            form = await read_form(request)
        except FormRefused:
            return await run_in_threadpool(shown, request)
        try:
            return await run_in_threadpool(taken, request, form)
        finally:
            await form.close()

    console.open("GET", path, show)
    console.open("POST", path, take)


def _write_down(
    console: Console, request: Request, name: str, action: str, refused: str = ""
) -> None:
    # Into the field of the name people type their password now and then: only known names are written down.
    known = {officer.name for officer in console.officers.all()}
    who = name if name in known else "未登录"
    outcome = {"outcome": REFUSED, "detail": refused} if refused else {}
    console.records.write(Deed(who, action, origin=origin_of(request), **outcome))


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.strip()[:200] if isinstance(value, str) else ""


def _picture(address: str) -> str:
    """A QR code as SVG, without inline styles."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", scale=4, border=3, xmldecl=False, light="#fff", title="验证器二维码"
    )
    return drawn.getvalue().decode()
