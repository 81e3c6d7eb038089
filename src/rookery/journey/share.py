"""Whose space it is: guarantees, ceilings, lending and recall, on top of accounts. Stock and space alike.

    firm       no claim on its holder's way up is above its ceiling (`engines/share/claims.py`); nobody takes it away
    borrowed   it fits, but not by claim: a loan, that can be recalled until its instant, and is firm from then on
    refused    it does not fit, with the limit that binds and the numbers

What is firm stands in the account, holder by holder; a loan is a row of its own. Claims are arrays made of both:
nothing is in them that is not in the rows, so that they can be made again, or follow the rows back when a group of
messages is undone.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
import numpy as np

from rookery.engines.share.decide import BORROWED, CODE, FIRM, FROM, FULL, LENDER, SHUT, climb, test
from rookery.engines.share.holders import NEVER, NONE
from rookery.engines.share.reasons import explain
from rookery.journey.account import Account, Amounts, Use, closed, find_lack, short
from rookery.journey.desk import Desk
from rookery.journey.network.rows import ANY
from rookery.journey.sharing import PRIORITY
from rookery.journey.state import KeptSpace, Lack, Refusal, State
from rookery.journey.tally import (
    Loan,
    Longs,
    Tally,
    find_firm,
    find_recalled,
    find_tally,
    find_when_firm,
    lent,
    loan_name,
)  # fmt: skip
from rookery.units import MICRO, exponent, instant_text

FOREVER = NEVER  # of a loan that can be recalled as long as it stands
PER = 1_000  # a bid price is for so many units of its dimension
FINE_MAX = 8_192  # uses that are known to be simply firm, one of each resource
_FINE = "simply firm"


class Claimant(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Who asks for space, and how it may be served.

    holder       on whose terms; `*`: the network's own
    priority     lower goes first
    borrows      space that others lend will do, too
    value_minor  what it is worth, in the network's currency: it has to reach the bid prices of what is left over
    company      who asked for it without an order, and alone may take, change or release it; blank: an order's
    """

    holder: str = ANY
    priority: int = PRIORITY
    borrows: bool = False
    value_minor: int = 0
    company: str = ""


OWN = Claimant()  # the network's own


class Space(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How a use stands where it is not simply firm at its own holder.

    holder   where it counts: the claimant's, or the one that gives for good
    from_at  0: firm; else a loan, that can be recalled until then; FOREVER: as long as it stands
    lender   whose unused guarantee it stands on; blank: nobody's in particular
    """

    resource: str
    holder: str
    from_at: int = 0
    lender: str = ""


class FirmUp(msgspec.Struct, frozen=True):
    """Ask: loans of these that fit by claim now, since something became free, are firm."""

    resources: tuple[str, ...]


class LoanFirmed(msgspec.Struct, frozen=True):
    """A loan can be recalled no more: its instant has come, or it fits by claim; the oldest first."""

    hold_id: bytes
    resource: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a use that is asked for.

    refusal    None: it can be had
    space      None: simply firm, or a resource that nobody shares
    recalled   loans that have to make way
    bid_minor  what bid prices ask for the part that is left over
    """

    refusal: Refusal | None = None
    space: Space | None = None
    recalled: tuple[Loan, ...] = ()
    bid_minor: int = 0


_SIMPLY = Verdict()


def judge(state: State, use: Use, limits: Amounts, by: Claimant, desk: Desk, aside: Amounts | None = None) -> Verdict:
    """What would become of a use; nothing is changed.

    limits  of the resource, if it was never used
    aside   what the same claimant takes of it besides; what it gives back is below 0
    """
    account = state[Account].find(use.resource)
    if aside:
        return _judge(state, use, limits, by, desk, account, aside)
    asked = (lent(state).changes.get(use.resource, 0), desk.now, by, use.amounts)
    fine: dict[str, tuple[Account | None, tuple[int, int, Claimant, Amounts]]] = state.derive(_FINE, dict)
    last = fine.get(use.resource)
    if last is not None and last[0] is account and last[1] == asked:
        return _SIMPLY
    verdict = _judge(state, use, limits, by, desk, account, None)
    if verdict == _SIMPLY:  # a plan is judged when it is looked for, and again when it is held
        if len(fine) >= FINE_MAX:
            fine.clear()
        fine[use.resource] = account, asked
    return verdict


def _judge(
    state: State, use: Use, limits: Amounts, by: Claimant, desk: Desk, account: Account | None, aside: Amounts | None
) -> Verdict:
    """As `judge`; `account`: that of the resource."""
    tally = find_tally(state, use.resource, account, limits, desk)
    if tally is None:
        return Verdict(_with_holder(find_lack(account, limits, use, aside), desk))
    if account is not None and account.closed:
        return Verdict(closed(use.resource))
    others = {d: a for d, a in use.amounts.items() if d not in tally.terms.dimensions}
    lack = find_lack(account, limits, Use(use.resource, others), aside) if others else None  # shared by nobody
    if lack is not None:
        return Verdict(lack)
    n = desk.world.sharing.rows.get(by.holder, 0)
    amounts = tally.amounts(use.amounts, aside)
    strained = test(tally.claims, n, amounts, int(by.borrows), tally.told)
    told = tally.told.tolist()
    code, first, lender = told[CODE], told[FROM], told[LENDER]
    names = desk.world.sharing.names
    if code == FIRM:
        space = None if lender == NONE else Space(use.resource, names[lender])
        at = n if lender == NONE else lender
        out = find_recalled(state, tally, n, amounts, priority=by.priority, desk=desk) if strained else []
        return Verdict(None, space, tuple(out), _bid(tally, at, amounts, desk))
    if code == BORROWED:
        named = names[lender] if lender != NONE else ""
        space = Space(use.resource, by.holder, tally.begins(first) or FOREVER, named)
        return Verdict(None, space, (), _bid(tally, n, amounts, desk))
    if code == SHUT:
        return Verdict(closed(use.resource))
    if code == FULL:
        return Verdict(_overfull(tally, amounts))
    return Verdict(_refused(state, tally, n, amounts, by, desk))


def _with_holder(refusal: Refusal | None, desk: Desk) -> Refusal | None:
    """A refusal of an allotment says so, and names whose that is."""
    holder = desk.world.sharing.allotted_to(refusal.thing) if refusal is not None else ""
    if refusal is None or refusal.lack is None or not holder:
        return refusal
    limit = refusal.lack.limit if refusal.code == "closed" else "allotment"
    return msgspec.structs.replace(refusal, lack=msgspec.structs.replace(refusal.lack, limit=limit, at=holder))


def find_bid_lack(uses: list[tuple[str, Verdict]], by: Claimant) -> Refusal | None:
    """Why a plan is not worth the bid prices of what it takes of the left-over, or None."""
    bid = sum(verdict.bid_minor for _, verdict in uses)
    if bid <= by.value_minor:
        return None
    resource, _ = max(uses, key=lambda one: one[1].bid_minor)
    lack = Lack(resource, "bid_price", by=by.holder, asked=by.value_minor, ceiling=bid)
    wanted, found = f"a value of {bid} minor units, the bid price of what is left over", str(by.value_minor)
    return Refusal("bid_price", resource, wanted, found, "pay more, or ask for another day", resource, lack)


def _bid(tally: Tally, n: int, amounts: Longs, desk: Desk) -> int:
    bids = desk.world.sharing.bids(tally.resource)
    if not bids:
        return 0
    raised = np.zeros_like(amounts)
    climb(tally.claims, n, amounts, raised)
    unit = 10 ** exponent(desk.world.prices.currency)
    prices = zip(tally.terms.dimensions, raised.tolist(), strict=True)
    return sum(-(-more * bids.get(dimension, 0) * unit // (PER * MICRO)) for dimension, more in prices)


def _overfull(tally: Tally, amounts: Longs) -> Refusal:
    """The refusal of whatever is asked where more is used than there is, since a cut."""
    used, ceiling = tally.claims.used[0], tally.claims.ceiling[0]
    over = np.flatnonzero(used > ceiling).tolist()
    d = max(over, key=lambda d: bool(amounts[d]))  # one that is asked for, if there is one
    limit, asked = int(ceiling[d]), int(amounts[d])
    return short(tally.resource, tally.terms.dimensions[d], asked, left=limit - int(used[d]), limit=limit)


def _refused(state: State, tally: Tally, n: int, amounts: Longs, by: Claimant, desk: Desk) -> Refusal:
    """The refusal of what is neither firm nor borrowed: the limit that binds when all that it could recall is gone."""
    reasons = explain(tally.claims, 0, n, amounts, desk.now, borrows=by.borrows)
    names, binding = desk.world.sharing.names, reasons.tightest
    assert binding is not None, "what can be had is not refused"
    dimension, most = tally.terms.dimensions[binding.dimension], reasons.most[binding.dimension]
    lack = Lack(
        resource=tally.resource,
        limit="ceiling" if binding.row else "claim" if reasons.unused else "capacity",
        dimension=dimension,
        by=by.holder,
        at=names[binding.row],
        asked=int(amounts[binding.dimension]),
        most=most,
        claim=binding.raised,
        ceiling=binding.ceiling,
        kept=tuple(KeptSpace(names[one.row], one.amount, tally.instant(one.release_at)) for one in reasons.unused),
        firm_at=tally.instant(find_when_firm(state, tally, n, amounts, desk)),
    )
    return _in_words(lack)


def _in_words(lack: Lack) -> Refusal:
    """A refusal that names nobody but the claimant and those above it."""
    wanted, own = f"{lack.asked} {lack.dimension}", lack.asked - (lack.claim - lack.ceiling)
    when = f"; free for all from {instant_text(lack.firm_at)}" if lack.firm_at else ""
    if lack.most > max(own, 0):
        found = f"{lack.most} that another holder gives away{when}"
    elif lack.limit == "ceiling":
        found = f"{lack.most} left under the most of {lack.ceiling} that {lack.at} may claim"
    elif lack.limit == "capacity":
        found = f"{lack.most} of {lack.ceiling} left{when}"
    else:
        used = lack.claim - lack.asked - sum(one.amount for one in lack.kept)
        rest = "kept" if used + lack.asked <= lack.ceiling else "used, or kept"
        found = f"{lack.most} free by claim: the rest is {rest} for other holders{when}"
    todo = "ask for another day" if not lack.firm_at else "wait until it is released, or ask for another day"
    if lack.asked > lack.ceiling:
        todo = "ask for less: this is all there ever is"
    return Refusal("short", lack.resource, wanted, found, todo, lack.resource, lack)


def firm_up(state: State, ask: FirmUp, desk: Desk) -> list[LoanFirmed]:
    """Make loans firm where something became free. Emits LoanFirmed."""
    found = (loan for resource in ask.resources for loan in find_firm(state, resource, desk))
    return [LoanFirmed(loan.hold_id, loan.resource) for loan in found]


def lent_until(state: State, spaces: Iterable[Space], hold_id: bytes) -> int:
    """Until when something of a plan can be recalled, as known now: a cut may have changed it since. 0: nothing can."""
    loans = (state[Loan].find(loan_name(space.resource, hold_id)) for space in spaces if space.from_at)
    return max((loan.from_at or FOREVER for loan in loans if loan is not None), default=0)


def with_loans(state: State, resources: Iterable[str]) -> tuple[str, ...]:
    """Those of some resources on which something is lent, each once."""
    loans = lent(state).loans
    return tuple(dict.fromkeys(resource for resource in resources if resource in loans)) if loans else ()


# --- folding: what is used by right, and what is borrowed


def take_up(state: State, account: Account, hold_id: bytes, use: Use, by: Claimant, space: Space | None) -> Account:
    """A use of a shared account counts from now on: at its holder, or as a loan."""
    amounts = tuple(use.amounts.get(dimension, 0) for dimension in account.limits)
    if space is None or not space.from_at:
        return _counted(account, space.holder if space is not None else by.holder, amounts, 1)
    age = 1 + max((loan.age for loan in lent(state).loans.get(use.resource, {}).values()), default=0)
    name, from_at = loan_name(use.resource, hold_id), 0 if space.from_at == FOREVER else space.from_at
    state[Loan].new(Loan(name, use.resource, hold_id, by.holder, amounts, from_at, by.priority, space.lender, age))
    return account


def raise_use(state: State, account: Account, hold_id: bytes, use: Use, by: Claimant, space: Space | None) -> Account:
    """A use of a shared account that counts already has grown by so much."""
    amounts = tuple(use.amounts.get(dimension, 0) for dimension in account.limits)
    loan = state[Loan].find(loan_name(use.resource, hold_id))
    if loan is None:
        return _counted(account, space.holder if space is not None else by.holder, amounts, 1)
    more = tuple(was + more for was, more in zip(loan.amounts, amounts, strict=True))
    state[Loan].put(msgspec.structs.replace(loan, amounts=more))
    return account


def put_back(state: State, account: Account, hold_id: bytes, use: Use, by: Claimant, space: Space | None) -> Account:
    """A use of a shared account, or a part of it, counts no more."""
    amounts = tuple(use.amounts.get(dimension, 0) for dimension in account.limits)
    loan = state[Loan].find(loan_name(use.resource, hold_id))
    if loan is None:
        return _counted(account, space.holder if space is not None else by.holder, amounts, -1)
    left = tuple(was - less for was, less in zip(loan.amounts, amounts, strict=True))
    if any(left):
        state[Loan].put(msgspec.structs.replace(loan, amounts=left))
    else:
        state[Loan].drop(loan.loan)
    return account


def _counted(account: Account, holder: str, amounts: tuple[int, ...], sign: int) -> Account:
    """The account with so much more, or less, firmly used by a holder."""
    assert account.firm is not None
    was = account.firm.get(holder, (0,) * len(amounts))  # goods of which no weight is told use nothing, and have no row
    now = tuple(a + sign * b for a, b in zip(was, amounts, strict=True))
    assert min(now, default=0) >= 0, f"{account.resource}: {holder} below zero"
    firm = {**account.firm, holder: now}
    if not any(now):
        del firm[holder]
    return msgspec.structs.replace(account, firm=firm)


def firmed(state: State, fact: LoanFirmed) -> None:
    """Fold LoanFirmed."""
    loan = state[Loan].get(loan_name(fact.resource, fact.hold_id))
    state[Loan].drop(loan.loan)
    state[Account].put(_counted(state[Account].get(loan.resource), loan.holder, loan.amounts, 1))
