"""A feed's seconds as the wall clock of each place, in minutes: departures are never later, arrivals never earlier.

GTFS counts seconds from noon less twelve hours of the day of service, in the agency's zone. Where clocks change that is
no midnight, and another zone's clock moves apart from the agency's: such days become variants of their own.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rookery.units import DAY_S, MINUTE_S, local_instant, time_zone

NOON_MIN = 720
DAY_MIN = 1440
ONE_DAY = dt.timedelta(days=1)
Moment = tuple[int, int, str]  # arrival and departure in seconds, zone of the place
Minutes = tuple[tuple[int, int], ...]  # arrival and departure of each call, after midnight of the day


@dataclass(frozen=True, slots=True)
class Run:
    """Days on which a trip has the same times on the clocks of all its places. `early`: arrivals up to 59 s early."""

    days: frozenset[dt.date]
    minutes: Minutes
    early: int


def instant_of(day: dt.date, seconds: int, zone: str) -> int:
    """The instant of a feed's time on a day of service in an agency's zone."""
    return _noon(day, zone) - DAY_S // 2 + seconds


@lru_cache(maxsize=65_536)
def _noon(day: dt.date, zone: str) -> int:
    return local_instant(day, NOON_MIN, time_zone(zone))


def runs_of(days: frozenset[dt.date], zone: str, moments: Sequence[Moment]) -> list[Run]:
    """The days of a trip by what the clocks say, most days first.

    zone     of the agency, in which the feed's times are
    moments  of each call, rising
    Law      every departure is the last minute that is not after the feed's instant; every arrival is the first that
             is not before it, but never after the same call's departure
    """
    plain = days if all(place == zone for _, _, place in moments) else frozenset()
    if plain:
        ends = (moments[0][1], moments[-1][0])
        plain = frozenset(day for day in days if _is_plain(day, zone, ends[0]) and _is_plain(day, zone, ends[1]))
    found: dict[Minutes, set[dt.date]] = {}
    for day in days - plain:
        found.setdefault(_on(day, zone, moments), set()).add(day)
    if plain:
        found.setdefault(_in_order((-(-a // MINUTE_S), d // MINUTE_S) for a, d, _ in moments), set()).update(plain)
    early = sum(d // MINUTE_S < -(-a // MINUTE_S) for a, d, _ in moments[:-1])
    runs = [_from_midnight(Run(frozenset(of), minutes, early * len(of))) for minutes, of in found.items()]
    return sorted(runs, key=lambda run: (-len(run.days), min(run.days)))


@lru_cache(maxsize=1 << 18)
def _is_plain(day: dt.date, zone: str, seconds: int) -> bool:
    """True where the wall clock says what the feed says. If it does at both ends of a trip, it does all the way."""
    minute = seconds // MINUTE_S
    return local_instant(day, minute, time_zone(zone)) == instant_of(day, minute * MINUTE_S, zone)


def _on(day: dt.date, zone: str, moments: Sequence[Moment]) -> Minutes:
    """What the clocks of its places say on one day of service."""
    found: list[tuple[int, int]] = []
    before = 0  # the departure before, as told: where an hour comes twice at one place only, it holds the next ones up
    for arrives_s, departs_s, place in moments:
        departs = _minute(day, leaves_at := instant_of(day, departs_s, zone), place, up=False)
        if _instant(day, departs, place) < before:
            departs = _minute(day, max(leaves_at, before), place, up=True)
        found.append((_minute(day, max(instant_of(day, arrives_s, zone), before), place, up=True), departs))
        before = _instant(day, departs, place)
    return _in_order(found)


def _in_order(times: Iterable[tuple[int, int]]) -> Minutes:
    """No arrival after its own departure, which may come from the same minute; the last departure does not count."""
    pairs = list(times)
    return (*((min(arrives, departs), departs) for arrives, departs in pairs[:-1]), pairs[-1])


@lru_cache(maxsize=1 << 18)
def _minute(day: dt.date, instant: int, zone_name: str, *, up: bool) -> int:
    """Minutes after midnight of a day on a place's clock: the last not after the instant, or the first not before it.

    The second of two hours of one name has no name of its own: a departure in it moves back to the last minute of the
    first, an arrival on to the minute after both.
    """
    zone = time_zone(zone_name)
    wall = dt.datetime.fromtimestamp(instant, zone)
    minute = (wall.date() - day).days * DAY_MIN + wall.hour * 60 + wall.minute
    told = _instant(day, minute, zone_name)
    while told + MINUTE_S <= instant and (later := _instant(day, minute + 1, zone_name)) <= instant:
        minute, told = minute + 1, later
    return minute + 1 if up and told < instant else minute


def _instant(day: dt.date, minute: int, zone: str) -> int:
    days, rest = divmod(minute, DAY_MIN)
    return local_instant(day + ONE_DAY * days, rest, time_zone(zone))


def _from_midnight(run: Run) -> Run:
    """The same run counted from the day before, where a place's clock is behind the agency's across midnight."""
    first = min(min(pair) for pair in run.minutes)
    days = -(first // DAY_MIN) if first < 0 else 0
    if not days:
        return run
    minutes = tuple((arrives + days * DAY_MIN, departs + days * DAY_MIN) for arrives, departs in run.minutes)
    return Run(frozenset(day - ONE_DAY * days for day in run.days), minutes, run.early)
