"""What operators run: services, their variants, stops, cut-offs and capacity. Dated by `journey/service.py`."""

import datetime as dt
from typing import Annotated, Literal

from rookery.journey.network.rows import Clock, Col, Micro, Row, Valid, Words

Mode = Literal["air", "sea", "rail", "road", "courier", "transfer"]
CutoffKind = Literal["booking", "documents", "customs_data", "acceptance", "load_build"]


class Service(Row, frozen=True, kw_only=True):
    """What an operator runs on a timetable."""

    service_id: Annotated[str, Col("id of the service")]
    company_id: Annotated[str, Col("its operator", ref="companies")]
    mode: Annotated[Mode, Col("how it moves")]
    name: Annotated[str, Col("flight number, line or trade name")] = ""
    aircraft: Annotated[Literal["", "passenger", "freighter"], Col("for air: what flies; blank elsewhere")] = ""
    tariff_id: Annotated[str, Col("what it charges; blank: nothing", ref="tariffs")] = ""
    goods: Annotated[Words, Col("goods classes it takes, or *", ref="goods")] = ("*",)
    products: Annotated[Words, Col("products it carries, or *", ref="products")] = ("*",)


class Variant(Valid, frozen=True, kw_only=True):
    """One way in which a service runs: its days, its times, its stops."""

    variant_id: Annotated[str, Col("id of the variant")]
    service_id: Annotated[str, Col("the service", ref="services")]
    calendar_id: Annotated[str, Col("days on which it leaves its first stop", ref="calendars")]


class Stop(Row, frozen=True, kw_only=True):
    """A stop of a variant, in local time of the facility."""

    variant_id: Annotated[str, Col("the variant", ref="variants")]
    stop_seq: Annotated[int, Col("order of the stop, from 1")]
    facility_id: Annotated[str, Col("where", ref="facilities")]
    arrives: Annotated[Clock | None, Col("arrival; +N: days after the first stop's day; blank at the first stop")] = (
        None
    )
    departs: Annotated[Clock | None, Col("departure; blank at the last stop")] = None


class Cutoff(Row, frozen=True, kw_only=True):
    """A latest moment before a departure. All kinds that match must be met; for each the most specific row is used."""

    service_id: Annotated[str, Col("the service, or *", ref="services")]
    facility_id: Annotated[str, Col("the stop, or *", ref="facilities")] = "*"
    kind: Annotated[
        CutoffKind,
        Col("acceptance: goods at the facility; load_build: handled; the others: booking, papers, data received"),
    ]
    goods_class: Annotated[str, Col("the goods class, or *", ref="goods")] = "*"
    product_id: Annotated[str, Col("the product, or *", ref="products")] = "*"
    minutes: Annotated[int, Col("before departure", unit="min")]


class Ridden(Row, frozen=True, kw_only=True):
    """A leg that was ridden, or handling that was done; or several, by their medians. Promises rest on these."""

    what: Annotated[str, Col("service:, zone: or facility: and its id; a facility's handling, a zone's couriers")]
    origin: Annotated[str, Col("for a service: where the leg began; blank elsewhere", ref="facilities")] = ""
    destination: Annotated[str, Col("for a service: where it ended; blank elsewhere", ref="facilities")] = ""
    date: Annotated[dt.date, Col("local day on which it should have begun")]
    began: Annotated[Clock, Col("when it should have begun, local")]
    planned_min: Annotated[int, Col("planned to take", unit="min")]
    actual_min: Annotated[int, Col("from when it should have begun to when it ended", unit="min")]
    legs: Annotated[int, Col("of how many legs these are the medians")] = 1


class Emission(Row, frozen=True, kw_only=True):
    """What a way of moving emits. For a mode without a row a factor is assumed."""

    mode: Annotated[Mode, Col("how goods move")]
    g_per_tkm: Annotated[Micro, Col("CO2e of a tonne over a kilometre, with the making of the fuel", unit="g")]
    detour: Annotated[Micro | None, Col("way over the great circle, such as 1.25; blank: as is assumed of it")] = None


class Capacity(Row, frozen=True, kw_only=True):
    """What each dated leg between two neighbouring stops carries, shared by all who ride it."""

    service_id: Annotated[str, Col("the service", ref="services")]
    variant_id: Annotated[str, Col("the variant, or *", ref="variants")] = "*"
    leg_seq: Annotated[str, Col("number of the stop where the leg begins, or *")] = "*"
    dimension: Annotated[str, Col("grams, cm3, pieces, uld_positions or any other name")]
    amount: Annotated[int, Col("most of it on one departure")]
