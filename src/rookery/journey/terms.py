"""What goods of one class under one product may board in a window, and at what prices: the engine's arrays.

Every span and price comes from the same questions that the trade asks one by one (`service`, `price`): here they are
asked once for each combination that occurs, and laid out for searches.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rookery.engines.network.bounds import Reach, draw_reach
from rookery.engines.network.money import FREE, NO_RATE, Money
from rookery.engines.network.rules import DWELLS, FEES, ONLY, Rules, look_ahead
from rookery.engines.network.snapshot import FACILITY, LAST, LINE, PAIR, Live
from rookery.journey.dated import Window
from rookery.journey.network.place import Processing
from rookery.journey.price import Breaks, Load, Prices
from rookery.journey.service import FIRST_WAYS, Timetable, carries
from rookery.units import MINUTE_S, exponent

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Terms:
    """A window as goods of a class under a product see it. `key`: what tells planned ones apart, and what is faster."""

    key: tuple[Hashable, Hashable]
    rules: Rules
    money: Money
    reach: Reach


@dataclass(frozen=True, slots=True)
class Fares:
    """What rides of a window cost goods of a class, under whatever product, and how long borders take them.

    lists       the price lists; `surcharges`: on each of them, by epoch, row for row
    pairs       list and row of `clear_s` of every priced ride
    clear_s     border times by epoch
    """

    goods_class: str
    lists: list[Breaks]
    pairs: npt.NDArray[np.int32]
    clear_s: npt.NDArray[np.int32]
    in_force: npt.NDArray[np.int8]
    surcharge_ptr: npt.NDArray[np.int32]
    surcharges: Rows


def list_terms(
    table: Timetable, prices: Prices, window: Window, live: Live, key: tuple[Hashable, Hashable], fares: Fares, *,
    product_id: str, modes: tuple[str, ...],
) -> Terms:  # fmt: skip
    """The terms of a product for goods that may travel by `modes`."""
    draft = _Draft(table, prices, window, live, fares, product_id, modes)
    rules = draft.rules()
    return Terms(key, rules, draft.money(), draw_reach(window.net, live, rules))


class _Draft:
    """The lists that arrays are made of, each thing once."""

    def __init__(
        self, table: Timetable, prices: Prices, window: Window, live: Live, fares: Fares, product_id: str,
        modes: tuple[str, ...],
    ):  # fmt: skip
        self.table, self.prices, self.window, self.live, self.fares = table, prices, window, live, fares
        self.product_id, self.goods_class, self.modes = product_id, fares.goods_class, modes
        self.fees: dict[Processing, int] = {}

    # --- what may board what

    def rules(self) -> Rules:
        """The engine's rules."""
        lines = self.window.lines
        node_facility = self._facilities_of_nodes()
        entry_ptr, rows = self._entries(node_facility)
        nodes, entry_node = len(node_facility), np.repeat(np.arange(len(node_facility)), np.diff(entry_ptr))
        clocked, node_fee = np.zeros(nodes, np.int8), np.full(nodes, -1, np.int32)
        node_fee[entry_node[rows[:, 4] >= 0]] = rows[rows[:, 4] >= 0, 4]
        mixed = (rows[:, 4] >= 0) & (rows[:, 4] != node_fee[entry_node])
        clocked[entry_node[rows[:, 4] >= 0]] = FEES
        clocked[entry_node[mixed | (rows[:, 3] > 0)]] |= DWELLS
        first_way = np.zeros(nodes, np.int8)
        first_way[: len(FIRST_WAYS) * len(lines.facility_ids)] = 1
        rows[:, ONLY:] = look_ahead(self.window.net, self.live, self.fares.pairs, rows[:, 0].astype(np.int32))
        return Rules(
            node_facility, entry_ptr, rows.astype(np.int32), first_way, clocked, node_fee, self.fares.pairs,
            self.fares.clear_s, self.window.day_epoch, self.window.first_day, int((clocked & DWELLS).any()),
        )  # fmt: skip

    def _facilities_of_nodes(self) -> npt.NDArray[np.int32]:
        index = {name: n for n, name in enumerate(self.window.lines.facility_ids)}
        return np.array([index[name] for name, _, _ in self.window.lines.nodes], np.int32)

    def _entries(self, node_facility: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int32], Rows]:
        """First entry of each node, and the entries: node by node, by position."""
        positions, services = self.window.net.positions, self.window.lines.services
        goods = self.table.goods[self.goods_class]
        allowed = np.array([carries(one, goods, self.product_id, self.modes) for one in services], bool)
        at = np.arange(len(positions))
        open_ = allowed[positions[:, LINE]] & (positions[:, LAST] != at) if len(at) else np.zeros(0, bool)
        boards = at[open_]
        boards = boards[np.argsort(positions[boards, FACILITY], kind="stable")]
        starts = np.searchsorted(positions[boards, FACILITY], np.arange(len(self.window.lines.facility_ids) + 1))
        counts = np.diff(starts)[node_facility]
        entry_ptr = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
        node = np.repeat(np.arange(len(node_facility)), counts)
        within = np.arange(len(node)) - entry_ptr[node]
        rows = np.zeros((len(node), 11), np.int64)
        rows[:, 0] = boards[starts[node_facility[node]] + within]
        self._time_entries(node, rows)
        return entry_ptr, rows

    def _time_entries(self, node: Rows, rows: Rows) -> None:
        """Spans of each entry: handling and cut-offs, papers, longest stay, fee."""
        lines, positions = self.window.lines, self.window.net.positions
        line = positions[rows[:, 0], LINE]
        service_index: dict[str, int] = {}
        service = np.array(
            [service_index.setdefault(s.service_id, len(service_index)) for s in lines.services], np.int64
        )
        facility = positions[rows[:, 0], FACILITY].astype(np.int64)
        first = {service[n]: one for n, one in reversed(list(enumerate(lines.services)))}
        key = service[line] * len(lines.facility_ids) + facility if len(line) else line
        leads = []
        values, which = _groups(key)
        for value in values:
            one, name = first[value // len(lines.facility_ids)], lines.facility_ids[value % len(lines.facility_ids)]
            lead = self.table.lead(one, name, self.goods_class, self.product_id)
            papers_s = max(lead.booking_s, lead.documents_s, lead.customs_data_s)
            leads.append((lead.acceptance_s, papers_s, lead.load_build_s))
        rows[:, (1, 2, 5)] = _longs(leads, 3)[which]
        modes = sorted({one.mode for one in lines.services})
        mode = np.array([modes.index(one.mode) for one in lines.services], np.int64)
        key = node * len(modes) + mode[line] if len(line) else line
        values, which = _groups(key)
        handled = [self._handled(lines.nodes[value // len(modes)], modes[value % len(modes)]) for value in values]
        rows[:, (3, 4, 6)] = _longs(handled, 3)[which]
        self._named(node, rows, line)
        rows[:, 1] = np.maximum(rows[:, 1], rows[:, 5] + rows[:, 6])

    def _handled(self, node: tuple[str, str, str], mode: str) -> tuple[int, int, int]:
        """Handling of one way in and one way out of a facility: longest stay, fee, and how long it takes."""
        facility_id, way_in, _ = node
        row = self.table.find_processing(facility_id, way_in, mode, self.goods_class)
        if row is None:
            return 0, -1, 0
        minutes = row.minutes if way_in in FIRST_WAYS else max(row.minutes, row.connection_min)
        fee = self.fees.setdefault(row, len(self.fees)) if row.storage_per_kg_day else -1
        return row.dwell_min_max * MINUTE_S, fee, minutes * MINUTE_S

    def _named(self, node: Rows, rows: Rows, line: Rows) -> None:
        """Least times between two named services."""
        lines = self.window.lines
        brought: dict[tuple[str, str], list[int]] = {}
        for n, (name, _, by) in enumerate(lines.nodes):
            if by:
                brought.setdefault((name, by), []).append(n)
        for row in self.table.network.connections:
            to = [n for n, one in enumerate(lines.services) if one.service_id == row.to_service]
            from_ = np.isin(node, brought.get((row.facility_id, row.from_service), []))
            rows[from_ & np.isin(line, to), 6] = row.minutes * MINUTE_S

    # --- what it costs

    def money(self) -> Money:
        """The engine's price lists."""
        fares, lists = self.fares, self.fares.lists
        tariffs = {breaks.tariff.tariff_id: breaks.tariff for breaks in lists}
        order = {tariff_id: n for n, tariff_id in enumerate(tariffs)}
        codes = [*(tariff.currency for tariff in tariffs.values()), *(row.currency for row in self.fees)]
        currencies = sorted({*codes, self.prices.currency})
        table = [
            (b.tariff.divisor_cm3_per_kg, b.tariff.step_g, currencies.index(b.tariff.currency), b.below,
             10 ** (9 - exponent(b.tariff.currency)), order[b.tariff.tariff_id])
            for b in lists
        ]  # fmt: skip
        rates = [(r.weight_g_from, r.base, r.per_kg, r.minimum) for b in lists for r in b.rates]
        days = self.window.epochs
        fees = [
            (row.storage_per_kg_day, row.free_min * MINUTE_S, currencies.index(row.currency),
             10 ** (6 - exponent(row.currency)))
            for row in self.fees
        ]  # fmt: skip
        return Money(
            breaks=_longs(table, 6),
            rate_ptr=np.cumsum([0, *(len(b.rates) for b in lists)]).astype(np.int32),
            rates=_longs(rates, 4),
            in_force=fares.in_force,
            surcharge_ptr=fares.surcharge_ptr,
            surcharges=fares.surcharges,
            exchange=np.array([[self.prices.ratio(code, day) for day in days] for code in currencies], np.int64),
            fees=_longs(fees, 4),
        )


class _FareDraft:
    """The lists that fares are made of, each thing once."""

    def __init__(self, table: Timetable, prices: Prices, window: Window, goods_class: str):
        self.table, self.prices, self.window, self.goods_class = table, prices, window, goods_class
        self.breaks: dict[int, int] = {}  # by identity: a price list between two places is one object
        self.lists: list[Breaks] = []
        self.clear: dict[tuple[int, ...], int] = {}
        self.borders: dict[tuple[str, str], int] = {}

    def pairs(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Price list and border time of every priced ride, and the border times by epoch."""
        lines, positions = self.window.lines, self.window.net.positions
        pairs: list[tuple[int, int]] = []
        places = [lines.facility_ids[n] for n in positions[:, FACILITY].tolist()]
        for p in np.flatnonzero(positions[:, PAIR] >= 0).tolist():
            service, last = lines.services[positions[p, LINE]], int(positions[p, LAST])
            for destination in places[p + 1 : last + 1]:
                row = self._list(service.tariff_id, places[p], destination)
                pairs.append((row, self._border(places[p], destination)))
        clear = np.array(list(self.clear) or [(0,) * len(self.window.epochs)], np.int32)
        return np.array(pairs, np.int32).reshape(-1, 2), clear

    def _list(self, tariff_id: str, origin: str, destination: str) -> int:
        if not tariff_id:
            return FREE
        facilities = self.table.facilities
        breaks = self.prices.find_breaks(tariff_id, facilities[origin], facilities[destination])
        if breaks is None:
            return NO_RATE
        if id(breaks) not in self.breaks:
            self.breaks[id(breaks)] = len(self.lists)
            self.lists.append(breaks)
        return self.breaks[id(breaks)]

    def _border(self, origin: str, destination: str) -> int:
        key = self.table.facilities[origin].country, self.table.facilities[destination].country
        if key not in self.borders:
            regimes = [self.table.find_customs(*key, self.goods_class, day) for day in self.window.epochs]
            times = tuple(regime.minutes * MINUTE_S if regime else 0 for regime in regimes)
            self.borders[key] = self.clear.setdefault(times, len(self.clear)) if any(times) else -1
        return self.borders[key]


def list_fares(table: Timetable, prices: Prices, window: Window, goods_class: str) -> Fares:
    """What rides of a window cost goods of a class."""
    draft = _FareDraft(table, prices, window, goods_class)
    pairs, clear_s = draft.pairs()
    tariffs = {breaks.tariff.tariff_id: breaks.tariff for breaks in draft.lists}
    load, days = Load(0, goods_class=goods_class), window.epochs
    extras = [[prices.surcharges_on(name, load, day) for day in days] for name in tariffs]
    flat = [(s.flat, s.per_kg, s.percent) for of_tariff in extras for of_day in of_tariff for s in of_day]
    counts = [len(of_day) for of_tariff in extras for of_day in of_tariff]
    in_force = np.array([[t.holds_on(day) for day in days] for t in tariffs.values()], np.int8).reshape(-1, len(days))
    ptr = np.cumsum([0, *counts]).astype(np.int32)
    return Fares(goods_class, draft.lists, pairs, clear_s, in_force, ptr, _longs(flat, 3))


def _groups(key: Rows) -> tuple[list[int], Rows]:
    """The values of a key, rising, and which of them each row has."""
    values, which = np.unique(key, return_inverse=True)
    return values.tolist(), which


def _longs(rows: Sequence[tuple[int, ...]], columns: int) -> Rows:
    return np.array(rows, np.int64).reshape(-1, columns)
