"""What the hub knows, as lines of text that a person reads from top to bottom."""

from collections.abc import Iterable
from datetime import timedelta, timezone, tzinfo
from typing import Any

from rookery.hub.heavier import heavier_blocks
from rookery.hub.look import DecisionFact, Look
from rookery.hub.promises import promise_blocks
from rookery.journey.capacity import REWEIGHED, CapacityChanged
from rookery.journey.deliver import AttemptFailed, Delivered, ReturnStarted
from rookery.journey.desk import World
from rookery.journey.disrupt import CarriageWithdrawn, PlanKept, PromiseAtRisk, ReplanFailed, Replanned, Retimed
from rookery.journey.option import Candidate, PlanOvertaken, Sourced
from rookery.journey.order import OrderPlaced, OrderRefused
from rookery.journey.promise import Promised
from rookery.journey.route import Leg
from rookery.journey.shipment import Parcel
from rookery.journey.state import Refusal
from rookery.journey.track import Scanned
from rookery.ledger.log import StoredFact
from rookery.units import UTC, id_text, instant_text, mass_text, money_text, share_text, span_text, time_zone

_INDENT = "    "


class Clockface:
    """Instants in the local time of the place they are about, where the network is at hand; else in UTC."""

    def __init__(self, world: World | None):
        self._table = world.timetable if world else None

    def zone(self, place: str) -> tzinfo:
        """The zone of a facility, or of the one that serves a door such as `ES 28001`; else UTC."""
        if self._table is None:
            return UTC
        if place in self._table.facilities:
            return time_zone(self._table.facilities[place].time_zone)
        country, _, postcode = place.partition(" ")
        if country not in self._table.territory:
            return UTC
        near = (self._table.zones(use, country=country, postcode=postcode) for use in ("delivery", "pickup"))
        served_from = next((zones[0].facility_id for zones in near if zones), "")
        return self.zone(served_from) if served_from else UTC

    def at(self, instant: int, place: str) -> str:
        """An instant as the clock at a place shows it."""
        return instant_text(instant, self.zone(place))


# --- a parcel's story


def story_lines(look: Look, name: str, world: World | None = None) -> list[str]:
    """The story of the order behind a name, leg by leg and scan by scan; empty if nobody knows the name."""
    order = look.find_order(name)
    if order is None:
        return []
    clock = Clockface(world)
    lines = [f"order {order.reference} of {order.owner}  {id_text('ord', order.order_id)}  {order.status}"]
    for stored in sorted(look.whole_story(order.order_id), key=_told_at):
        lines += _fact_lines(stored, look.currency, clock)
    parcels = look.parcels(order.order_id)
    lines += [_parcel_line(parcel, clock) for parcel in parcels]
    return lines


def _promise_words(made: Promised) -> str:
    """A promised window, how sure it is, and what that rests on."""
    window = f"from {instant_text(made.earliest)} to {instant_text(made.latest)}"
    if made.confidence_ppm is None:
        return f"{window} ({made.reason})"
    rests_on = f"learned from {made.legs_known:,} past legs" if made.legs_known else "assumed delays, no past legs"
    return f"{window}, {share_text(made.confidence_ppm)} sure ({rests_on})"


def _change_lines(stored: StoredFact, clock: Clockface) -> list[str]:
    """What a cancelled or late departure came to."""
    at = instant_text(stored.heard_at)
    match stored.fact:
        case PlanOvertaken(reason=reason):
            return [f"  {at}  planned again: {reason}"]
        case PlanKept() as kept:
            return [f"  {at}  {_named(kept.departure)} has changed: {kept.why}"]
        case Retimed() as same:
            lines = [f"  {at}  {_named(same.departure)} has changed: the plan holds{_late(same.late_s)}"]
            return lines + leg_lines((same.plan.legs[number] for number in same.moved), clock)
        case Replanned() as new:
            lines = [f"  {at}  {_named(new.departure)} has changed: {new.reason}"]
            lines.append(f"  {at}  planned anew from {new.at}: {new.rule}{_late(new.late_s)}")
            return lines + leg_lines(new.plan.legs[new.leg_idx :], clock)
        case ReplanFailed() as stuck:
            lines = [f"  {at}  {_named(stuck.departure)} has changed, and there is no way on: a case for {stuck.owner}"]
            return lines + [f"{_INDENT}{reason}" for reason in stuck.reasons]
        case PromiseAtRisk(reasons=reasons) as risk:
            if not reasons:
                return [f"  {at}  what was promised is at risk no more"]
            lines = [f"  {at}  what was promised is at risk: a case for {risk.owner}"]
            return lines + [f"{_INDENT}{reason}" for reason in reasons]
        case CarriageWithdrawn() as gone:
            return [f"  {at}  not carried after all:", *leg_lines((leg for _, leg in gone.legs), clock)]
    return []


def _named(struck: str) -> str:
    """A departure, or the resource of which space was recalled or lost."""
    return struck if ":" in struck else f"departure {struck}"


def _late(seconds: int) -> str:
    return f", {span_text(seconds)} after what was promised" if seconds else ""


def _told_at(stored: StoredFact) -> int:
    """When a fact belongs into the story: when it happened where that is known, else when it was heard."""
    match stored.fact:
        case Scanned(scan=scan):
            return scan.happened_at
        case Delivered(at=at):
            return at
    return stored.heard_at


def _fact_lines(stored: StoredFact, currency: str, clock: Clockface) -> list[str]:
    match stored.fact:
        case OrderPlaced(asked=asked):
            origin = str(asked.origin) if asked.origin else "stock"
            what = (
                f"{asked.pieces} piece{'s' * (asked.pieces > 1)}, {mass_text(asked.booked.grams)}, {asked.goods_class}"
            )
            way = f"{asked.product_id} from {origin} to {asked.destination}"
            return [f"  {instant_text(asked.window.ordered_at)}  ordered: {way}, {what}"]
        case Sourced() as sourced:
            cost = money_text(sourced.cost_minor, currency)
            lines = [f"  {instant_text(stored.heard_at)}  planned from {sourced.site} for {cost}: {sourced.rule}"]
            return lines + [line for part in sourced.parts for line in leg_lines(part.plan.legs, clock)]
        case OrderRefused(reasons=reasons):
            return [f"  {instant_text(stored.heard_at)}  refused: {reason}" for reason in reasons]
        case Promised() as made:
            price = f", price {money_text(made.price_minor, made.currency)}" if made.price_minor else ""
            return [f"  {instant_text(stored.heard_at)}  promised: {_promise_words(made)}{price}"]
        case Scanned() as seen:
            return [_scan_line(seen)]
        case Delivered() as done:
            late = f", {span_text(done.late_min * 60)} late" if done.late_min else ", on time"
            return [f"  {instant_text(done.at)}  delivered{f', signed by {done.proof}' if done.proof else ''}{late}"]
        case AttemptFailed() as failed:
            return [f"  {instant_text(stored.heard_at)}  attempt {failed.attempt} failed {failed.reason_code}".rstrip()]
        case ReturnStarted() as back:
            return [
                f"  {instant_text(stored.heard_at)}  goes back to {back.facility_id or 'the sender'}: {back.disposal}"
            ]
    return _change_lines(stored, clock)


def leg_lines(legs: Iterable[Leg], clock: Clockface) -> list[str]:
    """One line per leg: who carries it, between where and where, in local times."""
    return [
        f"{_INDENT}{leg.mode:8} {leg.origin} {clock.at(leg.departs_at, leg.origin)} -> "
        f"{leg.destination} {clock.at(leg.arrives_at, leg.destination)}  {leg.service_id} by {leg.operator}"
        for leg in legs
    ]


def _scan_line(seen: Scanned) -> str:
    scan = seen.scan
    zone = timezone(timedelta(minutes=scan.offset_min))
    inside = f" in {seen.unit}" if seen.unit else ""
    reason = f" ({scan.reason_code})" if scan.reason_code else ""
    what = f"{scan.raw_code} {scan.raw_description}{reason}{inside}"
    return f"{_INDENT}{instant_text(scan.happened_at, zone)}  {scan.place:12} {what}  by {scan.by}"


def _parcel_line(parcel: Parcel, clock: Clockface) -> str:
    where = f" at {parcel.last_place}" if parcel.last_place else ""
    weight = f", weighed {mass_text(parcel.grams_measured)}" if parcel.grams_measured else ""
    return f"parcel {parcel.waybill}: {parcel.status}{where}{weight}  {id_text('pcl', parcel.parcel_id)}"


# --- why


def why_lines(look: Look, name: str) -> list[str]:
    """Every decision behind a name: the rule, the candidates with their numbers, what it was based on.

    Of an order also where its goods were heavier than booked, and what became of its promises on lent space.
    """
    blocks = [(stored.seq, _decision_lines(look, stored, fact)) for stored, fact in look.decisions(name)]
    order = look.find_order(name)
    if order is not None and not name.startswith("dec_"):
        blocks += [*heavier_blocks(look, order.order_id), *promise_blocks(look, order.order_id)]
    return [line for _, lines in sorted(blocks, key=lambda block: block[0]) for line in lines]


def _decision_lines(look: Look, stored: StoredFact, fact: DecisionFact) -> list[str]:
    lines = [f"decision {id_text('dec', fact.decision_id)}  {instant_text(stored.heard_at)}  fact {stored.seq}"]
    lines.append(f"  based on {fact.basis}, and on all facts before {stored.seq}")
    match fact:
        case Sourced():
            lines += _sourced_lines(fact, look.currency)
            promises = (one.fact for one in look.facts(fact.order_id) if one.seq > stored.seq)
            lines += [f"  promised: {_promise_words(one)}" for one in promises if isinstance(one, Promised)]
        case OrderRefused():
            lines += _refused_lines("refused, because of every way that was tried:", fact.reasons)
        case Replanned():
            lines += _moved_lines(look, stored, fact.departure)
            lines += _replanned_lines(fact, look.currency)
        case ReplanFailed():
            lines += _moved_lines(look, stored, fact.departure)
            where = fact.at or "places that are not told"
            lines.append(f"  {_named(fact.departure)} has changed; the goods are at {where}")
            lines += _refused_lines("no way on, because of every way that was tried:", fact.reasons)
            lines.append(f"  a case for {fact.owner}")
    return lines


def _moved_lines(look: Look, stored: StoredFact, resource: str) -> list[str]:
    """What was said of a resource's capacity when the order of a decision had to leave it; nothing if it had not."""
    cuts = look.ledger.list_facts(kind="capacity_changed") if ":" in resource else ()
    about = [one.fact for one in cuts if one.seq < stored.seq and one.fact.resource == resource]
    cut: CapacityChanged | None = next((one for one in reversed(about) if stored.about in one.moved), None)
    if cut is None:
        return []
    if cut.why == REWEIGHED:
        return [f"  {cut.why} on {resource}, of which there are {_amounts(cut.limits)}: this order had to go"]
    why = f" ({cut.why})" if cut.why else ""
    return [f"  {cut.by} cut {resource} to {_amounts(cut.limits)}{why}: this order had to go"]


def _replanned_lines(fact: Replanned, currency: str) -> list[str]:
    cost, was = (money_text(minor, currency) for minor in (fact.plan.cost_minor, fact.cost_was_minor))
    return [
        f"  {_named(fact.departure)} has changed: {fact.reason}",
        f"  rule: {fact.rule}",
        f"  chosen: from {fact.at} for {cost} in all, was {was}{_late(fact.late_s)}",
        "  looked at:",
        *_candidate_lines(fact.candidates, currency),
    ]


def _sourced_lines(fact: Sourced, currency: str) -> list[str]:
    lines = [
        f"  rule: {fact.rule}",
        f"  chosen: {fact.site} for {money_text(fact.cost_minor, currency)}",
        "  looked at:",
        *_candidate_lines(fact.candidates, currency),
        "  uses:",
    ]
    lines += [f"{_INDENT}{use.resource}: {_amounts(use.amounts)}" for use in fact.uses] or [f"{_INDENT}nothing limited"]
    return lines


def _candidate_lines(candidates: Iterable[Candidate], currency: str) -> list[str]:
    lines = []
    for one in candidates:
        if not one.services and not one.arrives_at:
            lines.append(f"{_INDENT}{one.site}: {one.verdict}")
            continue
        cost, arrives = money_text(one.cost_minor, currency), instant_text(one.arrives_at)
        ships = f" ships {one.ships_on}," if one.ships_on else ""
        way = f" by {' '.join(one.services)}" if one.services else ""
        lines.append(f"{_INDENT}{one.site}:{ships} arrives {arrives}, {cost}{way}: {one.verdict}")
    return lines


def _refused_lines(title: str, reasons: Iterable[Refusal]) -> list[str]:
    lines = [f"  {title}"]
    for reason in reasons:
        lines.append(f"{_INDENT}{reason}" + (f"  [binding: {reason.binding}]" if reason.binding else ""))
    return lines


def _amounts(amounts: dict[str, Any]) -> str:
    return ", ".join(f"{amount} {dimension}" for dimension, amount in amounts.items())
