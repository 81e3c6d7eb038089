"""Refusals of space by bid prices, and of changes where rounds give space out, decided again from the facts before."""

from collections.abc import Iterator
from typing import Any

from rookery.journey.book import change, judge_all
from rookery.journey.booking import ChangeRefused, PlanRefused
from rookery.journey.desk import Desk
from rookery.journey.space import ChangeSpace, change_space
from rookery.journey.state import Refusal, State

CODES = ("bid_price", "round")


def again_lines(fact: Any, refusal: Refusal, state: State, desk: Desk) -> Iterator[str]:
    """Whether a refusal comes to the same again; nothing where the fact does not know all that was asked for.

    That is so of an order, and of a standby of space without one.
    """
    if refusal.code not in CODES:
        return
    match fact:
        case ChangeRefused(hold_id=hold_id, by=by, uses=uses):
            step = change_space(state, ChangeSpace(hold_id, by.company, uses), desk)
            again: object = step if isinstance(step, Refusal) else change(state, step, desk)
        case PlanRefused(by=by, uses=uses) if any(use.resource == refusal.thing for use in uses):
            again = judge_all(state, uses, (), by, desk)
        case _:
            return
    found = f"DIFFERS, {again}" if isinstance(again, Refusal) else "DIFFERS, it could be had"
    yield f"    recomputed from all facts before: {'the same' if again == refusal else found}"
