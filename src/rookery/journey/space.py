"""Space without an order: a company asks for room on named resources, holds it, takes it, changes it, gives it back.

quote (nothing is held)      hold ----> take ----> change, release
                               `------> change, release, or it expires
What a company names is understood here: each resource has to be there on its day, and what a departure also counts on
(allotments, the hours in which its goods are sorted) is added. Whether it can be had is the book's to say.
"""

from collections.abc import Iterable, Iterator

import msgspec

from rookery.journey.account import Amounts, Use, summed
from rookery.journey.book import ChangePlan, FreeHold, HoldPlan, Standby, TakePlan, hold
from rookery.journey.booking import Booking, Hold, PlanHeld, find_plan, find_standby
from rookery.journey.departure import NETWORK, Departure, Seen, departure_of
from rookery.journey.desk import Desk
from rookery.journey.entry import find_round
from rookery.journey.limited import Limited, arrives_at, ends_at, find_limited
from rookery.journey.network.rows import ANY
from rookery.journey.share import Claimant, Space
from rookery.journey.sharing import sort_name
from rookery.journey.state import Lack, Refusal, State
from rookery.journey.waits import PlanLeft, Queued, leave
from rookery.units import instant_text


class Wish(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a company asks for.

    product_id   on whose terms: the holder of the company and this product
    hold_s       how long it is held; 0: as long as the policy says
    value_minor  what it is worth, in the network's currency
    borrows      space that others lend will do, too; `standby`: what is used instead if that is recalled
    wait_until   how long it may wait for a round; 0: not at all
    """

    uses: tuple[Use, ...]
    product_id: str = ""
    hold_s: int = 0
    value_minor: int = 0
    borrows: bool = False
    standby: tuple[Use, ...] = ()
    wait_until: int = 0


class QuoteSpace(msgspec.Struct, frozen=True):
    """Ask: whether this could be held now, and how; nothing is held."""

    company: str
    wish: Wish


class HoldSpace(msgspec.Struct, frozen=True):
    """Ask: hold this for a company."""

    hold_id: bytes
    company: str
    wish: Wish


class TakeSpace(msgspec.Struct, frozen=True):
    """Ask: what the company holds is now used."""

    hold_id: bytes
    company: str


class ChangeSpace(msgspec.Struct, frozen=True):
    """Ask: what the company holds or uses shall be this instead, all of it."""

    hold_id: bytes
    company: str
    uses: tuple[Use, ...]


class ReleaseSpace(msgspec.Struct, frozen=True):
    """Ask: what the company holds or uses is free again."""

    hold_id: bytes
    company: str
    why: str = ""


class SpaceQuoted(msgspec.Struct, frozen=True, omit_defaults=True):
    """This could have been held, and where it would not simply have been firm at its holder; nothing was held.

    closes_at  when the round closes that it would have to wait for; 0: it would be held at once
    """

    by: Claimant
    uses: tuple[Use, ...]
    spaces: tuple[Space, ...] = ()
    closes_at: int = 0


def quoted(state: State, fact: SpaceQuoted) -> None:
    """Fold SpaceQuoted: nothing has changed."""


def quote_space(state: State, ask: QuoteSpace, desk: Desk) -> list[SpaceQuoted] | Refusal:
    """Say whether a wish could be held now, standby and all. Refuses as `hold_space` and `book.hold`."""
    plan = _plan_of(state, desk.new_id(), ask.company, ask.wish, desk)
    _, closes_at = find_round(state, plan, desk) if isinstance(plan, HoldPlan) else ("", 0)
    if closes_at and isinstance(plan, HoldPlan):
        return [SpaceQuoted(plan.by, plan.uses, closes_at=closes_at)]
    facts = plan if isinstance(plan, Refusal) else hold(state, plan, desk)
    if isinstance(facts, Refusal):
        return facts
    held = [fact for fact in facts if isinstance(fact, PlanHeld) and not fact.standby_of]
    return [SpaceQuoted(one.by, one.uses, one.spaces) for one in held]


def hold_space(state: State, ask: HoldSpace, desk: Desk) -> HoldPlan | Refusal:
    """The plan that a wish comes to.

    Refuses  unknown: no such product or resource, it does not run on that day, it has no limit of that dimension;
             too_late: it is over, or has left; absurd: the standby takes more of something than what it stands by for
    """
    return _plan_of(state, ask.hold_id, ask.company, ask.wish, desk)


def take_space(state: State, ask: TakeSpace, desk: Desk) -> TakePlan | Refusal:
    """Use what was held.

    Refuses  unknown: it is not the company's; barred: a standby; closed: it waits for a round, is taken already, or
             nothing of it is left; and as `book.take`
    """
    plan = _own(state, ask.hold_id, ask.company)
    if isinstance(plan, Refusal):
        return plan
    if isinstance(plan, Booking):
        found, todo = "one that is taken already", "there is nothing left to do: it is yours until you release it"
        return Refusal("closed", "space", "one that is held", found, todo)
    if not plan.uses:
        found = "nothing: all of it was recalled, or capacity was lost"
        return Refusal("closed", "space", "something left of it", found, "release it, and hold anew")
    return TakePlan(ask.hold_id)


def release_space(state: State, ask: ReleaseSpace, desk: Desk) -> FreeHold | list[PlanLeft] | Refusal:
    """Free what was held or is used, or wait for it no more.

    Refuses  unknown: it is not the company's; barred: a standby
    """
    waiting = state[Queued].find(ask.hold_id)
    if waiting is not None and waiting.ask.by.company == ask.company:
        return leave(state, ask.hold_id, ask.why or "released")
    plan = _own(state, ask.hold_id, ask.company)
    return plan if isinstance(plan, Refusal) else FreeHold(ask.hold_id, ask.why or "released")


def change_space(state: State, ask: ChangeSpace, desk: Desk) -> ChangePlan | Refusal:
    """Hold or use this from now on; what stays as it was, or becomes less, is not asked for again.

    Refuses  unknown: it is not the company's; barred: a standby; closed: it waits for a round;
             of more than it has of something: closed: it has a standby, which was made for what it was;
             round: more than is guaranteed, where rounds give it out; and as `hold_space` and `book.change`
    """
    plan = _own(state, ask.hold_id, ask.company)
    if isinstance(plan, Refusal):
        return plan
    had = {use.resource: use.amounts for use in plan.uses}
    uses = _whole(state, ask.uses, plan.by.holder, desk, had)
    if isinstance(uses, Refusal):
        return uses
    needed = {use.resource: use.amounts for use in _besides(state, plan.uses, plan.by.holder, desk)}
    wanted = {use.resource: use.amounts for use in _as_had(uses, had, needed) if any(use.amounts.values())}
    more = {name: above for name, amounts in wanted.items() if (above := _above(amounts, had.get(name, {})))}
    if more and find_standby(state, ask.hold_id):
        return Refusal("closed", "space", "one without a standby", "one that has one", "release it and hold it anew")
    asked = HoldPlan(ask.hold_id, tuple(Use(name, above) for name, above in more.items()), desk.now, by=plan.by)
    home, closes_at = find_round(state, asked, desk)
    if closes_at:
        before, after = "what is guaranteed, or less than before", "more, for which a round is held"
        return Refusal("round", home, before, after, "hold by itself what is to come to it", home)
    stays = {name: amounts for name, amounts in wanted.items() if name not in more}
    dropped = tuple(use for use in plan.uses if use.resource not in stays)
    added = tuple(Use(name, wanted[name]) for name in more)
    less = ((name, _above(had[name], amounts)) for name, amounts in stays.items())
    return ChangePlan(
        ask.hold_id, dropped, added, _seen(state, added), tuple(Use(name, below) for name, below in less if below)
    )


def _above(amounts: Amounts, others: Amounts) -> Amounts:
    """By how much amounts are more than others, where they are."""
    return {d: amount - others.get(d, 0) for d, amount in amounts.items() if amount > others.get(d, 0)}


def _as_had(uses: tuple[Use, ...], had: dict[str, Amounts], needed: dict[str, Amounts]) -> tuple[Use, ...]:
    """Uses without what a plan has not, though it needs as much besides as it is: what it has lost stays lost, and late
    goods keep the hour of sorting that was booked."""
    found = list[Use]()
    for use in uses:
        if use.resource in had or _above(use.amounts, needed.get(use.resource, {})):
            found.append(use)
        elif hour := _booked_hour(use.resource, had):
            found.append(Use(hour, {d: min(amount, had[hour].get(d, 0)) for d, amount in use.amounts.items()}))
    return summed(found)


def _booked_hour(resource: str, had: dict[str, Amounts]) -> str:
    """The hour of sorting that a plan has for goods that come later now; blank: none. The last one before it there."""
    place = resource.rpartition("/")[0]
    hours = (name for name in had if name.startswith(f"{place}/") and name < resource)
    return max(hours, default="") if resource.startswith("sort:") else ""


def _own(state: State, hold_id: bytes, company: str) -> Hold | Booking | Refusal:
    """What a company holds or uses under an id. What an order uses is nobody's here, nor is a standby.

    Of another's it is told what it would be told of an id that there never was; the network's operator, that it is.
    """
    plan = find_plan(state, hold_id)
    waits = state[Queued].find(hold_id)
    if waits is not None and waits.ask.by.company == company:
        found = f"one that waits for the round that closes at {instant_text(waits.closes_at)}"
        return Refusal("closed", "space", "one that is held or taken", found, "wait for that, or release it")
    if plan is None or company not in (plan.by.company, NETWORK):
        return Refusal("unknown", "space", "an id of space that is held or taken", "none", "check the id, or hold anew")
    if isinstance(plan, Hold) and plan.standby_of:
        return Refusal("barred", "space", "the plan itself", "its standby", "name the plan: its standby goes with it")
    if plan.by.company != company:
        return Refusal("barred", "space", f"one of {company}", "another's", "name your own")
    return plan


# --- from a wish to a plan


def _plan_of(state: State, hold_id: bytes, company: str, wish: Wish, desk: Desk) -> HoldPlan | Refusal:
    if wish.product_id and wish.product_id not in desk.world.timetable.products:
        return Refusal("unknown", f"product {wish.product_id}", "a product of the network", "none", "correct its name")
    by = claimant(company, wish, desk)
    uses, other = (_whole(state, some, by.holder, desk, {}) for some in (wish.uses, wish.standby))
    if isinstance(uses, Refusal):
        return uses
    if isinstance(other, Refusal):
        return other
    standby = None
    if other:
        more = _find_more(uses, other)
        if more is not None:
            return more
        standby = Standby(desk.new_id(), other, _seen(state, other))
    expires_at = desk.now + (wish.hold_s or desk.world.policy.hold_s)
    return HoldPlan(hold_id, uses, expires_at, _seen(state, uses), by, standby, wish.wait_until)


def claimant(company: str, wish: Wish, desk: Desk) -> Claimant:
    """On whose terms a company's wish is asked for."""
    sharing = desk.world.sharing
    holder = ANY if company == NETWORK else sharing.holder_of(company, wish.product_id)
    return Claimant(holder, sharing.priority_of(holder), wish.borrows, wish.value_minor, company)


def _find_more(uses: tuple[Use, ...], standby: tuple[Use, ...]) -> Refusal | None:
    """What both take is held once, so the standby may not take more of it."""
    own = {use.resource: use.amounts for use in uses}
    for use in standby:
        for dimension, amount in use.amounts.items():
            if use.resource in own and amount > own[use.resource].get(dimension, 0):
                wanted = f"at most {own[use.resource].get(dimension, 0)} {dimension}, as in the plan itself"
                return Refusal("absurd", f"standby {use.resource}", wanted, str(amount), "ask for less, or for another")
    return None


def _seen(state: State, uses: Iterable[Use]) -> tuple[Seen, ...]:
    """The departures of a plan as they are known now."""
    names = dict.fromkeys(name for use in uses if (name := departure_of(use.resource)))
    rows = {name: state[Departure].find(name) for name in names}
    return tuple(Seen(name, 0 if row is None else row.version) for name, row in rows.items())


def _whole(
    state: State, uses: tuple[Use, ...], holder: str, desk: Desk, had: dict[str, Amounts]
) -> tuple[Use, ...] | Refusal:
    """The uses with all that they count on besides; each resource once. `had`: what the plan has by now."""
    if not uses:
        return ()
    for use in uses:
        odd = _find_odd(state, use, desk, had.get(use.resource, {}))
        if odd is not None:
            return odd
    own = {use.resource: use.amounts for use in uses}
    for use in _besides(state, uses, holder, desk):  # an hour that is named and needed is the same hour
        own[use.resource] = _most((own.get(use.resource, {}), use.amounts))
    return tuple(Use(resource, amounts) for resource, amounts in own.items())


def _besides(state: State, uses: tuple[Use, ...], holder: str, desk: Desk) -> list[Use]:
    """What uses count on besides: allotments, and the hours in which goods are sorted."""
    more = (*_allotted(uses, holder, desk), *_sorted_uses(state, uses, desk))
    return [use for use in summed(more) if any(use.amounts.values())]


def _most(several: Iterable[Amounts]) -> Amounts:
    most: Amounts = {}
    for amounts in several:
        for dimension, amount in amounts.items():
            most[dimension] = max(most.get(dimension, 0), amount)
    return most


def _allotted(uses: tuple[Use, ...], holder: str, desk: Desk) -> Iterator[Use]:
    """What counts on allotments: of each departure the most that any of its legs takes."""
    by_departure: dict[tuple[str, str], list[Amounts]] = {}
    for use in uses:
        departure = departure_of(use.resource)
        for name in desk.world.sharing.allotments(holder, use.resource) if departure else ():
            by_departure.setdefault((name, departure), []).append(use.amounts)
    for (name, _), amounts in by_departure.items():
        most = _most(amounts)
        yield Use(name, {d: most.get(d, 0) for d in desk.world.limits_of(name)})


def _sorted_uses(state: State, uses: tuple[Use, ...], desk: Desk) -> Iterator[Use]:
    """What counts on the hours in which goods come to be sorted: where they leave a departure, as known now."""
    if not desk.world.sharing.has_facilities:
        return
    stops = {use.resource for use in uses}
    for use in uses:
        thing = find_limited(use.resource, desk.world)
        leg = thing.leg if isinstance(thing, Limited) else None
        if leg is None or f"departure:{leg.departure}/{leg.alight}" in stops:
            continue  # it rides on
        name = sort_name(leg.place, arrives_at(leg, state))
        limits = desk.world.sharing.limits_of(name)
        if limits:
            yield Use(name, {d: use.amounts.get(d, 0) for d in limits})


def _find_odd(state: State, use: Use, desk: Desk, had: Amounts) -> Refusal | None:
    """Why a resource cannot be held at all, or None. What its company has it may keep, or give back, at any time."""
    thing = find_limited(use.resource, desk.world)
    if isinstance(thing, Refusal):
        return thing
    if thing.kind == "allotment":
        wanted, todo = "what counts on the allotment", "name the departure: what is allotted counts by itself"
        return Refusal("unknown", use.resource, wanted, "the allotment itself", todo, use.resource)
    over_at = ends_at(thing, state)
    if thing.kind in ("departure", "warehouse"):
        over_at = min(over_at, desk.world.sharing.cutoff_at(use.resource))
    if over_at <= desk.now and _above(use.amounts, had):
        name, found, lack = use.resource, f"over since {instant_text(over_at)}", Lack(use.resource, "too_late")
        return Refusal("too_late", name, "one before its cut-off", found, "ask for another day", name, lack)
    for dimension in use.amounts:
        if dimension not in thing.limits:
            known = ", ".join(thing.limits)
            wanted = f"one of its limits: {known}" if known else "a resource with a limit"
            found, todo = dimension if known else "nothing of it is limited", "leave out what is not limited there"
            return Refusal("unknown", use.resource, wanted, found, todo, use.resource)
    return None
