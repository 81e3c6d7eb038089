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
    moved: list[int] = []
    aims: dict[int, dict[tuple[str, int], Fraction]] = {}
    while short := [d for d, used in enumerate(account.used()) if used > capacity[d]]:
        places = [
            (place(account, one, i, d, (old, new), aims.get(d)), i)
            for i, one in enumerate(account.bookings)
            for d in short
        ]
        found, i = min(one for one in places if one[0] is not None)
        if found[0] == 3 and not all(d in aims for d in short):
            aims |= {d: targets(account, d, capacity[d], old) for d in short}
            continue
        moved.append(account.bookings.pop(i).ticket)
    account.guarantee, account.ceiling[0] = new, list(capacity)
    lent = []
    rank = sorted(enumerate(account.bookings), key=lambda one: (one[1].told, -one[1].priority, -one[0]))
    for _, one in rank:
        if account.eases(one, [account.now] if one.told else None):
            lower(account, one)
            lent.append((one, one.firm_from))
    account.firm_up()
    return moved, [(one.ticket, until) for one, until in lent if not one.told]


Terms = list[list[int]]
Aim = dict[tuple[str, int], Fraction]


def used_by(account: Account, d: int, old: Terms) -> dict[tuple[str, int], int]:
    """Use of each holder with a guarantee: all of it, and what is under no other guarantee further down."""
    found: dict[tuple[str, int], int] = {}
    for one in account.bookings:
        way = [n for n in account.path(one.row) if n == 0 or old[n][d]]
        for n in way:
            found["all", n] = found.get(("all", n), 0) + one.amounts[d]
        found["own", way[0]] = found.get(("own", way[0]), 0) + one.amounts[d]
    return found


def targets(account: Account, d: int, capacity: int, old: Terms) -> Aim:
    """What would be left of each if bookings could be divided: the level is found by halving what is left to try."""
    used = used_by(account, d, old)
    aim: Aim = {}

    def share(n: int, space: Fraction) -> None:
        parts = [
            m
            for m in range(1, len(old))
            if old[m][d] and next(k for k in account.path(m)[1:] if k == 0 or old[k][d]) == n
        ]
        of = {m: used.get(("all", m), 0) for m in parts}
        aim["all", n], aim["own", n] = space, max(Fraction(0), space - sum(of.values()))
        levels = sorted({Fraction(of[m], old[m][d]) for m in parts} | {Fraction(0)})
        fits = [level for level in levels if sum(min(Fraction(of[m]), level * old[m][d]) for m in parts) <= space]
        best = max(fits)
        rest = [m for m in parts if Fraction(of[m], old[m][d]) > best]
        if rest:
            best = (space - sum(of[m] for m in parts if m not in rest)) / sum(old[m][d] for m in rest)
        for m in parts:
            share(m, min(Fraction(of[m]), best * old[m][d]))

    share(0, Fraction(min(used.get(("all", 0), 0), capacity)))
    return aim


def place(account: Account, one: Booking, at: int, d: int, terms: tuple[Terms, Terms], aim: Aim | None) -> tuple | None:  # type: ignore[type-arg]
    """A booking's place in the order because of one dimension; None: it is not moved for that."""
    (old, new), rank, amount = terms, (-one.priority, -at), one.amounts[d]
    if not amount:
        return None
    if not one.told:
        return (1, 0, [], rank)
    used = used_by(account, d, old)
    way = [n for n in account.path(one.row)[:-1] if old[n][d]]
    if any(used["all", n] <= new[n][d] for n in way):
        return None
    if all(used["all", n] > old[n][d] for n in way):
        return (2, 0, [], rank)
    mine = [other for other in account.bookings if other.row == one.row and other.told and other.amounts[d]]
    if max(mine, key=lambda other: (other.priority, account.bookings.index(other))) is not one:
        return None  # another of the same holder is before it
    if aim is None:
        return (3, 0, [], rank)
    over = [(used[key] - aim[key], old[key[1]][d]) for key in [*(("all", n) for n in way[::-1]), ("own", way[0])]]
    fullest_first = [-more / g for more, g in over]
    tier = 0 if all(more >= amount for more, _ in over) else 1 if all(more > 0 for more, _ in over) else 2
    return (3, tier, fullest_first, rank)


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
