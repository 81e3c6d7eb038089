"""A cut by its definition: every booking's place in the order found anew after each move. Slow and obvious."""

from fractions import Fraction

from slow_share import CUT_OFF, FIRM_ALWAYS, Account, Booking


def in_effect(account: Account) -> list[list[int]]:
    """[holder][dimension] guarantees now."""
    return [g if account.in_effect(n, account.now) else [0] * len(g) for n, g in enumerate(account.guarantee)]


def slow_shrink(account: Account, capacity: list[int]) -> list[list[int]]:
    """[holder][dimension] guarantees after a cut."""
    old = [
        account.guarantee[n] if account.in_effect(n, account.now) else [0] * len(capacity)
        for n in range(len(account.above))
    ]
    new = [list(row) for row in old]
    for d, most in enumerate(capacity):

        def total(n: int, d: int = d) -> int:
            return old[n][d] or sum(total(c) for c, above in enumerate(account.above) if above == n)

        def give(n: int, left: int, d: int = d) -> None:
            children = [c for c, above in enumerate(account.above) if above == n]
            wanted = {c: total(c) for c in children}
            exact = {
                c: Fraction(wanted[c] * min(left, sum(wanted.values())), max(1, sum(wanted.values()))) for c in children
            }
            parts = {c: int(exact[c]) for c in children}
            while sum(parts.values()) < min(left, sum(wanted.values())):
                parts[max(children, key=lambda c: (exact[c] - parts[c], -c))] += 1
            for c in children:
                new[c][d] = min(old[c][d], parts[c])
                give(c, parts[c])

        give(0, most)
    return new


def slow_cut(account: Account, capacity: list[int], now: int) -> tuple[list[int], list[tuple[int, int]]]:
    """Tickets that are moved, and those that stand on others' space from now on, with the instant until which."""
    account.bring(now)
    new = slow_shrink(account, capacity)
    old = in_effect(account)
    moved = []
    while short := [d for d, used in enumerate(account.used()) if used > capacity[d]]:
        places = [(place(account, one, i, d, old, new), i) for i, one in enumerate(account.bookings) for d in short]
        _, i = min(one for one in places if one[0] is not None)
        moved.append(account.bookings.pop(i).ticket)
    account.guarantee, account.ceiling[0] = new, list(capacity)
    lent = []
    rank = sorted(enumerate(account.bookings), key=lambda one: (one[1].told, -one[1].priority, -one[0]))
    for _, one in rank:
        if account.eases(one, [account.now] if one.told else None):
            lower(account, one)
            lent.append((one.ticket, one.firm_from))
    account.firm_up()
    return moved, lent


def place(account: Account, one: Booking, at: int, d: int, old: list[list[int]], new: list[list[int]]) -> tuple | None:  # type: ignore[type-arg]
    """A booking's place in the order because of one dimension; None: it is not moved for that."""
    rank = (-one.priority, -at)
    if not one.amounts[d]:
        return None
    if not one.told:
        return (0, 0, rank)
    full = []
    for n in account.path(one.row)[:-1]:
        if old[n][d]:
            used = sum(other.amounts[d] for other in account.bookings if n in account.path(other.row))
            if used <= new[n][d]:
                return None
            full.append(Fraction(used, old[n][d]))
    return (2, -min(full), rank) if full and min(full) <= 1 else (1, 0, rank)


def lower(account: Account, one: Booking) -> None:
    """A booking is firm from the first instant on from which nothing is strained by it; who was firm is the oldest."""
    at = account.bookings.index(one)
    account.bookings.remove(one)
    one.firm_from, layers = FIRM_ALWAYS, account.layers()
    k = len(layers)
    while not strains(account, one, layers[k - 1]):
        k -= 1
    one.firm_from = layers[k] if k < len(layers) else CUT_OFF
    account.bookings.insert(0 if one.told else at, one)
    one.told = False


def strains(account: Account, one: Booking, at: int) -> bool:
    """True if one more booking raises a claim that is above its ceiling with it."""
    before = account.claims(at)
    return any(over + account.ceiling[-n][d] > before[-n][d] for n, d, over in account.above_ceiling(at, one))
