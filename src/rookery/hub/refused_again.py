"""Refusals of space by bid prices, and of changes where rounds give space out, decided again from the facts before."""

from collections.abc import Iterator

from rookery.hub.look import Look
from rookery.hub.recall_again import judge_again
from rookery.journey.book import HoldPlan, Standby, change, hold
from rookery.journey.booking import ChangeRefused, PlanRefused
from rookery.journey.desk import Desk
from rookery.journey.option import Sourced
from rookery.journey.order import OrderRefused
from rookery.journey.space import ChangeSpace, change_space
from rookery.journey.state import Refusal, State
from rookery.journey.steps import plan_of
from rookery.ledger.log import StoredFact
from rookery.units import money_text

CODES = ("bid_price", "round")


def again_lines(stored: StoredFact, refusal: Refusal, state: State, desk: Desk, look: Look) -> Iterator[str]:
    """What bid prices asked of each resource, and whether a refusal comes to the same again; the state is as before it.

    Nothing of a standby in a ledger of a version that did not keep what it would have used.
    """
    if refusal.code not in CODES:
        return
    if isinstance(fact := stored.fact, ChangeRefused):
        step = change_space(state, ChangeSpace(fact.hold_id, fact.by.company, fact.uses), desk)
        again: object = step if isinstance(step, Refusal) else change(state, step, desk)
    else:
        asked = _asked(stored, refusal, desk, look)
        if asked is None:
            return
        if refusal.code == "bid_price":
            yield from _bid_lines(asked, refusal, state, desk, look.currency)
        again = hold(state, asked, desk)
    found = f"DIFFERS, {again}" if isinstance(again, Refusal) else "DIFFERS, it could be had"
    yield f"    recomputed from all facts before: {'the same' if again == refusal else found}"


def _asked(stored: StoredFact, refusal: Refusal, desk: Desk, look: Look) -> HoldPlan | None:
    """What was not held; None: the facts do not tell."""
    match stored.fact:
        case PlanRefused(hold_id=hold_id, by=by, uses=uses, standby=other):
            if any(use.resource == refusal.thing for use in (*uses, *other)):
                return HoldPlan(hold_id, uses, desk.now + 1, (), by, Standby(b"", other) if other else None)
        case OrderRefused(order_id=order_id):
            facts = (one.fact for one in look.ledger.list_facts(about=order_id) if one.seq < stored.seq)
            decided = [fact for fact in facts if isinstance(fact, Sourced)]
            return plan_of(decided[-1], desk) if decided else None
    return None


def _bid_lines(asked: HoldPlan, refusal: Refusal, state: State, desk: Desk, currency: str) -> Iterator[str]:
    """What of the price of what is worth too little is that of each resource, where there are several."""
    own = {use.resource for use in asked.uses}
    others = asked.standby.uses if asked.standby is not None and refusal.thing not in own else ()
    uses = [use for use in others if use.resource not in own] or asked.uses
    bids = [(use.resource, judge_again(state, use, asked.by, desk)[1].bid_minor) for use in uses]
    of_some = [(resource, bid) for resource, bid in bids if bid]
    for resource, bid in of_some if len(of_some) > 1 else ():
        yield f"      {money_text(bid, currency)} of it on {resource}"
