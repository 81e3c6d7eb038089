"""An order as owners send it: one JSON object, numbers as numbers or as text. See docs/orders.md."""

import re
from typing import Any

import msgspec

from rookery.journey.order import Asked, Line, Measure, Parties, Spot, Window
from rookery.partners.port import (
    AMOUNT_MAX,
    INSTANT_MAX,
    UNREADABLE,
    BadMessage,
    FieldFault,
    Short,
    described,
    good_fields,
    range_fault,
    read_object,
)
from rookery.units import exponent, read_instant, read_minor

LINES_MAX = 1_000
PIECES_MAX = 10_000


class OrderLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line as it is sent."""

    sku: Short = ""
    quantity: int = 1
    hs_code: Short = ""
    origin: Short = ""
    value: Short | int | float = ""
    currency: Short = ""


class OrderText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order as it is sent, before it is understood."""

    reference: Short
    owner: Short
    ordered_at: Short
    product: Short
    seller: Short = ""
    buyer: Short = ""
    payer: Short = ""
    importer: Short = ""
    ready_at: Short = ""
    ship_by: Short = ""
    wanted_from: Short = ""
    wanted_to: Short = ""
    duties: Short = ""
    from_facility: Short = ""
    from_country: Short = ""
    from_postcode: Short = ""
    from_city: Short = ""
    to_facility: Short = ""
    to_country: Short = ""
    to_postcode: Short = ""
    to_city: Short = ""
    pieces: int = 1
    together: Short = "must"
    weight_g: int = 0
    declared_weight_g: int = 0
    volume_cm3: int = 0
    declared_volume_cm3: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    goods_class: Short = "general"
    return_of: Short = ""
    sku: Short = ""
    quantity: int = 1
    hs_code: Short = ""
    origin: Short = ""
    value: Short | int | float = ""
    currency: Short = ""
    lines: tuple[OrderLine, ...] = ()


_DECODER = msgspec.json.Decoder(OrderText, strict=False)
_CUSTOMS = (
    ("hs_code", re.compile(r"[0-9]{2}([. ]?[0-9]){0,10}"), "2 to 12 digits, such as 6404.11"),
    ("origin", re.compile(r"[A-Z]{2}"), "a country's two letters, such as CN"),
    ("currency", re.compile(r"[A-Z]{3}"), "a currency's three letters, such as EUR"),
)
_NEEDED = ("reference", "owner", "product", "ordered_at")
_TIMES = ("ordered_at", "ready_at", "ship_by", "wanted_from", "wanted_to")
_AMOUNTS = (
    "weight_g", "declared_weight_g", "volume_cm3", "declared_volume_cm3", "length_mm", "width_mm", "height_mm"
)  # fmt: skip


def read_order(body: bytes) -> Asked:
    """An order from its JSON.

    Raises  BadMessage: with every bad field
    """
    shape: list[FieldFault] = []
    try:
        text = _DECODER.decode(body)
    except UNREADABLE:
        text = _readable(body, shape)
    meaning: list[FieldFault] = []
    asked = _asked(text, meaning)
    told = {fault.path for fault in shape}
    faults = shape + [fault for fault in meaning if fault.path not in told]
    if faults:
        raise BadMessage(faults)
    return asked


def _asked(text: OrderText, faults: list[FieldFault]) -> Asked:
    _check(text, faults)
    times = {name: _instant(name, getattr(text, name), faults) for name in _TIMES}
    if times["wanted_to"] and times["wanted_to"] < times["wanted_from"]:
        faults.append(FieldFault("wanted_to", "a time after wanted_from", text.wanted_to))
    origin = Spot(text.from_facility, text.from_country, text.from_postcode, text.from_city)
    return Asked(
        reference=text.reference,
        parties=Parties(text.owner, text.seller, text.buyer, text.payer, text.importer),
        window=Window(**times),
        product_id=text.product,
        destination=Spot(text.to_facility, text.to_country, text.to_postcode, text.to_city),
        origin=origin if origin.facility_id or origin.country else None,
        duties=text.duties,  # type: ignore[arg-type]
        pieces=text.pieces,
        together=text.together,  # type: ignore[arg-type]
        booked=Measure(text.weight_g, text.volume_cm3, text.length_mm, text.width_mm, text.height_mm),
        declared=Measure(text.declared_weight_g, text.declared_volume_cm3),
        goods_class=text.goods_class,
        lines=_lines(text, faults),
        return_of=text.return_of,
    )


def _check(text: OrderText, faults: list[FieldFault]) -> None:
    for name in _NEEDED:
        if not getattr(text, name):
            faults.append(FieldFault(name, "a value", "nothing"))
    if not (text.to_facility or text.to_country):
        faults.append(FieldFault("to_country", "to_facility, or to_country with to_postcode", "neither"))
    for name, allowed in (("duties", ("", "paid", "unpaid")), ("together", ("must", "may"))):
        if getattr(text, name) not in allowed:
            faults.append(FieldFault(name, " or ".join(filter(None, allowed)), repr(getattr(text, name))))
    faults += range_fault("pieces", text.pieces, 1, PIECES_MAX)
    for name in _AMOUNTS:
        faults += range_fault(name, getattr(text, name), 0, AMOUNT_MAX)


def _instant(name: str, text: str, faults: list[FieldFault]) -> int:
    if not text:
        return 0
    try:
        instant = read_instant(text)
    except ValueError:
        wanted = "a time with its offset such as 2026-11-22T17:30+01:00"
        faults.append(FieldFault(name, wanted, repr(text)))
        return 0
    if not 0 <= instant < INSTANT_MAX:
        faults.append(FieldFault(name, "a time from 1970 to 2199", repr(text)))
        return 0
    return instant


def _lines(text: OrderText, faults: list[FieldFault]) -> tuple[Line, ...]:
    if text.lines and text.sku:
        faults.append(FieldFault("lines", "either lines or sku, quantity, value in the order", "both"))
    if len(text.lines) > LINES_MAX:
        faults.append(FieldFault("lines", f"at most {LINES_MAX}", str(len(text.lines))))
    if text.lines:
        return tuple(_line(line, f"lines[{n}].", faults) for n, line in enumerate(text.lines))
    if not (text.sku or text.hs_code or text.value):
        return ()
    return (_line(text, "", faults),)


def _line(line: OrderLine | OrderText, path: str, faults: list[FieldFault]) -> Line:
    faults += range_fault(f"{path}quantity", line.quantity, 1, AMOUNT_MAX)
    minor = 0
    if line.value != "":
        if not line.currency:
            faults.append(FieldFault(f"{path}currency", "the currency of the value", "nothing"))
        try:
            minor = read_minor(str(line.value), line.currency)
        except ValueError:
            wanted = f"a decimal number with at most {exponent(line.currency)} decimals, such as 12"
            faults.append(FieldFault(f"{path}value", wanted, repr(str(line.value))))
        if minor < 0:
            faults.append(FieldFault(f"{path}value", "0 or more", str(line.value)))
    for name, shape, wanted in _CUSTOMS:
        if (found := getattr(line, name)) and not shape.fullmatch(found):
            faults.append(FieldFault(f"{path}{name}", wanted, repr(found)))
    return Line(line.sku, line.quantity, line.hs_code, line.origin, minor, line.currency)


# --- a message in which some field has the wrong shape


def _readable(body: bytes, faults: list[FieldFault]) -> OrderText:
    """What can be read of a message, with a fault for each field that cannot."""
    fields = read_object(body)
    lines = fields.pop("lines", ())
    good = good_fields(fields, OrderText, faults, what="an order")
    if not isinstance(lines, list | tuple):
        faults.append(FieldFault("lines", "a list of lines", described(lines)))
        lines = ()
    good["lines"] = tuple(_readable_line(line, f"lines[{n}]", faults) for n, line in enumerate(lines))
    if not faults:
        faults.append(FieldFault("message", "an order as in docs/orders.md", "something else"))
    return OrderText(**(dict.fromkeys(_NEEDED, "") | good))


def _readable_line(fields: Any, path: str, faults: list[FieldFault]) -> OrderLine:
    if isinstance(fields, dict):
        return OrderLine(**good_fields(fields, OrderLine, faults, what="a line", path=f"{path}."))
    faults.append(FieldFault(path, "a line", described(fields)))
    return OrderLine()
