"""Guarantees on services that may not be had, since what comes that way counts on something else as well.

A ride counts on the hour in which its end sorts what comes, on the day on which that is delivered from there, and on
the allotments of its holder and of all above. Looked at is the first whole week of the timetable, as planned.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from rookery.journey.calendars import Calendars
from rookery.journey.network.sharing import Allotment, FacilityCapacity
from rookery.journey.network.whole import Network
from rookery.journey.service import Timetable
from rookery.journey.sharing import ACTIVITIES, ShareTerms, Sharing, delivery_name, sort_name
from rookery.journey.shelves import Shelves
from rookery.units import local_day, local_instant, time_zone

WEEK = 7
Amount = tuple[str, str, str]  # account, holder, dimension


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a holder is guaranteed on departures that count on an account, and what it can be sure of there.

    row      whose account it is, such as `sort:B/2026-11-23T09`; where it shows first
    holder   of an allotment: whose it is; those right below it are guaranteed `wanted` together
    found    guaranteed to it there; of an allotment the whole of it
    """

    row: Allotment | FacilityCapacity
    account: str
    holder: str
    dimension: str
    wanted: int
    found: int

    def __str__(self) -> str:
        if isinstance(self.row, Allotment):
            return (
                f"allotments.csv, {self.row.allotment_id}: wanted at least {self.wanted} {self.dimension}, which those"
                f" below {self.holder} are guaranteed on the departures of {self.account}, found {self.found};"
                " raise it, or lower these guarantees"
            )
        thing = f"{ACTIVITIES[self.row.activity]}:{self.row.facility_id}"
        return (
            f"facility_capacities.csv, {thing}: wanted a guarantee of {self.wanted} {self.dimension} for {self.holder},"
            f" as on what comes there in {self.account}, found {self.found} of {self.row.amount}; guarantee it as much"
            f" on {thing} in shares.csv, raise the capacity if there is too little, or lower what it is guaranteed on"
            " the way"
        )


def find_doubts(network: Network) -> list[Doubt]:
    """Where guarantees may not be had for what they count on besides; of one row, holder and dimension the first.

    network  nothing of it is unkept
    """
    if (not network.shares and not network.blocks) or not (network.allotments or network.facility_capacities):
        return []
    table = Timetable(network)
    sharing, needed = Sharing(network, table, Shelves(network)), Counter[Amount]()
    allotted: dict[tuple[str, str], Counter[tuple[str, str]]] = {}  # of each departure the most of its legs
    for departure, leg, terms, counted in _rides(network, table, sharing):
        for account in counted:
            for holder, dimension, amount in _own(network, sharing, terms):
                needed[account, holder, dimension] += amount
        for holder, dimension, amount in _below(sharing, terms):
            for account in sharing.allotments(holder, leg):
                if sharing.allotted_to(account) == holder:
                    most = allotted.setdefault((departure, account), Counter())
                    most[holder, dimension] = max(most[holder, dimension], amount)
    for (_, account), most in allotted.items():
        needed.update({(account, *cell): amount for cell, amount in most.items()})
    found: dict[tuple[int, str, str], Doubt] = {}
    for (account, holder, dimension), amount in sorted(needed.items()):
        one = _doubt(network, sharing, (account, holder, dimension), amount)
        if one is not None:
            found.setdefault((id(one.row), holder, dimension), one)
    return list(found.values())


def _rides(
    network: Network, table: Timetable, sharing: Sharing
) -> Iterator[tuple[str, str, ShareTerms, tuple[str, ...]]]:
    """Every leg of the week that is shared: its departure, its name, its terms, and what its end counts on."""
    calendars, handled = Calendars(network), {row.facility_id for row in network.facility_capacities}
    first = network.about.valid_from
    first += dt.timedelta(days=-first.weekday() % WEEK)
    for variant in network.variants:
        calls = table.calls(variant.variant_id)
        for day in calendars.open_days(variant.calendar_id, first, first + dt.timedelta(days=WEEK - 1)):
            departure = f"{variant.variant_id}/{day}"
            for call, following in pairwise(calls):
                leg = f"departure:{departure}/{call.stop_seq}"
                terms = sharing.find_terms(leg, table.leg_limits(variant.variant_id, call.stop_seq))
                if terms is None or not variant.holds_on(day) or following.arrives is None:
                    continue
                place = following.facility_id
                zone = time_zone(table.facilities[place].time_zone)
                at = local_instant(day, following.arrives, zone)
                names = (sort_name(place, at), delivery_name(place, local_day(at, zone))) if place in handled else ()
                yield departure, leg, terms, tuple(name for name in names if sharing.limits_of(name))


def _own(network: Network, sharing: Sharing, terms: ShareTerms) -> Iterator[tuple[str, str, int]]:
    """What each holder that orders is guaranteed."""
    for holder in network.holders:
        if holder.company_id or holder.product_id:
            for column, dimension in enumerate(terms.dimensions):
                amount = int(terms.tree.guarantee[sharing.rows[holder.holder], column])
                if amount > 0:
                    yield holder.holder, dimension, amount


def _below(sharing: Sharing, terms: ShareTerms) -> Iterator[tuple[str, str, int]]:
    """What those right below each holder are guaranteed together; who has no guarantee has what is below it."""
    for column, dimension in enumerate(terms.dimensions):
        below = [0] * len(sharing.names)
        for row in range(len(sharing.names) - 1, 0, -1):
            stated = int(terms.tree.guarantee[row, column])
            below[sharing.tree.above[row]] += stated if stated >= 0 else below[row]
        yield from ((name, dimension, amount) for name, amount in zip(sharing.names, below, strict=True) if amount)


def _doubt(network: Network, sharing: Sharing, needed: Amount, amount: int) -> Doubt | None:
    account, holder, dimension = needed
    limits = sharing.limits_of(account)
    if dimension not in limits:
        return None
    kind, _, name = account.partition(":")
    place, _, on = name.rpartition("/")
    row: Allotment | FacilityCapacity | None = sharing.find_allotment(place) if kind == "allotment" else None
    sure = limits[dimension]
    if row is None:
        day = dt.date.fromisoformat(on.partition("T")[0])
        activity = "sort" if kind == "sort" else "delivery"
        row = next(
            one
            for one in network.facility_capacities
            if (one.facility_id, one.activity, one.dimension) == (place, activity, dimension) and one.holds_on(day)
        )
        terms = sharing.find_terms(account, limits)
        column = terms.dimensions.index(dimension) if terms is not None else 0
        sure = max(0, int(terms.tree.guarantee[sharing.rows[holder], column])) if terms is not None else 0
    return Doubt(row, account, holder, dimension, amount, sure) if sure < amount else None
