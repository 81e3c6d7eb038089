"""Pages: their table of routes, and how one is made of a template and values. Everything is escaped.

The pages have a table of their own, beside that of the API: they are for people, who come with a cookie and forms, and
are told what is wrong by a page. Programs get no promise about them, so that OpenAPI does not describe them.
"""

import datetime as dt
from importlib.resources import files
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader

from rookery.hub.access import NETWORK
from rookery.hub.clock import now
from rookery.units import UTC, id_text, instant_text, mass_text, money_text, share_text, span_text
from rookery.web.call import Call, Reply
from rookery.web.table import HTML, Table

PAGES = Table()
STYLE, SCRIPT = "pages.css", "pages.js"
PIECES = "pieces.html"  # what several templates have in common; frame.html is around all of them

# What is on the way up, by path, title and the scope of a key that it takes.
MENU = (
    ("/", "Network", "network:read"),
    ("/orders", "Orders", "orders:read"),
    ("/departures", "Departures", "network:read"),
    ("/companies", "Companies", "trust:read"),
    ("/messages", "Messages out", "webhooks:read"),
)
# A mark beside each word of a status, so that colour is never the only signal.
_MARKS = {
    "good": ("✓", "delivered booked active sent accepted done"),
    "bad": ("✕", "refused lost failed given_up revoked delivery_failed cancelled declined disabled"),
    "warn": ("!", "on_hold returning returned waiting expired suspended behind unknown late full"),
}
_TONES = {word: (tone, mark) for tone, (mark, words) in _MARKS.items() for word in words.split()}
_INSTANTS = {"earliest", "latest", "wanted_from", "wanted_to", "ship_by", "promised_by"}
_PREFIXES = {"order_id": "ord", "shipment_id": "shp", "parcel_id": "pcl", "decision_id": "dec", "grant_id": "grt"}


def paper(call: Call, template: str, *, status: int = 200, **values: Any) -> Reply:
    """A page of a template. `status`: of the answer."""
    caller = call.caller
    known = bool(caller.company)
    menu = [(path, title) for path, title, scope in MENU if {scope, "admin"} & caller.scopes]
    text = _ENV.get_template(template).render(
        caller=caller, is_known=known, is_operator=caller.company == NETWORK, menu=menu, at=call.route.path,
        network=call.serving.network.about, made_at=now(), style=STYLE, script=SCRIPT, **values,
    )  # fmt: skip
    return Reply(text.encode(), status)


def asset(name: str) -> bytes:
    """A file that pages ask for."""
    return files("rookery.web.pages").joinpath(name).read_bytes()


def tone(word: str) -> tuple[str, str]:
    """How a status is shown: its tone and the mark beside it."""
    return _TONES.get(word, ("plain", "•"))


def words(name: str) -> str:
    """A name as people read it: `delivery_failed` as `delivery failed`."""
    return name.replace("_", " ")


def value(name: str, found: Any) -> str:
    """A field of a row as people read it."""
    if isinstance(found, bytes):
        return id_text(_PREFIXES[name], found) if name in _PREFIXES and found else found.hex()
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, int) and (name.endswith("_at") or name in _INSTANTS):
        return instant_text(found) if found else "not known"
    if isinstance(found, int) and name.startswith("grams"):
        return mass_text(found) if found else "not known"
    if isinstance(found, list | tuple):
        return ", ".join(map(str, found)) or "none"
    if isinstance(found, int | str | float | dt.date):
        return str(found) or "none"
    return "none" if found is None else str(msgspec.to_builtins(found))


def _when(instant: int) -> str:
    """An instant as a page shows it: to the minute, UTC."""
    return f"{dt.datetime.fromtimestamp(instant, UTC):%Y-%m-%d %H:%M} UTC" if instant else "not known"


def _clock(text: str) -> str:
    """A local time of ISO 8601 as a page shows it: to the minute, with its offset."""
    day, _, rest = text.partition("T")
    offset = rest.lstrip("0123456789:.") if rest else ""
    return f"{day} {rest[:5]} UTC{offset.removesuffix('Z').removesuffix(':00')}" if rest else text


def _environment() -> Environment:
    env = Environment(
        loader=PackageLoader("rookery.web.pages", "."), autoescape=True, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    env.filters |= {
        "when": _when, "clock": _clock, "span": span_text, "mass": mass_text, "share": share_text, "words": words,
        "money": money_text, "id": lambda id_, prefix: id_text(prefix, id_),
    }  # fmt: skip
    env.globals |= {"tone": tone, "value": value}
    return env


_ENV = _environment()
MEDIA = HTML
