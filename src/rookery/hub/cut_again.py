"""A cut, made again from the facts before it: who had to go, and by which numbers each when its turn came."""

from collections.abc import Callable, Iterable, Iterator

from rookery.journey.account import Account
from rookery.journey.booking import find_plan
from rookery.journey.capacity import CapacityChanged
from rookery.journey.cutting import Going, GuaranteePart, Plan, amounts_on, find_going, find_losses
from rookery.journey.desk import Desk
from rookery.journey.state import State
from rookery.units import id_instant, instant_text

OTHERS_MAX = 8
STEPS = {
    1: "what can be recalled goes first; of that the lowest priority, then the latest",
    2: "above all guarantees on its way up: the lowest priority goes first, then the latest",
    3: "within guarantees: whoever is furthest above its part of what is left goes first",
}
Name = Callable[[str], str]


def cut_lines(cut: CapacityChanged, state: State, id_: bytes, desk: Desk, name: Name, *, named: bool) -> Iterator[str]:
    """A cut as it was about one plan: it had to go, or keeps its space on that of others. The state is as before it.

    name   a holder as it may be told; named: other holders may be told at all
    """
    account = state[Account].get(cut.resource)
    yield f"  {cut.resource}"
    pairs = ((d, account.limits[d], limit) for d, limit in cut.limits.items())
    changes = ", ".join(f"{was:,} -> {limit:,} {d}" for d, was, limit in pairs if was != limit)
    yield f"    {changes or 'as much as before, for more'}, says {cut.by}: {cut.why or 'no reason was told'}"
    if id_ in cut.moved:
        yield from _moved_lines(cut, account, state, id_, desk, name, named=named)
    for hold_id, from_at in cut.lent:
        if hold_id == id_:
            until = f"until {instant_text(from_at)}" if from_at else "at any time"
            yield f"    it keeps its space, which now is that of others: it can be recalled {until}"
    again = find_losses(state, account, cut.limits, desk)
    same = (again.moved, again.lent, again.guarantee) == (cut.moved, cut.lent, cut.guarantee)
    yield f"    recomputed from all facts before: {'the same' if same else 'DIFFERS'}"


def _moved_lines(
    cut: CapacityChanged, account: Account, state: State, id_: bytes, desk: Desk, name: Name, *, named: bool
) -> Iterator[str]:
    plan = find_plan(state, id_)
    assert plan is not None, "what is moved is held or taken"
    yield f"    it has lost its space, number {cut.moved.index(id_) + 1} of {len(cut.moved)}"
    going = find_going(state, account, cut.limits, id_, desk)
    if going is None:
        yield "      nobody shares what was short: all bookings are equal, the latest goes first"
        yield f"      asked for at {instant_text(id_instant(id_))}"
        return
    yield from _going_lines(going, plan, cut.resource, name)
    if named and going.step == 3:
        yield from _part_lines(going.others[:OTHERS_MAX], going, name, "      beside it ")
        if len(going.others) > OTHERS_MAX:
            yield f"      and {len(going.others) - OTHERS_MAX:,} more"


def _going_lines(going: Going, plan: Plan, resource: str, name: Name) -> Iterator[str]:
    own = amounts_on(plan, resource).get(going.dimension, 0)
    yield f"      {going.used:,} {going.dimension} were used then, where there are {going.limit:,};"
    yield f"      {own:,} of them by this"
    yield f"      {STEPS[going.step]}"
    yield f"      its priority is {plan.by.priority}, asked for at {instant_text(id_instant(plan.hold_id))}"
    if going.step > 1:
        yield from _part_lines(going.way, going, name, "      ")
        if not going.way:
            yield f"      {name(plan.by.holder)} is guaranteed nothing there"


def _part_lines(parts: Iterable[GuaranteePart], going: Going, name: Name, begin: str) -> Iterator[str]:
    """What holders used, and were guaranteed before the cut and after it."""
    for one in parts:
        kept = f"{one.guarantee:,} -> {one.left:,}"
        yield f"{begin}{name(one.holder)}: used {one.used:,}, guaranteed {kept}"
        if going.step == 3:
            yield f"        its part of what is left: {one.part:,}"
