"""Local days and hours: when a calendar's days are open, and what that means as instants."""

import datetime as dt
from functools import lru_cache

import holidays

from rookery.journey.network.place import Calendar, Facility
from rookery.journey.network.whole import Network
from rookery.units import local_day, local_instant, time_zone

ONE_DAY = dt.timedelta(days=1)
DAYS_AFTER_KEPT = 4_096  # answers that are remembered
DAYS_AHEAD_MAX = 60  # a facility that opens on none of the next 60 days is taken as closed for good


@lru_cache(maxsize=256)
def holiday_set(name: str, year: int) -> frozenset[dt.date]:
    """Public holidays of a named set such as BE or ES-MD in a year."""
    country, _, region = name.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))


class Calendars:
    """Open days of a network's calendars and open hours of its facilities."""

    def __init__(self, network: Network):
        self._calendars: dict[str, Calendar] = {c.calendar_id: c for c in network.calendars}
        self._days_after: dict[tuple[str, dt.date, int], dt.date] = {}
        self._exceptions = {(e.calendar_id, e.date): e.open for e in network.calendar_exceptions}
        self._hours = {
            (h.facility_id, weekday): (h.opens, h.closes)
            for h in network.opening_hours
            for weekday in range(7)
            if h.days[weekday] == "1"
        }
        self._open: dict[tuple[str, dt.date], bool] = {}
        self._hours_on: dict[tuple[str, dt.date], tuple[int, int] | None] = {}

    def is_open(self, calendar_id: str, day: dt.date) -> bool:
        """True if the calendar is open on that local day: an exception first, then weekday, validity, holiday."""
        key = (calendar_id, day)
        known = self._open.get(key)
        if known is None:
            known = self._open[key] = self._exceptions.get(key, self._is_regular(calendar_id, day))
        return known

    def _is_regular(self, calendar_id: str, day: dt.date) -> bool:
        calendar = self._calendars[calendar_id]
        return (
            calendar.days[day.weekday()] == "1"
            and calendar.holds_on(day)
            and not (calendar.holidays and day in holiday_set(calendar.holidays, day.year))
        )

    def open_days(self, calendar_id: str, first: dt.date, last: dt.date) -> list[dt.date]:
        """The open days from `first` to `last`, both included."""
        span = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
        return [day for day in span if self.is_open(calendar_id, day)]

    def day_after(self, calendar_id: str, day: dt.date, count: int) -> dt.date:
        """The `count`-th open day after `day`; `day` itself for 0. A calendar closed for 60 days counts every day."""
        return self._days_after.get((calendar_id, day, count)) or self._find_day_after(calendar_id, day, count)

    def _find_day_after(self, calendar_id: str, day: dt.date, count: int) -> dt.date:
        key, closed = (calendar_id, day, count), 0
        while count:
            day += dt.timedelta(days=1)
            is_open = self.is_open(calendar_id, day) or closed >= DAYS_AHEAD_MAX
            closed = 0 if is_open else closed + 1
            count -= is_open
        if len(self._days_after) >= DAYS_AFTER_KEPT:
            self._days_after.clear()
        self._days_after[key] = day
        return day

    def next_open(self, facility: Facility, instant: int) -> int | None:
        """The first instant from `instant` on at which a facility is open; None if it opens no more."""
        day = local_day(instant, time_zone(facility.time_zone)) - ONE_DAY  # yesterday's hours may reach past midnight
        for _ in range(DAYS_AHEAD_MAX):
            hours = self.find_hours(facility, day)
            if hours is not None and instant < hours[1]:
                return max(instant, hours[0])
            day += ONE_DAY
        return None

    def last_open(self, facility: Facility, instant: int) -> int | None:
        """The last instant up to `instant` at which a facility is open; None if it was not for 60 days."""
        day = local_day(instant, time_zone(facility.time_zone)) + ONE_DAY
        for _ in range(DAYS_AHEAD_MAX):
            hours = self.find_hours(facility, day)
            if hours is not None and hours[0] <= instant:
                return min(instant, hours[1] - 1)
            day -= ONE_DAY
        return None

    def find_hours(self, facility: Facility, day: dt.date) -> tuple[int, int] | None:
        """The instants at which a facility opens and closes on a local day, or None: it stays closed."""
        key = (facility.facility_id, day)
        if key not in self._hours_on:
            self._hours_on[key] = self._find_hours(facility, day)
        return self._hours_on[key]

    def _find_hours(self, facility: Facility, day: dt.date) -> tuple[int, int] | None:
        if not self.is_open(facility.calendar_id, day):
            return None
        zone = time_zone(facility.time_zone)
        opens, closes = self._hours.get((facility.facility_id, day.weekday()), (facility.opens, facility.closes))
        return local_instant(day, opens, zone), local_instant(day, closes, zone)
