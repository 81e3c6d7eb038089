"""Who and where: countries, companies, calendars, facilities and the zones around them."""

import datetime as dt
from typing import Annotated, Literal

from rookery.journey.network.rows import Clock, Col, Days, Degrees, Micro, Row, Valid, Words

FacilityKind = Literal[
    "warehouse", "sort_centre", "gateway", "airport", "port", "rail_terminal", "station", "locker", "customs_post"
]


class Country(Row, frozen=True, kw_only=True):
    """A country or region, and the customs territory and holidays it goes by."""

    country: Annotated[str, Col("ISO 3166-1 alpha-2 code")]
    customs_territory: Annotated[str, Col("goods move freely inside one, such as EU; else the country code")]
    currency: Annotated[str, Col("ISO 4217 code")]
    holidays: Annotated[str, Col("public holiday set, an ISO 3166 code such as BE or ES-MD; blank: none")] = ""


class Company(Row, frozen=True, kw_only=True):
    """A party of the network: operator, carrier, shipper, broker, platform."""

    company_id: Annotated[str, Col("id of the company")]
    name: Annotated[str, Col("its trading name")]
    country: Annotated[str, Col("where it is registered", ref="countries")]
    roles: Annotated[Words, Col("any of operator, carrier, warehouse, broker, shipper, platform, customer, station")]
    gs1_prefix: Annotated[str, Col("GS1 company prefix for SSCC numbers, 4 to 12 digits; blank: has none")] = ""
    s10_prefix: Annotated[str, Col("UPU S10 service indicator such as LR; blank: issues no S10 numbers")] = ""


class Calendar(Valid, frozen=True, kw_only=True):
    """On which local days something is open or runs."""

    calendar_id: Annotated[str, Col("id of the calendar")]
    days: Annotated[Days, Col("seven characters 1 or 0, Monday first")]
    holidays: Annotated[str, Col("holiday set on whose days it is closed, such as BE or US-NY; blank: none")] = ""


class CalendarException(Row, frozen=True, kw_only=True):
    """One day that differs from its calendar."""

    calendar_id: Annotated[str, Col("the calendar", ref="calendars")]
    date: Annotated[dt.date, Col("the local day")]
    open: Annotated[bool, Col("yes or no")]


class Facility(Row, frozen=True, kw_only=True):
    """A place where goods are handled."""

    facility_id: Annotated[str, Col("id of the facility")]
    name: Annotated[str, Col("its name")]
    kind: Annotated[FacilityKind, Col("what it is")]
    company_id: Annotated[str, Col("its operator, unless facility_operators says otherwise", ref="companies")]
    country: Annotated[str, Col("country it stands in", ref="countries")]
    postcode: Annotated[str, Col("its postcode; blank where none exists")] = ""
    city: Annotated[str, Col("town or city")]
    lat: Annotated[Degrees | None, Col("latitude, decimal degrees; blank: not known")] = None
    lon: Annotated[Degrees | None, Col("longitude, decimal degrees; blank: not known")] = None
    time_zone: Annotated[str, Col("IANA time zone, such as Europe/Brussels")]
    calendar_id: Annotated[str, Col("days on which it is open", ref="calendars")]
    opens: Annotated[Clock, Col("opening time, local")] = Clock(0)
    closes: Annotated[Clock, Col("closing time, local; 24:00 is midnight, later is the next day")] = Clock(1440)


class OpeningHours(Row, frozen=True, kw_only=True):
    """Hours on some weekdays that differ from the facility's own."""

    facility_id: Annotated[str, Col("the facility", ref="facilities")]
    days: Annotated[Days, Col("weekdays meant, seven characters 1 or 0, Monday first")]
    opens: Annotated[Clock, Col("opening time, local")]
    closes: Annotated[Clock, Col("closing time, local")]


class FacilityCode(Row, frozen=True, kw_only=True):
    """A facility's code in a list of the trade."""

    facility_id: Annotated[str, Col("the facility", ref="facilities")]
    scheme: Annotated[Literal["iata", "icao", "unlocode", "gln", "impc", "own"], Col("the code list")]
    code: Annotated[str, Col("the code in that list")]


class FacilityOperator(Valid, frozen=True, kw_only=True):
    """Who operates a facility in a span of days."""

    facility_id: Annotated[str, Col("the facility", ref="facilities")]
    company_id: Annotated[str, Col("the operator in that span", ref="companies")]


class Processing(Row, frozen=True, kw_only=True):
    """Handling time of goods that come in one way and leave another. The most specific row is used."""

    facility_id: Annotated[str, Col("the facility, or * for all", ref="facilities")]
    way_in: Annotated[str, Col("how goods come: pickup, drop_off, stock, a mode, or *")]
    way_out: Annotated[str, Col("how goods leave: delivery, collect, stock, a mode, or *")]
    goods_class: Annotated[str, Col("the goods class, or *", ref="goods")] = "*"
    minutes: Annotated[int, Col("from arrival until ready to leave", unit="min")]
    connection_min: Annotated[int, Col("least time between two services, if longer than the handling", unit="min")] = 0
    dwell_min_max: Annotated[int, Col("longest stay; 0: no limit", unit="min")] = 0
    free_min: Annotated[int, Col("stay that costs nothing", unit="min")] = 0
    storage_per_kg_day: Annotated[Micro, Col("fee per kg and day begun after the free time")] = Micro(0)
    currency: Annotated[str, Col("currency of the fee; blank where there is none")] = ""


class Connection(Row, frozen=True, kw_only=True):
    """Least time between two named services at a facility."""

    facility_id: Annotated[str, Col("the facility", ref="facilities")]
    from_service: Annotated[str, Col("service that brings the goods", ref="services")]
    to_service: Annotated[str, Col("service that takes them on", ref="services")]
    minutes: Annotated[int, Col("least time from arrival to departure", unit="min")]


class Zone(Row, frozen=True, kw_only=True):
    """A range of postcodes that a facility collects from or delivers to."""

    zone_id: Annotated[str, Col("id of the zone")]
    use: Annotated[Literal["pickup", "delivery"], Col("whether goods are collected or delivered there")]
    country: Annotated[str, Col("the country", ref="countries")]
    postcode_from: Annotated[str, Col("first postcode, or its beginning; blank: the whole country")] = ""
    postcode_to: Annotated[str, Col("last postcode, or its beginning, included")] = ""
    facility_id: Annotated[str, Col("facility that serves it", ref="facilities")]
    company_id: Annotated[str, Col("company that drives there", ref="companies")]
    minutes: Annotated[int, Col("time between door and facility", unit="min")]
    price: Annotated[Micro, Col("price of a shipment's collection or delivery")] = Micro(0)
    currency: Annotated[str, Col("currency of the price")]
    remote: Annotated[bool, Col("yes: the remote-area surcharge applies")] = False


class ReturnLane(Row, frozen=True, kw_only=True):
    """Where undeliverable and returned goods of a lane go."""

    from_country: Annotated[str, Col("country the goods came from, or *", ref="countries")]
    to_country: Annotated[str, Col("country they were sent to", ref="countries")]
    facility_id: Annotated[str, Col("return address", ref="facilities")]
    disposal: Annotated[Literal["return_to_sender", "keep", "resell", "destroy"], Col("what is done with them there")]
