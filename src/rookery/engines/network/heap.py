"""A heap of labels in an array, four below each, for kernels: by two keys, then by the label's number.

Searches take as the first key two instants: the soonest at the goal, and among equals the one at the label itself.
"""

import numpy as np

from rookery.engines.kernel import part
from rookery.engines.network.snapshot import Longs


@part
def in_time(soonest: int, at: int) -> int:
    """One key of two instants in 32 bits, the first deciding."""
    return int((np.int64(soonest) << 32) + np.int64(at) + (1 << 31))


@part
def soonest_of(key: int) -> int:
    """The first instant of a key."""
    return key >> 32


@part
def _before(heap: Longs, a: int, b: int) -> bool:
    if heap[a, 0] != heap[b, 0]:
        return heap[a, 0] < heap[b, 0]
    if heap[a, 1] != heap[b, 1]:
        return heap[a, 1] < heap[b, 1]
    return heap[a, 2] < heap[b, 2]


@part
def heap_push(heap: Longs, size: int, first: int, second: int, label: int) -> None:
    """Put a label into the heap, by two keys and then by its number."""
    at = size
    while at:
        up = (at - 1) >> 2
        if heap[up, 0] < first or (heap[up, 0] == first and heap[up, 1] <= second):
            break  # a newer label has a higher number: among equals it stays below
        heap[at, 0], heap[at, 1], heap[at, 2] = heap[up, 0], heap[up, 1], heap[up, 2]
        at = up
    heap[at, 0], heap[at, 1], heap[at, 2] = first, second, label


@part
def heap_pop(heap: Longs, size: int) -> None:
    """Take the first label away: the last one of `size` takes its place and sinks."""
    last, at = size - 1, 0
    first, second, label = heap[last, 0], heap[last, 1], heap[last, 2]
    while True:
        child = 4 * at + 1
        if child >= last:
            break
        for other in range(child + 1, min(child + 4, last)):
            if _before(heap, other, child):
                child = other
        if heap[child, 0] > first or (
            heap[child, 0] == first
            and (heap[child, 1] > second or (heap[child, 1] == second and heap[child, 2] > label))
        ):
            break
        heap[at, 0], heap[at, 1], heap[at, 2] = heap[child, 0], heap[child, 1], heap[child, 2]
        at = child
    heap[at, 0], heap[at, 1], heap[at, 2] = first, second, label
