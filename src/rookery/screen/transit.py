"""Transit times for a person: for each pair of facilities, by when to hand in goods and when they are there."""

import datetime as dt
from collections.abc import Iterator
from itertools import islice

import msgspec

from rookery.hub.journeys import day_text
from rookery.hub.transit import TransitTimes
from rookery.units import MINUTE_S, mass_text, span_text, time_zone

NEVER = -1
LINES_MAX = 200  # more than that is for a program
NAMED_MAX = 20
TITLES = ("from", "to", "hand in by", "there", "takes", "by")
GAP = "  "


def transit_json(times: TransitTimes) -> str:
    """Every number as JSON."""
    return msgspec.json.encode(list(times.rows())).decode()


def transit_lines(times: TransitTimes) -> list[str]:
    """A table of transit times, and what is not in it.

    Drop-offs one after the other with the same arrival are one line: that of the last.
    """
    wish = times.wish
    rows = [TITLES, *islice(_rows(times, wish.day.year), LINES_MAX + 1)]
    day = f"{wish.day:%a} {wish.day.day} {wish.day:%b %Y}"
    until = f"for {wish.days} days from {day}" if wish.days > 1 else f"on {day}"
    head = f"{wish.product_id}, {wish.goods_class}, {mass_text(wish.grams)}, handed in {until}"
    lines = [f"{head}, every {span_text(MINUTE_S * wish.every_min)}; each time is local", ""]
    if len(rows) > 1:
        widths = [max(map(len, cells)) for cells in zip(*rows[: LINES_MAX + 1], strict=True)]
        for row in rows[: LINES_MAX + 1]:
            lines.append(GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        lines.append("")
    if len(rows) > LINES_MAX + 1:
        lines.append(f"only the first {LINES_MAX} lines; --csv or --json gives all")
    return lines + _without(times)


def _without(times: TransitTimes) -> list[str]:
    """How many pairs have an arrival; which have none, where all were named."""
    arrives, product = (times.arrives != NEVER).any(axis=1), times.wish.product_id
    sold = f"of {int(times.sold.sum()):,} on which {product} {'may travel' if times.wish.unsold else 'is sold'}"
    count = int(arrives.sum())
    lines = [f"{count:,} pair{'s' * (count != 1)} with an arrival, {sold}"]
    if times.wish.origins and times.wish.destinations:
        for o, origin in enumerate(times.origins):
            for d, destination in enumerate(times.destinations):
                if origin != destination and not arrives[o, d]:
                    why = "no way within the promise" if times.sold[o, d] else "not sold, or not allowed"
                    lines.append(f"none from {origin} to {destination}: {why}")
    return lines[: NAMED_MAX + 1]


def _rows(times: TransitTimes, year: int) -> Iterator[tuple[str, ...]]:
    zones = {name: time_zone(zone) for name, zone in times.zones.items()}
    for o, d in times.pairs():
        ends, arrives = (times.origins[o], times.destinations[d]), times.arrives[o, :, d].tolist()
        for t, there in enumerate(arrives):
            if there != NEVER and (t + 1 == len(arrives) or arrives[t + 1] != there):
                at = int(times.drop_offs[o, t])
                clocks = (
                    day_text(dt.datetime.fromtimestamp(instant, zones[name]), year=year)
                    for instant, name in zip((at, there), ends, strict=True)
                )
                by = " > ".join(hop.service.service_id for hop in times.find_way(o, t, d))
                yield (*ends, *clocks, span_text(there - at), by)
