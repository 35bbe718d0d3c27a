"""``/docs``: the JSON API for people, one plain page made from the application's own OpenAPI description.

No script and nothing foreign, so it keeps the site's content security policy and works offline.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from .pages import Pages

Schema = Mapping[str, Any]

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "string": "文字",
        "number": "数",
        "integer": "整数",
        "boolean": "是或否",
        "object": "对象",
    }
)


_MEANING = {"Successful Response": "完成"}
"""What the framework says where nobody else does."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field or parameter; ``shape`` is the name of the shape it holds, if it holds one."""

    name: str
    kind: str
    required: bool
    description: str
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address, with an example to copy; ``keyed``: a key is needed."""

    method: str
    path: str
    summary: str
    description: str
    fields: tuple[Field, ...]
    responses: tuple[tuple[str, str, str], ...]
    """(status, what it means, name of its shape)"""
    example: Mapping[str, Any]
    keyed: bool = False

    @property
    def anchor(self) -> str:
        """What a link to it is called."""
        return "-".join((self.method, *re.findall(r"\w+", self.path)))

    @property
    def query(self) -> str:
        """The example as a query string."""
        return urlencode(self.example)

    @property
    def body(self) -> str:
        """The example as JSON."""
        return json.dumps(self.example, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Shape:
    """A named JSON object."""

    name: str
    description: str
    fields: tuple[Field, ...]


def router(schema: Callable[[], Schema], site_name: str) -> APIRouter:
    """``GET /docs``; ``schema`` gives the OpenAPI description (``app.openapi``)."""
    pages = Pages(site_name)
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/docs", methods=["GET", "HEAD"])
    def docs(request: Request) -> HTMLResponse:
        described = schema()
        return pages.page(
            request,
            "docs.html",
            version=described["info"]["version"],
            operations=list(operations(described)),
            shapes=list(shapes(described)),
            base=str(request.base_url).rstrip("/"),
        )

    return routes


def operations(schema: Schema) -> Iterator[Operation]:
    """Every operation, in the order of the description; POST before GET at the same address."""
    for path, methods in schema["paths"].items():
        for method, told in sorted(methods.items(), reverse=True):
            fields, example = _asked(told, schema)
            yield Operation(
                method.upper(),
                path,
                told.get("summary", ""),
                told.get("description", ""),
                fields,
                tuple(
                    (
                        status,
                        _MEANING.get(answer["description"], answer["description"]),
                        _shape_of(_json(answer)),
                    )
                    for status, answer in told["responses"].items()
                ),
                example,
                "security" in told,
            )


def shapes(schema: Schema) -> Iterator[Shape]:
    """Every named object that answers and bodies hold, the outermost first; a body alone stands with its operation."""
    named = _named(schema)
    objects = {name for name, shape in named.items() if "properties" in shape}
    inside = {f.shape for name in objects for f in _fields(named[name], named)}
    asked = {
        _shape_of(_json(told["requestBody"]))
        for methods in schema["paths"].values()
        for told in methods.values()
        if "requestBody" in told
    }
    for name in sorted(objects - (asked - inside), key=lambda name: _depth(named, name)):
        fields = tuple(_fields(named[name], named))
        yield Shape(name, named[name].get("description", ""), fields)


def _named(schema: Schema) -> Schema:
    found: Schema = schema.get("components", {}).get("schemas", {})
    return found


def _depth(named: Schema, name: str) -> int:
    """How deep below an answer a shape stands."""
    above = [
        other
        for other in named
        if other != name and any(f.shape == name for f in _fields(named[other], named))
    ]
    return 1 + max((_depth(named, other) for other in above), default=0)


def _asked(told: Schema, schema: Schema) -> tuple[tuple[Field, ...], dict[str, Any]]:
    named = _named(schema)
    parameters = told.get("parameters", ())
    fields = [
        _field(
            p["name"],
            {**p["schema"], "description": p.get("description", "")},
            p["required"],
            named,
        )
        for p in parameters
        if p["in"] != "path"
    ]
    examples = {
        p["name"]: p["schema"]["examples"][0] for p in parameters if "examples" in p["schema"]
    }
    if "requestBody" in told:
        shape = named[_shape_of(_json(told["requestBody"]))]
        fields += _fields(shape, named)
        examples |= {
            name: p["examples"][0] for name, p in shape["properties"].items() if "examples" in p
        }
    return tuple(fields), examples


def _fields(shape: Schema, named: Schema) -> Iterator[Field]:
    required = shape.get("required", ())
    for name, schema in shape.get("properties", {}).items():
        yield _field(name, schema, name in required, named)


def _field(name: str, schema: Schema, required: bool, named: Schema) -> Field:
    shape = _shape_of(schema)
    described = schema.get("description", "")
    if options := named.get(shape, {}).get("enum"):
        return Field(name, f"文字：{'、'.join(options)}", required, described)
    return Field(name, _kind(schema), required, described, shape)


def _kind(schema: Schema) -> str:
    if schema.get("type") == "array":
        return f"列表：{_kind(schema['items'])}"
    if options := schema.get("anyOf"):
        return "或".join(_kind(option) for option in options if option.get("type") != "null")
    return KINDS.get(schema.get("type", "object"), "对象")


def _shape_of(schema: Schema) -> str:
    """The name of the shape that a schema refers to, itself, in a list or as an option."""
    inners = (schema, schema.get("items", {}), *schema.get("anyOf", ()), *schema.get("allOf", ()))
    for inner in inners:
        if "$ref" in inner:
            return str(inner["$ref"]).rpartition("/")[2]
    return ""


def _json(holder: Schema) -> Schema:
    found: Schema = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return found
