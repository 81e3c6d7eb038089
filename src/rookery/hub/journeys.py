"""A quote as people and programs see it: numbered journeys in local times, what each is sold as, where it stops.

Screens and `--json` show the same thing: a time is local with its offset, an amount is a decimal string.
"""

import datetime as dt
from collections.abc import Iterable, Iterator

import msgspec

from rookery.hub.explain import Missing, whys
from rookery.hub.quote import Offer, Wish
from rookery.hub.refusals import RefusalTold, refusal_told
from rookery.journey.carbon import list_factors
from rookery.journey.desk import Desk, World
from rookery.journey.network.place import Facility
from rookery.journey.option import Option, Part
from rookery.journey.product import price_parts, zone_name
from rookery.journey.route import Leg
from rookery.journey.state import Refusal
from rookery.units import MICRO, MINUTE_S, amount_text, micro_text, span_text, time_zone

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Money(msgspec.Struct, frozen=True):
    """An amount as a decimal string."""

    amount: str
    currency: str

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class Charged(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of a price, or of what a journey costs. `company`: to whom it is owed; blank: who sells the product."""

    what: str
    amount: Money
    company: str = ""


class Place(msgspec.Struct, frozen=True):
    """Where a journey stops. `lat`, `lon` in degrees, where they are known; a door has none."""

    place: str
    name: str
    kind: str
    time_zone: str
    lat: float | None = None
    lon: float | None = None


class Hop(msgspec.Struct, frozen=True):
    """A leg as people see it."""

    mode: str
    service: str
    operator: str
    origin: str
    destination: str
    departs: dt.datetime
    arrives: dt.datetime


class Stretch(msgspec.Struct, frozen=True):
    """What travels together from end to end. `hops` is empty where goods are handed over on the spot."""

    pieces: int
    hops: tuple[Hop, ...]


class Sale(msgspec.Struct, frozen=True):
    """A product under which a journey is offered. Without a price it is sold at what it costs.

    earliest, latest   the window in which delivery is promised
    confidence_ppm     probability of delivery by `latest`, parts per million
    legs_known         past legs of these lanes that it was learned from; 0: what is assumed of each mode
    charges            what the price is made of: carriage by weight, then each surcharge; they come to it
    """

    product: str
    earliest: dt.datetime
    latest: dt.datetime
    confidence_ppm: int
    legs_known: int
    price: Money | None
    charges: tuple[Charged, ...]
    why: str


class Emitted(msgspec.Struct, frozen=True):
    """By what CO2e of a mode was counted: grams per tonne and km, way over the great circle, and who says so."""

    mode: str
    g_per_tkm: str
    detour: str
    source: str


class Journey(msgspec.Struct, frozen=True):
    """One numbered way to send it.

    co2e_mg   CO2e of the load, milligrams; None: where some stop lies is not known
    made_ppm  at least the chance that all connections are made, parts per million; None: it was not asked for
    charges   what it costs, leg by leg, in the network's currency: they come to `costs`
    """

    number: int
    arrives: dt.datetime
    takes_min: int
    costs: Money
    charges: tuple[Charged, ...]
    co2e_mg: int | None
    made_ppm: int | None
    sales: tuple[Sale, ...]
    stretches: tuple[Stretch, ...]


class Absent(msgspec.Struct, frozen=True):
    """A journey that one would expect, and what stopped it."""

    products: tuple[str, ...]
    arrives: dt.datetime
    costs: Money
    gain: str
    hops: tuple[Hop, ...]
    why: tuple[RefusalTold, ...]


class Declined(msgspec.Struct, frozen=True):
    """A product without a journey, and why."""

    product: str
    why: RefusalTold


class Quoted(msgspec.Struct, frozen=True):
    """A quote as people and programs see it. `explained`: it was asked what is missing."""

    network: str
    snapshot: str
    currency: str
    origin: Place
    destination: Place
    ready: dt.datetime
    grams: int
    cm3: int
    pieces: int
    goods_class: str
    emitted: tuple[Emitted, ...]
    journeys: tuple[Journey, ...]
    declined: tuple[Declined, ...]
    explained: bool
    missing: tuple[Absent, ...]
    stops: tuple[Place, ...]


def quoted(
    wish: Wish,
    offers: list[Offer],
    refusals: list[tuple[str, Refusal]],
    world: World,
    missing: list[Missing] | None = None,
) -> Quoted:
    """A quote made ready to be shown. Journeys are numbered in the order of the offers, each once."""
    about, view = world.timetable.network.about, _View(wish, world)
    grouped = _grouped(offers)
    reasons = whys(list(grouped.values()), view.currency)
    journeys = tuple(view.journey(number, of, reasons) for number, of in enumerate(grouped.values(), 1))
    absent = tuple(view.absent(one) for one in missing or ())
    hops = [hop for one in journeys for stretch in one.stretches for hop in stretch.hops]
    hops += [hop for one in absent for hop in one.hops]
    names = dict.fromkeys([view.origin, *(name for hop in hops for name in (hop.origin, hop.destination))])
    return Quoted(
        network=f"{about.network_id} {about.version}",
        snapshot=world.timetable.network.snapshot[:12],
        currency=about.currency,
        origin=view.place(view.origin),
        destination=view.place(view.destination),
        ready=view.local(wish.ready_at, view.origin),
        grams=wish.grams,
        cm3=wish.cm3,
        pieces=wish.pieces,
        goods_class=wish.goods_class,
        emitted=_emitted(offers, world),
        journeys=journeys,
        declined=tuple(Declined(product, refusal_told(why)) for product, why in refusals),
        explained=missing is not None,
        missing=absent,
        stops=tuple(view.place(name) for name in names if name),
    )


def _emitted(offers: list[Offer], world: World) -> tuple[Emitted, ...]:
    """The factors of all modes that these offers move by."""
    legs = (leg for offer in offers for part in offer.option.parts for leg in part.plan.legs)
    modes = {leg.mode for leg in legs if leg.departure}
    factors = [one for mode, one in sorted(list_factors(world.timetable.network).items()) if mode in modes]
    return tuple(Emitted(one.mode, micro_text(one.g_per_tkm), micro_text(one.detour), one.source) for one in factors)


def facilities(world: World) -> tuple[Place, ...]:
    """Every facility of the network, as maps show it."""
    return tuple(_place(one) for one in world.timetable.facilities.values())


def _grouped(offers: list[Offer]) -> dict[tuple[Part, ...], list[Offer]]:
    """The offers of each way to send it: several products may be sold on one."""
    ways: dict[tuple[Part, ...], list[Offer]] = {}
    for offer in offers:
        ways.setdefault(offer.option.parts, []).append(offer)
    return ways


def _place(facility: Facility) -> Place:
    where = (facility.lat, facility.lon)
    lat, lon = (None if micro is None else micro / MICRO for micro in where)
    return Place(facility.facility_id, facility.name, facility.kind, facility.time_zone, lat, lon)


class _View:
    """The clocks and names of one quote."""

    def __init__(self, wish: Wish, world: World):
        table = world.timetable
        self.facilities, self.world = table.facilities, world
        self.origin, self.destination = str(wish.origin), str(wish.destination)
        self.currency, self.ready_at = table.network.about.currency, wish.ready_at
        self.zones = {name: one.time_zone for name, one in table.facilities.items()}
        ends = ((wish.destination, "delivery"), (wish.origin, "pickup"))
        self.zones.update({str(spot): zone_name(spot, table, use) for spot, use in ends})

    def place(self, name: str) -> Place:
        facility = self.facilities.get(name)
        return _place(facility) if facility else Place(name, name, "door", self.zones[name])

    def local(self, instant: int, name: str) -> dt.datetime:
        return dt.datetime.fromtimestamp(instant, time_zone(self.zones[name]))

    def money(self, minor: int, currency: str = "") -> Money:
        code = currency or self.currency
        return Money(amount_text(minor, code), code)

    def hops(self, legs: Iterable[Leg]) -> tuple[Hop, ...]:
        return tuple(
            Hop(
                mode=leg.mode,
                service=leg.service_id,
                operator=leg.operator,
                origin=leg.origin,
                destination=leg.destination,
                departs=self.local(leg.departs_at, leg.origin),
                arrives=self.local(leg.arrives_at, leg.destination),
            )
            for leg in legs
        )

    def journey(self, number: int, offers: list[Offer], reasons: dict[tuple[int, str], str]) -> Journey:
        option = offers[0].option
        return Journey(
            number=number,
            arrives=self.local(option.arrives_at, self.destination),
            takes_min=(option.arrives_at - self.ready_at) // MINUTE_S,
            costs=self.money(option.cost_minor),
            charges=tuple(self.charges(option)),
            co2e_mg=offers[0].co2_mg,
            made_ppm=offers[0].made_ppm,
            sales=tuple(self.sale(offer, reasons[number, offer.product_id]) for offer in offers),
            stretches=tuple(Stretch(part.pieces, self.hops(part.plan.legs)) for part in option.parts),
        )

    def charges(self, option: Option) -> Iterator[Charged]:
        """What an option costs, in the order in which it arises."""
        legs = (leg for part in option.parts for leg in part.plan.legs)
        for one in (one for leg in legs for one in (leg.storage, leg.charge)):
            if one is not None:
                yield Charged(one.what, self.money(one.common_minor), one.company_id)

    def price(self, option: Option) -> tuple[Charged, ...]:
        """What the price of an option is made of."""
        if option.price is None:
            return ()
        desk, currency = Desk(self.world, self.ready_at, lambda: b""), option.price.currency
        return tuple(Charged(what, self.money(minor, currency)) for what, minor in price_parts(option.trip, desk))

    def sale(self, offer: Offer, why: str) -> Sale:
        price, ahead = offer.option.price, offer.outlook
        return Sale(
            product=offer.product_id,
            earliest=self.local(ahead.earliest, self.destination),
            latest=self.local(ahead.latest, self.destination),
            confidence_ppm=ahead.confidence_ppm,
            legs_known=ahead.legs_known,
            price=self.money(price.minor, price.currency) if price else None,
            charges=self.price(offer.option),
            why=why,
        )

    def absent(self, one: Missing) -> Absent:
        return Absent(
            products=one.products,
            arrives=self.local(one.plan.arrives_at, self.destination),
            costs=self.money(one.plan.cost_minor),
            gain=one.gain,
            hops=self.hops(one.plan.legs),
            why=tuple(map(refusal_told, one.why)),
        )


# --- as text


def day_text(at: dt.datetime, *, year: int = 0) -> str:
    """A local time as people read it, `Tue 24 Nov 2026 03:10`; without the year if it is that of `year`."""
    return f"{_DAYS[at.weekday()]} {_date(at, year)} {at:%H:%M}"


def _date(at: dt.datetime, year: int) -> str:
    return f"{at.day} {_MONTHS[at.month - 1]}" + (f" {at.year}" if at.year != year else "")


def _clock(at: dt.datetime, before: dt.datetime) -> str:
    """A local time with its day where that is another than that of the time told before it."""
    return f"{at:%H:%M}" if at.date() == before.date() else f"{_date(at, before.year)} {at:%H:%M}"


def journey_steps(hops: tuple[Hop, ...]) -> Iterator[str]:
    """The pieces of a journey's line: where it begins, then each hop with the place that it leads to.

    Times are local to the place they stand at: when the goods come, and when they leave. A day stands where it
    changes, a year where that changes.
    """
    if not hops:
        yield "handed over on the spot"
        return
    before = hops[0].departs
    yield f"{hops[0].origin} {_date(before, before.year)} {before:%H:%M}"
    for hop, after in zip(hops, [*hops[1:], None], strict=True):
        times, before = _clock(hop.arrives, before), hop.arrives
        if after is not None:
            times, before = f"{times} / {_clock(after.departs, before)}", after.departs
        yield f"-> {hop.mode} {hop.service} -> {hop.destination} {times}"


def journey_line(journey: Journey) -> str:
    """A journey as one line of text; what travels apart is told one after the other."""
    return " ".join(step for stretch in stretch_steps(journey) for step in stretch)


def stretch_steps(journey: Journey) -> list[list[str]]:
    """The pieces of a journey's line for each of its stretches; the last ends with how long it takes and costs."""
    apart = len(journey.stretches) > 1
    out = []
    for stretch in journey.stretches:
        first, *rest = journey_steps(stretch.hops)
        pieces = f"{stretch.pieces} piece{'s' * (stretch.pieces > 1)}: " if apart else ""
        out.append([f"{pieces}{first}", *rest])
    out[-1][-1] += f"; {span_text(journey.takes_min * MINUTE_S)}, {journey.costs}"
    return out
