"""What is known of a dated departure beyond the timetable: that it does not run, or how late it is from a stop on.

    runs ----> late ----> late otherwise        every change raises the version, and a plan
      |`-----> cancelled                        remembers which version it was made with
      ^------- restored
A cancelled departure's accounts are closed in the same breath: nothing more can be held on it.
"""

import msgspec

from rookery.journey.account import Account, Use, set_closed
from rookery.journey.desk import Desk
from rookery.journey.service import Dated
from rookery.journey.state import Refusal, State, ViewRow
from rookery.units import DAY_S, instant_text, span_text

NETWORK = "network"  # the operator of the network itself, as a sender
LATE_S_MAX = 30 * DAY_S  # a departure that is later than this is cancelled, and another one runs
AHEAD_S_MAX = 3600  # how far a partner's clock may be ahead of ours


class Late(msgspec.Struct, frozen=True, gc=False):
    """From a stop on: departures are `departs_s` late, arrivals at the stops after it `arrives_s`."""

    from_stop: int
    departs_s: int
    arrives_s: int


class Departure(ViewRow, frozen=True):
    """What is known of a departure, `variant/date`. Without a row it runs as the timetable says: version 0.

    late     by stop; each counts until the next
    by, why  who said the last word, and in their words why
    told_at  when that was so, by their clock
    """

    departure: str
    version: int
    cancelled: bool
    late: tuple[Late, ...]
    by: str
    why: str
    told_at: int


class Seen(msgspec.Struct, frozen=True, gc=False):
    """A departure in the version in which a plan uses it."""

    departure: str
    version: int


class CancelDeparture(msgspec.Struct, frozen=True):
    """Ask: this departure does not run. `by`: who says so; `happened_at`: when, by their clock."""

    departure: str
    by: str
    happened_at: int
    why: str = ""


class RestoreDeparture(msgspec.Struct, frozen=True):
    """Ask: this departure runs after all, as late as it was. Fields as in CancelDeparture."""

    departure: str
    by: str
    happened_at: int
    why: str = ""


class DelayDeparture(msgspec.Struct, frozen=True):
    """Ask: this departure is late from a stop on; the earlier stops stay as they are. `from_stop` 0: the first."""

    departure: str
    by: str
    happened_at: int
    departs_s: int
    arrives_s: int
    from_stop: int = 0
    why: str = ""


class DepartureCancelled(msgspec.Struct, frozen=True, omit_defaults=True):
    """A departure does not run. `accounts`: those of its legs, closed from now on."""

    departure: str
    version: int
    by: str
    happened_at: int
    accounts: tuple[str, ...] = ()
    why: str = ""


class DepartureRestored(msgspec.Struct, frozen=True, omit_defaults=True):
    """A cancelled departure runs after all. `accounts`: those of its legs, open again."""

    departure: str
    version: int
    by: str
    happened_at: int
    accounts: tuple[str, ...] = ()
    why: str = ""


class DepartureDelayed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A departure is late: `late` says how much from which stop on, all that is known."""

    departure: str
    version: int
    by: str
    happened_at: int
    late: tuple[Late, ...]
    why: str = ""


Change = CancelDeparture | RestoreDeparture | DelayDeparture


def cancel(state: State, ask: CancelDeparture, desk: Desk) -> list[DepartureCancelled] | Refusal:
    """Note that a departure does not run; nothing if that is known.

    Refuses  unknown, barred, absurd, and too_late: it has left, or a newer word on it is known
    """
    dated = _find_dated(state, ask, desk)
    if isinstance(dated, Refusal):
        return dated
    row = state[Departure].find(ask.departure)
    if row is not None and row.cancelled:
        return []
    left = _find_left(row, dated, ask)
    if left is not None:
        return left
    accounts = _accounts(state, ask.departure, dated)
    return [DepartureCancelled(ask.departure, _next(row), ask.by, ask.happened_at, accounts, ask.why)]


def restore(state: State, ask: RestoreDeparture, desk: Desk) -> list[DepartureRestored] | Refusal:
    """Note that a cancelled departure runs after all; nothing if it was not cancelled. Refuses as `cancel`."""
    dated = _find_dated(state, ask, desk)
    if isinstance(dated, Refusal):
        return dated
    row = state[Departure].find(ask.departure)
    if row is None or not row.cancelled:
        return []
    left = _find_left(row, dated, ask)
    if left is not None:
        return left
    accounts = _accounts(state, ask.departure, dated)
    return [DepartureRestored(ask.departure, _next(row), ask.by, ask.happened_at, accounts, ask.why)]


def delay(state: State, ask: DelayDeparture, desk: Desk) -> list[DepartureDelayed] | Refusal:
    """Note how late a departure is; nothing if that is known.

    Refuses  unknown: also a stop that it does not leave from; barred; absurd: early, more than LATE_S_MAX, or there
             before it leaves; closed: it is cancelled; too_late: it has arrived, or a newer word on it is known
    """
    dated = _find_dated(state, ask, desk)
    if isinstance(dated, Refusal):
        return dated
    row = state[Departure].find(ask.departure)
    if row is not None and row.cancelled:
        return _refused(ask, "closed", "one that runs", "it is cancelled", "restore it first")
    stops = [stop for stop, _, _ in dated.calls]
    from_stop = ask.from_stop or stops[0]
    if from_stop not in stops[:-1]:
        wanted = f"a stop that it leaves from: {', '.join(map(str, stops[:-1]))}"
        return _refused(ask, "unknown", wanted, str(from_stop), "correct the stop")
    was = row.late if row is not None else ()
    late = (*(one for one in was if one.from_stop < from_stop), Late(from_stop, ask.departs_s, ask.arrives_s))
    if late == was:
        return []
    arrived_at = dated.calls[-1][1] + late_s(was, stops[-2], stops[-1])[1]
    if ask.happened_at >= arrived_at:
        return _refused(ask, "too_late", "one not yet there", f"there at {instant_text(arrived_at)}", "send a scan")
    absurd = _find_absurd(ask, late, dated)
    return absurd or [DepartureDelayed(ask.departure, _next(row), ask.by, ask.happened_at, late, ask.why)]


def late_s(late: tuple[Late, ...], board: int, alight: int) -> tuple[int, int]:
    """How late a ride from one stop to another departs and arrives, in seconds."""
    departs_s = arrives_s = 0
    for one in late:
        departs_s = one.departs_s if one.from_stop <= board else departs_s
        arrives_s = one.arrives_s if one.from_stop < alight else arrives_s
    return departs_s, arrives_s


def find_change(state: State, departures: tuple[Seen, ...]) -> Refusal | None:
    """Why a plan made with these versions may not be held, or None: each departure is open and as it was seen.

    Refuses  closed: cancelled; changed: its times are other ones, so the plan has to be made again
    """
    for seen in departures:
        row = state[Departure].find(seen.departure)
        thing = f"departure {seen.departure}"
        if row is not None and row.cancelled:
            wanted, found = "one that runs", f"{row.by} cancelled it{f': {row.why}' if row.why else ''}"
            return Refusal("closed", thing, wanted, found, "choose another departure", thing)
        version = row.version if row is not None else 0
        if version != seen.version:
            wanted, found = f"version {seen.version}, which was planned with", str(version)
            return Refusal("changed", thing, wanted, found, "plan again", thing)
    return None


def find_cancelled(state: State, use: Use) -> Refusal | None:
    """Why a resource may not be used for the first time, or None: it is a leg of a cancelled departure."""
    row = state[Departure].find(departure_of(use.resource))
    return find_change(state, (Seen(row.departure, row.version),)) if row is not None and row.cancelled else None


def departure_of(resource: str) -> str:
    """The departure, `variant/date`, that a resource is a leg of; blank for other resources."""
    kind, _, name = resource.partition(":")
    return name.rpartition("/")[0] if kind == "departure" else ""


# --- what is wrong with a word


def _find_dated(state: State, ask: Change, desk: Desk) -> Dated | Refusal:
    table, row = desk.world.timetable, state[Departure].find(ask.departure)
    dated = table.find_dated(ask.departure)
    if dated is None:
        return _refused(ask, "unknown", "a departure of the timetable", "none", "check variant and date")
    if ask.by not in (dated.service.company_id, NETWORK):
        return _refused(ask, "barred", f"a word of {dated.service.company_id}, its operator", f"{ask.by}'s", "ask it")
    if ask.happened_at > desk.now + AHEAD_S_MAX:
        found = f"{instant_text(ask.happened_at)}, heard {instant_text(desk.now)}"
        return _refused(ask, "absurd", "a word of now or before", found, "set the clock right")
    if row is not None and ask.happened_at < row.told_at:
        return _refused(ask, "too_late", "the newest word", f"one of {instant_text(row.told_at)}", "nothing")
    return dated


def _find_left(row: Departure | None, dated: Dated, ask: Change) -> Refusal | None:
    stop, _, departs = dated.calls[0]
    left_at = departs + late_s(row.late if row else (), stop, stop)[0]
    if ask.happened_at < left_at:
        return None
    return _refused(ask, "too_late", "one that has not left", f"left at {instant_text(left_at)}", "tell its delay")


def _find_absurd(ask: DelayDeparture, late: tuple[Late, ...], dated: Dated) -> Refusal | None:
    for seconds in (ask.departs_s, ask.arrives_s):
        if not 0 <= seconds <= LATE_S_MAX:
            wanted = f"a delay of 0 to {span_text(LATE_S_MAX)}"
            return _refused(ask, "absurd", wanted, f"{seconds} s", "correct it, or cancel the departure")
    for (board, _, departs), (alight, arrives, leaves) in zip(dated.calls, dated.calls[1:], strict=False):
        leaves_at = departs + late_s(late, board, alight)[0]
        there_at = arrives + late_s(late, board, alight)[1]
        goes_on = leaves + late_s(late, alight, alight)[0] if leaves else there_at
        if not leaves_at < there_at <= goes_on:
            found = f"stop {board} at {instant_text(leaves_at)}, stop {alight} at {instant_text(there_at)}"
            return _refused(ask, "absurd", "times that rise from stop to stop", found, "tell both delays")
    return None


def _refused(ask: Change, code: str, wanted: str, found: str, todo: str) -> Refusal:
    thing = f"departure {ask.departure}"
    return Refusal(code, thing, wanted, found, todo, thing)


def _accounts(state: State, departure: str, dated: Dated) -> tuple[str, ...]:
    names = (f"departure:{departure}/{stop}" for stop, _, _ in dated.calls[:-1])
    return tuple(name for name in names if state[Account].find(name) is not None)


def _next(row: Departure | None) -> int:
    return row.version + 1 if row is not None else 1


# --- folding


def cancelled(state: State, fact: DepartureCancelled) -> None:
    """Fold DepartureCancelled."""
    _put(state, fact, cancelled=True)
    set_closed(state, fact.accounts, closed=True)


def restored(state: State, fact: DepartureRestored) -> None:
    """Fold DepartureRestored."""
    _put(state, fact, cancelled=False)
    set_closed(state, fact.accounts, closed=False)


def delayed(state: State, fact: DepartureDelayed) -> None:
    """Fold DepartureDelayed."""
    _put(state, fact, cancelled=False)


def _put(state: State, fact: DepartureCancelled | DepartureRestored | DepartureDelayed, *, cancelled: bool) -> None:
    row = state[Departure].find(fact.departure)
    late = fact.late if isinstance(fact, DepartureDelayed) else row.late if row is not None else ()
    state[Departure].put(Departure(fact.departure, fact.version, cancelled, late, fact.by, fact.why, fact.happened_at))
