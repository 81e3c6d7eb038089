"""Plans that wait for a round of a shared resource: the rows, what happened to them, and how that is folded.

asks for more than its holder is guaranteed ----> waits ----> held | refused | waits for the next round | left
"""

from collections.abc import Iterator

import msgspec

from rookery.journey import booking as booking_step
from rookery.journey.book import HoldPlan
from rookery.journey.booking import PlanHeld, PlanRefused
from rookery.journey.follower import Follower
from rookery.journey.option import Part, Sourced
from rookery.journey.state import Key, Refusal, State, ViewRow

Round = tuple[int, str]  # when it closes, and the resource
Place = tuple[int, int]  # when a plan came, and its number among those of that second


class Queued(ViewRow, frozen=True):
    """A plan that waits for a round. Gone once it is held, refused or left.

    resource    whose round it waits for, which closes at closes_at
    asked_at, number   when it came, and its place among those that came in that second
    sourced     the decision that it is of, and `lacks`: why earlier plans of the order were not held, the last one
                first; None: space without an order
    """

    hold_id: bytes
    resource: str
    closes_at: int
    asked_at: int
    number: int
    ask: HoldPlan
    sourced: Sourced | None = None
    lacks: tuple[Refusal, ...] = ()


class Deficit(ViewRow, frozen=True):
    """What rounds of a service have left each holder: credits of what it asks itself, and of its side of the tree.

    In parts as `engines/share/rounds.py` has them, kept across the dated departures of the service.
    """

    service: str
    credits: dict[str, tuple[int, int]]


class PlanQueued(msgspec.Struct, frozen=True, omit_defaults=True):
    """A plan asks for more than its holder is guaranteed: it is decided when a round closes. Fields as in Queued."""

    hold_id: bytes
    resource: str
    closes_at: int
    asked_at: int
    number: int
    ask: HoldPlan
    sourced: Sourced | None = None
    lacks: tuple[Refusal, ...] = ()


class PlanWaits(msgspec.Struct, frozen=True):
    """A plan was not served in a round, and why; it waits for the one that closes at closes_at."""

    hold_id: bytes
    closes_at: int
    refusal: Refusal


class OrderServed(msgspec.Struct, frozen=True):
    """A round has served the plan of an order, which travels by these parts."""

    order_id: bytes
    decision_id: bytes
    parts: tuple[Part, ...]


class PlanLeft(msgspec.Struct, frozen=True):
    """A plan waits no more, since nobody wants it."""

    hold_id: bytes
    why: str


class RoundPart(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What a round gave one holder: first for what it asks itself, then for all of its side of the tree.

    got      millionths of the capacity that it was charged for
    waits    1: something of it was not served
    credits  left for the service's next round
    """

    holder: str
    got: tuple[int, int] = (0, 0)
    waits: tuple[int, int] = (0, 0)
    credits: tuple[int, int] = (0, 0)


class RoundClosed(msgspec.Struct, frozen=True):
    """A round of a resource is decided. `asked`: how many plans; `parts`: of every holder that it touched."""

    resource: str
    service: str
    closes_at: int
    asked: int
    parts: tuple[RoundPart, ...]


# --- who waits for what


class Lineups:
    """The plans that wait, by round, in step with their table: each with its place, asked_at and number."""

    def __init__(self, state: State):
        self._follower = Follower(state[Queued])
        self._rounds: dict[Round, dict[Key, Place]] = {}
        self._round_of: dict[Key, Round] = {}
        self._last: dict[Round, Place] = {}

    def follow(self) -> "Lineups":
        """As the table now is."""
        keys, table = self._follower.changed(), self._follower.table
        if keys is None:
            self._rounds, self._round_of, self._last = {}, {}, {}
            keys = [row.hold_id for row in table]
        for key in keys:
            self._leave(key)
            row = table.find(key)
            if row is not None:
                of, place = (row.closes_at, row.resource), (row.asked_at, row.number)
                self._round_of[key] = of
                self._rounds.setdefault(of, {})[key] = place
                if of in self._last or len(self._rounds[of]) == 1:
                    self._last[of] = max(place, self._last.get(of, place))
        return self

    def _leave(self, key: Key) -> None:
        of = self._round_of.pop(key, None)
        if of is None:
            return
        place = self._rounds[of].pop(key)
        if self._last.get(of) == place:
            del self._last[of]  # found again when it is asked for
        if not self._rounds[of]:
            del self._rounds[of]

    def first(self) -> tuple[int, str] | None:
        """When the next round closes, and of what; None: nobody waits."""
        return min(self._rounds, default=None)

    def last_at(self) -> int:
        """When the last round closes for which somebody waits; 0: nobody does."""
        return max((closes_at for closes_at, _ in self._rounds), default=0)

    def next_number(self, closes_at: int, resource: str, asked_at: int) -> int:
        """The number of whoever comes next to wait for a round: one more than the last of the same second."""
        of = closes_at, resource
        if of not in self._rounds:
            return 1
        if of not in self._last:
            self._last[of] = max(self._rounds[of].values())
        second, number = self._last[of]
        return number + 1 if second == asked_at else 1

    def of(self, closes_at: int, resource: str) -> list[Queued]:
        """Who waits for a round, in the order in which they came."""
        places = self._rounds.get((closes_at, resource), {})
        return [self._follower.table.get(key) for key in sorted(places, key=places.__getitem__)]


def lineups(state: State) -> Lineups:
    """The plans of a state that wait, by round."""
    return state.derive(Lineups, lambda: Lineups(state)).follow()


def is_waiting(state: State, hold_id: bytes) -> bool:
    """True if a plan waits for a round."""
    return state[Queued].find(hold_id) is not None


def leave(state: State, hold_id: bytes, why: str) -> list[PlanLeft]:
    """Let a plan wait no more, if it does. Emits PlanLeft."""
    return [PlanLeft(hold_id, why)] if is_waiting(state, hold_id) else []


def due(state: State, now: int) -> Iterator[tuple[int, str]]:
    """The rounds that close up to an instant, the earliest first, each as it is asked for."""
    while state[Queued].rows and (first := lineups(state).first()) is not None and first[0] <= now:
        yield first


# --- folding


def queued(state: State, fact: PlanQueued) -> None:
    """Fold PlanQueued."""
    state[Queued].new(
        Queued(
            hold_id=fact.hold_id,
            resource=fact.resource,
            closes_at=fact.closes_at,
            asked_at=fact.asked_at,
            number=fact.number,
            ask=fact.ask,
            sourced=fact.sourced,
            lacks=fact.lacks,
        )
    )
    booking_step.owned(state, fact.hold_id, fact.ask.by)


def waits(state: State, fact: PlanWaits) -> None:
    """Fold PlanWaits."""
    row = state[Queued].get(fact.hold_id)
    state[Queued].put(msgspec.structs.replace(row, closes_at=fact.closes_at))


def served(state: State, fact: OrderServed) -> None:
    """Fold OrderServed: what it travels by is known since it was decided; its space is held next."""


def left(state: State, fact: PlanLeft) -> None:
    """Fold PlanLeft."""
    _end(state, fact.hold_id)


def held(state: State, fact: PlanHeld) -> None:
    """Fold PlanHeld: what is held waits no more."""
    if is_waiting(state, fact.hold_id):
        state[Queued].drop(fact.hold_id)
    booking_step.held(state, fact)


def refused(state: State, fact: PlanRefused) -> None:
    """Fold PlanRefused: what is refused waits no more."""
    if is_waiting(state, fact.hold_id):
        _end(state, fact.hold_id)


def _end(state: State, hold_id: bytes) -> None:
    """A plan waits no more, and has got nothing."""
    booking_step.disowned(state, hold_id, state[Queued].get(hold_id).ask.by)
    state[Queued].drop(hold_id)


def closed(state: State, fact: RoundClosed) -> None:
    """Fold RoundClosed: what is left to each holder for the next round of the service."""
    credits = {part.holder: part.credits for part in fact.parts if any(part.credits)}
    state[Deficit].put(Deficit(fact.service, credits))
