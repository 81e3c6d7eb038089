"""A network: all its files together. `partners/folder` reads and checks one; nothing half-loaded gets here."""

import datetime as dt
from typing import Annotated

import msgspec

from rookery.journey.network import line, offer, place, plant, sharing
from rookery.journey.network.rows import Col, File, Row


class About(Row, frozen=True, kw_only=True):
    """The network itself: one row."""

    network_id: Annotated[str, Col("id of the network")]
    name: Annotated[str, Col("its name")]
    version: Annotated[str, Col("version of this folder, such as a date")]
    currency: Annotated[str, Col("currency in which plans are compared and totals are given")]
    valid_from: Annotated[dt.date, Col("first local day of the timetable")]
    valid_to: Annotated[dt.date, Col("last local day of the timetable")]


FILES: tuple[File, ...] = (
    File("network", About, ("network_id",), required=True, doc="Who and when: exactly one row."),
    File("countries", place.Country, ("country",), required=True),
    File("companies", place.Company, ("company_id",), required=True),
    File("calendars", place.Calendar, ("calendar_id",), required=True),
    File("calendar_exceptions", place.CalendarException, ("calendar_id", "date")),
    File("facilities", place.Facility, ("facility_id",), required=True),
    File("opening_hours", place.OpeningHours, ("facility_id", "days")),
    File("facility_codes", place.FacilityCode, ("facility_id", "scheme")),
    File("facility_operators", place.FacilityOperator, ("facility_id", "valid_from")),
    File("goods", offer.Goods, ("goods_class",), required=True),
    File("processing", place.Processing, ("facility_id", "way_in", "way_out", "goods_class")),
    File("tariffs", offer.Tariff, ("tariff_id",)),
    File("rates", offer.Rate, ("tariff_id", "origin", "destination", "weight_g_from")),
    File("surcharges", offer.Surcharge, ("tariff_id", "kind", "goods_class", "valid_from")),
    File("exchange_rates", offer.ExchangeRate, ("date", "base", "quote")),
    File("products", offer.Product, ("product_id",), required=True),
    File("product_lanes", offer.ProductLane, ("product_id", "from_country", "to_country", "valid_from")),
    File("services", line.Service, ("service_id",)),
    File("variants", line.Variant, ("variant_id",)),
    File("stops", line.Stop, ("variant_id", "stop_seq")),
    File("cutoffs", line.Cutoff, ("service_id", "facility_id", "kind", "goods_class", "product_id")),
    File("capacities", line.Capacity, ("service_id", "variant_id", "leg_seq", "dimension")),
    File("history", line.Ridden, ("what", "origin", "destination", "date", "began")),
    File("emissions", line.Emission, ("mode",)),
    File("connections", place.Connection, ("facility_id", "from_service", "to_service")),
    File("zones", place.Zone, ("zone_id",)),
    File("prohibitions", offer.Prohibition, ("country", "direction", "goods_class", "hs_prefix", "valid_from")),
    File("customs", offer.Customs, ("from_territory", "to_territory", "goods_class", "regime", "valid_from")),
    File("return_lanes", place.ReturnLane, ("from_country", "to_country")),
    File("warehouses", plant.Warehouse, ("facility_id",)),
    File("warehouse_capacities", plant.WarehouseCapacity, ("facility_id", "date", "dimension")),
    File("eligibility", plant.Eligibility, ("facility_id", "sku")),
    File("stock", plant.Stock, ("facility_id", "sku", "company_id")),
    File("bound_sites", plant.BoundSite, ("facility_id", "customer_id")),
    File("holders", sharing.Holder, ("holder",)),
    File("shares", sharing.Share, ("holder", "resource", "dimension", "valid_from")),
    File("blocks", sharing.Block, ("block_id",)),
    File("allotments", sharing.Allotment, ("allotment_id",)),
    File("facility_capacities", sharing.FacilityCapacity, ("facility_id", "activity", "dimension", "valid_from")),
    File("rounds", sharing.Round, ("resource", "valid_from")),
    File("bid_prices", sharing.BidPrice, ("resource", "dimension", "valid_from")),
)


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """Every row of a checked network, file by file in the order of the file.

    `snapshot` is the SHA-256 over the files' bytes, the format and the time-zone data: two networks with the
    same snapshot give the same plans.
    """

    snapshot: str
    network: tuple[About, ...]
    countries: tuple[place.Country, ...]
    companies: tuple[place.Company, ...]
    calendars: tuple[place.Calendar, ...]
    calendar_exceptions: tuple[place.CalendarException, ...] = ()
    facilities: tuple[place.Facility, ...]
    opening_hours: tuple[place.OpeningHours, ...] = ()
    facility_codes: tuple[place.FacilityCode, ...] = ()
    facility_operators: tuple[place.FacilityOperator, ...] = ()
    goods: tuple[offer.Goods, ...]
    processing: tuple[place.Processing, ...] = ()
    tariffs: tuple[offer.Tariff, ...] = ()
    rates: tuple[offer.Rate, ...] = ()
    surcharges: tuple[offer.Surcharge, ...] = ()
    exchange_rates: tuple[offer.ExchangeRate, ...] = ()
    products: tuple[offer.Product, ...]
    product_lanes: tuple[offer.ProductLane, ...] = ()
    services: tuple[line.Service, ...] = ()
    variants: tuple[line.Variant, ...] = ()
    stops: tuple[line.Stop, ...] = ()
    cutoffs: tuple[line.Cutoff, ...] = ()
    capacities: tuple[line.Capacity, ...] = ()
    history: tuple[line.Ridden, ...] = ()
    emissions: tuple[line.Emission, ...] = ()
    connections: tuple[place.Connection, ...] = ()
    zones: tuple[place.Zone, ...] = ()
    prohibitions: tuple[offer.Prohibition, ...] = ()
    customs: tuple[offer.Customs, ...] = ()
    return_lanes: tuple[place.ReturnLane, ...] = ()
    warehouses: tuple[plant.Warehouse, ...] = ()
    warehouse_capacities: tuple[plant.WarehouseCapacity, ...] = ()
    eligibility: tuple[plant.Eligibility, ...] = ()
    stock: tuple[plant.Stock, ...] = ()
    bound_sites: tuple[plant.BoundSite, ...] = ()
    holders: tuple[sharing.Holder, ...] = ()
    shares: tuple[sharing.Share, ...] = ()
    blocks: tuple[sharing.Block, ...] = ()
    allotments: tuple[sharing.Allotment, ...] = ()
    facility_capacities: tuple[sharing.FacilityCapacity, ...] = ()
    rounds: tuple[sharing.Round, ...] = ()
    bid_prices: tuple[sharing.BidPrice, ...] = ()

    @property
    def about(self) -> About:
        """The one row of network.csv."""
        return self.network[0]
