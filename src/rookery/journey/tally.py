"""The claims on one account as arrays, in step with the rows that they are made of."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from rookery.engines.share.claims import (
    CLOSED,
    LAYER,
    LAYERS,
    NEXT_AT,
    Claims,
    open_accounts,
    renew,
    restate,
)  # fmt: skip
from rookery.engines.share.decide import (
    BINDING,
    ROW,
    Requests,
    Standing,
    decide,
    freshen,
    make_outcomes,
    restore,
    shift,
    test,
)  # fmt: skip
from rookery.engines.share.holders import NEVER, NONE
from rookery.engines.share.loans import EVENTS, FIRMED, RECALLED, WHAT, WHOSE, Loans, make_loans
from rookery.engines.share.reasons import find_firm_at
from rookery.journey.account import Account, Amounts
from rookery.journey.desk import Desk
from rookery.journey.follower import Follower
from rookery.journey.sharing import ShareTerms
from rookery.journey.state import Key, State, Table, ViewRow

Longs = NDArray[np.int64]
KEPT_MAX = 20_000  # tallies at a time, some 5 kB each; with more all are made anew as they are asked for


class Loan(ViewRow, frozen=True):
    """A use that stands on space which others are guaranteed. Gone once it is firm, recalled or given back.

    loan     resource#hold
    amounts  in the order of the account's limits
    from_at  until then it can be recalled; from then on it is firm. 0: it never is by itself
    age      lower is older: the oldest is the first to become firm
    """

    loan: str
    resource: str
    hold_id: bytes
    holder: str
    amounts: tuple[int, ...]
    from_at: int
    priority: int
    lender: str
    age: int


def loan_name(resource: str, hold_id: bytes) -> str:
    """The name of a loan."""
    return f"{resource}#{hold_id.hex()}"


class Lent:
    """All loans by resource, in step with their table; `changes`: how often those of a resource have changed."""

    def __init__(self, table: Table[Loan]):
        self._follower = Follower(table)
        self.loans: dict[str, dict[Key, Loan]] = {}
        self.changes: dict[str, int] = {}

    def follow(self) -> "Lent":
        """As the table now is."""
        keys = self._follower.changed()
        if keys is None:
            keys = [loan.loan for loan in self._follower.table]
            self.loans = {}
            self.changes = {resource: count + 1 for resource, count in self.changes.items()}
        for key in keys:
            self._note(key)
        return self

    def on(self, resource: str) -> list[Loan]:
        """Those of a resource, the oldest first."""
        return sorted(self.loans.get(resource, {}).values(), key=lambda loan: (loan.age, loan.loan))

    def _note(self, key: Key) -> None:
        resource, row = str(key).rpartition("#")[0], self._follower.table.find(key)
        of_one = self.loans.setdefault(resource, {})
        self.changes[resource] = self.changes.get(resource, 0) + 1
        if row is not None:
            of_one[key] = row
        else:
            of_one.pop(key, None)
            if not of_one:
                del self.loans[resource]


def lent_amounts(lent: Lent, account: Account) -> Amounts:
    """What of an account is lent, by dimension."""
    loans = lent.loans.get(account.resource, {}).values()
    return {d: sum(loan.amounts[n] for loan in loans) for n, d in enumerate(account.limits)}


def lent(state: State) -> Lent:
    """The loans of a state by resource."""
    return state.derive(Lent, lambda: Lent(state[Loan])).follow()


class Tally:
    """The claims on one account, and the rows that they were made of."""

    __slots__ = (
        "_columns", "_empty", "_kept", "_now", "_row", "_unused", "_version", "claims", "resource", "terms", "told",
    )  # fmt: skip

    def __init__(self, resource: str, terms: ShareTerms, limits: Amounts):
        self.resource, self.terms = resource, terms
        self._columns = [list(limits).index(dimension) for dimension in terms.dimensions]
        capacity = np.array([[limits[dimension] for dimension in terms.dimensions]], np.int64)
        self._empty = open_accounts([terms.tree], capacity)
        self._kept = capacity[0] - self._empty.ceiling[0]
        self.claims: Claims = _copied(self._empty)
        self._row: Account | None = None
        self._version, self._now = 0, 0
        self.told = np.zeros(6, np.int64)
        self._unused: tuple[object, int, Claims] | None = None

    def amounts(self, amounts: Amounts, aside: Amounts | None = None) -> Longs:
        """[dimensions] an amount as the arrays have it, at least 0."""
        more = [amounts.get(d, 0) + (aside.get(d, 0) if aside else 0) for d in self.terms.dimensions]
        return np.array([max(0, amount) for amount in more], np.int64)

    def row_of(self, amounts: tuple[int, ...]) -> Longs:
        """[dimensions] amounts in the order of the account's limits, as the arrays have them."""
        return np.array([amount_at(amounts, column) for column in self._columns], np.int64)

    def most(self, limits: Amounts) -> Longs:
        """[dimensions] what may be claimed in all under other limits: as much is kept from everybody as before."""
        capacity: Longs = np.array([limits[d] for d in self.terms.dimensions], np.int64) - self._kept
        return capacity.clip(min=0)

    def stated(self, claims: Claims, names: tuple[str, ...], dimension_count: int) -> dict[str, tuple[int, ...]]:
        """What holders are guaranteed by these claims, as an account has it."""
        found = {}
        for name, amounts in zip(names, claims.stated.tolist(), strict=True):
            if any(amounts):
                row = [0] * dimension_count
                for column, amount in zip(self._columns, amounts, strict=True):
                    row[column] = amount
                found[name] = tuple(row)
        return found

    def is_strained(self) -> bool:
        """True if more is used than there is, or claimed than may be, now or later on."""
        now = self.claims.accounts[0, LAYER]
        claimed = np.maximum(self.claims.guarantee, self.claims.below)[:, now:]
        return bool(
            (claimed > self.claims.ceiling[:, None]).any() or (self.claims.used[0] > self.claims.ceiling[0]).any()
        )

    def begins(self, layer: int) -> int:
        """When a layer begins; 0: never."""
        return self.instant(int(self.claims.begins[0, layer]) if layer < self.claims.accounts[0, LAYERS] else NEVER)

    @staticmethod
    def instant(at: int) -> int:
        """An instant as rows have it: 0 is never."""
        return 0 if at >= NEVER else at

    # --- in step

    def follow(self, row: Account | None, lent: Lent, rows: dict[str, int], now: int) -> None:
        """Bring the claims to the account's row, its loans, and an instant."""
        version = lent.changes.get(self.resource, 0)
        if self._row is not row or self._version != version or now < self._now:
            was = self._row
            if was is None or row is None or version != self._version or now < self._now or _differ(was, row):
                self.claims, _ = self.made(row, lent.on(self.resource), rows, now)
            else:
                self._shift(was.firm or {}, row.firm or {}, rows)
            self._row, self._version = row, version
        self._now = now
        if now >= self.claims.accounts[0, NEXT_AT]:
            renew(self.claims, 0, now)

    def _shift(self, was: dict[str, tuple[int, ...]], firm: dict[str, tuple[int, ...]], rows: dict[str, int]) -> None:
        for holder in firm if firm.keys() >= was.keys() else was | firm:
            old, new = was.get(holder, ()), firm.get(holder, ())
            if old is not new and old != new:
                more = np.array([amount_at(new, c) - amount_at(old, c) for c in self._columns], np.int64)
                shift(self.claims, rows.get(holder, 0), np.maximum(more, 0), np.maximum(-more, 0))

    def made(self, row: Account | None, loans: list[Loan], rows: dict[str, int], now: int) -> tuple[Claims, Loans]:
        """Claims and loans of these rows; a loan's ticket is its place among them."""
        claims = _copied(self._empty)
        if row is not None and row.guarantee is not None:
            self._restate(claims, row, rows, now)
        else:
            renew(claims, 0, now)
        room = make_loans(claims, len(loans) + 2)
        if row is None:
            return claims, room
        claims.accounts[0, CLOSED] = row.closed
        firm = [(0, rows.get(holder, 0), 0, 0, -1) for holder in row.firm or {}]
        lent = [
            (0, rows.get(one.holder, 0), self.layer(claims, one.from_at), one.priority, ticket)
            for ticket, one in enumerate(loans)
        ]
        amounts = [
            [amount_at(a, c) for c in self._columns] for a in (*(row.firm or {}).values(), *(o.amounts for o in loans))
        ]
        if amounts:
            restore(claims, room, Standing(np.array(firm + lent, np.int64), np.array(amounts, np.int64)))
        return claims, room

    def fits_alone(self, row: Account | None, requests: Requests, rows: dict[str, int], now: int) -> NDArray[np.bool_]:
        """[requests] which of them would fit by claim if nobody used anything, at an instant not before that of now."""
        claims = self._made_unused(row, rows, now)
        told = np.zeros((len(requests.table), 6), np.int64)
        for one, asked, amounts in zip(told, requests.table, requests.amounts, strict=True):
            test(claims, asked[ROW], amounts, 0, one)
        fits: NDArray[np.bool_] = told[:, BINDING] == NONE
        return fits

    def _made_unused(self, row: Account | None, rows: dict[str, int], now: int) -> Claims:
        """Claims when nobody uses anything. Those made last are kept: all plans of a round ask for the same."""
        of = None if row is None else (row.limits, row.guarantee, row.closed)
        if self._unused is None or self._unused[:2] != (of, now):
            unused = None if row is None else msgspec.structs.replace(row, firm={})
            self._unused = (of, now, self.made(unused, [], rows, now)[0])
        return self._unused[2]

    def _restate(self, claims: Claims, row: Account, rows: dict[str, int], now: int) -> None:
        stated = np.zeros_like(claims.stated)
        for holder, amounts in (row.guarantee or {}).items():
            if holder in rows:
                stated[rows[holder]] = [amount_at(amounts, c) for c in self._columns]
        restate(claims, 0, stated, self.most(row.limits), now)

    @staticmethod
    def layer(claims: Claims, from_at: int) -> int:
        """The layer in which a loan is firm from an instant on, as rows have it; the one after the last: never."""
        layers = int(claims.accounts[0, LAYERS])
        return next((k for k in range(layers) if claims.begins[0, k] >= from_at), layers) if from_at else layers


def _differ(one: Account, other: Account) -> bool:
    """True if more than what is firmly used differs."""
    return one.limits != other.limits or one.guarantee != other.guarantee or one.closed != other.closed


def amount_at(amounts: tuple[int, ...], column: int) -> int:
    """One of the amounts of a holder; none of whoever has none."""
    return amounts[column] if amounts else 0


def _copied(claims: Claims) -> Claims:
    return Claims(*(part.copy() for part in claims))


def find_tally(state: State, resource: str, account: Account | None, limits: Amounts, desk: Desk) -> Tally | None:
    """The claims on a resource as they are now; None: nobody shares it.

    A resource is shared from its first use on or not at all: what its account says counts.
    """
    if account is not None and account.firm is None:
        return None
    known = state.derive(Tally, dict[str, Tally | None])
    if resource not in known:
        if len(known) >= KEPT_MAX:
            known.clear()
        known[resource] = _open(resource, limits if account is None else desk.world.limits_of(resource), desk)
    tally = known[resource]
    if tally is not None:
        tally.follow(account, lent(state), desk.world.sharing.rows, desk.now)
    assert tally is not None or account is None, f"{resource}: its account is shared, and the policy has no terms"
    return tally


def _open(resource: str, limits: Amounts, desk: Desk) -> Tally | None:
    terms = desk.world.sharing.find_terms(resource, limits)
    return None if terms is None else Tally(resource, terms, limits)


def find_recalled(state: State, tally: Tally, n: int, amounts: Longs, *, priority: int, desk: Desk) -> list[Loan]:
    """The loans that have to make way for a request that is firm, in that order."""
    loans = lent(state).on(tally.resource)
    claims, room = tally.made(state[Account].find(tally.resource), loans, desk.world.sharing.rows, desk.now)
    asked = Requests(np.array([[0, n, desk.now, 0, priority, len(loans)]], np.int64), amounts[None])
    decide(claims, room, asked, make_outcomes(1), 0)
    return [loans[ticket] for ticket in _events(room, RECALLED)]


def find_firm(state: State, resource: str, desk: Desk) -> list[Loan]:
    """The loans of a resource that are firm now: their instant has come, or they fit by claim; in that order."""
    loans, account = lent(state).on(resource), state[Account].find(resource)
    tally = find_tally(state, resource, account, {}, desk) if loans else None
    if tally is None:
        return []
    claims, room = tally.made(account, loans, desk.world.sharing.rows, desk.now)
    freshen(claims, room, 0, desk.now)
    return [loans[ticket] for ticket in _events(room, FIRMED)]


def find_when_firm(state: State, tally: Tally, n: int, amounts: Longs, desk: Desk) -> int:
    """From when on a request that is not firm now would be, if nothing else happens; or NEVER."""
    released_at = int(tally.claims.accounts[0, NEXT_AT])
    if released_at >= NEVER or (amounts > tally.claims.ceiling[0]).any():
        return NEVER
    claims, room, loans = tally.claims, make_loans(tally.claims, 0), lent(state).on(tally.resource)
    if loans:
        claims, room = tally.made(state[Account].find(tally.resource), loans, desk.world.sharing.rows, desk.now)
    return find_firm_at(claims, room, 0, n, amounts, released_at)


def _events(room: Loans, what: int) -> list[int]:
    told = room.events[: room.counters[EVENTS]]
    tickets: list[int] = told[told[:, WHAT] == what, WHOSE].tolist()
    return tickets
