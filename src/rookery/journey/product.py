"""What may be sold: whether a product covers an order, by when it promises delivery, and what it costs the buyer."""

from rookery.journey.desk import Desk
from rookery.journey.network.offer import Product, ProductLane
from rookery.journey.order import Asked, Spot
from rookery.journey.price import Charge
from rookery.journey.service import Timetable
from rookery.journey.state import Refusal
from rookery.journey.walk import Trip, utc_day
from rookery.units import local_day, local_instant, mass_text, time_zone

ANY = "*"
MIDNIGHT = 1440


def country_of(spot: Spot, timetable: Timetable) -> str:
    """The country of a spot."""
    return timetable.facilities[spot.facility_id].country if spot.facility_id else spot.country


def zone_name(spot: Spot, timetable: Timetable, use: str) -> str:
    """The time zone that a spot goes by: its facility's, or that of the facility that serves it."""
    if spot.facility_id:
        return timetable.facilities[spot.facility_id].time_zone
    near = timetable.zones(use, country=spot.country, postcode=spot.postcode)
    return timetable.facilities[near[0].facility_id].time_zone if near else "UTC"


def find_misfit(asked: Asked, desk: Desk) -> Refusal | None:
    """Why the product does not cover the order wherever it comes from, or None.

    Refuses  too_big: a piece is heavier or longer than the product takes; not_allowed: goods class or duties
    """
    product, size = desk.world.timetable.products[asked.product_id], asked.booked
    piece_g = -(-size.grams // asked.pieces)
    sides = size.length_mm + size.width_mm + size.height_mm
    longest = max(size.length_mm, size.width_mm, size.height_mm)
    goods = desk.world.timetable.goods[asked.goods_class]
    for found, limit, what in (
        (piece_g, product.weight_g_max, "g a piece"),
        (longest, product.length_mm_max, "mm long"),
        (sides, product.sides_mm_max, "mm length + width + height"),
        (piece_g, goods.piece_g_max, f"g of {goods.goods_class} a piece"),
    ):
        if limit and found > limit:
            return _misfit(
                asked, "too_big", f"at most {limit} {what}", str(found), f"{product.product_id} limit of {what}"
            )
    if product.goods != (ANY,) and asked.goods_class not in product.goods:
        return _misfit(
            asked,
            "not_allowed",
            f"goods of {' '.join(product.goods)}",
            asked.goods_class,
            f"{product.product_id} goods",
        )
    if asked.duties and product.duties not in ("either", asked.duties):
        return _misfit(asked, "not_allowed", f"duties {product.duties}", asked.duties, f"{product.product_id} duties")
    return None


def _misfit(asked: Asked, code: str, wanted: str, found: str, binding: str) -> Refusal:
    return Refusal(code, f"product {asked.product_id}", wanted, found, "choose another product", binding)


def find_ban(asked: Asked, origin: str, destination: str, desk: Desk) -> Refusal | None:
    """Why the goods may not leave the one country or enter the other, or None."""
    if origin == destination:
        return None
    hs_codes = tuple(line.hs_code for line in asked.lines if line.hs_code)
    for country, direction in ((origin, "export"), (destination, "import")):
        row = desk.world.timetable.find_prohibition(
            country, direction, goods_class=asked.goods_class, hs_codes=hs_codes, day=utc_day(desk.now)
        )
        if row is not None:
            rule = f"prohibitions {country} {direction} {row.goods_class} {row.hs_prefix}".strip()
            return Refusal(
                "prohibited",
                f"{direction} of {asked.goods_class} {country}",
                "goods that may pass",
                row.reason,
                "do not send them",
                rule,
            )
    return None


def transit_bans(asked: Asked, desk: Desk, *, ends: tuple[str, str]) -> tuple[str, ...]:
    """Countries that such goods may not pass through; where they begin or end they do not pass through."""
    table = desk.world.timetable
    hs_codes = tuple(line.hs_code for line in asked.lines if line.hs_code)
    return tuple(
        country
        for country in table.countries_that_ban
        if country not in ends
        and table.find_prohibition(
            country, "transit", goods_class=asked.goods_class, hs_codes=hs_codes, day=utc_day(desk.now)
        )
    )


def find_lane(product: Product, origin: str, destination: str, desk: Desk) -> ProductLane | None:
    """The row under which a product is sold between two countries: the most specific one of the day."""
    return desk.world.timetable.find_product_lane(product.product_id, origin, destination, utc_day(desk.now))


def not_sold(product: Product, origin: str, destination: str) -> Refusal:
    """The refusal of a lane on which a product is not sold."""
    thing = f"product {product.product_id}"
    return Refusal(
        "not_sold",
        thing,
        f"{origin} to {destination}",
        "no lane in product_lanes",
        "choose another product",
        f"{thing} {origin}-{destination}",
    )


def promised_by(
    product: Product, lane: ProductLane, asked: Asked, *, ready_at: int, origin_zone: str, desk: Desk
) -> int:
    """The instant by which a product promises delivery, no later than the order wants it.

    Counted in working days of the product's calendar after the local day on which the goods are ready, to the
    end of the last one at the destination. A product without a promise has the policy's horizon.
    """
    table, days = desk.world.timetable, lane.days_max or product.days_max
    by = ready_at + desk.world.policy.horizon_s
    if days:
        last = table.calendars.day_after(product.calendar_id, local_day(ready_at, time_zone(origin_zone)), days)
        by = local_instant(last, MIDNIGHT, time_zone(zone_name(asked.destination, table, "delivery")))
    return min(by, asked.window.wanted_to) if asked.window.wanted_to else by


def find_price(lane: ProductLane, trip: Trip, countries: tuple[str, str], desk: Desk) -> Charge | Refusal | None:
    """What the buyer pays, or None where the lane charges what it costs.

    Refuses  no_rate: the price list has no break for that weight
    """
    if not lane.tariff_id:
        return None
    prices, day = desk.world.prices, utc_day(desk.now)
    breaks = prices.find_country_breaks(lane.tariff_id, *countries)
    remote = is_remote(trip, desk.world.timetable)
    minor = None if breaks is None else breaks.find_minor(trip.load, day, remote=remote)
    if breaks is None or minor is None:
        wanted = f"a price from {countries[0]} to {countries[1]} for {mass_text(trip.load.grams)}"
        return Refusal(
            "no_rate", f"tariff {lane.tariff_id}", wanted, "none", "add a weight break", f"tariff {lane.tariff_id}"
        )
    tariff = breaks.tariff
    return Charge("price", tariff.company_id, minor, tariff.currency, prices.to_common(minor, tariff.currency, day))


def price_parts(trip: Trip, desk: Desk) -> list[tuple[str, int]]:
    """What the buyer of a trip pays, part by part: what for, and minor units that come to the price."""
    table = desk.world.timetable
    countries = country_of(trip.origin, table), country_of(trip.destination, table)
    lane = find_lane(trip.product, *countries, desk)
    breaks = desk.world.prices.find_country_breaks(lane.tariff_id, *countries) if lane and lane.tariff_id else None
    return breaks.list_parts(trip.load, utc_day(desk.now), remote=is_remote(trip, table)) if breaks else []


def is_remote(trip: Trip, table: Timetable) -> bool:
    """True if goods are collected from or delivered to a remote zone."""
    return any(
        zone.remote
        for use, spot in (("pickup", trip.origin), ("delivery", trip.destination))
        if not spot.facility_id
        for zone in table.zones(use, country=spot.country, postcode=spot.postcode)
    )
