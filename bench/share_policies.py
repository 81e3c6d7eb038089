"""The same demand under three policies: lent guarantees, first come first served, and a fixed partition.

Demand. Twelve tenants in two groups ask for space on dated departures. On each departure a tenant wants between nothing
and three times its twelfth of the capacity, drawn anew and evenly, 1.5 times the capacity in all on average, in
requests of a four-hundredth of the capacity on average, each within a factor of four of that, heavy or bulky. 70 % of
the requests come before the guarantees are released, evenly over two days, the rest in the day after.

Policies. *Ours*: everybody is guaranteed its twelfth, lends what it does not use and borrows; a recalled booking
counts as lost, as if there were no standby. *First come*: nobody is guaranteed anything. *Partition*: everybody has
its twelfth and no more, and nothing is lent or released.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.table import Row
from rookery.engines.share.claims import open_accounts
from rookery.engines.share.decide import BORROWED, CODE, FIRM, Requests, decide, make_outcomes
from rookery.engines.share.holders import KEPT, NEVER, NONE, RECALLABLE, UNLIMITED, UNSTATED, Holders, find_faults
from rookery.engines.share.loans import EVENTS, RECALLED, WHAT, WHOSE, make_loans

SEED = 8
TENANTS, GROUPS = 12, 2
FIRST_TENANT = 1 + GROUPS
CAPACITY = np.array([40_000_000, 250_000_000], np.int64)  # grams, cm3
RELEASE_S, LEAVES_S = 2 * 86_400, 3 * 86_400
LATE = 0.3
POINTS = 100
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a policy. `use`: of the capacity, in the fuller dimension, in percent, a mean over departures."""

    accepted: Bools
    use: float
    recalled: int


def tree(policy: str) -> Holders:
    """The holders under a policy."""
    count = FIRST_TENANT + TENANTS
    tenant = np.arange(count) >= FIRST_TENANT
    part = np.where(tenant[:, None], CAPACITY // TENANTS, UNSTATED)
    guarantee = np.zeros_like(part) if policy == "first come" else part
    ceiling = np.where(tenant[:, None] & (policy == "partition"), part, UNLIMITED)
    above = np.array([NONE] + [0] * GROUPS + [1 + t % GROUPS for t in range(TENANTS)])
    lending = np.full(count, RECALLABLE if policy == "ours" else KEPT)
    release_at = np.where(tenant & (policy == "ours"), RELEASE_S, NEVER)
    return Holders(above, guarantee, ceiling, np.ones(count, np.int64), lending, release_at)


def demand(departures: int) -> Requests:
    """All requests, in the order in which they come."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    wanted = rng.random((departures, TENANTS)) * 3 / TENANTS
    parts = rng.poisson(wanted * 400)
    who = np.repeat(np.arange(departures * TENANTS), parts.ravel())
    size = 4.0 ** rng.uniform(-1, 1, (len(who), 1)) / 400 / 1.35  # the mean of 4^u is 1.35
    bulk = np.where(rng.random((len(who), 1)) < 0.5, (1.25, 0.75), (0.75, 1.25))
    amounts = np.maximum(1, size * bulk * CAPACITY).astype(np.int64)
    late = rng.random(len(who)) < LATE
    at = np.where(late, rng.integers(RELEASE_S, LEAVES_S, len(who)), rng.integers(0, RELEASE_S, len(who)))
    account, tenant = who // TENANTS, who % TENANTS
    row = account * (FIRST_TENANT + TENANTS) + FIRST_TENANT + tenant
    ones = np.ones(len(who), np.int64)
    order = np.argsort(at, kind="stable")
    table = np.stack((account, row, at, ones, ones, ones), axis=1)[order]
    table[:, 5] = np.arange(len(order))
    return Requests(table, amounts[order])


def run(policy: str, requests: Requests, departures: int) -> Told:
    """The demand under a policy; what was recalled was not accepted."""
    holders = tree(policy)
    assert not find_faults(holders, CAPACITY)
    claims = open_accounts([holders] * departures, np.tile(CAPACITY, (departures, 1)))
    loans, outcomes = make_loans(claims, len(requests.table)), make_outcomes(len(requests.table))
    assert decide(claims, loans, requests, outcomes, 0) == len(requests.table)
    accepted = (outcomes.table[:, CODE] == FIRM) | (outcomes.table[:, CODE] == BORROWED)
    events = loans.events[: loans.counters[EVENTS]]
    recalled = events[events[:, WHAT] == RECALLED, WHOSE]
    accepted[recalled] = False
    return Told(accepted, float((claims.used / CAPACITY).max(axis=1).mean() * POINTS), len(recalled))


def entitled(requests: Requests) -> Bools:
    """Requests before release that are within their tenant's twelfth together with all that it asked for before."""
    table = requests.table
    total = np.zeros((int(table[:, 1].max()) + 1, len(CAPACITY)), np.int64)
    found = np.zeros(len(table), np.bool_)
    for i, row in enumerate(table[:, 1].tolist()):
        total[row] += requests.amounts[i]
        found[i] = table[i, 2] < RELEASE_S and (total[row] <= CAPACITY // TENANTS).all()
    return found


def policy_rows(departures: int) -> list[Row]:
    """Utilisation and acceptance of the three."""
    requests = demand(departures)
    told = {policy: run(policy, requests, departures) for policy in ("ours", "first come", "partition")}
    owed, tenant = entitled(requests), requests.table[:, 1] % (FIRST_TENANT + TENANTS)
    rows = []
    for policy, one in told.items():
        rates = [POINTS * float(one.accepted[tenant == t].mean()) for t in range(FIRST_TENANT, FIRST_TENANT + TENANTS)]
        each = f"accepted by tenant {min(rates):.1f} to {max(rates):.1f} %"
        note = f"{len(owed):,} requests on {departures} departures; {each}; {one.recalled:,} recalled, counted as lost"
        kept = POINTS * float(one.accepted[owed].mean())
        aim = f">= {told['first come'].use - 2:.2f}" if policy == "ours" else ""
        rows.append(Row(f"{policy}: capacity used", one.use, "%", target=aim, note=note))
        aim = "= 100" if policy == "ours" else ""
        rows.append(Row(f"{policy}: accepted of what a twelfth covers before release", kept, "%", target=aim))
    return rows
