"""Rules for money: weight breaks, prices for every pair of places, currencies that can be converted."""

from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise

from rookery.journey.network.offer import Rate
from rookery.journey.network.rows import ANY
from rookery.journey.network.whole import FILES
from rookery.partners.folder.draft import Draft
from rookery.partners.folder.faults import rename_or
from rookery.partners.port import Fault

Pairs = Mapping[str, set[tuple[str, str]]]  # origins and destinations that a tariff's rates name
PAIRS_TOLD_MAX = 3  # pairs of stops without a price that one fault names


def check_fees(draft: Draft) -> Iterator[Fault]:
    """Where an amount stands there is a currency."""
    wanted, found, todo = "the amount's currency", "a blank cell", "write the ISO 4217 code, such as EUR"
    for at, row in enumerate(draft.network.processing):
        if row.storage_per_kg_day and not row.currency:
            yield draft.fault("processing", at, "currency", wanted=wanted, found=found, todo=todo)
    for at, regime in enumerate(draft.network.customs):
        if regime.value_max and not regime.currency:
            yield draft.fault("customs", at, "currency", wanted=wanted, found=found, todo=todo)


def check_breaks(draft: Draft) -> Iterator[Fault]:
    """Only the last weight break of a pair of places has an upper end of its own."""
    lists: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for at, rate in enumerate(draft.network.rates):
        if rate.tariff_id not in draft.spoilt["rates"]:
            lists.setdefault((rate.tariff_id, rate.origin, rate.destination), []).append((rate.weight_g_from, at))
    for breaks in lists.values():
        breaks.sort()
        for (_, at), (following, _) in pairwise(breaks):
            yield from _end_faults(draft, at, draft.network.rates[at], following)
        yield from _end_faults(draft, breaks[-1][1], draft.network.rates[breaks[-1][1]], None)


def _end_faults(draft: Draft, at: int, rate: Rate, following: int | None) -> Iterator[Fault]:
    below = rate.weight_g_below
    if not below or below == following:
        return
    if following is not None:
        wanted, todo = f"blank or {following}, where the next break begins", "leave it blank"
        yield draft.fault("rates", at, "weight_g_below", wanted=wanted, found=str(below), todo=todo)
    elif below <= rate.weight_g_from:
        wanted, todo = f"more than {rate.weight_g_from}, where the break begins", "correct it, or leave it blank"
        yield draft.fault("rates", at, "weight_g_below", wanted=wanted, found=str(below), todo=todo)


def check_rate_places(draft: Draft) -> Iterator[Fault]:
    """A rate runs between facilities, countries or *."""
    if not draft.whole("facilities", "countries"):
        return
    known = draft.keys("facilities") | draft.keys("countries")
    for at, rate in enumerate(draft.network.rates):
        for field, place in (("origin", rate.origin), ("destination", rate.destination)):
            if place != ANY and place not in known:
                todo = rename_or(place, known, "add it to facilities.csv or countries.csv")
                wanted = "a facility, a country or *"
                yield draft.own_fault("rates", at, field, wanted=wanted, found=repr(place), todo=todo)


def check_service_tariffs(draft: Draft) -> Iterator[Fault]:
    """A service's tariff has a price between any two of its stops."""
    if not draft.whole("rates", "tariffs", "facilities", "stops", "variants"):
        return
    pairs, country, calls, tariffs = _rate_pairs(draft), _country_of(draft), _calls(draft), _sound_tariffs(draft)
    for at, service in enumerate(draft.network.services):
        missing = [
            f"{start} to {end}"
            for start, end in calls.get(service.service_id, ())
            if service.tariff_id in tariffs
            and {start, end} <= country.keys()
            and not _is_priced(pairs, service.tariff_id, country, start, end)
        ]
        if missing:
            found = f"no rate of {service.tariff_id} from {', '.join(missing[:PAIRS_TOLD_MAX])}"
            found += f" and {len(missing) - PAIRS_TOLD_MAX} other pairs" if len(missing) > PAIRS_TOLD_MAX else ""
            wanted, todo = "a rate for each pair of stops", "add a rate with these facilities, their countries or *"
            yield draft.fault("services", at, "tariff_id", wanted=wanted, found=found, todo=f"{todo} to rates.csv")


def _sound_tariffs(draft: Draft) -> set[str]:
    """Tariffs without a fault of their own or of their rates."""
    tariffs = {tariff.tariff_id for tariff in draft.network.tariffs}
    return tariffs - draft.spoilt["tariffs"] - draft.spoilt["rates"]


def _calls(draft: Draft) -> dict[str, dict[tuple[str, str], None]]:
    """The pairs of facilities that each service goes between, in the order of the files."""
    stops: dict[str, list[str]] = {}
    for stop in draft.network.stops:
        stops.setdefault(stop.variant_id, []).append(stop.facility_id)
    calls: dict[str, dict[tuple[str, str], None]] = {}
    for variant in draft.network.variants:
        pairs = combinations(stops.get(variant.variant_id, ()), 2)
        calls.setdefault(variant.service_id, {}).update(dict.fromkeys(pairs))
    return calls


def _is_priced(pairs: Pairs, tariff: str, country: Mapping[str, str], start: str, end: str) -> bool:
    named = pairs.get(tariff, set())
    ends = (end, country[end], ANY)
    return any((origin, to) in named for origin in (start, country[start], ANY) for to in ends)


def _rate_pairs(draft: Draft) -> Pairs:
    pairs: dict[str, set[tuple[str, str]]] = {}
    for rate in draft.network.rates:
        pairs.setdefault(rate.tariff_id, set()).add((rate.origin, rate.destination))
    return pairs


def _country_of(draft: Draft) -> dict[str, str]:
    """Countries of the facilities that have no fault."""
    country = {facility.facility_id: facility.country for facility in draft.network.facilities}
    return {facility_id: country[facility_id] for facility_id in country.keys() - draft.spoilt["facilities"]}


def check_lane_tariffs(draft: Draft) -> Iterator[Fault]:
    """A product's price list has a price on each of its lanes."""
    if not draft.whole("rates", "tariffs", "facilities"):
        return
    country = _country_of(draft)
    lanes: dict[str, set[tuple[str, str]]] = {}
    for rate in draft.network.rates:
        pair = (country.get(rate.origin, rate.origin), country.get(rate.destination, rate.destination))
        lanes.setdefault(rate.tariff_id, set()).add(pair)
    tariffs = _sound_tariffs(draft)
    for at, lane in enumerate(draft.network.product_lanes):
        start, end = lane.from_country, lane.to_country
        if lane.tariff_id not in tariffs or _has_lane(lanes.get(lane.tariff_id, set()), start, end):
            continue
        found = f"no rate of {lane.tariff_id} from {start} to {end}"
        todo = "add a rate between the countries or * to rates.csv, or leave the tariff blank: charged at cost"
        yield draft.fault("product_lanes", at, "tariff_id", wanted="a rate for the lane", found=found, todo=todo)


def _has_lane(lanes: set[tuple[str, str]], start: str, end: str) -> bool:
    """True where some rate can apply on the lane."""
    if not lanes.isdisjoint({(start, end), (start, ANY), (ANY, end), (ANY, ANY)}):
        return True
    return any(_fits(start, origin) and _fits(end, to) for origin, to in lanes)


def _fits(place: str, other: str) -> bool:
    return place == other or ANY in (place, other)


def check_products(draft: Draft) -> Iterator[Fault]:
    """A promise does not end before delivery may come."""
    for at, product in enumerate(draft.network.products):
        if 0 < product.days_max < product.days_min:
            wanted, found = f"{product.days_min} days or more", str(product.days_max)
            todo = "correct days_min or days_max; 0 is no promise"
            yield draft.fault("products", at, "days_max", wanted=wanted, found=found, todo=todo)


def check_exchange(draft: Draft) -> Iterator[Fault]:
    """Every currency of a price can be converted into the network's, directly or through one other."""
    for at, row in enumerate(draft.network.exchange_rates):
        if row.base == row.quote:
            wanted, todo = "another currency than the base", "correct it, or delete the row"
            yield draft.fault("exchange_rates", at, "quote", wanted=wanted, found=row.quote, todo=todo)
    home = {about.currency for about in draft.network.network}
    if len(home) != 1 or not draft.whole("exchange_rates") or draft.spoilt["exchange_rates"] | draft.spoilt["network"]:
        return
    reachable = _reachable(draft, *home)
    for file in FILES:
        if "currency" in file.row.__struct_fields__ and file.name not in ("network", "countries"):
            yield from _unconverted(draft, file.name, reachable, *home)


def _reachable(draft: Draft, home: str) -> set[str]:
    neighbours: dict[str, set[str]] = {}
    for row in draft.network.exchange_rates:
        neighbours.setdefault(row.base, set()).add(row.quote)
        neighbours.setdefault(row.quote, set()).add(row.base)
    near = neighbours.get(home, set())
    return {home, "", *near}.union(*(neighbours[middle] for middle in near))


def _unconverted(draft: Draft, file: str, reachable: set[str], home: str) -> Iterator[Fault]:
    """One fault per currency and file, at its first row."""
    told = set(reachable)
    for at, row in enumerate(draft.rows(file)):
        currency = str(getattr(row, "currency"))  # noqa: B009  # rows differ in type; the caller has looked
        first_key = str(getattr(row, draft.sheets[file].file.key[0]))
        if currency not in told and first_key not in draft.spoilt[file]:
            told.add(currency)
            wanted, found = f"a currency with exchange rates to {home}", currency
            todo = f"add a row {currency}, {home} to exchange_rates.csv"
            yield draft.fault(file, at, "currency", wanted=wanted, found=found, todo=todo)
