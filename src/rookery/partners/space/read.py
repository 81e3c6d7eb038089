"""What companies say about space without an order: quote, hold, take, change, release. See docs/space.md.

{"uses": [{"resource": "departure:HGH-LGG.air.1/2026-11-24/1", "amounts": {"grams": 2000000}}], "hold_s": 3600}
{"space": "hld_...", "why": "not needed"}
"""

from typing import TypeVar

import msgspec

from rookery.journey.account import Use
from rookery.journey.space import ChangeSpace, HoldSpace, QuoteSpace, ReleaseSpace, TakeSpace, Wish
from rookery.partners.port import (
    AMOUNT_MAX,
    INSTANT_MAX,
    UNREADABLE,
    BadMessage,
    FieldFault,
    range_fault,
    read_object,
    shape_faults,
)
from rookery.units import DAY_S, read_any_id, read_instant

USES_MAX = 50  # of a plan, and of its standby
HOLD_S_MAX = 7 * DAY_S
TEXT_MAX = 200  # letters of a name or a reason
AMOUNTS_MAX = 20  # dimensions of a resource
SEE = "see docs/space.md"

Text = TypeVar("Text", bound=msgspec.Struct)


class UseText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So much of a resource, as it is sent."""

    resource: str
    amounts: dict[str, int]


class WishText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked for, as it is sent: the body of `quote_space` and `hold_space`."""

    uses: tuple[UseText, ...]
    product: str = ""
    hold_s: int = 0
    value_minor: int = 0
    borrows: bool = False
    standby: tuple[UseText, ...] = ()
    wait_until: str = ""


class ChangeText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a space is to be instead, as it is sent: the body of `change_space`."""

    space: str
    uses: tuple[UseText, ...]


class NamedText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which space is meant, as it is sent: the body of `take_space` and `release_space`."""

    space: str
    why: str = ""


def read_quote(body: bytes, sender: str) -> QuoteSpace:
    """What a company wants to know. Raises  BadMessage: with every bad field"""
    return QuoteSpace(sender, _wish(body))


def read_hold(body: bytes, sender: str, hold_id: bytes) -> HoldSpace:
    """What a company wants to hold. Raises  BadMessage: with every bad field"""
    return HoldSpace(hold_id, sender, _wish(body))


def read_take(body: bytes, sender: str) -> TakeSpace:
    """What a company takes of what it holds. Raises  BadMessage: with every bad field"""
    hold_id, _ = _named(body)
    return TakeSpace(hold_id, sender)


def read_release(body: bytes, sender: str) -> ReleaseSpace:
    """What a company gives back. Raises  BadMessage: with every bad field"""
    hold_id, why = _named(body)
    return ReleaseSpace(hold_id, sender, why)


def read_change(body: bytes, sender: str) -> ChangeSpace:
    """What a company wants instead. Raises  BadMessage: with every bad field"""
    faults: list[FieldFault] = []
    text = _decode(body, ChangeText, faults)
    hold_id = _id(text.space, faults) if text else b""
    uses = _uses("uses", text.uses, faults) if text else ()
    _end(faults)
    return ChangeSpace(hold_id, sender, uses)


def _named(body: bytes) -> tuple[bytes, str]:
    faults: list[FieldFault] = []
    text = _decode(body, NamedText, faults)
    hold_id = _id(text.space, faults) if text else b""
    if text:
        _check_text("why", text.why, faults)
    _end(faults)
    return hold_id, text.why if text else ""


def _wish(body: bytes) -> Wish:
    faults: list[FieldFault] = []
    text = _decode(body, WishText, faults)
    if text is None:
        raise BadMessage(faults)
    _check_text("product", text.product, faults)
    faults += range_fault("hold_s", text.hold_s, 0, HOLD_S_MAX)
    faults += range_fault("value_minor", text.value_minor, 0, AMOUNT_MAX)
    if text.standby and not text.borrows:
        faults.append(FieldFault("standby", "none where nothing is borrowed", f"{len(text.standby)} uses"))
    wish = Wish(
        uses=_uses("uses", text.uses, faults),
        product_id=text.product,
        hold_s=text.hold_s,
        value_minor=text.value_minor,
        borrows=text.borrows,
        standby=_uses("standby", text.standby, faults) if text.standby else (),
        wait_until=_instant("wait_until", text.wait_until, faults),
    )
    _end(faults)
    return wish


def _end(faults: list[FieldFault]) -> None:
    if faults:
        raise BadMessage(faults)


# --- fields


def _uses(path: str, texts: tuple[UseText, ...], faults: list[FieldFault]) -> tuple[Use, ...]:
    """The uses, each resource once, with what is more than nothing of it."""
    if not 1 <= len(texts) <= USES_MAX:
        faults.append(FieldFault(path, f"1 to {USES_MAX} resources", str(len(texts))))
        return ()
    first: dict[str, int] = {}
    uses = []
    for n, text in enumerate(texts):
        at = f"{path}[{n}]"
        if not text.resource:
            faults.append(FieldFault(f"{at}.resource", "the name of a resource", "nothing"))
        _check_text(f"{at}.resource", text.resource, faults)
        if text.resource in first:
            found = f"it again, as in {path}[{first[text.resource]}]"
            faults.append(FieldFault(f"{at}.resource", "each resource once", found, "add the amounts up"))
        first.setdefault(text.resource, n)
        _check_amounts(f"{at}.amounts", text.amounts, faults)
        uses.append(Use(text.resource, {name: amount for name, amount in sorted(text.amounts.items()) if amount}))
    return tuple(uses)


def _check_amounts(path: str, amounts: dict[str, int], faults: list[FieldFault]) -> None:
    if len(amounts) > AMOUNTS_MAX:
        faults.append(FieldFault(path, f"at most {AMOUNTS_MAX} dimensions", str(len(amounts))))
        return
    for name, amount in amounts.items():
        faults += range_fault(f"{path}.{name[:TEXT_MAX]}", amount, 0, AMOUNT_MAX)
    if not any(amounts.values()):
        faults.append(FieldFault(path, "an amount above 0, such as grams", "none"))


def _check_text(path: str, text: str, faults: list[FieldFault]) -> None:
    if len(text) > TEXT_MAX:
        faults.append(FieldFault(path, f"at most {TEXT_MAX} letters", str(len(text))))


def _id(text: str, faults: list[FieldFault]) -> bytes:
    """The id of a space, with its prefix or in hexadecimal digits."""
    try:
        prefix, found = read_any_id(text)
    except ValueError:
        prefix, found = "none", b""
    if prefix not in ("hld", ""):
        wanted = "the `about` of the answer to hold_space, such as hld_..."
        faults.append(FieldFault("space", wanted, repr(text[:TEXT_MAX])))
    return found


def _instant(path: str, text: str, faults: list[FieldFault]) -> int:
    if not text:
        return 0
    try:
        instant = read_instant(text)
    except ValueError:
        faults.append(FieldFault(path, "a time with its offset such as 2026-11-22T17:30+01:00", repr(text[:TEXT_MAX])))
        return 0
    if not 0 <= instant < INSTANT_MAX:
        faults.append(FieldFault(path, "a time from 1970 to 2199", repr(text[:TEXT_MAX])))
    return instant


# --- shape


def _decode(body: bytes, kind: type[Text], faults: list[FieldFault]) -> Text | None:
    """A body of this shape, or None with a fault for each field of another shape."""
    try:
        return msgspec.json.decode(body, type=kind)
    except UNREADABLE:
        pass
    faults += shape_faults(read_object(body, SEE), kind, todo=SEE) or [
        FieldFault("message", "numbers and texts as in docs/space.md", "something that cannot be stored", SEE)
    ]
    return None
