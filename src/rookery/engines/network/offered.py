"""Which departures of a ride were offered to a label and a stop already: each is offered once."""

from rookery.engines.kernel import part
from rookery.engines.network.work import LABELS, LINK, NONE, ROOT, TRIP, Work


@part
def is_offered(work: Work, root: int, k: int) -> bool:
    """True if a departure was offered to this label and stop before: a second one would find what the first one does,
    and be tried later as often again.
    """
    labels, other = work.labels, root
    while other != NONE:
        if labels[other, TRIP] == k:
            return True
        other = labels[other, LINK] if labels[other, LINK] != root else NONE
    return False


@part
def list_offered(work: Work, stop: int) -> None:
    """Remember the newest label as one that was offered to a stop of the ride in hand: a ring from the first."""
    labels, new, root = work.labels, work.counters[LABELS] - 1, work.roots[stop]
    if root == NONE:
        root = work.roots[stop] = new
        labels[new, LINK] = new
    labels[new, ROOT] = root
    labels[new, LINK], labels[root, LINK] = labels[root, LINK], new
