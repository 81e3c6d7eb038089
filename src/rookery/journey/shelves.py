"""What each warehouse may ship, to whom, how much in a day, and from what stock."""

import datetime as dt

from rookery.journey.account import Amounts
from rookery.journey.network.plant import Warehouse
from rookery.journey.network.whole import Network


class Shelves:
    """Every warehouse of a network, ready for questions. Immutable."""

    def __init__(self, network: Network):
        self.warehouses = {w.facility_id: w for w in network.warehouses}
        self._lists: dict[str, list[str]] = {}
        for row in network.eligibility:
            self._lists.setdefault(row.sku, []).append(row.facility_id)
        self._bound: dict[str, set[str]] = {}
        for site in network.bound_sites:
            self._bound.setdefault(site.facility_id, set()).add(site.customer_id)
        self._stock: dict[str, int] = {}
        for pool in network.stock:
            name = stock_name(pool.facility_id, pool.company_id, pool.sku)
            self._stock[name] = self._stock.get(name, 0) + pool.quantity
        self._stocked = {(pool.facility_id, pool.sku) for pool in network.stock}
        self._usual: dict[str, Amounts] = {}
        self._dated: dict[tuple[str, dt.date], Amounts] = {}
        for cap in network.warehouse_capacities:
            if cap.date is None:
                self._usual.setdefault(cap.facility_id, {})[cap.dimension] = cap.amount
            else:
                self._dated.setdefault((cap.facility_id, cap.date), {})[cap.dimension] = cap.amount

    def listing(self, skus: tuple[str, ...]) -> list[Warehouse]:
        """Warehouses that list every one of the SKUs, by id; none where no SKU is named."""
        lists = [self._lists.get(sku, []) for sku in skus]
        sites = [site for site in lists[0] if all(site in other for other in lists[1:])] if lists else []
        return [self.warehouses[site] for site in sorted(sites)]

    def serves(self, site: str, buyer: str) -> bool:
        """True unless the warehouse is bound to other customers."""
        bound = self._bound.get(site)
        return bound is None or buyer in bound

    def capacity(self, site: str, day: dt.date) -> Amounts:
        """What a warehouse ships on a local day, by dimension; empty: not limited."""
        usual, dated = self._usual.get(site, {}), self._dated.get((site, day))
        return dict(sorted((usual if dated is None else usual | dated).items()))

    def stock_limit(self, site: str, owner: str, sku: str) -> Amounts | None:
        """Units of an owner's SKU in a warehouse when the network was loaded; None: not limited."""
        if (site, sku) not in self._stocked:
            return None
        return {"units": self._stock.get(stock_name(site, owner, sku), 0)}

    def limits_of(self, resource: str) -> Amounts:
        """Limits of a warehouse's day or a pool of stock, by its name."""
        kind, _, name = resource.partition(":")
        if kind == "warehouse":
            site, _, day = name.rpartition("/")
            return self.capacity(site, dt.date.fromisoformat(day))
        return {"units": self._stock.get(resource, 0)}


def day_name(site: str, day: dt.date) -> str:
    """Name of the resource that a warehouse's local day is."""
    return f"warehouse:{site}/{day}"


def stock_name(site: str, owner: str, sku: str) -> str:
    """Name of the resource that a pool of stock is."""
    return f"stock:{site}/{owner}/{sku}"
