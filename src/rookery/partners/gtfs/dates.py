"""Days of service: calendar.txt and calendar_dates.txt as sets of days, and a set of days as the shortest calendar."""

import datetime as dt
from collections.abc import Collection

from rookery.journey.network.place import Calendar, CalendarException
from rookery.journey.network.rows import Days
from rookery.partners.gtfs.reading import DAY, TEXT, Reading, whole

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS_MAX = 1_100  # three years; a calendar that runs for longer is cut, and counted
ADDED, REMOVED = 1, 2
ONE_DAY = dt.timedelta(days=1)


def read_dates(reading: Reading) -> dict[str, frozenset[dt.date]]:
    """The days of each service that has a good row; a service with a bad row is spoilt as a whole."""
    both = "calendar.txt or calendar_dates.txt"
    days = _weekly(reading)
    table = reading.table("calendar_dates.txt")
    if table.lines or table.columns:
        ids, dates = table.needed("service_id", TEXT), table.needed("date", DAY)
        types = table.needed("exception_type", whole(ADDED, REMOVED))
        seen: dict[tuple[str, dt.date], int] = {}
        for at in table.good():
            first = seen.setdefault((ids[at], dates[at]), at)
            if first != at:
                found = f"the one of line {table.lines[first]} again"
                table.fault(at, "date", wanted="each day of a service once", found=found)
            elif types[at] == ADDED:
                days.setdefault(ids[at], set()).add(dates[at])
            else:
                days.setdefault(ids[at], set()).discard(dates[at])
        reading.spoil(table, "service_id")
    spoilt = reading.spoilt.get("calendar.txt", set()) | reading.spoilt.get("calendar_dates.txt", set())
    reading.spoilt[both] = spoilt
    return {service: frozenset(found) for service, found in days.items() if service not in spoilt}


def _weekly(reading: Reading) -> dict[str, set[dt.date]]:
    """The days of calendar.txt by service."""
    table = reading.table("calendar.txt")
    if not table.lines and not table.columns:
        return {}
    ids, firsts, lasts = (
        table.needed("service_id", TEXT),
        table.needed("start_date", DAY),
        table.needed("end_date", DAY),
    )
    runs = [table.needed(weekday, whole(0, 1)) for weekday in WEEKDAYS]
    reading.once(table, "service_id", ids, "calendar.txt")
    for at in table.good():
        if lasts[at] < firsts[at]:
            table.fault(at, "end_date", wanted=f"a day from {firsts[at]} on", found=str(lasts[at]))
    reading.spoil(table, "service_id")
    days: dict[str, set[dt.date]] = {}
    for at in table.good():
        count = (lasts[at] - firsts[at]).days + 1
        if count > DAYS_MAX:
            reading.feed.counts[f"calendars cut after {DAYS_MAX} days"] += 1
        span = (firsts[at] + ONE_DAY * n for n in range(min(count, DAYS_MAX)))
        days[ids[at]] = {day for day in span if runs[day.weekday()][at]}
    return days


def calendar_of(calendar_id: str, days: Collection[dt.date], source: str) -> tuple[Calendar, list[CalendarException]]:
    """The calendar that is open on exactly these days: weekdays on which most days are open, and what differs.

    days  at least one
    Law   `Calendars.is_open` is true on these days and no others
    """
    first, last = min(days), max(days)
    span = [first + ONE_DAY * n for n in range((last - first).days + 1)]
    surplus = [0] * 7  # days open less days closed, by weekday
    for day in span:
        surplus[day.weekday()] += 1 if day in days else -1
    pattern = Days("".join("1" if one > 0 else "0" for one in surplus))
    calendar = Calendar(calendar_id=calendar_id, days=pattern, valid_from=first, valid_to=last, source=source)
    differ = [day for day in span if (pattern[day.weekday()] == "1") != (day in days)]
    rows = [CalendarException(calendar_id=calendar_id, date=d, open=d in days, source=source) for d in differ]
    return calendar, rows
