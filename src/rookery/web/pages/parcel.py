"""One parcel's story, and one order's: what was promised, how it travels, what happened, what was decided."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta, timezone
from functools import partial
from typing import Any

from rookery.hub.look import Look
from rookery.hub.story import Clockface
from rookery.journey.deliver import AttemptFailed, Delivered, ReturnStarted
from rookery.journey.disrupt import PlanKept, PromiseAtRisk, ReplanFailed, Replanned, Retimed
from rookery.journey.option import PlanOvertaken, Sourced
from rookery.journey.order import Order, OrderAsked, OrderCancelled, OrderPlaced, OrderRefused
from rookery.journey.promise import Promised
from rookery.journey.track import Scanned
from rookery.ledger.log import StoredFact
from rookery.units import id_text, instant_text, money_text, share_text, span_text
from rookery.web.call import Call, Reply
from rookery.web.pages.orders import find_named, not_there
from rookery.web.pages.paper import PAGES, paper
from rookery.web.pages.sight import Sight, Told, see
from rookery.web.table import HTML


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened. `when`: text with its offset; `why`: the path of its decision, or blank."""

    at: int
    when: str
    what: str
    detail: str = ""
    why: str = ""


@PAGES.add(
    "GET", "/orders/{order}", title="An order", scope="orders:read", answers={200: HTML}, group="Pages",
    about={"order": "ord_..."},
)  # fmt: skip
async def show_order(call: Call) -> Reply:
    """What was asked, what was decided, its parcels."""
    name = call.path["order"]
    clock = Clockface(call.serving.world)

    def ask(sight: Sight) -> dict[str, Any]:
        order_id = find_named(sight, name, "ord")
        told = sight.order(order_id)
        if told is None:
            raise not_there(name)
        return _story(sight, told, order_id, b"", clock)

    return paper(call, "story.html", name=name, **await see(call, f"order {name}", ask))


@PAGES.add(
    "GET", "/parcels/{parcel}", title="A parcel", scope="orders:read", answers={200: HTML}, group="Pages",
    about={"parcel": "pcl_..."},
)  # fmt: skip
async def show_parcel(call: Call) -> Reply:
    """Where it is, what was promised, its plan leg by leg, its events, its decisions."""
    name = call.path["parcel"]
    clock = Clockface(call.serving.world)

    def ask(sight: Sight) -> dict[str, Any]:
        parcel_id = find_named(sight, name, "pcl")
        told = sight.parcel(parcel_id)
        if told is None:
            raise not_there(name)
        row = sight.look.ledger.find_row("parcel", parcel_id)
        return _story(sight, told, row.order_id, parcel_id, clock)

    return paper(call, "story.html", name=name, **await see(call, f"parcel {name}", ask))


def _story(sight: Sight, told: Told, order_id: bytes, parcel_id: bytes, clock: Clockface) -> dict[str, Any]:
    """All that a page of a parcel or of an order shows. `parcel_id` empty: of the order."""
    row: Order = sight.look.ledger.find_row("orders", order_id)
    order = sight.order(order_id) if parcel_id else told
    parcel = told if parcel_id else {}
    ids = (sight.look.ledger.find_row("parcel", parcel_id).shipment_id,) if parcel_id else _shipments(sight, row)
    shipments = [one for one in map(sight.shipment, ids) if one is not None]
    moments = _moments(sight, row, parcel_id, clock) if sight.owns(row.owner) else None
    return {
        "order": order, "parcel": parcel, "is_own": sight.owns(row.owner), "moments": moments, "clock": clock,
        "shipments": [one | {"legs": list(_legs(one, clock)), "place": _end(one, order)} for one in shipments],
        "parcels": (order or {}).get("parcels", []), "plain": _plain(order),
    }  # fmt: skip


def _shipments(sight: Sight, order: Order) -> tuple[bytes, ...]:
    found = (sight.look.ledger.find_row("parcel", id_).shipment_id for id_ in order.parcels)
    return tuple(dict.fromkeys(found))


def _legs(shipment: Told, clock: Clockface) -> Any:
    """The legs of a plan as far as they may be seen, in the local time of each place."""
    for way in shipment.get("itinerary", ()):
        for leg in way.get("legs", ()):
            yield leg | {
                "departs": clock.at(leg["departs_at"], leg["origin"]),
                "arrives": clock.at(leg["arrives_at"], leg["destination"]),
            }


def _end(shipment: Told, order: Told | None) -> str:
    """Where a shipment is delivered, as far as that may be seen; blank: it is not shown."""
    ends = [leg["destination"] for way in shipment.get("itinerary", ()) for leg in way.get("legs", ())[-1:]]
    spot = (order or {}).get("destination", {})
    named = spot.get("facility_id") or f"{spot.get('country', '')} {spot.get('postcode', '')}"
    return ends[-1] if ends else named.strip()


def _plain(order: Told | None) -> dict[str, Any]:
    """An order's fields by name, those of rows within it by both names."""
    flat: dict[str, Any] = {}
    for name, found in (order or {}).items():
        if isinstance(found, dict):
            flat |= {f"{name} {inner}": value for inner, value in found.items() if value not in ("", 0, None)}
        elif name not in ("parcels", "shipments", "lines", "status", "moving") and found not in ("", b"", 0, None):
            flat[name] = found
    return flat


# --- what happened


def _moments(sight: Sight, order: Order, parcel_id: bytes, clock: Clockface) -> list[Moment]:
    """What happened to an order, or of one of its parcels, the latest first; events to a key that allows them."""
    look = sight.look
    sees = {"events:read", "admin"} & sight.caller.scopes
    story = look.whole_story(order.order_id) if sees else look.facts(order.order_id)
    row: OrderAsked = look.ledger.find_row("order_asked", order.order_id)
    there = partial(clock.at, place=str(row.asked.destination))
    found = [(stored.fact, _moment(stored, look, parcel_id, there)) for stored in story]
    shown = [(fact, moment) for fact, moment in found if moment is not None]
    sight.note(order.owner, "event", sum(isinstance(fact, Scanned) for fact, _ in shown))
    sight.note(order.owner, "decision", sum(bool(moment.why) for _, moment in shown))
    return sorted((moment for _, moment in shown), key=lambda one: one.at)[::-1]  # of equal times, too, the last first


def _moment(stored: StoredFact, look: Look, parcel_id: bytes, there: Callable[[int], str]) -> Moment | None:
    fact, at = stored.fact, stored.heard_at
    if parcel_id and getattr(fact, "parcel_id", parcel_id) != parcel_id:
        return None
    match fact:
        case Scanned(scan=scan):
            zone = timezone(timedelta(minutes=scan.offset_min))
            said = " ".join(filter(None, (scan.raw_code, scan.raw_description, scan.reason_code)))
            inside = f", in {fact.unit}" if fact.unit else ""
            when = instant_text(scan.happened_at, zone)
            return Moment(scan.happened_at, when, scan.status, f"{scan.place} by {scan.by}: {said}{inside}")
        case Delivered(late_min=late):
            proof = f"signed by {fact.proof}, " if fact.proof else ""
            return Moment(fact.at, there(fact.at), "delivered", f"{proof}{_late(late * 60) or 'on time'}")
        case AttemptFailed():
            return Moment(at, instant_text(at), "delivery_failed", f"attempt {fact.attempt} {fact.reason_code}")
        case ReturnStarted():
            return Moment(at, instant_text(at), "returning", f"to {fact.facility_id or 'the sender'}: {fact.disposal}")
        case OrderPlaced(asked=asked):
            ends = f"{asked.origin or 'stock'} to {asked.destination}"
            return Moment(at, instant_text(at), "ordered", f"{asked.product_id} from {ends}")
        case OrderCancelled():
            return Moment(at, instant_text(at), "cancelled", "withdrawn by its owner")
    return _decided(fact, at, look, there)


def _decided(fact: Any, at: int, look: Look, there: Callable[[int], str]) -> Moment | None:
    when, why = instant_text(at), ""
    if isinstance(fact, Sourced | OrderRefused | Replanned | ReplanFailed):
        why = f"/why/{id_text('dec', fact.decision_id)}"
    match fact:
        case Sourced():
            cost = money_text(fact.cost_minor, look.currency)
            return Moment(at, when, "planned", f"from {fact.site} for {cost}: {fact.rule}", why)
        case OrderRefused(reasons=reasons):
            return Moment(at, when, "refused", "; ".join(map(str, reasons[:2])), why)
        case Replanned():
            detail = f"{fact.departure} has changed; from {fact.at}: {fact.rule}{_late(fact.late_s, ', ')}"
            return Moment(at, when, "planned anew", detail, why)
        case ReplanFailed():
            return Moment(at, when, "no way on", f"{fact.departure} has changed; a case for {fact.owner}", why)
        case PromiseAtRisk(reasons=reasons):
            told = "; ".join(map(str, reasons)) or "no more"
            return Moment(at, when, "promise at risk", f"{told}; a case for {fact.owner}" if reasons else told)
        case Promised():
            return Moment(at, when, "promised", promise_text(fact, there))
        case PlanOvertaken(reason=reason):
            return Moment(at, when, "planned again", str(reason))
        case PlanKept():
            return Moment(at, when, "plan kept", f"{fact.departure}: {fact.why}")
        case Retimed():
            return Moment(at, when, "new times", f"{fact.departure} has changed{_late(fact.late_s, ', ')}")
    return None


def promise_text(made: Promised, there: Callable[[int], str]) -> str:
    """A promise in words. `there`: an instant as the clock at the destination shows it."""
    window = f"{there(made.earliest)} to {there(made.latest)}"
    if made.confidence_ppm is None:
        return f"{window} ({made.reason})"
    rests = f"learned from {made.legs_known:,} past legs" if made.legs_known else "assumed delays, no past legs"
    return f"{window}, {share_text(made.confidence_ppm)} sure ({rests})"


def _late(seconds: int, before: str = "") -> str:
    return f"{before}{span_text(seconds)} after what was promised" if seconds else ""
