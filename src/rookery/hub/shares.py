"""Who has what of shared capacity, as a ledger has it. Nothing is written."""

from collections.abc import Iterator
from dataclasses import dataclass

from rookery.hub.look import Look
from rookery.journey.account import Account
from rookery.journey.desk import World
from rookery.journey.tally import Loan, amount_at


@dataclass(frozen=True, slots=True)
class HolderPart:
    """What a holder has of a resource in one dimension.

    guarantee  what it is guaranteed, released or not; what those below it have is theirs
    firm       what it uses by right; borrowed: what it uses besides, until `until` at the latest; 0: nothing
    """

    holder: str
    guarantee: int
    firm: int
    borrowed: int
    until: int


@dataclass(frozen=True, slots=True)
class SharedOut:
    """A resource in one dimension, and every holder that is guaranteed or uses some of it. `used`: borrowed or not."""

    resource: str
    dimension: str
    limit: int
    used: int
    parts: tuple[HolderPart, ...]


def list_shared(look: Look, world: World, begins: str = "") -> Iterator[SharedOut]:
    """Shared resources whose names begin so and of which something was ever used, dimension by dimension."""
    loans: dict[str, list[Loan]] = {}
    for loan in look.ledger.list_rows("loan"):
        loans.setdefault(loan.resource, []).append(loan)
    for account in look.ledger.list_rows("account"):
        if account.firm is not None and account.resource.startswith(begins):
            yield from _shared_out(account, loans.get(account.resource, []), world)


def _shared_out(account: Account, loans: list[Loan], world: World) -> Iterator[SharedOut]:
    terms = world.sharing.find_terms(account.resource, world.limits_of(account.resource))
    columns = list(account.limits)
    for d, dimension in enumerate(terms.dimensions if terms is not None else ()):
        assert terms is not None
        column, parts = columns.index(dimension), []
        for row, holder in enumerate(world.sharing.names):
            own = [loan for loan in loans if loan.holder == holder]
            cut = account.guarantee
            stated = int(terms.tree.guarantee[row, d]) if cut is None else amount_at(cut.get(holder, ()), column)
            part = HolderPart(
                holder=holder,
                guarantee=max(stated, 0),
                firm=amount_at((account.firm or {}).get(holder, ()), column),
                borrowed=sum(loan.amounts[column] for loan in own),
                until=max((loan.from_at for loan in own), default=0),
            )
            if part.guarantee or part.firm or part.borrowed:
                parts.append(part)
        used = account.held[dimension] + account.taken[dimension]
        yield SharedOut(account.resource, dimension, account.limits[dimension], used, tuple(parts))
