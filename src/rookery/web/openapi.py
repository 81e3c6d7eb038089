"""OpenAPI 3.1 of the table of routes."""

import re
from inspect import cleandoc
from typing import Any

import msgspec

from rookery.web.problems import CODES, MEDIA, UNREAD, ProblemDoc
from rookery.web.table import JSON, Nothing, Route
from rookery.web.versions import HEADER, History

ALWAYS = ("bad_request", "method_not_allowed", "failed")
KEYED = ("unauthorized", "forbidden", "unavailable")
WRITING = ("conflict", "too_large", "unsupported_media_type", "too_many")
KEY_LETTERS = 200
_FIELDS = re.compile(r"(\w+(?:, \w+)*) {2,}(\S.*)")  # how a struct's text tells of its fields, a line each
_PART = re.compile(r"\{(\w+)\}")
_REF = "#/components/schemas/{name}"


def problem_codes(route: Route) -> list[str]:
    """The codes of all problems that a route may answer with."""
    codes = [*ALWAYS, *route.problems]
    codes += KEYED if route.scope else ()
    codes += WRITING if route.method != "GET" else ()
    return [code for code in dict.fromkeys(codes) if route.tells is None or code not in UNREAD]


def document(routes: list[Route], version: str, history: History) -> dict[str, Any]:
    """The whole description, of the newest version of the API."""
    kinds: list[Any] = [ProblemDoc]
    for route in routes:
        kinds += [
            kind for kind in (*route.answers.values(), route.body) if kind is not None and not isinstance(kind, str)
        ]
    _, components = msgspec.json.schema_components(list(dict.fromkeys(kinds)), ref_template=_REF)
    for schema in components.values():
        _describe(schema)
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, history)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rookery hub",
            "version": version,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": "Companies connect, share capacity under guarantees, and are told. To read: [/api](/api).",
            "x-versions": [
                {"version": one, "changes": [change.text for change in history.changes if change.version == one]}
                for one in history.versions
            ],
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": group} for group in dict.fromkeys(route.group for route in routes)],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "A key, or a token of /v1/oauth/token."}
            },
        },
    }


def _describe(schema: dict[str, Any]) -> None:
    """Give the fields of a struct what its text says of them."""
    shown: list[dict[str, Any]] = []
    if "description" in schema:
        schema["description"] = cleandoc(schema["description"])
    for line in schema.get("description", "").splitlines():
        found = _FIELDS.fullmatch(line.strip())
        names = found[1].split(", ") if found is not None and not line.startswith(" ") else []
        fields = [schema["properties"][name] for name in names if name in schema.get("properties", {})]
        if fields and found is not None:
            shown = fields
            for field in fields:
                field["description"] = found[2]
        elif shown and line.startswith("  "):
            for field in shown:
                field["description"] += f" {line.strip()}"
        else:
            shown = []


def _operation(route: Route, history: History) -> dict[str, Any]:
    out: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.title,
        "description": route.text,
        "tags": [route.group],
        "parameters": [*_parameters(route), _version(history)],
        "responses": _responses(route),
    }
    if route.scope:
        out["security"] = [{"key": [route.scope]}]
    if route.body is not None:
        example = {"example": route.example} if route.example is not None else {}
        content = {route.reads: {"schema": _schema(route.body)} | example}
        out["requestBody"] = {"required": not route.may_lack_body, "content": content}
    return out


def _responses(route: Route) -> dict[str, Any]:
    """Answers and problems; a status may be either, in its own media type."""
    out = {str(status): _answer(kind) for status, kind in route.answers.items()}
    for status, told in _problems(route).items():
        out[status] = told | {"content": out.get(status, {}).get("content", {}) | told["content"]}
    version = {HEADER: {"description": "The version of the API that this is in.", "schema": {"type": "string"}}}
    return {status: told | {"headers": version} for status, told in out.items()}


def _answer(kind: Any) -> dict[str, Any]:
    if kind is None:
        return {"description": "Done; there is nothing to tell."}
    if isinstance(kind, str):
        return {"description": "Done.", "content": {kind: {"schema": {"type": "string"}}}}
    return {"description": "Done.", "content": {JSON: {"schema": _schema(kind)}}}


def _problems(route: Route) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for code in problem_codes(route):
        by_status.setdefault(CODES[code][0], []).append(code)
    content = {MEDIA: {"schema": _schema(ProblemDoc)}}
    return {
        str(status): {"description": "; ".join(CODES[code][1] for code in codes), "content": content}
        for status, codes in sorted(by_status.items())
    }


def _parameters(route: Route) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "description": route.about.get(name, ""),
         "schema": {"type": "string", "minLength": 1}}
        for name in _PART.findall(route.path)
    ]  # fmt: skip
    if route.query is not Nothing:
        _, parts = msgspec.json.schema_components([route.query], ref_template=_REF)
        shape = parts[route.query.__name__]
        told = [cleandoc(kind.__doc__ or "") for kind in route.query.__mro__ if issubclass(kind, msgspec.Struct)]
        _describe({"properties": shape["properties"], "description": "\n".join(reversed(told))})
        for name, schema in shape["properties"].items():
            found.append({"name": name, "in": "query", "required": name in shape.get("required", ()), "schema": schema})
    if route.needs_key:
        schema = {"type": "string", "minLength": 1, "maxLength": KEY_LETTERS, "pattern": "^[!-~]+$"}
        text = "The caller's own name for this request: sent again with the same words it is done once."
        found.append(
            {"name": "Idempotency-Key", "in": "header", "required": True, "description": text, "schema": schema}
        )
    return found


def _version(history: History) -> dict[str, Any]:
    text = "The version of the API that is spoken; left out: that which the key is pinned to. The answer names it."
    schema = {"type": "string", "enum": history.versions}
    return {"name": HEADER, "in": "header", "required": False, "description": text, "schema": schema}


def _schema(kind: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=_REF)
    return schema
