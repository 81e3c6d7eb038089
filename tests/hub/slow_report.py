"""The report on shared capacity the slow way: each number by a search of its own through all facts."""

from itertools import groupby
from typing import Any

from rookery.hub.report import FairRun, HolderReport, Total
from rookery.journey.account import AccountOpened, Use
from rookery.journey.booking import PlanChanged, PlanHeld, PlanRecalled, PlanRefused
from rookery.journey.desk import World
from rookery.journey.disrupt import Replanned
from rookery.journey.option import Sourced
from rookery.journey.order import OrderCancelled, OrderPlaced, OrderRefused
from rookery.journey.waits import PlanQueued, RoundClosed


def added_up(facts: list[Any], world: World) -> dict[str, HolderReport]:
    """The report of all days, added up the slow way: each number by a search of its own through all facts."""
    shared = {fact.resource for fact in facts if isinstance(fact, AccountOpened) and fact.shared}

    def of(kind: Any) -> list[Any]:
        return [fact for fact in facts if isinstance(fact, kind)]

    def total(wishes: list[Any]) -> Total:
        out = Total(len(wishes))
        for uses in wishes:
            for use in uses:
                for dimension, amount in use.amounts.items() if use.resource in shared else ():
                    out.amounts[dimension] = out.amounts.get(dimension, 0) + amount
        return out

    def uses_at(hold_id: bytes, resource: str, before: int) -> Any:
        for fact in reversed(facts[:before]):
            if isinstance(fact, PlanHeld | PlanChanged) and fact.hold_id == hold_id:
                found = [use for use in getattr(fact, "uses", getattr(fact, "added", ())) if use.resource == resource]
                if found:
                    return found[0]
        raise AssertionError("what is recalled was held")

    asked = {
        fact.order_id: world.sharing.holder_of(fact.asked.parties.owner, fact.asked.product_id)
        for fact in of(OrderPlaced)
    }
    held = [fact for fact in of(PlanHeld) if not fact.standby_of]
    first_wish = {fact.order_id: fact.uses for fact in reversed(of(Sourced))}
    got = {fact.hold_id: fact.uses for fact in reversed(held)}
    refused = {fact.order_id: fact.reasons[0] for fact in of(OrderRefused) if fact.order_id not in got}
    withdrawn = [fact.order_id for fact in of(OrderCancelled) if fact.order_id not in got]
    assert {fact.hold_id for fact in of((PlanQueued, PlanRefused))} <= set(asked), "here space is asked by orders only"
    made = {}
    for holder in world.sharing.names:
        own = [id_ for id_, whose in asked.items() if whose == holder]
        one = HolderReport(holder)
        wishes = {id_: first_wish.get(id_, missing(refused.get(id_))) for id_ in own}
        one.asked, one.got = total(list(wishes.values())), total([got[id_] for id_ in own if id_ in got])
        one.refused = total([wishes[id_] for id_ in own if id_ in refused])
        for id_ in own:
            if id_ in refused:
                reason = refused[id_].lack.limit if refused[id_].lack else refused[id_].code
                one.refused_by[reason] = one.refused_by.get(reason, 0) + 1
        one.withdrawn = sum(id_ in withdrawn for id_ in own)
        one.waiting = sum(id_ not in got and id_ not in refused and id_ not in withdrawn for id_ in own)
        loans = [
            (fact.hold_id, space, [use for use in fact.uses if use.resource == space.resource])
            for fact in held for space in fact.spaces
        ]  # fmt: skip
        one.borrowed = total([uses for id_, _, uses in loans if asked[id_] == holder])
        one.lent = total(
            [uses for _, space, uses in loans if (space.lender if space.from_at else space.holder) == holder]
        )
        gone = [(n, f, r) for n, f in enumerate(facts) if isinstance(f, PlanRecalled) for r in f.resources]
        one.recalled = total([[uses_at(f.hold_id, r, n)] for n, f, r in gone if asked[f.hold_id] == holder])
        one.moved = sum(asked[fact.order_id] == holder for fact in of(Replanned))
        if one != HolderReport(holder):
            made[holder] = one
    return made


def runs_of(closed: list[RoundClosed]) -> list[FairRun]:
    """The runs of rounds in which two or more were backlogged, in a tree of one level in which all weigh 1."""
    runs: list[tuple[int, FairRun]] = []
    for service in dict.fromkeys(one.service for one in closed):
        own = [(n, one) for n, one in enumerate(closed) if one.service == service]
        sides = [[(p.holder, p.got[p.holder != "*"]) for p in one.parts if p.waits[p.holder != "*"]] for _, one in own]
        names = [tuple(name for name, _ in of_one) for of_one in sides]
        at_ = 0
        for same, of_run in groupby(names):
            length = len(list(of_run))
            got = tuple(sum(of_one[n][1] for of_one in sides[at_ : at_ + length]) for n in range(len(same)))
            squares = len(same) * sum(one * one for one in got)
            index = 1_000_000 * sum(got) ** 2 // squares if squares else 1_000_000
            if len(same) > 1:
                runs.append((own[at_][0], FairRun(service, "*", length, same, got, (1,) * len(same), index)))
            at_ += length
    return [run for _, run in sorted(runs, key=lambda one: one[0])]


def missing(reason: Any) -> Any:
    """What an order that never had a plan asked for: what it lacked."""
    lack = reason.lack if reason is not None else None
    return (Use(lack.resource, {lack.dimension: lack.asked}),) if lack is not None and lack.dimension else ()
