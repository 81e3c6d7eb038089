"""Warehouses: what they ship in a day, which goods, to whom, and their stock."""

import datetime as dt
from typing import Annotated

from rookery.journey.network.rows import Clock, Col, Micro, Row


class Warehouse(Row, frozen=True, kw_only=True):
    """A facility that ships orders from stock."""

    facility_id: Annotated[str, Col("the facility", ref="facilities")]
    order_by: Annotated[Clock, Col("orders placed after this local time ship on the next open day")] = Clock(1440)
    per_order: Annotated[Micro, Col("handling charge per order")] = Micro(0)
    per_unit: Annotated[Micro, Col("handling charge per unit of a line")] = Micro(0)
    currency: Annotated[str, Col("currency of both")]


class WarehouseCapacity(Row, frozen=True, kw_only=True):
    """What a warehouse ships in a day."""

    facility_id: Annotated[str, Col("the warehouse", ref="warehouses")]
    date: Annotated[dt.date | None, Col("the local day; blank: every day without a row of its own")] = None
    dimension: Annotated[str, Col("orders, pieces or grams")]
    amount: Annotated[int, Col("most of it in that day")]


class Eligibility(Row, frozen=True, kw_only=True):
    """A product that a warehouse may ship."""

    facility_id: Annotated[str, Col("the warehouse", ref="warehouses")]
    sku: Annotated[str, Col("stock keeping unit")]


class Stock(Row, frozen=True, kw_only=True):
    """Stock on hand when the network is loaded. A pair of warehouse and SKU without a row is not limited."""

    facility_id: Annotated[str, Col("the warehouse", ref="warehouses")]
    sku: Annotated[str, Col("stock keeping unit")]
    company_id: Annotated[str, Col("who owns the goods", ref="companies")]
    quantity: Annotated[int, Col("units on hand")]


class BoundSite(Row, frozen=True, kw_only=True):
    """A customer that a bound warehouse serves. A warehouse with any row here serves these customers only."""

    facility_id: Annotated[str, Col("the warehouse", ref="warehouses")]
    customer_id: Annotated[str, Col("the buyer, as orders name it")]
