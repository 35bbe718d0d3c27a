"""``/docs``: the JSON API for people, one plain page made from the application's own OpenAPI description.

No script and nothing foreign, so it keeps the site's content security policy and works offline.
"""

import json
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
    """One method of one address, with an example to copy."""

    method: str
    path: str
    summary: str
    description: str
    fields: tuple[Field, ...]
    responses: tuple[tuple[str, str, str], ...]
    """(status, what it means, name of its shape)"""
    example: Mapping[str, Any]

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
                    (status, answer["description"], _shape_of(_json(answer)))
                    for status, answer in told["responses"].items()
                ),
                example,
            )


def shapes(schema: Schema) -> Iterator[Shape]:
    """Every named object that answers are made of, the outermost first."""
    named = schema.get("components", {}).get("schemas", {})
    asked = {
        _shape_of(_json(told["requestBody"]))
        for methods in schema["paths"].values()
        for told in methods.values()
        if "requestBody" in told
    }
    for name in sorted(set(named) - asked, key=lambda name: _depth(named, name)):
        yield Shape(name, named[name].get("description", ""), tuple(_fields(named[name])))


def _depth(named: Schema, name: str) -> int:
    """How deep below an answer a shape stands."""
    above = [
        other
        for other in named
        if other != name and any(f.shape == name for f in _fields(named[other]))
    ]
    return 1 + max((_depth(named, other) for other in above), default=0)


def _asked(told: Schema, schema: Schema) -> tuple[tuple[Field, ...], dict[str, Any]]:
    if "requestBody" in told:
        shape = schema["components"]["schemas"][_shape_of(_json(told["requestBody"]))]
        examples = {name: p["examples"][0] for name, p in shape["properties"].items()}
        return tuple(_fields(shape)), examples
    parameters = told.get("parameters", ())
    fields = tuple(
        _field(p["name"], {**p["schema"], "description": p.get("description", "")}, p["required"])
        for p in parameters
    )
    examples = {
        p["name"]: p["schema"]["examples"][0] for p in parameters if "examples" in p["schema"]
    }
    return fields, examples


def _fields(shape: Schema) -> Iterator[Field]:
    required = shape.get("required", ())
    for name, schema in shape.get("properties", {}).items():
        yield _field(name, schema, name in required)


def _field(name: str, schema: Schema, required: bool) -> Field:
    return Field(name, _kind(schema), required, schema.get("description", ""), _shape_of(schema))


def _kind(schema: Schema) -> str:
    if schema.get("type") == "array":
        return f"列表：{_kind(schema['items'])}"
    if options := schema.get("anyOf"):
        return "或".join(_kind(option) for option in options if option.get("type") != "null")
    return KINDS.get(schema.get("type", "object"), "对象")


def _shape_of(schema: Schema) -> str:
    """The name of the shape that a schema refers to, itself, in a list or as an option."""
    for inner in (schema, schema.get("items", {}), *schema.get("anyOf", ())):
        if "$ref" in inner:
            return str(inner["$ref"]).rpartition("/")[2]
    return ""


def _json(holder: Schema) -> Schema:
    found: Schema = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return found
