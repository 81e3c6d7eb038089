"""The report on shared capacity the slow way: each number by a search of its own through all facts."""

from itertools import groupby
from typing import Any

from rookery.hub.fair_runs import FairRun
from rookery.hub.report import HolderReport, Total
from rookery.journey.account import AccountOpened, Use
from rookery.journey.booking import HoldReleased, PlanChanged, PlanGivenBack, PlanHeld, PlanRecalled, PlanRefused
from rookery.journey.capacity import CapacityChanged
from rookery.journey.desk import World
from rookery.journey.disrupt import PromiseAtRisk, ReplanFailed, Replanned
from rookery.journey.option import Sourced
from rookery.journey.order import OrderCancelled, OrderPlaced, OrderRefused
from rookery.journey.share import LoanFirmed
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
    made: dict[str, HolderReport] = {}
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
        lendings = [one for n in range(len(facts)) for one in lent_by(facts, n, world) if one[0] in shared]
        one.borrowed = Total(sum(whose == holder for _, whose, _, _ in lendings))
        one.lent = Total(sum(lender == holder for _, _, lender, _ in lendings))
        for _, whose, _, parts in lendings:
            for lender, dimension, amount in parts:
                for total_of in [one.borrowed] * (whose == holder) + [one.lent] * (lender == holder):
                    total_of.amounts[dimension] = total_of.amounts.get(dimension, 0) + amount
        gone = [(n, f, r) for n, f in enumerate(facts) if isinstance(f, PlanRecalled) and f.by for r in f.resources]
        one.recalled = total([[uses_at(f.hold_id, r, n)] for n, f, r in gone if asked[f.hold_id] == holder])
        reasons = [why_moved(facts, id_) for id_ in own]
        one.moved_by = {why: reasons.count(why) for why in ("recalled", "cut", "departure") if why in reasons}
        one.moved = sum(one.moved_by.values())
        one.cases = len({fact.order_id for fact in of(ReplanFailed)} & set(own))
        one.at_risk, one.broken = promises_of(facts, own)
        if one != HolderReport(holder):
            made[holder] = one
    return made


def promises_of(facts: list[Any], own: list[bytes]) -> tuple[int, int]:
    """How many of these orders had a promise that a recall would have broken, and how many one that it has."""
    told = [(fact.order_id, one.code) for fact in facts if isinstance(fact, PromiseAtRisk) for one in fact.reasons]
    return sum((id_, "at_risk") in told for id_ in own), sum((id_, "recalled") in told for id_ in own)


def why_moved(facts: list[Any], order_id: bytes) -> str:
    """Why an order first had to go another way; blank: it never had to."""
    for fact in facts:
        if isinstance(fact, PlanRecalled) and fact.by and fact.hold_id == order_id:
            return "recalled"
        if isinstance(fact, CapacityChanged) and order_id in fact.moved:
            return "cut"
        if isinstance(fact, Replanned | ReplanFailed) and fact.order_id == order_id:
            return "departure"
    return ""


Lent = tuple[str, str, str, list[tuple[str, str, int]]]  # resource, borrower, who counts as lender, and each one's part


def lent_by(facts: list[Any], n: int, world: World) -> list[Lent]:
    """What a fact lends, in a tree of one level: part by part, of whom and how much of which dimension."""
    fact, made = facts[n], list[Lent]()
    if isinstance(fact, CapacityChanged):
        before = standing(facts[:n], fact.resource)
        holds = [id_ for id_, _ in fact.lent if before[id_][2] is None and not before[id_][3]]
        return [
            (fact.resource, before[id_][0], "*", [("*", d, a) for d, a in before[id_][1].items() if a]) for id_ in holds
        ]
    for space in fact.spaces if isinstance(fact, PlanHeld) and not fact.standby_of else ():
        amounts = next(use.amounts for use in fact.uses if use.resource == space.resource)
        before = standing(facts[:n], space.resource)
        parts = []
        for dimension, amount in amounts.items():
            used = sum(
                a[dimension] for holder, a, loan, _ in before.values() if holder == space.lender and loan is None
            )
            lent = sum(a[dimension] for _, a, loan, _ in before.values() if loan and loan == space.lender)
            unused = max(0, guaranteed(facts[:n], space.resource, space.lender, dimension, world) - used)
            own = min(amount, max(0, unused - lent))
            parts += [(who, dimension, much) for who, much in ((space.lender, own), ("*", amount - own)) if much]
        first = next((who for who, _, _ in parts if who != "*"), "*")
        made.append((space.resource, fact.by.holder, first, parts))
    return made


def standing(facts: list[Any], resource: str) -> dict[bytes, tuple[str, dict[str, int], str | None, bytes]]:
    """What stands on a resource: holder, amounts, the lender of a loan (None: it is firm), and whose standby it is."""
    found: dict[bytes, tuple[str, dict[str, int], str | None, bytes]] = {}
    for fact in facts:
        if isinstance(fact, PlanHeld | PlanChanged):
            lenders = {space.resource: space.lender for space in fact.spaces if space.from_at}
            for use in fact.uses if isinstance(fact, PlanHeld) else fact.added:
                if use.resource == resource:
                    whose = fact.by.holder if isinstance(fact, PlanHeld) else holder_in(facts, fact.hold_id)
                    standby_of = fact.standby_of if isinstance(fact, PlanHeld) else b""
                    found[fact.hold_id] = (whose, use.amounts, lenders.get(resource), standby_of)
        elif isinstance(fact, LoanFirmed) and fact.resource == resource:
            found[fact.hold_id] = (*found[fact.hold_id][:2], None, b"")
        elif isinstance(fact, CapacityChanged) and fact.resource == resource:
            for id_ in fact.moved:
                found.pop(id_)
            for id_, _ in fact.lent:
                found[id_] = (*found[id_][:2], found[id_][2] or "", b"")
        elif isinstance(fact, HoldReleased | PlanGivenBack) or (
            isinstance(fact, PlanRecalled) and resource in fact.resources
        ):
            found.pop(fact.hold_id, None)
    return found


def holder_in(facts: list[Any], hold_id: bytes) -> str:
    """Whose plan it is."""
    return next(fact.by.holder for fact in facts if isinstance(fact, PlanHeld) and fact.hold_id == hold_id)


def guaranteed(facts: list[Any], resource: str, holder: str, dimension: str, world: World) -> int:
    """What a holder is guaranteed, as cuts have left it; that it is released already is not looked at."""
    opened = next(fact for fact in facts if isinstance(fact, AccountOpened) and fact.resource == resource)
    cuts = [fact for fact in facts if isinstance(fact, CapacityChanged) and fact.resource == resource]
    column = list(opened.limits).index(dimension)
    if cuts:
        return (cuts[-1].guarantee or {}).get(holder, (0,) * len(opened.limits))[column]
    share = next((one for one in world.timetable.network.shares if one.holder == holder), None)
    return opened.limits[dimension] * share.guarantee // 100_000_000 if share and share.guarantee else 0


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
