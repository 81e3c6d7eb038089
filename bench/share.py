"""Decisions about shared capacity: how many a second, in one call and one by one, what a round and a cut take, and
what becomes of the same demand under other policies; space held and taken through the ledger, and a peak at the door.

    python -m bench.share            a million requests
    python -m bench.share --quick    a few thousand: it checks that the answers are the same

One core, one process. An account has 50 holders on three levels and three dimensions; half of the guarantees may be
lent. Plain Python walks the same tree for the same requests, and has to say the same.
"""

import argparse
import importlib.metadata
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.process import ONE_CORE, pinned_text
from bench.share_hub import hub_rows
from bench.share_policies import policy_rows
from bench.table import Row, check_equal, machine, machine_text, report, spread, table_lines
from rookery.engines.share.claims import Claims, open_accounts
from rookery.engines.share.cut import Bookings, cut
from rookery.engines.share.decide import CODE, FIRM, Outcomes, Requests, decide, make_outcomes
from rookery.engines.share.holders import KEPT, NEVER, NONE, RECALLABLE, UNLIMITED, UNSTATED, Holders, find_faults
from rookery.engines.share.loans import EVENTS, Loans, make_loans
from rookery.engines.share.rounds import hold_round, make_credits, make_floor

SEED = 5
GROUPS, COMPANIES, HOLDERS = 2, 11, 50  # the root, two groups, eleven companies, their products
CAPACITY = np.array([40_000_000, 250_000_000, 20_000], np.int64)  # grams, cm3, pieces: a freighter's main deck
GUARANTEED = 0.8  # of the capacity, in equal parts
RUNS = 5
HOUR_S = 3_600
AIM = ">= 1000000"
EACH = "the call from Python included"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is asked."""

    accounts: int = 1_000
    requests: int = 1_000_000
    singles: int = 20_000
    plain: int = 20_000
    departures: int = 1_000


QUICK = Size(accounts=4, requests=4_000, singles=200, plain=4_000, departures=20)


def make_tree() -> Holders:
    """Fifty holders on three levels below the network; products have the guarantees, every other one may be lent."""
    above = [NONE] + [0] * GROUPS + [1 + c % GROUPS for c in range(COMPANIES)]
    above += [1 + GROUPS + p % COMPANIES for p in range(HOLDERS - len(above))]
    products = np.arange(HOLDERS) > GROUPS + COMPANIES
    guarantee = (CAPACITY * GUARANTEED / products.sum()).astype(np.int64)
    lending = np.where(np.arange(HOLDERS) % 2, KEPT, RECALLABLE)
    return Holders(
        np.array(above, np.int64),
        np.where(products[:, None], guarantee, UNSTATED),
        np.full((HOLDERS, len(CAPACITY)), UNLIMITED),
        1 + np.arange(HOLDERS) % 3,
        lending,
        np.where(products, 24 * HOUR_S, NEVER),
    )


def draw(accounts: int, count: int, load: float) -> Requests:
    """Requests of random products for random accounts, `load` times the capacity; the same on every machine."""
    raw = (np.random.PCG64(SEED).random_raw(6 * count).reshape(6, count) >> np.uint64(33)).astype(np.int64)
    account, first = raw[0] % accounts, 1 + GROUPS + COMPANIES
    product = first + raw[1] % (HOLDERS - first)
    mean = np.maximum(CAPACITY * load * accounts / count, 1).astype(np.int64)
    amounts = 1 + raw[2:5].T % (2 * mean)
    at = np.sort(raw[5] % (12 * HOUR_S))
    ones = np.ones(count, np.int64)
    table = np.stack((account, account * HOLDERS + product, at, ones, 1 + raw[1] % 9, np.arange(count)), axis=1)
    return Requests(table, amounts)


def ready(accounts: int, loans: int) -> tuple[Claims, Loans]:
    """Accounts of which nothing is used."""
    claims = open_accounts([make_tree()] * accounts, np.tile(CAPACITY, (accounts, 1)))
    return claims, make_loans(claims, loans)


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(prog="python -m bench.share")
    parser.add_argument("--quick", action="store_true", help="a few requests, nothing written")
    quick = parser.parse_args().quick
    about = machine() | {name: importlib.metadata.version(name) for name in ("numpy", "numba")} | {"seed": str(SEED)}
    if ONE_CORE:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    rows = all_rows(QUICK if quick else Size())
    about["load after"] = f"{os.getloadavg()[0]:.2f}"
    title = f"Decisions about shared capacity, {HOLDERS} holders on three levels, {pinned_text()}, median of {RUNS}"
    if quick:
        print(f"\n{title}, quick\n{machine_text(about)}\n")
        print("\n".join(table_lines(rows)))
    else:
        report("share", about, rows, title)


def all_rows(size: Size) -> list[Row]:
    """Every row of the table."""
    assert not find_faults(make_tree(), CAPACITY)
    rows = [*_batch_rows(size), *_single_rows(size), _round_row(size), _cut_row()]
    return rows + policy_rows(size.departures) + hub_rows(quick=size is QUICK)


def _timed(make: Callable[[], Callable[[], object]]) -> list[float]:
    """Seconds of each run, each on things made for it; one run before is not counted."""
    took = []
    for _ in range(RUNS + 1):
        run = make()
        began = time.perf_counter()
        run()
        took.append(time.perf_counter() - began)
    return took[1:]


def _batch_rows(size: Size) -> list[Row]:
    rows = []
    for name, load in (("a fifth of capacity asked for", 0.2), ("one and a half times capacity asked for", 1.5)):
        requests, answers = draw(size.accounts, size.requests, load), []
        outcomes = make_outcomes(size.requests)

        def make(
            requests: Requests = requests, outcomes: Outcomes = outcomes, answers: list[bytes] = answers
        ) -> Callable[[], object]:
            claims, loans = ready(size.accounts, size.requests)
            answers.append(outcomes.table.tobytes())
            return lambda: decide(claims, loans, requests, outcomes, 0)

        seconds = [size.requests / took for took in _timed(make)]
        check_equal(name, [*answers[1:], outcomes.table.tobytes()])
        counts = np.bincount(outcomes.table[:, CODE], minlength=3).tolist()
        note = f"{counts[0]:,} firm, {counts[1]:,} borrowed, {counts[2]:,} refused; {spread(seconds)}"
        rows.append(Row(f"batch, {name}", float(np.median(seconds)), "decisions/s", target=AIM, note=note))
    return [*rows, _peer_row(size)]


def _peer_row(size: Size) -> Row:
    """The same walk in plain Python, of requests that do not borrow; both must accept the same."""
    requests = draw(size.accounts, size.plain, 1.5)
    requests.table[:, 3] = 0
    outcomes, answers = make_outcomes(size.plain), []

    def engine() -> Callable[[], object]:
        claims, loans = ready(size.accounts, 1)
        return lambda: decide(claims, loans, requests, outcomes, 0)

    fast = _timed(engine)
    tree, table, amounts = make_tree(), requests.table[:, :2].tolist(), requests.amounts.tolist()
    slow = _timed(lambda: lambda: answers.append(plain(tree, size.accounts, table, amounts)))
    check_equal("plain Python", [*answers, (outcomes.table[:, CODE] == FIRM).tolist()])
    note = "firm or refused, nothing lent; the peer knows one layer, no loans and no time"
    rate = [size.plain / float(np.median(one)) for one in (fast, slow)]
    return Row("batch, against plain Python", rate[0], "decisions/s", "decisions/s plain", rate[1], note=note)


def plain(tree: Holders, accounts: int, table: list[list[int]], amounts: list[list[int]]) -> list[bool]:
    """Which requests are firm, by walking up the tree with dictionaries' cost and lists' ease."""
    above, capacity = tree.above.tolist(), CAPACITY.tolist()
    guarantee = np.maximum(tree.guarantee, 0).tolist()
    dimensions = range(len(capacity))
    start = [[0] * len(capacity) for _ in above]
    for n in range(len(above) - 1, 0, -1):
        for d in dimensions:
            start[above[n]][d] += max(guarantee[n][d], start[n][d])
    below = [[list(row) for row in start] for _ in range(accounts)]
    told = []
    for (account, row), wanted in zip(table, amounts, strict=True):
        mine, steps, fits = below[account], [], True
        for d in dimensions:
            more, n = wanted[d], row - account * len(above)
            while more and n != NONE:
                steps.append((n, d, more))
                before, after = max(guarantee[n][d], mine[n][d]), max(guarantee[n][d], mine[n][d] + more)
                fits = fits and (n > 0 or after <= capacity[d])
                more, n = after - before, above[n]
        if fits:
            for n, d, more in steps:
                mine[n][d] += more
        told.append(fits)
    return told


def _single_rows(size: Size) -> list[Row]:
    requests = draw(size.accounts, size.singles, 1.5)
    asked = [Requests(requests.table[i : i + 1], requests.amounts[i : i + 1]) for i in range(size.singles)]
    one, every = make_outcomes(1), make_outcomes(size.singles)

    def make() -> Callable[[], object]:
        claims, loans = ready(size.accounts, size.singles)
        return lambda: [decide(claims, loans, request, one, 0) for request in asked]

    took = [1e6 * seconds / size.singles for seconds in _timed(make)]
    claims, loans = ready(size.accounts, size.singles)
    decide(claims, loans, requests, every, 0)
    check_equal("single calls", [one.table[0].tolist(), every.table[-1].tolist()])
    return [Row("one by one", float(np.median(took)), "us", target="< 10", note=f"{EACH}; {spread(took)}")]


def _round_row(size: Size) -> Row:
    """Rounds of 200 requests beyond what is guaranteed, for one account after the other."""
    tree, count = make_tree(), min(200, size.requests)
    accounts = min(size.accounts, 50)
    requests = draw(1, accounts * count, 1.5 * accounts)
    root = (np.arange(accounts * count) // count) * HOLDERS
    requests.table[:, 1] = requests.table[:, 1] % HOLDERS + root
    requests.table[:, 0], requests.table[:, 2] = root // HOLDERS, 0
    outcomes = make_outcomes(accounts * count)

    def make() -> Callable[[], object]:
        claims, loans = ready(accounts, 1)
        floor, credits = make_floor(tree), make_credits(tree)

        def run() -> None:
            for begin in range(0, accounts * count, count):
                part = slice(begin, begin + count)
                asked = Requests(requests.table[part], requests.amounts[part])
                hold_round(claims, loans, asked, Outcomes(outcomes.table[part]), floor, credits)

        return run

    took = [accounts * count / seconds for seconds in _timed(make)]
    note = f"rounds of {count}; {spread(took)}"
    return Row("in rounds", float(np.median(took)), "decisions/s", note=note)


def _cut_row() -> Row:
    """A tenth of the capacity of one full account is lost."""
    requests, outcomes = draw(1, 1_000, 1.5), make_outcomes(1_000)
    moved: list[tuple[int, ...]] = []

    def make() -> Callable[[], object]:
        claims, loans = ready(1, 2_000)
        decide(claims, loans, requests, outcomes, 0)
        gone = set(loans.events[: loans.counters[EVENTS], 1].tolist())
        loans.counters[EVENTS] = 0
        stands = [i for i, code in enumerate(outcomes.table[:, CODE].tolist()) if code <= 1 and i not in gone]
        bookings = _bookings(requests, np.array(stands))
        at = int(requests.table[-1, 2])
        return lambda: moved.append(cut(claims, loans, 0, CAPACITY * 9 // 10, bookings, at).moved)

    took = [1_000 * seconds for seconds in _timed(make)]
    check_equal("cut", moved)
    return Row("a cut of a tenth", float(np.median(took)), "ms", note=f"{len(moved[0])} moved; {spread(took)}")


def _bookings(requests: Requests, stands: NDArray[np.int64]) -> Bookings:
    return Bookings(requests.table[stands][:, [1, 4, 5]], requests.amounts[stands])


if __name__ == "__main__":
    main()
