"""Small worlds for tests: networks made of rows, plans as one line of text, orders and scans as messages."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from rookery.engines.network.snapshot import FACILITY, LAST, LINE, START, TRIPS
from rookery.journey.account import Use
from rookery.journey.book import HoldPlan, TakePlan
from rookery.journey.chain import decide
from rookery.journey.dated import open_window
from rookery.journey.desk import Desk, Policy, World
from rookery.journey.facts import VIEWS
from rookery.journey.lines import day_number, draw_lines
from rookery.journey.network.line import Capacity, Service, Stop, Variant
from rookery.journey.network.offer import Goods, Product, ProductLane, Rate, Tariff
from rookery.journey.network.place import Calendar, Company, Country, Facility, Zone
from rookery.journey.network.plant import Eligibility, Stock, Warehouse, WarehouseCapacity
from rookery.journey.network.rows import Clock, Days, Micro, Row
from rookery.journey.network.whole import FILES, About, Network
from rookery.journey.order import Spot
from rookery.journey.price import Load, Prices
from rookery.journey.room import Room
from rookery.journey.route import Plan, obstacles, plans
from rookery.journey.service import Timetable
from rookery.journey.state import State
from rookery.journey.walk import Trip
from rookery.units import amount_text, local_instant, time_zone

MADE_UP = "assumed"
HOME = "Europe/Brussels"
DAILY, WEEKDAYS = "daily", "weekdays"
MONDAY = dt.date(2026, 11, 23)  # every story begins here unless it says otherwise


# --- networks


def row(kind: type[Row], /, **fields: Any) -> Any:
    """A row of a network file that nobody vouches for."""
    return kind(source=MADE_UP, **fields)


def tiny_network(*rows: Any, first: str = "2026-01-01", last: str = "2026-12-31", currency: str = "EUR") -> Network:
    """A network of these rows over a small stock of countries, companies, calendars and one product.

    A row replaces a row of that stock that has the same key; rows may come in lists.
    """
    about = row(
        About, network_id="tiny", name="Tiny", version="1", currency=currency,
        valid_from=dt.date.fromisoformat(first), valid_to=dt.date.fromisoformat(last),
    )  # fmt: skip
    files = {file.row: file for file in FILES}
    kept: dict[str, dict[Any, Row]] = {}
    for one in (about, *_stock_rows(), *flat(rows)):
        file = files[type(one)]
        of_file = kept.setdefault(file.name, {})
        of_file[tuple(getattr(one, column) for column in file.key)] = one
    return Network(snapshot="0" * 64, **{"facilities": ()} | {name: tuple(of.values()) for name, of in kept.items()})


def dated_rides(network: Network) -> set[tuple[str, str, str, int, int]]:
    """Every dated ride to the next stop, from the arrays that searches read: variant, from, to, departs, arrives."""
    table = Timetable(network)
    lines, about = draw_lines(table), network.about
    window = open_window(table, Prices(network), lines, day_number(about.valid_from), day_number(about.valid_to))
    net, found = window.net, set[tuple[str, str, str, int, int]]()
    for p in np.flatnonzero(net.positions[:, LAST] != np.arange(len(net.positions))):
        first = int(net.trip_ptr[net.positions[p, LINE]])
        ends = lines.facility_ids[net.positions[p, FACILITY]], lines.facility_ids[net.positions[p + 1, FACILITY]]
        for k in range(net.positions[p, TRIPS]):
            segment = net.positions[p, START] + k
            name = lines.variants[net.trip_variant[first + k]].variant_id
            times = net.epoch_s + int(net.departs[segment]), net.epoch_s + int(net.arrives[segment])
            found.add((name, *ends, *times))
    return found


def flat(rows: Iterable[Any]) -> Iterator[Any]:
    for one in rows:
        if isinstance(one, Row):
            yield one
        else:
            yield from flat(one)


def _stock_rows() -> list[Row]:
    countries = {
        "BE": ("EU", "EUR"), "ES": ("EU", "EUR"), "GB": ("GB", "GBP"), "JP": ("JP", "JPY"), "NP": ("NP", "NPR"),
        "US": ("US", "USD"), "BR": ("BR", "BRL"), "KW": ("KW", "KWD"),
    }  # fmt: skip
    return [
        *(row(Country, country=c, customs_territory=t, currency=m) for c, (t, m) in countries.items()),
        row(Company, company_id="shop", name="Shop", country="BE", roles=("shipper", "customer")),
        row(Company, company_id="other", name="Other shop", country="ES", roles=("shipper",)),
        row(Company, company_id="haul", name="Haul", country="BE", roles=("operator", "carrier")),
        row(Calendar, calendar_id=DAILY, days=Days("1111111")),
        row(Calendar, calendar_id=WEEKDAYS, days=Days("1111100")),
        row(Goods, goods_class="general", name="goods"),
        row(Product, product_id="std", name="Standard", company_id="haul", calendar_id=DAILY, duties="either"),
        row(ProductLane, product_id="std", from_country="*", to_country="*"),
    ]


def minutes(text: str) -> Clock:
    """`06:00+1` as minutes after the first day's midnight."""
    clock, _, days = text.partition("+")
    hours, _, rest = clock.partition(":")
    return Clock(int(hours) * 60 + int(rest or 0) + 1440 * int(days or 0))


def place(
    name: str, country: str = "BE", zone: str = HOME, *, hours: str = "00:00 24:00", days: str = DAILY
) -> Facility:
    """A facility named in capitals; `hours`: open from and to, local."""
    opens, closes = map(minutes, hours.split())
    return row(
        Facility, facility_id=name, name=name, kind="sort_centre", company_id="haul", country=country, city=name,
        time_zone=zone, calendar_id=days, opens=opens, closes=closes,
    )  # fmt: skip


def places(names: str) -> list[Facility]:
    """Facilities in Belgium that never close."""
    return [place(name) for name in names]


def ride(
    service_id: str,
    stops: str,
    *,
    mode: str = "road",
    days: str = DAILY,
    price: str = "",
    carries: str = "",
    variant: str = "",
    **fields: Any,
) -> list[Row]:
    """A service with one variant: `A 20:00, B 06:00+1`; a middle stop has both times: `B 06:00/07:00`.

    price    a tariff of its own: base per shipment in EUR
    carries  `grams 1000, pieces 2` on each leg
    """
    tariff = f"t.{service_id}" if price else ""
    service = {"company_id": "haul", "mode": mode, "tariff_id": tariff}
    span = {name: fields.pop(name) for name in ("valid_from", "valid_to") if name in fields}
    rows: list[Row] = [
        row(Service, service_id=service_id, **(service | fields)),
        row(Variant, variant_id=variant or service_id, service_id=service_id, calendar_id=days, **span),
        *calls(variant or service_id, stops),
    ]
    if price:
        rows += [row(Tariff, tariff_id=tariff, company_id="haul", currency="EUR")]
        rows += [row(Rate, tariff_id=tariff, base=micro(price))]
    for part in filter(None, carries.split(", ")):
        dimension, amount = part.split()
        rows.append(row(Capacity, service_id=service_id, dimension=dimension, amount=int(amount)))
    return rows


def calls(variant: str, stops: str) -> list[Stop]:
    """Stops of a variant, from text as in `ride`."""
    texts = [text.split() for text in stops.split(", ")]
    out = []
    for seq, (name, times) in enumerate(texts, 1):
        arrives, _, departs = times.rpartition("/")
        if seq == len(texts):
            arrives, departs = departs, ""
        out.append(
            row(
                Stop, variant_id=variant, stop_seq=seq, facility_id=name,
                arrives=minutes(arrives) if arrives else None, departs=minutes(departs) if departs else None,
            )
        )  # fmt: skip
    return out


def micro(text: str) -> Micro:
    return Micro(round(float(text) * 1_000_000))


def door(use: str, facility: str, country: str = "BE", *, price: str = "1", takes_min: int = 60, **fields: Any) -> Zone:
    """A zone that covers a country, or what `postcode_from` says."""
    return row(
        Zone, **{
            "zone_id": f"{use}.{facility}", "use": use, "country": country, "facility_id": facility,
            "company_id": "haul", "minutes": takes_min, "price": micro(price), "currency": "EUR",
        } | fields,
    )  # fmt: skip


def depot(name: str, *, per_day: int = 0, skus: str = "", stock: str = "", **fields: Any) -> list[Row]:
    """A warehouse at a facility: `skus` it lists, `stock` as `shop/x 5`."""
    rows: list[Row] = [row(Warehouse, facility_id=name, currency="EUR", **fields)]
    if per_day:
        rows.append(row(WarehouseCapacity, facility_id=name, dimension="orders", amount=per_day))
    rows += [row(Eligibility, facility_id=name, sku=sku) for sku in skus.split()]
    for part in filter(None, stock.split(", ")):
        what, _, units = part.partition(" ")
        owner, _, sku = what.partition("/")
        rows.append(row(Stock, facility_id=name, sku=sku, company_id=owner, quantity=int(units)))
    return rows


# --- times, as `Mon 20:00` of the week that begins on MONDAY, or `2026-03-28 20:00`


def at(text: str, zone: str = HOME) -> int:
    """The instant of a local time."""
    day, _, clock = text.partition(" ")
    return local_instant(_day(day), minutes(clock), time_zone(zone))


def _day(text: str) -> dt.date:
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return MONDAY + dt.timedelta(days=names.index(text)) if text in names else dt.date.fromisoformat(text)


def when(instant: int, zone: str = HOME) -> str:
    """`Mon 20:00` in the first week, `2026-12-01 20:00` outside it."""
    local = dt.datetime.fromtimestamp(instant, time_zone(zone))
    near = 0 <= (local.date() - MONDAY).days < 7
    return f"{local:%a %H:%M}" if near else f"{local:%Y-%m-%d %H:%M}"


# --- plans


def plan_text(plan: Plan, zone: str = HOME) -> str:
    """A plan on one line: service, from and to with local times, cost."""
    legs = [
        f"{leg.service_id} {leg.origin} {when(leg.departs_at, zone)} > {leg.destination} {when(leg.arrives_at, zone)}"
        for leg in plan.legs
    ]
    return "; ".join([*legs, f"there {when(plan.arrives_at, zone)}", f"{amount_text(plan.cost_minor, 'EUR')}"])


def desk_of(network: Network, now: int, policy: Policy | None = None) -> Desk:
    """A desk in a world of this network; ids count upwards."""
    return Desk(World(network, policy or Policy()), now, counting_ids())


def counting_ids() -> Callable[[], bytes]:
    count = 0

    def new_id() -> bytes:
        nonlocal count
        count += 1
        return count.to_bytes(16, "big")

    return new_id


def spot(text: str) -> Spot:
    """`A` is a facility, `BE 4000` a door."""
    country, _, postcode = text.partition(" ")
    return Spot(country=country, postcode=postcode) if postcode else Spot(facility_id=text)


def trip(
    network: Network,
    origin: str,
    destination: str,
    ready: str,
    *,
    load: Load | None = None,
    days: int = 14,
    **fields: Any,
) -> Trip:
    """A trip of 1 kg from facility or door to facility or door."""
    ready_at = at(ready)
    goods = load or Load(1000)
    told = {"known_at": ready_at, "deadline": ready_at + days * 86_400, "way_in": "drop_off", **fields}
    return Trip(
        origin=spot(origin), destination=spot(destination), load=goods, product=network.products[0],
        ready_at=ready_at, **told,
    )  # fmt: skip


def ways(
    network: Network,
    origin: str,
    destination: str,
    ready: str,
    *,
    used: State | None = None,
    shown: str = HOME,
    **fields: Any,
) -> str:
    """The useful plans of a trip, one line each, earliest first, with times as `shown` has them."""
    wanted = trip(network, origin, destination, ready, **fields)
    found = plans(wanted, Room(used or empty_state()), desk_of(network, wanted.known_at))
    return "\n".join(plan_text(plan, shown) for plan in found)


def hindrances(
    network: Network, origin: str, destination: str, ready: str, *, used: State | None = None, **fields: Any
) -> list[str]:
    """What stands in the way of a trip, the nearest first."""
    wanted = trip(network, origin, destination, ready, **fields)
    found = obstacles(wanted, Room(used or empty_state()), desk_of(network, wanted.known_at))
    return [str(refusal) for refusal in found]


def booked(network: Network, *uses: tuple[str, dict[str, int]]) -> State:
    """A state in which these resources are taken."""
    state = empty_state()
    desk = desk_of(network, at("Mon 00:00"))
    for number, (resource, amounts) in enumerate(uses):
        hold_id = number.to_bytes(16, "big")
        ask = HoldPlan(hold_id, (Use(resource, amounts),), desk.now + 60)
        for step in (ask, TakePlan(hold_id)):
            _, refusal = decide(state, step, desk)
            assert refusal is None, refusal
    return state


def empty_state() -> State:
    return State(VIEWS)
