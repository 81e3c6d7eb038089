"""A round of a shared resource, decided again from the facts before it and compared with what was decided."""

from collections.abc import Iterator
from dataclasses import dataclass

from rookery.hub.as_of import heard_line
from rookery.hub.look import Look
from rookery.journey.booking import PlanRecalled
from rookery.journey.desk import Desk, World
from rookery.journey.fair_round import CloseSpaceRound, close
from rookery.journey.network.rows import ANY
from rookery.journey.standing import Side, list_levels
from rookery.journey.state import State
from rookery.journey.waits import Queued, Round, RoundClosed, lineups
from rookery.ledger.log import StoredFact
from rookery.units import instant_text


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
        self._listed = 0  # the message of which earlier rounds were told last

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

    def earlier_lines(self, again: Again, stored: StoredFact, *, named: bool) -> Iterator[str]:
        """A round that did not serve the plan, before another one: a line below the message that closed it."""
        if stored.message != self._listed:
            yield f"earlier rounds, closed by {heard_line(self._look, stored, named=named)}"
        self._listed = stored.message
        verdict = "the same" if again.is_same else "DIFFERS"
        at, asked = instant_text(again.closed.closes_at), f"{again.closed.asked:,} asked"
        yield f"  {at}  fact {stored.seq}  not served ({stored.fact.refusal.code}), {asked}; again: {verdict}"

    def _decide(self, row: Queued, seq: int, state: State) -> Again:
        """All that the round came to, from the first fact of it on."""
        desk = Desk(self._world, row.closes_at, lambda: b"")
        made = close(state, CloseSpaceRound(row.resource, row.closes_at), desk)
        stored = [one for one, _ in zip(self._look.ledger.list_facts(after=seq - 1), made, strict=False)]
        closed = next(fact for fact in reversed(made) if isinstance(fact, RoundClosed))
        return Again([one.fact for one in stored] == made, closed)


def round_lines(again: Again, world: World, *, named: bool) -> Iterator[str]:
    """What a round gave whom, as the holders stand below each other, if they may be named; and whether it comes to the
    same again."""
    closed = again.closed
    yield f"    the round of {closed.resource}: {closed.asked:,} asked"
    if named:
        yield from _level_lines(ANY, list_levels(closed, world), world, "      ")
    yield f"    the whole round, decided again from all facts before: {'the same' if again.is_same else 'DIFFERS'}"


def _level_lines(level: str, levels: dict[str, list[Side]], world: World, indent: str) -> Iterator[str]:
    """The sides of a level, each with the level below it; of those that no round touched only the way to others."""
    sides = {side.holder: side for side in levels.get(level, ())}
    below = [holder for holder in world.sharing.names if world.sharing.above(holder)[:1] == (level,)]
    for holder in (level, *below):
        own, side = holder == level, sides.get(holder)
        under = [] if own else list(_level_lines(holder, levels, world, f"{indent}  "))
        if side is not None:
            name = "for itself" if own else holder
            without = ", went without something" if side.waits else ""
            yield f"{indent}{name}: {side.got / 10_000:.4f} % of it, weight {side.weight}{without}"
        elif under:
            yield f"{indent}{holder}"
        yield from under
