"""A limited thing: stock in a place, space on a dated leg, orders a warehouse ships in a day. One law for all.

    room = limit - held - taken        per dimension, and never below zero by a hold

What is held is promised to somebody until it expires; what is taken is used. Nothing is ever used twice.
"""

from collections.abc import Iterable

import msgspec

from rookery.journey.state import Lack, Refusal, State, ViewRow

Amounts = dict[str, int]  # dimension -> amount, every amount >= 0


class Account(ViewRow, frozen=True):
    """One limited thing. `resource` is its name, such as `departure:HKG-LGG.air.1/2026-11-23/1`.

    closed     nothing more may be held on it; what stands on it may only leave
    firm       what each holder uses by right, dimension by dimension in the order of the limits; what it borrows is a
               loan. None: nobody shares it (`share.py`)
    guarantee  what each holder has been guaranteed since a cut, likewise; None: what the policy says
    """

    resource: str
    limits: Amounts
    held: Amounts
    taken: Amounts
    closed: bool = False
    firm: dict[str, tuple[int, ...]] | None = None
    guarantee: dict[str, tuple[int, ...]] | None = None


class Use(msgspec.Struct, frozen=True, gc=False):
    """An amount of one resource."""

    resource: str
    amounts: Amounts


def summed(uses: Iterable[Use]) -> tuple[Use, ...]:
    """Each resource once, with all that is taken of it."""
    total: dict[str, Amounts] = {}
    for use in uses:
        sums = total.setdefault(use.resource, {})
        for dimension, amount in use.amounts.items():
            sums[dimension] = sums.get(dimension, 0) + amount
    return tuple(Use(resource, amounts) for resource, amounts in total.items())


def negative(uses: Iterable[Use]) -> tuple[Use, ...]:
    """What is given back: the amounts below 0."""
    return tuple(Use(use.resource, {d: -amount for d, amount in use.amounts.items()}) for use in uses)


class AccountOpened(msgspec.Struct, frozen=True, omit_defaults=True):
    """A resource is used for the first time; from now on its limits stand in the ledger. `shared`: among holders."""

    resource: str
    limits: Amounts
    shared: bool = False


def opened(state: State, fact: AccountOpened) -> None:
    """Fold AccountOpened."""
    zeros = dict.fromkeys(fact.limits, 0)
    firm: dict[str, tuple[int, ...]] | None = {} if fact.shared else None
    state[Account].new(Account(resource=fact.resource, limits=fact.limits, held=zeros, taken=zeros, firm=firm))


def set_closed(state: State, resources: tuple[str, ...], *, closed: bool) -> None:
    """Close accounts, or open them again."""
    for resource in resources:
        state[Account].put(msgspec.structs.replace(state[Account].get(resource), closed=closed))


def room(account: Account, dimension: str) -> int:
    """What is left of a dimension."""
    return account.limits[dimension] - account.held[dimension] - account.taken[dimension]


def find_lack(account: Account | None, limits: Amounts, use: Use, aside: Amounts | None = None) -> Refusal | None:
    """Why an amount does not fit, or None if the account is open and it fits in every dimension that is limited.

    account  None: never used, everything in `limits` is free
    aside    what is not free either, though it stands in no account yet
    """
    if account is not None and account.closed:
        return closed(use.resource)
    for dimension, amount in use.amounts.items():
        if dimension not in limits:
            continue
        left = limits[dimension] if account is None else room(account, dimension)
        left -= aside.get(dimension, 0) if aside else 0
        if amount > left:
            return short(use.resource, dimension, amount, left=left, limit=limits[dimension])
    return None


def closed(resource: str) -> Refusal:
    """The refusal of what is closed."""
    lack = Lack(resource, "closed")
    return Refusal("closed", resource, "an open one", "closed", "ask for another day", resource, lack)


def short(resource: str, dimension: str, amount: int, *, left: int, limit: int) -> Refusal:
    """The refusal of what is not there: it is used."""
    todo = "ask for another day" if amount <= limit else "ask for less: this is all there ever is"
    lack = Lack(resource, "capacity", dimension, asked=amount, most=max(left, 0), claim=limit - left + amount,
                ceiling=limit)  # fmt: skip
    return Refusal("short", resource, f"{amount} {dimension}", f"{left} of {limit} left", todo, resource, lack)


def moved(account: Account, amounts: Amounts, *, held: int, taken: int) -> Account:
    """The account after `amounts` moved: `held` and `taken` are -1, 0 or 1 times the amounts.

    Laws: nothing goes below zero; nothing comes upon a closed account. Dimensions without a limit are not counted.
    """
    assert not (account.closed and held + taken > 0), f"{account.resource}: closed"
    new_held, new_taken = dict(account.held), dict(account.taken)
    for dimension, amount in amounts.items():
        if dimension in account.limits:
            new_held[dimension] += held * amount
            new_taken[dimension] += taken * amount
            assert new_held[dimension] >= 0 and new_taken[dimension] >= 0, f"{account.resource}: {dimension} below zero"
    return Account(
        account.resource, account.limits, new_held, new_taken, account.closed, account.firm, account.guarantee
    )
