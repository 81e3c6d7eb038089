"""The API for people to read: every route, what it takes, what it answers, what may be wrong."""

from functools import lru_cache
from typing import Any

import rookery
from rookery.web.call import Call, Reply
from rookery.web.openapi import document, problem_codes
from rookery.web.pages.paper import PAGES, paper
from rookery.web.problems import CODES
from rookery.web.table import HTML, TABLE, Route
from rookery.web.versions import History

Schemas = dict[str, dict[str, Any]]


@PAGES.add("GET", "/api", title="The API", scope="", answers={200: HTML}, group="Pages")
async def describe_api(call: Call) -> Reply:
    """Made of the table of routes that the server answers by, as the OpenAPI document is."""
    return paper(call, "api.html", groups=_groups(call.serving.history), schemas=_schemas(call.serving.history))


@lru_cache(1)
def _document(history: History) -> dict[str, Any]:
    return document(TABLE.routes, rookery.__version__, history)


@lru_cache(1)
def _groups(history: History) -> dict[str, list[dict[str, Any]]]:
    """Routes as the page shows them, by what they are about."""
    found: dict[str, list[dict[str, Any]]] = {}
    for route in TABLE.routes:
        found.setdefault(route.group, []).append(_route(route, _document(history)))
    return found


def _route(route: Route, whole: dict[str, Any]) -> dict[str, Any]:
    told = whole["paths"][route.path][route.method.lower()]
    body = told.get("requestBody", {}).get("content", {}).get(route.reads, {}).get("schema")
    return {
        "name": route.name, "method": route.method, "path": route.path, "title": route.title,
        "text": route.text.split("\n\n"), "scope": route.scope,
        "parameters": [
            {"name": one["name"], "in": one["in"], "text": _text(one), "type": _type(one["schema"]),
             "needed": one["required"]}
            for one in told["parameters"] if one["in"] != "header" or one["required"]
        ],
        "body": _type(body) if body else "",
        "answers": [(status, "" if kind is None else kind if isinstance(kind, str) else kind.__name__)
                    for status, kind in route.answers.items()],
        "problems": [(CODES[code][0], code) for code in problem_codes(route)],
    }  # fmt: skip


@lru_cache(1)
def _schemas(history: History) -> list[dict[str, Any]]:
    """What is sent and answered, by name, each with its fields."""
    parts: Schemas = _document(history)["components"]["schemas"]
    return [
        {
            "name": name, "text": schema.get("description", "").split("\n\n")[0],
            "fields": [
                {"name": field, "type": _type(one), "text": one.get("description", ""),
                 "needed": field in schema.get("required", ())}
                for field, one in schema.get("properties", {}).items()
            ],
        }
        for name, schema in sorted(parts.items())
    ]  # fmt: skip


def _text(parameter: dict[str, Any]) -> str:
    text: str = parameter.get("description", "") or parameter["schema"].get("description", "")
    return text


def _type(schema: dict[str, Any]) -> str:
    """What a value looks like, in words."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return ", ".join(str(one) or "blank" for one in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_type(schema.get('items') or {})}"
    return {"date-time": "time", "date": "date"}.get(schema.get("format", ""), str(kind))
