"""A plain search for useful plans: every one that no other beats in both arrival and cost.

Labels leave a heap in order of arrival, so that at each node a label is useful exactly when it is cheaper than
all that came before it (Hernandez et al., BOA*, ICAPS 2020, without its lower bounds). The caller says how a
label goes on; the search knows neither places nor prices.

Law: a label's onward labels never arrive before it, and never cost less.
Limit: of each onward way the caller offers one continuation, so a later departure of the same way that would
shorten a limited stay further on is not seen.
"""

import heapq
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

Token = TypeVar("Token")
Node = TypeVar("Node", bound=Hashable)


class Onward(NamedTuple, Generic[Node, Token]):
    """One way on from a label: where it leads, when, at what added cost, and what it is."""

    node: Node
    at_s: int
    cost: int
    token: Token | None


class Label(NamedTuple, Generic[Node, Token]):
    """Being at a node at a time for a cost, and how that came about."""

    at_s: int
    cost: int
    order: int
    node: Node
    token: Token | None
    parent: "Label[Node, Token] | None"
    depth: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a search stops: latest arrival (s), most steps of a plan, most labels looked at."""

    deadline_s: int
    steps_max: int = 16
    labels_max: int = 200_000


def pareto(
    start: Iterable[Onward[Node, Token]],
    expand: Callable[[Label[Node, Token], Callable[[Node, int], bool]], Iterable[Onward[Node, Token]]],
    target: Node,
    limits: Limits,
) -> list[Label[Node, Token]]:
    """All labels at `target` that are not beaten in (arrival, cost), earliest first.

    start   the labels at the outset
    expand  the ways on from a label, in a fixed order: ties go to the one offered first. It is given a test
            (node, cost) -> beaten, so that it need not work out ways that lead nowhere useful
    Returns labels with rising arrival and falling cost; empty if `target` is out of reach
    Cost    O(labels * ways on)
    """
    heap: list[Label[Node, Token]] = []
    least: dict[Node, int] = {}  # the least cost that has left the heap, by node
    found: list[Label[Node, Token]] = []
    order = 0

    def beaten(node: Node, cost: int) -> bool:
        best, bound = least.get(node), least.get(target)
        return (best is not None and cost >= best) or (bound is not None and cost >= bound)

    for node, at_s, cost, token in start:
        heapq.heappush(heap, Label(at_s, cost, order, node, token, None, 1))
        order += 1
    for _ in range(limits.labels_max):
        if not heap:
            break
        label = heapq.heappop(heap)
        if beaten(label.node, label.cost):
            continue
        least[label.node] = label.cost
        if label.node == target:
            found.append(label)
            continue
        if label.depth > limits.steps_max:
            continue
        for node, at_s, cost, token in expand(label, beaten):
            total = label.cost + cost
            if at_s <= limits.deadline_s and not beaten(node, total):
                order += 1
                heapq.heappush(heap, Label(at_s, total, order, node, token, label, label.depth + 1))
    return found


def steps(label: Label[Node, Token]) -> list[Token]:
    """The tokens of a plan, first to last."""
    out: list[Token] = []
    at: Label[Node, Token] | None = label
    while at is not None:
        if at.token is not None:
            out.append(at.token)
        at = at.parent
    return out[::-1]
