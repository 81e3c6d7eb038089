"""A quote: the useful plans for a parcel under each product that is sold there. Nothing is held."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from rookery.journey.carbon import find_co2_mg
from rookery.journey.desk import Desk, World
from rookery.journey.forecast import Outlook, Outset, outlook
from rookery.journey.option import Option
from rookery.journey.order import Asked, Measure, Parties, Spot, Window
from rookery.journey.room import VIEWS, Room
from rookery.journey.route import plans
from rookery.journey.source import Find, OnLoan, find_lent, list_options
from rookery.journey.state import Refusal, State
from rookery.partners.orders.read import PIECES_MAX
from rookery.partners.port import FieldFault, meant

REASON_LENT = "on space that others lend"
PLACE = "a facility of the network, or a country and postcode such as 'ES 28001'"
AMOUNT_MAX = 10**12  # of what is asked for: a million tonnes


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody would send.

    ready_at    seconds since the epoch
    product_id  blank: any product
    company_id  on whose space; blank: that of the company that sells the product
    """

    origin: Spot
    destination: Spot
    ready_at: int
    grams: int
    cm3: int = 0
    pieces: int = 1
    goods_class: str = "general"
    product_id: str = ""
    company_id: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """One choice: a product and a plan under it, why it is worth showing, and what would be promised.

    co2_mg    CO2e of the load; None: where a stop lies is not known
    back      what it falls back to if the space that it borrows is recalled; None: it is firm
    made_ppm  at least the chance that all connections are made, parts per million; None: it was not asked for
    """

    product_id: str
    option: Option
    reason: str
    outlook: Outlook
    co2_mg: int | None
    back: Option | None = None
    made_ppm: int | None = None


Quoting = Callable[[Wish, World, State], tuple[list[Offer], list[tuple[str, Refusal]]]]  # such as `quote`


def read_spot(text: str, world: World) -> Spot:
    """A place as people write it: a facility id, or a country and a postcode.

    Raises  ValueError: the network knows no such facility or country
    """
    if text in world.timetable.facilities:
        return Spot(facility_id=text)
    country, _, postcode = text.replace(":", " ").strip().partition(" ")
    if country.upper() in world.timetable.territory:
        return Spot(country=country.upper(), postcode=postcode.strip())
    raise ValueError(f"place {text!r}: wanted {PLACE}; see `rookery network show`")


def nothing_used() -> State:
    """The state of a network of which nothing is used and no departure has changed, for questions alone."""
    return State(VIEWS)


def wish_faults(wish: Wish, world: World) -> list[FieldFault]:
    """Each field that no quote can be made of: no such product, goods class or company, no piece, an absurd amount."""
    amounts = (
        ("weight_g", 0, wish.grams, AMOUNT_MAX), ("volume_cm3", 0, wish.cm3, AMOUNT_MAX),
        ("pieces", 1, wish.pieces, PIECES_MAX),
    )  # fmt: skip
    faults = [
        FieldFault(field, f"{least} to {most:,}", f"{found:,}")
        for field, least, found, most in amounts
        if not least <= found <= most
    ]
    names: tuple[tuple[str, Collection[str], str], ...] = (
        ("product", world.timetable.products, wish.product_id),
        ("goods_class", world.timetable.goods, wish.goods_class),
        ("company", world.timetable.companies, wish.company_id),
    )
    return faults + [
        FieldFault(field, f"one of {', '.join(sorted(known))}", repr(name), meant(name, known))
        for field, known, name in names
        if name and name not in known
    ]


def check_wish(wish: Wish, world: World) -> None:
    """Raises  ValueError: with every fault of a wish"""
    if faults := wish_faults(wish, world):
        told = (f"{one.path.replace('_class', ' class')} {one.found}: wanted {one.wanted}" for one in faults)
        raise ValueError("; ".join(told))


def quote(wish: Wish, world: World, state: State, find: Find = plans) -> tuple[list[Offer], list[tuple[str, Refusal]]]:
    """The offers for a wish, cheapest first, and for each product without one the reasons. What an order would have on
    space that others lend is offered besides, with a promise that is kept also if that is recalled.

    find    which plans are offered: by arrival and cost, or by more
    Raises  ValueError: as `check_wish`
    """
    check_wish(wish, world)
    products = [wish.product_id] if wish.product_id else sorted(world.timetable.products)
    offers: list[Offer] = []
    refusals: list[tuple[str, Refusal]] = []
    desk = Desk(world, wish.ready_at, lambda: b"")
    for product_id in products:
        asked, room = ask_of(wish, product_id, world), Room(state)
        options, why = list_options(asked, room, desk, find=find)
        lent = find_lent(asked, options, room, desk)
        ahead = [_outlook(option, asked, state, desk) for option in options]
        offers += _offers(product_id, options, ahead, world)
        if lent is not None:
            told = _outlook(lent.best, asked, state, desk, lent)
            offers.append(Offer(product_id, lent.best, REASON_LENT, told, _co2_mg(lent.best, world), lent.back))
        if options or lent is None:
            refusals += [(product_id, refusal) for refusal in why]
    return sorted(offers, key=lambda offer: (*offer.option.rank, offer.product_id)), refusals


def _outlook(option: Option, asked: Asked, state: State, desk: Desk, lent: OnLoan | None = None) -> Outlook:
    """What an order that takes this option would be promised."""
    trip = option.trip
    outset = Outset(trip.ready_at, trip.way_in, asked.product_id, asked.goods_class, asked.window.wanted_from)
    promised_by, back = (lent.promised_by, lent.back.parts) if lent is not None else (trip.deadline, ())
    way, fallback = (tuple(part.plan for part in parts) for parts in (option.parts, back))
    return outlook(way, outset, promised_by, state, desk, fallback)


def _offers(product_id: str, options: list[Option], ahead: list[Outlook], world: World) -> list[Offer]:
    if not options:
        return []
    cheapest = min(options, key=lambda option: option.rank)
    fastest = min(options, key=lambda option: (option.arrives_at, option.cost_minor, option.site))
    return [
        Offer(product_id, option, _reason(option, cheapest, fastest), one, _co2_mg(option, world))
        for option, one in zip(options, ahead, strict=True)
    ]


def _co2_mg(option: Option, world: World) -> int | None:
    """CO2e of all parts of an option."""
    parts = [find_co2_mg(part.plan, part.load.grams, world) for part in option.parts]
    return None if None in parts else sum(part for part in parts if part is not None)


def _reason(option: Option, cheapest: Option, fastest: Option) -> str:
    if option is cheapest:
        return "cheapest and fastest" if option is fastest else "cheapest"
    return "fastest" if option is fastest else "faster than all that cost less"


def ask_of(wish: Wish, product_id: str, world: World) -> Asked:
    """What an order of this wish under a product would ask for."""
    return Asked(
        reference="quote",
        parties=Parties(owner=wish.company_id or world.timetable.products[product_id].company_id),
        window=Window(ordered_at=wish.ready_at, ready_at=wish.ready_at),
        product_id=product_id,
        origin=wish.origin,
        destination=wish.destination,
        pieces=wish.pieces,
        booked=Measure(wish.grams, wish.cm3),
        goods_class=wish.goods_class,
    )
