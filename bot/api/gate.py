"""Who calls, may they, what came of it: the API's counterpart of the console's pages."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.officers.keys import Key, Keys
from bot.officers.model import Officer
from bot.officers.rights import may, rights
from bot.records.model import DONE, REFUSED, Deed
from bot.records.service import Records
from bot.web.headers import PRIVATE, SECURITY
from catalogue_index.errors import Refused

from .shapes import Refusal

HEADERS = {**SECURITY, **PRIVATE}
LONGEST_BODY = 1_000_000
"""Bytes of one request."""

_BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="密钥",
    description="管理台“账号 → 接口密钥”里发的密钥，写在 Authorization: Bearer 后面。",
)


class ApiRefused(Refused):
    """A call that is turned down with a status."""

    def __init__(self, sentence: str, status: int = 422, field: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.field = field


@dataclass(slots=True)
class Caller:
    """A system that calls, with the officer whose rights it has."""

    key: Key
    origin: str

    @property
    def officer(self) -> Officer:
        """In whose name it acts."""
        return self.key.officer

    def scoped(self, area: str) -> None:
        """Raise 404 for an area that is not the officer's."""
        if not self.officer.covers(area):
            raise missing()


@dataclass(slots=True)
class Noted:
    """What the record of a call will say it was about."""

    about: str = ""
    detail: str = ""


class Gate:
    """Lets systems in by their keys, and writes down what they change."""

    def __init__(self, keys: Keys, records: Records) -> None:
        self._keys = keys
        self._records = records

    def may(self, right: str) -> Any:
        """A dependency: the caller, who has a right. 401 without a good key, 403 without the right."""
        assert right in rights(), right

        def caller(
            request: Request,
            given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
        ) -> Caller:
            key = self._keys.holder(given.credentials) if given else None
            if key is None:
                raise ApiRefused("没有密钥，或密钥不对、已过期、已停用。请联系管理员。", 401)
            found = Caller(key, request.client.host if request.client else "")
            if not may(key.officer, right):
                self._records.write(_deed(found, right, REFUSED, Noted(detail="没有这项权限")))
                raise ApiRefused(f"这个密钥不能“{rights()[right].name}”。", 403)
            return found

        caller.right = right  # type: ignore[attr-defined]
        return Depends(caller)

    @contextmanager
    def recording(self, caller: Caller, right: str) -> Iterator[Noted]:
        """Write down what a call changed, or why it did not."""
        noted, outcome = Noted(), REFUSED
        begun = self._records.begin(_deed(caller, right, REFUSED, noted))
        try:
            yield noted
            outcome = DONE
        except Refused as error:
            noted.detail = str(error)
            raise
        except Exception as error:
            noted.detail = f"系统出错：{type(error).__name__}"
            raise
        finally:
            self._records.write(_deed(caller, right, outcome, noted), begun)


def _deed(caller: Caller, right: str, outcome: str, noted: Noted) -> Deed:
    detail = f"密钥“{caller.key.name}”" + (f"：{noted.detail}" if noted.detail else "")
    return Deed(caller.officer.name, right, noted.about, caller.origin, outcome, detail)


class PlainRefusals(APIRoute):
    """Turns every refusal into ``{"detail": sentence, "field": name}`` in Chinese, and reads no endless body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, so wrapped."""
        handle = super().get_route_handler()

        async def respond(request: Request) -> Response:
            try:
                if int(request.headers.get("content-length") or 0) > LONGEST_BODY:
                    raise ApiRefused("内容太长，没有处理：一次最多 1 MB。", 413)
                return await handle(request)
            except ApiRefused as error:
                refused = error
            except RequestValidationError as invalid:
                refused = _invalid(invalid)
            except Refused as error:
                refused = ApiRefused(str(error))
            except (
                ValueError,
                HTTPException,
            ):  # a length that is no number, bytes that are no text
                refused = ApiRefused("请求读不出来：应为 UTF-8 编码的 JSON。", 400)
            challenge = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else {}
            return JSONResponse(
                {"detail": str(refused), "field": refused.field},
                refused.status,
                {**HEADERS, **challenge},
            )

        return respond


def routes() -> APIRouter:
    """A router whose refusals are plain."""
    return APIRouter(
        prefix="/api/v1",
        route_class=PlainRefusals,
        responses={
            status: {"model": Refusal, "description": said} for status, said in _SAID.items()
        },
    )


def missing() -> ApiRefused:
    """There is no such thing, or none within the officer's areas: nobody is told which."""
    return ApiRefused("没有这一项，或者不在这个密钥的范围内。", 404)


_SAID: dict[int | str, str] = {
    400: "读不出来：不是 UTF-8 编码的 JSON",
    401: "没有密钥，或密钥不能用",
    403: "密钥没有这项权限",
    404: "没有这一项，或不在密钥的范围内",
    413: "内容太长",
    422: "内容不对，没有执行",
}


_WHY = {
    "missing": "没有填写",
    "model_attributes_type": "不是 JSON，请写明 Content-Type: application/json",
    "json_invalid": "不是合法的 JSON",
    "extra_forbidden": "没有这一项，请核对拼写",
    "string_too_long": "太长",
    "string_too_short": "太短，或没有填写",
    "too_long": "太多",
    "enum": "不是可选的值",
    "literal_error": "不是可选的值",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
}


def _invalid(invalid: RequestValidationError) -> ApiRefused:
    first: Any = invalid.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:]) or "内容"
    return ApiRefused(f"{place}：{_WHY.get(first['type'], '写得不对')}。", 422, place)
