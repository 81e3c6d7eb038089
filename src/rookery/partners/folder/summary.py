"""A network on one screen, for `rookery network show`."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence

from rookery.journey.calendars import Calendars
from rookery.journey.network.whole import FILES, Network

NAME_WIDTH = 22
LIST_MAX = 6  # names in a line; the rest is counted
ITEMS_MAX = 3  # products and warehouses with a line of their own
ASSUMED = "assumed"


def summary_lines(network: Network) -> list[str]:
    """What the network holds, one aligned line per subject."""
    about = network.about
    lines = [f"{about.name} ({about.network_id}), version {about.version}, compared in {about.currency}"]
    subjects = (_subjects_of_places, _subjects_of_services, _subjects_of_offers, _subjects_of_plant, _subjects_of_data)
    for subjects_of in subjects:
        lines.append("")
        lines += [f"{name:<{NAME_WIDTH}}{text}" for name, text in subjects_of(network)]
    return lines


def _subjects_of_places(network: Network) -> list[tuple[str, str]]:
    about = network.about
    days = (about.valid_to - about.valid_from).days + 1
    places = Counter((facility.kind, facility.country) for facility in network.facilities)
    kinds = Counter(facility.kind for facility in network.facilities)
    lines = [
        ("validity", f"{about.valid_from} to {about.valid_to} ({days} days)"),
        ("countries", _names(country.country for country in network.countries)),
        ("companies", _counted(Counter(role for company in network.companies for role in company.roles))),
        ("facilities", str(len(network.facilities))),
    ]
    for kind, count in kinds.most_common():
        countries = Counter({country: of for (of_kind, country), of in places.items() if of_kind == kind})
        lines.append((f"  {kind}", f"{count:>5}  {_counted(countries)}"))
    return lines


def _subjects_of_services(network: Network) -> list[tuple[str, str]]:
    modes = Counter(service.mode for service in network.services)
    monday, weekly = _departures(network)
    totals = (_plural(len(network.variants), "variant"), _plural(len(network.stops), "stop"))
    lines = [("services", f"{len(network.services)} with {' and '.join(totals)}")]
    for mode, count in modes.most_common():
        lines.append((f"  {mode}", f"{count:>5}  {_plural(weekly[mode], 'departure')} in the week of {monday}"))
    limited = {capacity.service_id for capacity in network.capacities}
    lines.append(("  with capacity", f"{len(limited):>5}  in {_names({c.dimension for c in network.capacities})}"))
    lines.append(("cut-offs", _counted(Counter(cutoff.kind for cutoff in network.cutoffs))))
    lines.append(("zones", _counted(Counter(f"{zone.use} {zone.country}" for zone in network.zones))))
    return lines


def _departures(network: Network) -> tuple[dt.date, Counter[str]]:
    """The first Monday of the timetable, and the departures by mode in the week that it begins."""
    first = network.about.valid_from
    monday = first + dt.timedelta(days=-first.weekday() % 7)
    week = [monday + dt.timedelta(days=days) for days in range(7)]
    mode = {service.service_id: service.mode for service in network.services}
    calendars = Calendars(network)
    weekly: Counter[str] = Counter()
    for variant in network.variants:
        runs = (variant.holds_on(day) and calendars.is_open(variant.calendar_id, day) for day in week)
        weekly[mode[variant.service_id]] += sum(runs)
    return monday, weekly


def _subjects_of_offers(network: Network) -> list[tuple[str, str]]:
    lanes = Counter(lane.product_id for lane in network.product_lanes)
    lines = [("products", str(len(network.products)))]
    for product in network.products[:ITEMS_MAX]:
        promise = f"{product.days_min} to {product.days_max} working days" if product.days_max else "no promise"
        lines.append((f"  {product.product_id}", f"{_plural(lanes[product.product_id], 'lane')}, {promise}"))
    if len(network.products) > ITEMS_MAX:
        lines.append(("  others", str(len(network.products) - ITEMS_MAX)))
    currencies = {tariff.currency for tariff in network.tariffs}
    lines.append(("tariffs", f"{len(network.tariffs)} with {len(network.rates)} rates, in {_names(currencies)}"))
    lines.append(("goods", _names(goods.goods_class for goods in network.goods)))
    lines.append(("customs regimes", _names({regime.regime for regime in network.customs})))
    return lines


def _subjects_of_plant(network: Network) -> list[tuple[str, str]]:
    stock: Counter[str] = Counter()
    for row in network.stock:
        stock[row.facility_id] += row.quantity
    lines = [("warehouses", str(len(network.warehouses)))]
    for warehouse in network.warehouses[:ITEMS_MAX]:
        id_ = warehouse.facility_id
        lines.append((f"  {id_}", f"{_plural(stock[id_], 'unit')} on hand, {_daily(network, id_)}"))
    if len(network.warehouses) > ITEMS_MAX:
        rest = sum(stock[warehouse.facility_id] for warehouse in network.warehouses[ITEMS_MAX:])
        lines.append(("  others", f"{len(network.warehouses) - ITEMS_MAX}, {_plural(rest, 'unit')} on hand"))
    lines.append(
        ("capacity rights", f"{_plural(len(network.blocks), 'block')}, {_plural(len(network.shares), 'share')}")
    )
    return lines


def _daily(network: Network, warehouse: str) -> str:
    """What a warehouse ships on an ordinary day."""
    rows = [row for row in network.warehouse_capacities if row.facility_id == warehouse and row.date is None]
    return ", ".join(f"{row.amount} {row.dimension} a day" for row in rows) or "no daily limit"


def _subjects_of_data(network: Network) -> list[tuple[str, str]]:
    rows = [row for file in FILES for row in getattr(network, file.name)]
    assumed = sum(row.source.split(maxsplit=1)[0].rstrip(":,;") == ASSUMED for row in rows)
    used = sum(bool(getattr(network, file.name)) for file in FILES)
    return [
        ("rows", f"{len(rows)} in {_plural(used, 'file')}"),
        ("of these assumed", f"{assumed} ({100 * assumed // len(rows)} per cent)"),
        ("snapshot", network.snapshot),
    ]


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _names(names: Iterable[str]) -> str:
    """Sorted names, cut to a line."""
    every = sorted(names)
    rest = len(every) - 2 * LIST_MAX
    return ", ".join(every[: 2 * LIST_MAX]) + (f" and {rest} more" if rest > 0 else "") or "none"


def _counted(counts: Counter[str]) -> str:
    """The commonest names with their counts, cut to a line."""
    common: Sequence[tuple[str, int]] = counts.most_common(LIST_MAX)
    rest = counts.total() - sum(count for _, count in common)
    return ", ".join(f"{count} {name}" for name, count in common) + (f", {rest} others" if rest else "") or "none"
