"""Rules for what holders have: things that exist, rows that agree, and no more guaranteed than there is."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from rookery.journey.doubts import find_doubts
from rookery.journey.network.rows import ANY, Valid
from rookery.journey.network.sharing import COUNTED, Share, read_selector
from rookery.journey.network.whole import Network
from rookery.journey.unkept import Unkept, find_unkept
from rookery.partners.folder.draft import Draft
from rookery.partners.folder.faults import rename_or
from rookery.partners.folder.rules.cells import SELECTED
from rookery.partners.port import Fault
from rookery.units import MICRO

_FILES = {kind: "services" if kind == "service" else "warehouses" for kind in SELECTED} | {"facility": "facilities"}
_NETWORK_HAS = {"weight": 1, "release_min": 0, "lending": "never"}
_A_YEAR = timedelta(days=366)
_DATED = ("shares", "blocks", "allotments", "facility_capacities", "rounds", "bid_prices")
_SELECTING = ("shares", "allotments", "rounds", "bid_prices")
# Whether all shares and blocks can be kept is asked where these say who shares what.
_ASKED_OF = (
    "network", "facilities", "services", "variants", "stops", "capacities", "warehouses", "warehouse_capacities",
    "stock", "facility_capacities", "holders", "shares", "blocks",
)  # fmt: skip


def check_resources(draft: Draft) -> Iterator[Fault]:
    """What shares, allotments, rounds and bid prices are about exists; deliveries are limited where there are any."""
    known = {kind: draft.keys(file) for kind, file in _FILES.items()} | {"station": _stations(draft)}
    for file in _SELECTING:
        for at, row in enumerate(draft.rows(file)):
            if str(getattr(row, draft.sheets[file].file.key[0])) not in draft.spoilt[file]:
                yield from _resource_faults(draft, file, at, known)
    for at, limit in enumerate(draft.network.facility_capacities):
        stands = limit.facility_id in known["station"] | draft.spoilt["facility_capacities"]
        if limit.activity == "delivery" and not stands and draft.whole("zones"):
            wanted, todo = "a facility of a delivery zone", "correct the facility, or add the zone to zones.csv"
            yield draft.own_fault(
                "facility_capacities", at, "facility_id", wanted=wanted, found=repr(limit.facility_id), todo=todo
            )


def _stations(draft: Draft) -> set[str]:
    """Facilities that couriers deliver from."""
    return {zone.facility_id for zone in draft.network.zones if zone.use == "delivery"}


def _resource_faults(draft: Draft, file: str, at: int, known: Mapping[str, set[str]]) -> Iterator[Fault]:
    selector = read_selector(text := str(getattr(draft.rows(file)[at], "resource")))  # noqa: B009  # of several files
    source = "zones" if selector.kind == "station" else _FILES[selector.kind]
    if not draft.whole(source) or (source == "zones" and draft.spoilt[source]):
        return
    if any(selector.matches(id_) for id_ in known[selector.kind]):
        return
    names = known[selector.kind]
    if not selector.exact:
        names = {f"{id_[: len(selector.begin)]}{ANY}" for id_ in names}
    todo = rename_or(text.partition(":")[2], names, f"add it to {source}.csv")
    what = "a facility of a delivery zone" if source == "zones" else f"a key of {source}.csv"
    wanted = f"{what} after {selector.kind}:, or the beginning of one and *"
    yield draft.own_fault(file, at, "resource", wanted=wanted, found=repr(text.partition(":")[2]), todo=todo)


def check_days(draft: Draft) -> Iterator[Fault]:
    """What is said of shared capacity holds at some time within a year of the timetable; else a year is wrong."""
    if not draft.network.network or draft.spoilt["network"]:
        return
    first, last = draft.network.about.valid_from - _A_YEAR, draft.network.about.valid_to + _A_YEAR
    for file in _DATED:
        for at, row in enumerate(draft.rows(file)):
            assert isinstance(row, Valid)
            for field, day in (("valid_from", row.valid_from), ("valid_to", row.valid_to)):
                apart = day is not None and (day > last if field == "valid_from" else day < first)
                if apart and str(getattr(row, draft.sheets[file].file.key[0])) not in draft.spoilt[file]:
                    wanted = f"a day up to {last}" if field == "valid_from" else f"a day from {first} on"
                    told = f"{day}, more than a year from the timetable in network.csv"
                    todo = "correct the year, or delete it"
                    yield draft.own_fault(file, at, field, wanted=wanted, found=told, todo=todo)


def check_shares(draft: Draft) -> Iterator[Fault]:
    """A share says per cent or an amount, an amount of what, and nothing of what the network is guaranteed."""
    for at, share in enumerate(draft.network.shares):
        if share.holder not in draft.spoilt["shares"]:
            yield from _share_faults(draft, at, share)


def _share_faults(draft: Draft, at: int, share: Share) -> Iterator[Fault]:
    amounts = {"guarantee_amount": share.guarantee_amount, "ceiling_amount": share.ceiling_amount}
    stated = next((field for field, amount in amounts.items() if amount is not None), "")
    if share.holder == ANY and not (share.guarantee is None and share.guarantee_amount is None):
        wanted, todo = "a blank cell: the network has the capacity", "take the guarantee out"
        field = "guarantee" if share.guarantee is not None else "guarantee_amount"
        yield draft.own_fault("shares", at, field, wanted=wanted, found="a guarantee", todo=todo)
    elif share.holder == ANY and {field: getattr(share, field) for field in _NETWORK_HAS} != _NETWORK_HAS:
        field = next(field for field, value in _NETWORK_HAS.items() if getattr(share, field) != value)
        wanted, found = f"{_NETWORK_HAS[field]}: nobody stands beside the network", str(getattr(share, field))
        yield draft.own_fault("shares", at, field, wanted=wanted, found=found, todo="leave it blank")
    elif share.guarantee is not None and share.guarantee_amount is not None:
        yield _both(draft, at, "guarantee_amount", "a guarantee in per cent as well")
    elif share.ceiling != 100 * MICRO and share.ceiling_amount is not None:
        yield _both(draft, at, "ceiling_amount", "a ceiling in per cent as well")
    elif stated and share.dimension == ANY:
        wanted, todo = f"the dimension of the {stated}", "write such as grams, and a row for each dimension"
        yield draft.own_fault("shares", at, "dimension", wanted=wanted, found=repr(ANY), todo=todo)


def _both(draft: Draft, at: int, field: str, found: str) -> Fault:
    todo = "leave one of the two blank"
    return draft.own_fault("shares", at, field, wanted="per cent or an amount", found=found, todo=todo)


def check_blocks(draft: Draft) -> Iterator[Fault]:
    """A hard block is never released."""
    for at, block in enumerate(draft.network.blocks):
        if block.kind == "hard" and block.release_min and block.block_id not in draft.spoilt["blocks"]:
            wanted, todo = "0: a hard block is never released", "write 0, or soft as its kind"
            yield draft.own_fault("blocks", at, "release_min", wanted=wanted, found=str(block.release_min), todo=todo)


def check_agreement(draft: Draft) -> Iterator[Fault]:
    """Rows of one holder about the same thing that differ by dimension have the same weight, release and lending."""
    shares = [(at, row, (row.holder, row.resource)) for at, row in enumerate(draft.network.shares)]
    blocks = [
        (at, row, (row.holder, row.service_id))
        for at, row in enumerate(draft.network.blocks)
        if row.dimension in COUNTED
    ]
    yield from _disagreements(draft, "shares", shares, ("weight", "release_min", "lending"))
    yield from _disagreements(draft, "blocks", blocks, ("release_min", "lending"))


def _disagreements(
    draft: Draft, file: str, rows: Sequence[tuple[int, Valid, tuple[str, str]]], fields: tuple[str, ...]
) -> Iterator[Fault]:
    groups: dict[tuple[str, str], list[tuple[int, Valid]]] = {}
    for at, row, key in rows:
        if str(getattr(row, draft.sheets[file].file.key[0])) not in draft.spoilt[file]:
            groups.setdefault(key, []).append((at, row))
    for group in groups.values():
        for n, (at, row) in enumerate(group):
            other = next(((a, one) for a, one in group[:n] if _meet(one, row)), None)
            for field in fields:
                if other and getattr(other[1], field) != getattr(row, field):
                    line = draft.sheets[file].lines[other[0]]
                    wanted = f"{getattr(other[1], field)}, as in line {line}: a holder has one {field} for a thing"
                    todo = "write the same in both, or end one before the other begins"
                    yield draft.own_fault(file, at, field, wanted=wanted, found=str(getattr(row, field)), todo=todo)


def _meet(one: Valid, other: Valid) -> bool:
    first = max(one.valid_from or date.min, other.valid_from or date.min)
    return first <= min(one.valid_to or date.max, other.valid_to or date.max)


def check_kept(draft: Draft) -> Iterator[Fault]:
    """All guarantees can be kept together: on every leg, warehouse day and facility, whenever they change."""
    if not draft.network.network or not draft.whole(*_ASKED_OF) or any(draft.spoilt[file] for file in _ASKED_OF):
        return
    for one in find_unkept(draft.network):
        file = "shares" if isinstance(one.row, Share) else "blocks"
        at = next(n for n, row in enumerate(draft.rows(file)) if row is one.row)
        wanted, todo = _words(one)
        found = f"{one.found} on {one.thing.kind}:{one.thing.id} from {one.day}"
        yield draft.fault(file, at, one.field, wanted=wanted, found=found, todo=todo)


def list_warnings(network: Network) -> list[str]:
    """Guarantees of a network without faults that may not be had for what they count on besides, and what to do."""
    return [str(doubt) for doubt in find_doubts(network)]


def _words(one: Unkept) -> tuple[str, str]:
    """What was wanted, and what to do."""
    who = "the network" if one.holder == ANY else one.holder
    if one.law == "weights":
        return (
            f"weights under {who} with a common multiple of at most {one.wanted}",
            "write simpler weights, such as 1 to 10",
        )
    if one.law == "ceiling":
        wanted = f"a ceiling of {who} of at least its guarantee, {one.wanted} {one.dimension}"
        return wanted, "raise the ceiling or lower the guarantee"
    had = "the capacity" if one.law == "capacity" else "what it has"
    wanted = f"guarantees under {who} of at most {had} together, {one.wanted} {one.dimension}"
    return wanted, "lower this or another one of them"
