"""Warehouses and what they hold; block space and shares, which say whose capacity is whose."""

import datetime as dt
from typing import Annotated, Literal

from rookery.journey.network.rows import Clock, Col, Micro, Row, Valid


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


class Block(Valid, frozen=True, kw_only=True):
    """A block-space agreement: capacity of a service that a company has bought ahead."""

    block_id: Annotated[str, Col("id of the agreement")]
    company_id: Annotated[str, Col("who holds it", ref="companies")]
    service_id: Annotated[str, Col("the service", ref="services")]
    dimension: Annotated[str, Col("such as grams or uld_positions")]
    amount: Annotated[int, Col("per dated departure")]
    kind: Annotated[Literal["hard", "soft"], Col("hard: paid whether used or not; soft: free until released")]
    release_min: Annotated[int, Col("before departure, when an unused soft block is released", unit="min")] = 0
    per_kg: Annotated[Micro, Col("price per kg")] = Micro(0)
    currency: Annotated[str, Col("its currency")]


class Share(Valid, frozen=True, kw_only=True):
    """What a holder is guaranteed of the resources that a selector names."""

    holder: Annotated[str, Col("a company, product or group; * is the network")]
    parent: Annotated[str, Col("the holder above it; blank for the network itself")] = ""
    resource: Annotated[str, Col("service:ID, facility:ID, warehouse:ID, zone:ID, with * at the end for any")]
    dimension: Annotated[str, Col("the capacity dimension, or *")] = "*"
    guarantee: Annotated[Micro, Col("per cent of capacity guaranteed")] = Micro(0)
    ceiling: Annotated[Micro, Col("per cent of capacity at most")] = Micro(100_000_000)
    weight: Annotated[int, Col("weight for what is left over")] = 1
    priority: Annotated[int, Col("order within what the holder may use; lower goes first")] = 5
    release_min: Annotated[int, Col("before cut-off, when the unused guarantee is anybody's; 0: never", unit="min")] = 0
    lending: Annotated[Literal["never", "recallable", "free"], Col("what may be done with it until then")] = "never"
