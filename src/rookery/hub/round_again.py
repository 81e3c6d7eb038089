"""A round of a shared resource, decided again from the facts before it and compared with what was decided."""

from collections.abc import Iterator
from dataclasses import dataclass

from rookery.hub.look import Look
from rookery.journey.booking import PlanRecalled
from rookery.journey.desk import Desk, World
from rookery.journey.fair_round import CloseSpaceRound, close
from rookery.journey.standing import list_levels
from rookery.journey.state import State
from rookery.journey.waits import Queued, Round, RoundClosed, lineups
from rookery.ledger.log import StoredFact


@dataclass(frozen=True, slots=True)
class Again:
    """A round that was decided again. `is_same`: fact by fact; closed: what it came to, as the ledger has it."""

    is_same: bool
    closed: RoundClosed


class RoundsAgain:
    """The rounds that one plan waited for, each decided again at the moment at which it was."""

    def __init__(self, look: Look, world: World, id_: bytes):
        self._look, self._world, self._id = look, world, id_
        self._known: dict[Round, Again] = {}

    def find(self, stored: StoredFact, state: State) -> Again | None:
        """The round that a fact is decided by, if the plan is in one that is due; asked of each fact, in order."""
        row: Queued | None = state[Queued].find(self._id)
        if row is None or row.closes_at > stored.heard_at:
            return None
        key = (row.closes_at, row.resource)
        if key not in self._known:
            waiting = {one.hold_id for one in lineups(state).of(*key)}
            by = stored.fact.by if isinstance(stored.fact, PlanRecalled) else stored.about
            if by in waiting:
                self._known[key] = self._decide(row, stored.seq, state)
        return self._known.get(key)

    def _decide(self, row: Queued, seq: int, state: State) -> Again:
        """All that the round came to, from the first fact of it on."""
        desk = Desk(self._world, row.closes_at, lambda: b"")
        made = close(state, CloseSpaceRound(row.resource, row.closes_at), desk)
        stored = [one for one, _ in zip(self._look.ledger.list_facts(after=seq - 1), made, strict=False)]
        closed = next(fact for fact in reversed(made) if isinstance(fact, RoundClosed))
        return Again([one.fact for one in stored] == made, closed)


def round_lines(again: Again, world: World, *, named: bool) -> Iterator[str]:
    """What a round gave whom, level by level, if they may be named; and whether it comes to the same again."""
    closed = again.closed
    yield f"    the round of {closed.resource}: {closed.asked:,} asked"
    for level, sides in list_levels(closed, world).items() if named else ():
        for side in sides:
            name = "the network" if side.holder == "*" else side.holder
            without = ", and went without something" if side.waits else ""
            own = " for itself" if side.holder == level else ""
            yield f"      {name}{own}: {side.got / 10_000:.4f} % of the capacity, weight {side.weight}{without}"
    yield f"    the whole round, decided again from all facts before: {'the same' if again.is_same else 'DIFFERS'}"
