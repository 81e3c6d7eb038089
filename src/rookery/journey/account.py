"""A limited thing: stock in a place, space on a dated leg, orders a warehouse ships in a day. One law for all.

    room = limit - held - taken        per dimension, and never below zero by a hold

What is held is promised to somebody until it expires; what is taken is used. Nothing is ever used twice.
"""

import msgspec

from rookery.journey.state import Refusal, State, ViewRow

Amounts = dict[str, int]  # dimension -> amount, every amount >= 0


class Account(ViewRow, frozen=True):
    """One limited thing. `resource` is its name, such as `departure:HKG-LGG.air.1/2026-11-23/1`.

    closed  nothing more may be held on it; what stands on it may only leave
    """

    resource: str
    limits: Amounts
    held: Amounts
    taken: Amounts
    closed: bool = False


class Use(msgspec.Struct, frozen=True, gc=False):
    """An amount of one resource."""

    resource: str
    amounts: Amounts


class AccountOpened(msgspec.Struct, frozen=True):
    """A resource is used for the first time; from now on its limits stand in the ledger."""

    resource: str
    limits: Amounts


def opened(state: State, fact: AccountOpened) -> None:
    """Fold AccountOpened."""
    zeros = dict.fromkeys(fact.limits, 0)
    state[Account].new(Account(resource=fact.resource, limits=fact.limits, held=zeros, taken=zeros))


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
        return Refusal("closed", use.resource, "an open one", "closed", "ask for another day", use.resource)
    for dimension, amount in use.amounts.items():
        if dimension not in limits:
            continue
        left = limits[dimension] if account is None else room(account, dimension)
        left -= aside.get(dimension, 0) if aside else 0
        if amount > left:
            return Refusal(
                code="short",
                thing=use.resource,
                wanted=f"{amount} {dimension}",
                found=f"{left} of {limits[dimension]} left",
                todo="ask for another day"
                if amount <= limits[dimension]
                else "ask for less: this is all there ever is",
                binding=use.resource,
            )
    return None


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
        resource=account.resource, limits=account.limits, held=new_held, taken=new_taken, closed=account.closed
    )
