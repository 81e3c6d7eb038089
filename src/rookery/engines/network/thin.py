"""Few plans that stand for all that were found: by a cover, the plan that stands for most first."""

from rookery.engines.kernel import part
from rookery.engines.network.dominance import CO2, MASK, OLDER, RISK, Quest, Work, less, weigh
from rookery.engines.network.snapshot import UNLIMITED
from rookery.engines.network.work import AT, COST, NONE


@part
def thin(quest: Quest, work: Work, count: int) -> int:
    """Keep of `count` plans in `work.found` those that the others need; how many. The order by arrival stays.

    Law  for each plan that was found and each weighing that it was of use for, one that is kept arrives at most
         `late_s` later and weighs at most one part in `worse` more; the earliest and the cheapest are kept
    Cost plans found * plans kept * plans found
    """
    found, labels = work.found, work.labels
    for i in range(count):  # the bits that nothing kept stands for yet wait in OLDER
        labels[found[i], OLDER] = labels[found[i], MASK]
    cheapest, earliest, least = NONE, NONE, UNLIMITED
    for i in range(count):
        if not _is_beaten(work, i, count):
            earliest = i if earliest == NONE else earliest
            if labels[found[i], COST] < least:
                cheapest, least = i, labels[found[i], COST]
    if count:
        _keep(quest, work, earliest, count)
        _keep(quest, work, cheapest, count)
    while True:
        best, most = NONE, 0
        for i in range(count):
            serves = 0 if _is_beaten(work, i, count) else _serve(quest, work, i, count, 0)
            if serves > most:
                best, most = i, serves
        if best == NONE:
            break
        _keep(quest, work, best, count)
    kept = 0
    for i in range(count):
        if labels[found[i], MASK] == 0:
            found[kept] = found[i]
            kept += 1
    return kept


@part
def _keep(quest: Quest, work: Work, i: int, count: int) -> None:
    """Keep a plan: its MASK becomes 0, and what it stands for needs nothing more."""
    _serve(quest, work, i, count, 1)
    work.labels[work.found[i], MASK] = 0


@part
def _serve(quest: Quest, work: Work, i: int, count: int, settle: int) -> int:
    """For how many (plan, weighing) that need one a plan can stand; `settle`: from now on it does."""
    labels, one, weighings, serves = work.labels, work.labels[work.found[i]], quest.weighings, 0
    for j in range(len(weighings.by)):
        value = less(weigh(weighings, j, one[COST], one[CO2], one[RISK]), weighings.worse)
        for k in range(count):
            other = labels[work.found[k]]
            needs = (other[OLDER] >> j) & 1 and one[AT] <= other[AT] + weighings.late_s
            if needs and value <= weigh(weighings, j, other[COST], other[CO2], other[RISK]):
                serves += 1
                if settle:
                    other[OLDER] &= ~(1 << j)
    return serves


@part
def _is_beaten(work: Work, i: int, count: int) -> bool:
    """True if another plan is as good in everything and better in something, or the same and found before."""
    one = work.labels[work.found[i]]
    for k in range(count):
        other = work.labels[work.found[k]]
        if other[AT] > one[AT]:
            break
        if k != i and other[COST] <= one[COST] and other[CO2] <= one[CO2] and other[RISK] <= one[RISK]:
            same = other[AT] == one[AT] and other[COST] == one[COST] and other[CO2] == one[CO2]
            if k < i or not (same and other[RISK] == one[RISK]):
                return True
    return False
