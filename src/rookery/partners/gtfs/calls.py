"""stop_times.txt: rows in any order to the calls of each trip, in order, with a time at each."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from rookery.partners.gtfs.feed import Call
from rookery.partners.gtfs.reading import TEXT, TIME, Reading, optional, whole
from rookery.partners.gtfs.table import Table

SEQ_MAX = 2**31 - 1
BARRED = 1  # pickup_type and drop_off_type: none
THROUGH = "stops left out that are passed without boarding or alighting"
ONE_WAY = "stops where the feed bars boarding or alighting, which the network format cannot say"
MADE_UP = "stops whose times are interpolated"


class _Row(NamedTuple):
    """A row of stop_times.txt with its position."""

    seq: int
    at: int
    station: str
    arrives_s: int | None
    departs_s: int | None
    bars: tuple[bool, bool]  # boarding, alighting


def read_calls(reading: Reading, trips: Collection[str], parents: Mapping[str, str]) -> dict[str, list[Call]]:
    """The calls of each good trip. A trip with a bad row is spoilt, and so is one with fewer than two calls."""
    table = reading.table("stop_times.txt")
    by_trip = _rows(reading, table, trips, parents)
    bad = reading.spoilt["trips.txt"]
    bad |= table.texts_of_broken("trip_id")
    calls: dict[str, list[Call]] = {}
    for trip, rows in by_trip.items():
        if trip not in bad:
            rows.sort()
            rows = _without_through(reading, rows)
            if _is_sound(table, rows):
                calls[trip] = _calls(reading, rows)
    bad |= table.texts_of_broken("trip_id")
    _tell_short(reading, trips, calls)
    return calls


def _rows(reading: Reading, table: Table, trips: Collection[str], parents: Mapping[str, str]) -> dict[str, list[_Row]]:
    """Good rows by trip, in the order of the file."""
    ids, stops = table.needed("trip_id", TEXT), table.needed("stop_id", TEXT)
    seqs = table.needed("stop_sequence", whole(0, SEQ_MAX))
    arrives, departs = (table.maybe(name, optional(TIME), None) for name in ("arrival_time", "departure_time"))
    boards, alights = (table.maybe(name, whole(0, 3), 0) for name in ("pickup_type", "drop_off_type"))
    reading.known(table, "trip_id", ids, trips, "trips.txt")
    reading.known(table, "stop_id", stops, parents.keys(), "stops.txt")
    by_trip: dict[str, list[_Row]] = {}
    columns = zip(ids, seqs, stops, arrives, departs, boards, alights, strict=True)
    for at, (trip, seq, stop, arrive, depart, board, alight) in enumerate(columns):
        if at not in table.broken:
            times = (depart if arrive is None else arrive, arrive if depart is None else depart)
            row = _Row(seq, at, parents[stop], *times, (board == BARRED, alight == BARRED))
            by_trip.setdefault(trip, []).append(row)
    return by_trip


def _without_through(reading: Reading, rows: list[_Row]) -> list[_Row]:
    """Rows in order without those where nobody may board or alight; bars that only go one way are counted."""
    counts, inner = reading.feed.counts, rows[1:-1]
    if any(row.bars == (True, True) for row in inner):
        counts[THROUGH] += sum(row.bars == (True, True) for row in inner)
        rows = [rows[0], *(row for row in inner if row.bars != (True, True)), rows[-1]]
    ends = rows[0].bars[0] + rows[-1].bars[1] if len(rows) > 1 else 0
    one_way = ends + sum(any(row.bars) for row in rows[1:-1])
    if one_way:
        counts[ONE_WAY] += one_way
    return rows


def _is_sound(table: Table, rows: list[_Row]) -> bool:
    """True where the times of a trip never go backwards, its ends have some, and no number comes twice."""
    sound, before, seq = True, 0, -1
    for row in rows:
        if row.seq == seq:
            table.fault(row.at, "stop_sequence", wanted="each number once in a trip", found=f"{seq} again")
            sound = False
        seq = row.seq
        if row.arrives_s is None or row.departs_s is None:
            if row is rows[0] or row is rows[-1]:
                table.fault(row.at, "departure_time", wanted="a time at both ends of a trip", found="a blank cell")
                sound = False
            continue
        for name, moment in (("arrival_time", row.arrives_s), ("departure_time", row.departs_s)):
            if moment < before:
                found = f"one {before - moment} s earlier"
                table.fault(row.at, name, wanted="a time not before the one before it", found=found)
                return False
            before = moment
    return sound


def _calls(reading: Reading, rows: list[_Row]) -> list[Call]:
    """Calls with a time each: between two that the feed tells, the others are spread evenly, whole seconds down."""
    calls: list[Call] = []
    for i, row in enumerate(rows):
        if row.arrives_s is not None and row.departs_s is not None:
            calls.append(Call(row.seq, row.station, row.arrives_s, row.departs_s, True))
        else:
            after = next(j for j in range(i, len(rows)) if rows[j].arrives_s is not None)
            start, end = calls[-1].departs_s, rows[after].arrives_s
            assert end is not None
            moment = start + (end - start) // (after - i + 1)  # of what is left, one part for each leg that is left
            calls.append(Call(row.seq, row.station, moment, moment, False))
            reading.feed.counts[MADE_UP] += 1
    return calls


def _tell_short(reading: Reading, trips: Collection[str], calls: Mapping[str, list[Call]]) -> None:
    """Trips with fewer than two calls go nowhere."""
    bad, table = reading.spoilt["trips.txt"], reading.table("trips.txt")
    short = {trip for trip in trips if trip not in bad and len(calls.get(trip, ())) < 2}
    if short:
        for at, trip in enumerate(table.columns["trip_id"]):
            if trip in short:
                found = str(len(calls.get(trip, ())))
                table.fault(at, "trip_id", wanted="at least two rows in stop_times.txt", found=found)
        bad |= short
