"""What a message decided of plans that other messages had brought: those that waited, had to move, or came due.

Read from the facts that the message led to, so that it is told the same each time. Each plan is told as its own company
may see it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from rookery.hub.spaces import SpaceTold, list_told, refusals_told
from rookery.journey.booking import EXPIRED, HoldReleased, PlanHeld, PlanRecalled, PlanRefused
from rookery.journey.capacity import CapacityChanged, SpaceLost
from rookery.journey.disrupt import ReplanFailed, Replanned, Retimed
from rookery.journey.order import OrderPlaced, OrderRefused
from rookery.journey.share import LoanFirmed
from rookery.journey.shipment import ShipmentMade
from rookery.journey.state import Refusal
from rookery.journey.waits import PlanLeft, PlanQueued, PlanWaits
from rookery.ledger.log import Ledger, StoredFact
from rookery.units import id_text

What = Literal[
    "waits", "held", "booked", "refused", "expired", "free", "firm", "recalled", "cut", "lent", "fallback", "standby",
    "moved", "retimed", "case",
]  # fmt: skip


class Fate(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a plan, in seconds since the epoch where it is an instant.

    what      waits: for the round that closes at `until`; held: until `until`; booked: the order travels; refused;
              expired; free: otherwise free again; firm: it can be recalled no more; recalled: from these; cut: it
              has lost its space there; lent: it keeps that, and can be recalled until `until`, 0: for good;
              fallback: it uses its standby; standby: it has lost that; moved: the order travels another way;
              retimed: as planned, at other times; case: somebody has to look
    at        as of when it was decided, where that is earlier than the message: a round's instant, or an expiry
    rounds    how many rounds of this message did not serve it
    refusals  why, the binding one first; `why`: in words, or of a case its owner
    spaces    of what is held or booked, what is borrowed, and until when it can be recalled
    """

    what: What
    at: int = 0
    until: int = 0
    resources: tuple[str, ...] = ()
    rounds: int = 0
    why: str = ""
    refusals: tuple[Refusal, ...] = ()
    spaces: tuple[SpaceTold, ...] = ()


class Other(msgspec.Struct, frozen=True, omit_defaults=True):
    """A plan that a message decided besides what it is about.

    about              its id, hld_... or ord_...; reference: of an order, its owner's
    sender, key, kind  of the message that brought it
    fates              what became of it, in order; the last one is how it stands
    """

    about: str
    sender: str
    key: str
    kind: str
    fates: tuple[Fate, ...]
    reference: str = ""


@dataclass(slots=True)
class _Plan:
    """A plan while a message's facts are gone through.

    first          the fact by which it came
    round_at       when the round closes that it waits for; 0: none. expires_at: when its hold ends
    borrowed       what of its uses it has on loan since it was held
    fates          what became of it; of_standby: of its standby
    """

    first: StoredFact
    round_at: int = 0
    expires_at: int = 0
    borrowed: tuple[SpaceTold, ...] = ()
    fates: list[Fate] = field(default_factory=list)
    of_standby: list[Fate] = field(default_factory=list)

    @property
    def is_order(self) -> bool:
        """True if it is that of an order."""
        return isinstance(self.first.fact, OrderPlaced)

    def add(self, fate: Fate) -> None:
        """Parts of an order are told once; rounds that did not serve it are counted."""
        last = self.fates[-1] if self.fates else None
        if last is not None and last.what == fate.what == "waits":
            self.fates[-1] = msgspec.structs.replace(fate, rounds=last.rounds + fate.rounds)
        elif fate not in self.fates:
            self.fates.append(fate)


def list_others(ledger: Ledger, message: int, own: bytes = b"") -> tuple[Other, ...]:
    """The plans of other messages that a message decided, in the order in which they were touched.

    own   what the message is about: what it frees by itself is no news
    Cost  the facts of the message, and those about the plans that it touched
    """
    reading = _Reading(ledger, message, own)
    for stored in ledger.list_facts_of(message):
        reading.note(stored)
    return tuple(_told(ledger, id_, plan) for id_, plan in reading.plans.items() if _is_news(plan, message))


def _is_news(plan: _Plan, message: int) -> bool:
    return bool(plan.fates or plan.of_standby) and plan.first.message != message


def _told(ledger: Ledger, id_: bytes, plan: _Plan) -> Other:
    by = ledger.get_message(plan.first.message)
    fates = tuple(
        msgspec.structs.replace(fate, refusals=refusals_told(fate.refusals, by.sender))
        for fate in plan.fates or plan.of_standby
    )
    asked = plan.first.fact.asked if isinstance(plan.first.fact, OrderPlaced) else None
    name = id_text("ord" if plan.is_order else "hld", id_)
    return Other(name, by.sender, by.key, by.kind, fates, asked.reference if asked is not None else "")


class _Reading:
    """The facts of a message, gone through in order. `standbys`: whose they are."""

    def __init__(self, ledger: Ledger, message: int, own: bytes):
        self._ledger, self._message, self._own = ledger, message, own
        self.plans: dict[bytes, _Plan] = {}
        self.standbys: dict[bytes, bytes] = {}

    def note(self, stored: StoredFact) -> None:
        """What a fact comes to for the plans that it is about."""
        match stored.fact:
            case CapacityChanged(resource=resource, moved=moved, lent=lent):
                for id_ in moved:
                    self._add(id_, stored, Fate("cut", resources=(resource,)))
                for id_, until in lent:
                    self._add(id_, stored, Fate("lent", resources=(resource,), until=until))
            case PlanRecalled(hold_id=id_) as gone:
                if gone.by:
                    at = self._find(gone.by, stored).round_at
                    self._add(id_, stored, Fate("recalled", at=at, resources=gone.resources))
                if gone.standby:
                    self._add(id_, stored, Fate("fallback"))
            case LoanFirmed(hold_id=id_, resource=resource):
                self._add(id_, stored, Fate("firm", resources=(resource,)))
            case SpaceLost(hold_id=id_) as lost:
                fate = Fate("case", resources=(lost.resource,), why=lost.owner, refusals=(lost.reason,))
                self._add(id_, stored, fate)
            case _:
                self._note_hold(stored)
                self._note_order(stored)

    def _note_hold(self, stored: StoredFact) -> None:
        """What became of space that was asked for, or held."""
        match stored.fact:
            case PlanHeld(hold_id=id_) as held if not held.standby_of:
                plan = self._find(id_, stored)
                plan.borrowed = tuple(one for one in list_told(held.uses, held.spaces) if one.stands == "borrowed")
                if not plan.is_order:
                    fate = Fate("held", at=plan.round_at, until=held.expires_at, spaces=plan.borrowed)
                    self._add(id_, stored, fate)
                plan.round_at, plan.expires_at = 0, held.expires_at
            case PlanQueued(hold_id=id_, closes_at=closes_at):
                self._add(id_, stored, Fate("waits", until=closes_at))
                self._find(id_, stored).round_at = closes_at
            case PlanWaits(hold_id=id_, closes_at=closes_at) as waits:
                plan = self._find(id_, stored)
                plan.add(Fate("waits", at=plan.round_at, until=closes_at, rounds=1, refusals=(waits.refusal,)))
                plan.round_at = closes_at
            case PlanRefused(hold_id=id_, refusal=refusal):
                plan = self._find(id_, stored)
                if not plan.is_order:  # of an order it is told whether it is planned again or refused
                    plan.add(Fate("refused", at=plan.round_at, refusals=(refusal,)))
            case HoldReleased(hold_id=id_, why=why):
                plan = self._find(id_, stored)
                if why == EXPIRED:
                    self._add(id_, stored, Fate("expired", at=plan.expires_at))
                elif self._own not in (id_, self.standbys.get(id_)):
                    self._add(id_, stored, Fate("free", why=why))
            case PlanLeft(hold_id=id_, why=why) if id_ != self._own:
                self._add(id_, stored, Fate("free", why=why))

    def _note_order(self, stored: StoredFact) -> None:
        """What became of an order."""
        match stored.fact:
            case ShipmentMade(order_id=id_):
                self._add(id_, stored, Fate("booked", spaces=self._find(id_, stored).borrowed))
            case OrderRefused(order_id=id_, reasons=reasons):
                self._add(id_, stored, Fate("refused", refusals=reasons))
            case Replanned(order_id=id_) as new:
                self._add(id_, stored, Fate("moved", resources=(new.departure,), refusals=(new.reason,)))
            case Retimed(order_id=id_) as same:
                self._add(id_, stored, Fate("retimed", resources=(same.departure,)))
            case ReplanFailed(order_id=id_) as stuck:
                fate = Fate("case", resources=(stuck.departure,), why=stuck.owner, refusals=stuck.reasons)
                self._add(id_, stored, fate)

    def _add(self, id_: bytes, stored: StoredFact, fate: Fate) -> None:
        plan = self._find(id_, stored)
        if id_ in self.standbys:
            plan.of_standby = [Fate("standby", resources=fate.resources, why=fate.why or "it has expired")]
        else:
            plan.add(fate)

    def _find(self, id_: bytes, stored: StoredFact) -> _Plan:
        """The plan of an id, as it was before a fact; of a standby, the plan that it is for."""
        of = self.standbys.get(id_, id_)
        if of not in self.plans:
            past = list(self._past(of, stored))
            if isinstance(past[0].fact, PlanHeld) and past[0].fact.standby_of:
                self.standbys[of] = past[0].fact.standby_of
                return self._find(id_, stored)
            self.plans[of] = plan = _Plan(past[0])
            for one in past:
                match one.fact:
                    case PlanQueued(closes_at=closes_at) | PlanWaits(closes_at=closes_at):
                        plan.round_at = closes_at
                    case PlanHeld(expires_at=expires_at):
                        plan.round_at, plan.expires_at = 0, expires_at
        return self.plans[of]

    def _past(self, id_: bytes, stored: StoredFact) -> Iterator[StoredFact]:
        """The facts about a plan before one; that by which it came in any case."""
        for number, one in enumerate(self._ledger.list_facts(about=id_)):
            if number and one.seq >= stored.seq:
                return
            yield one
