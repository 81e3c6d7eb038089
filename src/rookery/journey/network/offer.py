"""What is sold and on what terms: products, tariffs, goods rules, customs regimes."""

import datetime as dt
from typing import Annotated, Literal

from rookery.journey.network.rows import Col, Micro, Row, Valid, Words


class Product(Valid, frozen=True, kw_only=True):
    """What a customer buys: a promise within limits. How the goods travel is the route's business."""

    product_id: Annotated[str, Col("id of the product")]
    name: Annotated[str, Col("the name a customer sees")]
    company_id: Annotated[str, Col("who sells it", ref="companies")]
    days_min: Annotated[int, Col("working days after which delivery may come at the earliest", unit="d")] = 0
    days_max: Annotated[int, Col("working days within which delivery is promised; 0: no promise", unit="d")] = 0
    calendar_id: Annotated[str, Col("days that count as working days", ref="calendars")]
    duties: Annotated[Literal["paid", "unpaid", "either"], Col("import duties: paid by the sender, or by the receiver")]
    weight_g_max: Annotated[int, Col("heaviest piece; 0: no limit", unit="g")] = 0
    length_mm_max: Annotated[int, Col("longest side; 0: no limit", unit="mm")] = 0
    sides_mm_max: Annotated[int, Col("length + width + height; 0: no limit", unit="mm")] = 0
    goods: Annotated[Words, Col("goods classes it takes, or *", ref="goods")] = ("*",)
    modes: Annotated[Words, Col("modes it may travel by, or *")] = ("*",)
    needs_route: Annotated[bool, Col("no: goods are handed over at the warehouse, nothing is carried")] = True
    space: Annotated[
        Literal["firm", "recallable", "standby"],
        Col(
            "firm: only space that nobody can recall; recallable: also lent space, while another plan is held firmly;"
            " standby: the same, but the other plan is not held and may be later than the limit; both are promised for"
        ),
    ] = "firm"


class ProductLane(Valid, frozen=True, kw_only=True):
    """A pair of countries on which a product is sold, and its price."""

    product_id: Annotated[str, Col("the product", ref="products")]
    from_country: Annotated[str, Col("origin, or *", ref="countries")]
    to_country: Annotated[str, Col("destination, or *", ref="countries")]
    tariff_id: Annotated[str, Col("price list; blank: charged at cost", ref="tariffs")] = ""
    days_max: Annotated[int, Col("promise on this lane instead of the product's; 0: the product's", unit="d")] = 0


class Tariff(Valid, frozen=True, kw_only=True):
    """A price list."""

    tariff_id: Annotated[str, Col("id of the tariff")]
    company_id: Annotated[str, Col("who charges it", ref="companies")]
    currency: Annotated[str, Col("its currency")]
    divisor_cm3_per_kg: Annotated[int, Col("volumetric divisor, such as 6000; 0: actual weight only")] = 0
    step_g: Annotated[int, Col("chargeable weight is rounded up to a multiple of this", unit="g")] = 1


class Rate(Row, frozen=True, kw_only=True):
    """One weight break of a tariff. It reaches up to the next break of the same pair of places."""

    tariff_id: Annotated[str, Col("the tariff", ref="tariffs")]
    origin: Annotated[str, Col("facility id, country code or *")] = "*"
    destination: Annotated[str, Col("facility id, country code or *")] = "*"
    weight_g_from: Annotated[int, Col("chargeable weight from which it holds", unit="g")] = 0
    weight_g_below: Annotated[int, Col("weight from which no break holds any more; blank: no end", unit="g")] = 0
    base: Annotated[Micro, Col("fixed part of the charge")] = Micro(0)
    per_kg: Annotated[Micro, Col("charge per chargeable kg")] = Micro(0)
    minimum: Annotated[Micro, Col("least charge")] = Micro(0)


class Surcharge(Valid, frozen=True, kw_only=True):
    """An addition to a tariff in a span of days."""

    tariff_id: Annotated[str, Col("the tariff, or *", ref="tariffs")]
    kind: Annotated[Literal["fuel", "remote", "battery", "peak", "security", "other"], Col("what for")]
    goods_class: Annotated[str, Col("goods it falls on, or *", ref="goods")] = "*"
    percent: Annotated[Micro, Col("per cent of the charge")] = Micro(0)
    per_kg: Annotated[Micro, Col("per chargeable kg, in the tariff's currency")] = Micro(0)
    flat: Annotated[Micro, Col("per shipment, in the tariff's currency")] = Micro(0)


class ExchangeRate(Row, frozen=True, kw_only=True):
    """What one unit of a currency was worth from a day on, until the next row of the pair."""

    date: Annotated[dt.date, Col("first day, UTC")]
    base: Annotated[str, Col("currency of which one unit is priced")]
    quote: Annotated[str, Col("currency in which it is priced")]
    rate: Annotated[Micro, Col("units of the quote for one of the base")]


class Goods(Row, frozen=True, kw_only=True):
    """A class of goods and how it may travel."""

    goods_class: Annotated[str, Col("id of the class, such as general or lithium_in_equipment")]
    name: Annotated[str, Col("what it is")]
    un_number: Annotated[str, Col("UN number, such as UN3481; blank: not dangerous")] = ""
    packing_instruction: Annotated[str, Col("such as PI 967")] = ""
    piece_g_max: Annotated[int, Col("most of it in one piece; 0: no limit", unit="g")] = 0
    cargo_aircraft_only: Annotated[bool, Col("yes: no passenger aircraft")] = False
    modes: Annotated[Words, Col("modes it may travel by, or *")] = ("*",)


class Prohibition(Valid, frozen=True, kw_only=True):
    """What a country does not let in, out or through."""

    country: Annotated[str, Col("the country", ref="countries")]
    direction: Annotated[Literal["import", "export", "transit"], Col("which movement is forbidden")]
    goods_class: Annotated[str, Col("the goods class, or *", ref="goods")] = "*"
    hs_prefix: Annotated[str, Col("beginning of the HS code; blank: any")] = ""
    reason: Annotated[str, Col("what a shipper is told")]


class Customs(Valid, frozen=True, kw_only=True):
    """The regime under which goods pass from one customs territory into another."""

    from_territory: Annotated[str, Col("where they come from, or *")]
    to_territory: Annotated[str, Col("where they enter")]
    goods_class: Annotated[str, Col("the goods class, or *", ref="goods")] = "*"
    regime: Annotated[str, Col("name of the regime, such as H7, 9610 or formal")]
    value_max: Annotated[Micro, Col("highest value of a consignment; 0: no limit")] = Micro(0)
    currency: Annotated[str, Col("currency of that value")] = ""
    minutes: Annotated[int, Col("clearance at the first facility inside, after handling", unit="min")]
