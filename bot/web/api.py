"""``/api/ask``: one question in, the answer as JSON out, or as the card that the chat page shows.

Refusals are ``{"detail": sentence, "field": name}`` in Chinese, with status 422 (413 for a message
far too long to read). Nothing asked is logged; what is kept of it, ``record`` decides, once the answer is on its way.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Query
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Message

from bot.answering.model import Answer, Question
from catalogue_index.areas import Area, Areas

from . import wording
from .asking import LONGEST_BODY, TooLarge, Unaskable, askable, context_of
from .card import card
from .headers import PRIVATE, SECURITY
from .pages import Pages
from .places import Found, Places
from .published import Published
from .shapes import AnswerShape, Ask, RefusalShape

HEADERS = {**SECURITY, **PRIVATE}
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"model": AnswerShape, "description": "答复"},
    413: {"model": RefusalShape, "description": "内容太长，没有处理"},
    422: {"model": RefusalShape, "description": "问题或地区用不了"},
}


class _PlainRefusals(APIRoute):
    """Reads no more than the limit of a body, and turns every refusal into a Chinese sentence."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def respond(request: Request) -> Response:
            try:
                return await handle(await _limited(request))
            except Unaskable as refused:
                error = refused
            except RequestValidationError as invalid:
                error = _unaskable(invalid)
            return JSONResponse({"detail": str(error), "field": error.field}, error.status, HEADERS)

        return respond


Record = Callable[[Question, Answer], object]
"""Told of every question that somebody put in their own words, and its answer; must not raise."""


def router(
    answer: Callable[[Question], Answer],
    record: Record,
    knowledge: Callable[[], Published],
    areas: Areas,
    pages: Pages,
    default_area: Area | None,
) -> APIRouter:
    """``GET|POST /api/ask``."""
    routes = APIRouter(route_class=_PlainRefusals, tags=["ask"])

    def asked(body: Ask, later: BackgroundTasks) -> Answer:
        text, area = askable(body.question), body.area
        code = default_area.code if default_area else None
        if (area or "").strip():
            found = Places(areas, knowledge().documents.values()).find(area or "")
            if found.area is None:
                raise Unaskable(_problem(found, area or ""), "area")
            code = found.area.code
        question = Question(text, code, context_of(body.context))
        given = answer(question)
        if not body.tapped:
            later.add_task(record, question, given)
        return given

    @routes.get(
        "/api/ask",
        summary="用网址问一个问题",
        description="问题写在网址里，适合在浏览器里试；问题可能留在沿途的访问日志里，正式使用请用 POST。",
        responses=RESPONSES,
    )
    def ask_by_address(
        later: BackgroundTasks,
        question: Annotated[str, _told("question")] = "",
        area: Annotated[str | None, _told("area")] = None,
        context: Annotated[str | None, _told("context")] = None,
        tapped: Annotated[bool, _told("tapped")] = False,
    ) -> JSONResponse:
        """The answer, its official sources and the reasons; ``area`` is a name or a code."""
        body = Ask(question=question, area=area, context=context, tapped=tapped)
        return JSONResponse(asked(body, later).to_json(), headers=HEADERS)

    @routes.post(
        "/api/ask",
        summary="问一个问题",
        description=f"每个答案都是官方原文，注明出处；没有依据时如实说没有。{wording.KEPT}",
        responses=RESPONSES,
    )
    def ask(body: Ask, request: Request, later: BackgroundTasks) -> Response:
        """The same; with ``Accept: text/html`` as the card that the chat page shows."""
        if "text/html" not in request.headers.get("accept", ""):
            return JSONResponse(asked(body, later).to_json(), headers=HEADERS)
        try:
            given = asked(body, later)
        except Unaskable as refused:
            text = pages.fragment("problem.html", problem=str(refused))
            return HTMLResponse(text, refused.status, HEADERS)
        text = pages.fragment("answer.html", card=card(given), question=body.question.strip())
        return HTMLResponse(text, headers=HEADERS)

    return routes


def _told(name: str) -> Any:
    """The query parameter that is told as the field of ``Ask`` is."""
    field = Ask.model_fields[name]
    return Query(description=field.description, examples=field.examples)


def _problem(found: Found, name: str) -> str:
    if not found.candidates:
        return found.problem
    several = "、".join(f"{area.full_name}（{area.code}）" for area in found.candidates)
    return wording.SEVERAL_AREAS.format(name=name) + several + "。"


def _unaskable(invalid: RequestValidationError) -> Unaskable:
    first: Any = invalid.errors()[0]
    name = str(first["loc"][-1])
    if first["type"] == "json_invalid" or name not in wording.FIELDS:
        return Unaskable(wording.BAD_JSON, "body")
    sentence = wording.MISSING if first["type"] == "missing" else wording.NOT_TEXT
    return Unaskable(sentence.format(field=wording.FIELDS[name]), name)


async def _limited(request: Request) -> Request:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            raise TooLarge

    async def receive() -> Message:
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    return Request(request.scope, receive)
