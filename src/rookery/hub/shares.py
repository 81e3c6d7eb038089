"""Who has what of shared capacity, as a ledger has it. Nothing is written."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from rookery.hub.look import Look
from rookery.hub.open import state_of
from rookery.hub.winners import Uses, count_uses
from rookery.journey.account import Account
from rookery.journey.desk import Desk, World
from rookery.journey.standing import Stand, list_stands
from rookery.journey.state import State
from rookery.journey.tally import Loan, amount_at, lent


@dataclass(frozen=True, slots=True)
class HolderPart:
    """What a holder has of a resource in one dimension.

    guarantee  what it is guaranteed, released or not; what those below it have is theirs
    ceiling    the most that it may claim, with those below it; None: it has no limit of its own
    unused     what is kept for it now, and is not used firmly by it or those below it
    firm       what it uses by right; borrowed: what it uses besides
    until      when the last of its loans is firm, at the latest; 0: nothing borrowed, or `forever`
    forever    a loan of it can be recalled at any time: it is not firm by itself at any instant
    released   of the guarantee, what is kept for it no more and is anybody's

    Of an allotment each uses what it uses firmly, and only the holder whose it is has a ceiling: all of it.
    """

    holder: str
    guarantee: int
    ceiling: int | None
    unused: int
    firm: int
    borrowed: int
    until: int = 0
    forever: bool = False
    released: int = 0


@dataclass(frozen=True, slots=True)
class SharedOut:
    """A resource in one dimension, and every holder that is guaranteed or uses some of it.

    used            borrowed or not
    allotted_to     of an allotment: the holder whose it is, with all below it; `*`: the network
    per             of an allotment: all departures of a day or a week, the one of which the name has the first day
    """

    resource: str
    dimension: str
    limit: int
    used: int
    parts: tuple[HolderPart, ...]
    allotted_to: str = ""
    per: Literal["", "day", "week"] = ""


def list_shared(look: Look, world: World, begins: str = "") -> Iterator[SharedOut]:
    """Shared resources and allotments whose names begin so and of which something was ever used, by dimension.

    As of the last message: guarantees that were released by then are kept for nobody.
    Cost  where there are allotments, all bookings are gone through once
    """
    state, now = state_of(look.ledger), look.ledger.last_heard_at()
    uses: Uses | None = None
    for account in look.ledger.list_rows("account"):
        if account.resource.startswith(begins):
            if world.sharing.allotted_to(account.resource):
                uses = uses or count_uses(one for view in ("hold", "booking") for one in look.ledger.list_rows(view))
                yield from allotted_out(account, uses, world)
            elif account.firm is not None:
                yield from shared_out(account, state, Desk(world, now, lambda: b""))


def shared_out(account: Account, state: State, desk: Desk) -> Iterator[SharedOut]:
    """A shared resource in each dimension, as a state has it at an instant."""
    columns, loans = list(account.limits), lent(state).on(account.resource)
    stands: dict[str, list[Stand]] = {}
    for stand in list_stands(state, account.resource, desk):
        stands.setdefault(stand.dimension, []).append(stand)
    for dimension, of_all in stands.items():
        parts = (_part(stand, account, loans, columns.index(dimension)) for stand in of_all)
        has_some = tuple(part for part in parts if part.guarantee or part.firm or part.borrowed)
        used = account.held[dimension] + account.taken[dimension]
        yield SharedOut(account.resource, dimension, account.limits[dimension], used, has_some)


def _part(stand: Stand, account: Account, loans: Iterable[Loan], column: int) -> HolderPart:
    own = [loan for loan in loans if loan.holder == stand.holder and loan.amounts[column]]
    forever = any(not loan.from_at for loan in own)
    return HolderPart(
        holder=stand.holder,
        guarantee=stand.guarantee,
        ceiling=stand.ceiling,
        unused=stand.unused,
        firm=amount_at((account.firm or {}).get(stand.holder, ()), column),
        borrowed=sum(loan.amounts[column] for loan in own),
        until=0 if forever else max((loan.from_at for loan in own), default=0),
        forever=forever,
        released=stand.guarantee - stand.kept,
    )


def allotted_out(account: Account, uses: Uses, world: World) -> Iterator[SharedOut]:
    """An allotment: whose it is first, then who else uses some of it, the most first."""
    row = world.sharing.find_allotment(account.resource.partition(":")[2].rpartition("/")[0])
    assert row is not None, f"{account.resource}: an account of no allotment of the network"
    for dimension, limit in account.limits.items():
        used = uses.get((account.resource, dimension), Counter())
        others = sorted((one for one in used if one != row.holder), key=lambda one: (-used[one], one))
        parts = [HolderPart(row.holder, 0, limit, 0, used[row.holder], 0)]
        parts += [HolderPart(one, 0, None, 0, used[one], 0) for one in others]
        yield SharedOut(account.resource, dimension, limit, sum(used.values()), tuple(parts), row.holder, row.per)
