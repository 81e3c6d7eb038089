"""How the server is: alive, ready, in figures, and described."""

from typing import Any

import msgspec

import rookery
from rookery.web.call import Call, Reply
from rookery.web.figures import render
from rookery.web.openapi import document
from rookery.web.problems import Problem
from rookery.web.table import TABLE

PLAIN = "text/plain; version=0.0.4; charset=utf-8"


class Health(msgspec.Struct, frozen=True):
    """The server runs."""

    status: str
    version: str


class Ready(msgspec.Struct, frozen=True):
    """Which hubs can write."""

    status: str
    hubs: dict[str, bool]


@TABLE.add("GET", "/health", title="Is the server alive?", scope="", answers={200: Health}, group="System")
async def health(call: Call) -> Health:
    """Answered as long as the process runs."""
    return Health("ok", rookery.__version__)


@TABLE.add(
    "GET", "/ready", title="Can the server write?", scope="", answers={200: Ready}, group="System",
    problems=("unavailable",),
)  # fmt: skip
async def ready(call: Call) -> Ready:
    """Answered with a problem while a store cannot be written."""
    hubs = {name: mode.worker.is_ready for name, mode in call.serving.modes.items()}
    if not all(hubs.values()):
        away = ", ".join(name for name, is_ready in hubs.items() if not is_ready)
        raise Problem("unavailable", f"hubs that cannot write now: {away}", headers={"retry-after": "2"})
    return Ready("ok", hubs)


@TABLE.add("GET", "/metrics", title="Figures for Prometheus", scope="", answers={200: PLAIN}, group="System")
async def metrics(call: Call) -> Reply:
    """Requests, messages, groups, waiting times, by hub; what its sender does, and what waits to be sent."""
    modes = call.serving.modes.items()
    return Reply(render(call.serving, {name: await mode.deliveries.backlog() for name, mode in modes}))


@TABLE.add("GET", "/v1/openapi.json", title="This description", scope="", answers={200: dict}, group="System")
async def openapi(call: Call) -> Any:
    """OpenAPI 3.1, made of the table of routes that the server answers by."""
    return document(TABLE.routes, rookery.__version__, call.serving.history)
