"""A small network in which capacity is shared, and short ways to write the rows that say how."""

from rookery.journey.desk import Policy, World
from rookery.journey.network.rows import Micro
from rookery.journey.network.sharing import Block, Holder, Share
from rookery.journey.network.whole import Network
from rookery.journey.sharing import Sharing
from worlds import depot, place, places, ride, row, tiny_network

HONG_KONG = "Asia/Hong_Kong"


def percent(number: float | None) -> Micro | None:
    return None if number is None else Micro(round(number * 1_000_000))


def share(holder: str, resource: str = "service:night", guarantee: float | None = None, **fields: object) -> Share:
    if "ceiling" in fields:
        fields["ceiling"] = percent(fields["ceiling"])  # type: ignore[arg-type]
    return row(Share, holder=holder, resource=resource, guarantee=percent(guarantee), **fields)


def block(holder: str, amount: int, **fields: object) -> Block:
    told = {"block_id": f"{holder}{amount}", "service_id": "night", "dimension": "grams", "kind": "hard", **fields}
    return row(Block, holder=holder, amount=amount, currency="EUR", **told)


def holders(*texts: str) -> list[Holder]:
    """Holders as `shop of group: company product`; each part but the first may be missing."""
    out = []
    for text in texts:
        name, _, of = text.partition(":")
        holder, _, parent = name.partition(" of ")
        company, _, product = of.strip().partition(" ")
        out.append(row(Holder, holder=holder, parent=parent, company_id=company.strip("-"), product_id=product))
    return out


def network(*rows: object) -> Network:
    """Two lorries and a flight from Hong Kong, a warehouse, and these rows."""
    return tiny_network(
        places("A B C"), place("HKG", "JP", HONG_KONG),
        ride("night", "A 22:00, B 02:00+1/03:00+1, C 06:00+1", carries="grams 1000000, cm3 6000000"),
        ride("noon", "A 12:00, B 14:00", carries="grams 200000"),
        ride("fly", "HKG 23:30, A 05:00+1", mode="air", carries="grams 500000, uld_positions 3"),
        depot("A", per_day=100, skus="x", stock="shop/x 40"),
        *rows,
    )  # fmt: skip


def sharing(*rows: object) -> Sharing:
    return World(network(*rows), Policy()).sharing
