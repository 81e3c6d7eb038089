"""Space that a company has asked for without an order, as it stands: page by page, or by its id. Nothing is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from rookery.hub.ended import EndStatus, asked_by, end_status
from rookery.hub.look import Look
from rookery.hub.open import state_of
from rookery.hub.spaces import SpaceTold, list_told, refusals_told, stands_now
from rookery.journey.account import Use
from rookery.journey.booking import Booking, Hold, PlanHeld, PlanRefused
from rookery.journey.state import Refusal, State
from rookery.journey.waits import PlanQueued, Queued
from rookery.ledger.log import Ledger

LOOKED_MAX = 2_000  # of a company's spaces that one page looks at
CHUNK = 100  # rows that are read at once
Open = Literal["waiting", "held", "taken"]
VIEWS_OF: dict[Open, str] = {"waiting": "queued", "held": "hold", "taken": "booking"}
Plan = Queued | Hold | Booking


@dataclass(frozen=True, slots=True)
class SpaceSeen:
    """Space without an order.

    uses         what it has now, and how that stands; asked: what was refused
    expires_at   of a hold; ended_at: since when it is gone. 0: neither
    why          it was given back, in the words of whoever did it
    """

    space: bytes
    company: str
    status: Open | EndStatus
    uses: tuple[SpaceTold, ...] = ()
    asked: tuple[Use, ...] = ()
    expires_at: int = 0
    ended_at: int = 0
    why: str = ""
    refusals: tuple[Refusal, ...] = ()


def list_own(
    look: Look, company: str, limit: int, after: bytes, status: Open | None = None
) -> tuple[list[SpaceSeen], bytes | None]:
    """A page of what a company waits for, holds or has taken, by id, and after which id the next begins; None: no more.

    A page that has looked at LOOKED_MAX of them ends, though it may be short.
    """
    state, found, last = state_of(look.ledger), list[SpaceSeen](), after
    views = [VIEWS_OF[one] for one in VIEWS_OF if status in (None, one)]
    for looked, (space, plan) in enumerate(islice(_own(look.ledger, company, after, views), LOOKED_MAX + 1)):
        if looked == LOOKED_MAX or (plan is not None and len(found) == limit):
            return found, last
        if plan is not None:
            found.append(_seen(plan, state, company))
        last = space
    return found, None


def find_space(look: Look, space: bytes, reader: str) -> SpaceSeen | None:
    """Space as it stands, or how it has ended, as a reader may see it; None: there is none.

    Whose it is, is not judged here.
    """
    for view in VIEWS_OF.values():
        plan: Plan | None = look.ledger.find_row(view, space)
        if plan is not None:
            return _seen(plan, state_of(look.ledger), reader) if _company(plan) else None
    return _ended(look, space, reader)


def _own(ledger: Ledger, company: str, after: bytes, views: list[str]) -> Iterator[tuple[bytes, Plan | None]]:
    """What a company has of its own, by id; None where it stands in none of these views."""
    while rows := ledger.list_page("own_space", after, CHUNK, company=company):
        ids = [row.hold_id for row in rows]
        plans: dict[bytes, Plan] = {plan.hold_id: plan for view in views for plan in ledger.find_rows(view, ids)}
        yield from ((one, plans.get(one)) for one in ids)
        after = ids[-1]


def _company(plan: Plan) -> str:
    """Who asked for it without an order; blank: an order's, or a standby."""
    if isinstance(plan, Queued):
        return plan.ask.by.company
    return "" if isinstance(plan, Hold) and plan.standby_of else plan.by.company


def _seen(plan: Plan, state: State, reader: str) -> SpaceSeen:
    company = _company(plan)
    if isinstance(plan, Queued):
        return SpaceSeen(plan.hold_id, company, "waiting", list_told(plan.ask.uses, (), reader, plan.closes_at))
    uses = stands_now(plan.uses, plan.hold_id, state, reader)
    if isinstance(plan, Hold):
        return SpaceSeen(plan.hold_id, company, "held", uses, expires_at=plan.expires_at)
    return SpaceSeen(plan.hold_id, company, "taken", uses)


def _ended(look: Look, space: bytes, reader: str) -> SpaceSeen | None:
    facts = list(look.ledger.list_facts(about=space))
    brought = next((one.fact for one in facts if isinstance(one.fact, PlanHeld | PlanQueued | PlanRefused)), None)
    if brought is None or not asked_by(brought):
        return None
    last, status = facts[-1], end_status(facts[-1].fact)
    at = [one.fact.expires_at for one in facts if status == "expired" and isinstance(one.fact, PlanHeld)][-1:]
    refused = isinstance(last.fact, PlanRefused)
    return SpaceSeen(
        space,
        asked_by(brought),
        status,
        asked=last.fact.uses if refused else (),
        ended_at=at[0] if at else last.heard_at,
        why=getattr(last.fact, "why", "") if status == "released" else "",
        refusals=refusals_told((last.fact.refusal,), reader) if refused else (),
    )
