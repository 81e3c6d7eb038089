"""Laws of the front door on random trees of tenants, against the same queue in the plainest way."""

import copy
from collections import Counter, defaultdict
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from days import little_network, messages
from door import SENDERS, STEPS, WIDE, PlainDoor, PlainTree, opened, said, trees
from rookery.hub.admission import Admission
from rookery.hub.message import Message
from rookery.hub.open import open_hub
from rookery.hub.tenants import Limits, Tenants
from talk import dump, hear

pytestmark = pytest.mark.sqlite  # above the store: nothing here depends on which one it is

Steps = list[tuple[str, int] | None]
NETWORK = little_network()


def us_of(message: Message) -> int:
    return len(message.body) + 1


# --- order


@given(trees(), STEPS, st.integers(1, 12), st.integers(1, 40), st.integers(1, 60))
def test_law_what_is_let_in_is_taken_once_in_its_senders_order(
    tenants: Tenants, steps: Steps, messages_max: int, bytes_max: int, all_messages_max: int
) -> None:
    limits = Limits(messages_max, bytes_max, 50, 200, all_messages_max, 2 * bytes_max)
    door, let_in, taken = opened(tenants, limits), [], []
    for number, step in enumerate(steps):
        if step is None:
            taken += door.take(1)
        else:
            message = said(*step, key=str(number))
            if door.offer(message, number // 3) is None:
                let_in.append(message)
        assert door.messages_waiting == len(let_in) - len(taken)
        assert door.bytes_waiting == sum(len(m.body) for m in let_in) - sum(len(m.body) for m in taken)
    taken += door.take(10**9)
    assert not door.messages_waiting and not door.take(1)
    for sender in SENDERS:
        assert [m for m in taken if m.sender == sender] == [m for m in let_in if m.sender == sender]


@given(trees(), STEPS, st.lists(st.integers(0, 30), min_size=60, max_size=60))
def test_law_turns_are_those_of_the_plainest_queue(tenants: Tenants, steps: Steps, more: list[int]) -> None:
    door, plain, count = opened(tenants), PlainDoor(tenants), 0
    for number, step in enumerate(steps + [None] * len(steps)):
        if step is not None:
            message = said(*step, key=str(number))
            door.offer(message, 0)
            plain.offer(message)
        elif door.messages_waiting:
            (message,) = door.take(1)
            assert message is plain.take()
            if number % 3 == 0:  # it took longer than was expected; a new kind each time, so that nothing is learned
                plain.charge(message, more[count % 60])
                _settle_without_learning(door, message, us_of(message) + more[count % 60])
            count += 1


def _settle_without_learning(door: Admission, message: Message, took_us: int) -> None:
    learned = copy.deepcopy(door._costs)
    door.settle(message, took_us)
    door._costs = learned


@given(trees(), STEPS, st.lists(st.integers(0, 30), min_size=1, max_size=60))
def test_law_the_same_offers_and_times_give_the_same_order(tenants: Tenants, steps: Steps, took: list[int]) -> None:
    orders = []
    for _ in range(2):
        door, order = opened(tenants), []
        for number, step in enumerate(steps + [None] * len(steps)):
            if step is not None:
                door.offer(said(*step, key=str(number)), number)
            for message in door.take(5) if step is None else ():
                order.append(message)
                door.settle(message, took[len(order) % len(took)])
        orders.append(order)
    assert orders[0] == orders[1]


# --- shares


@given(trees(), STEPS)
@settings(max_examples=150)
def test_law_turns_go_by_weight_within_the_largest_message_of_each(tenants: Tenants, steps: Steps) -> None:
    door, tree = opened(tenants), PlainTree(tenants, SENDERS)
    pairs = Shares(tree)
    for step in steps + [None] * len(steps):
        if step is not None:
            door.offer(said(*step), 0)
            pairs.offered(step[0])
        elif door.messages_waiting:
            (message,) = door.take(1)
            pairs.served(message.sender, us_of(message), us_of(message))
    pairs.check(1)


@given(trees(), STEPS, st.lists(st.integers(0, 40), min_size=1, max_size=60))
@settings(max_examples=150)
def test_law_what_messages_really_took_goes_by_weight_within_twice_that(
    tenants: Tenants, steps: Steps, took: list[int]
) -> None:
    door, tree = opened(tenants), PlainTree(tenants, SENDERS)
    pairs = Shares(tree)
    for number, step in enumerate(steps + [None] * len(steps)):
        if step is not None:
            door.offer(said(*step), 0)
            pairs.offered(step[0])
        elif door.messages_waiting:
            expected = {sender: one.queue.messages[0][1] for sender, one in door._senders.items() if one.queue.messages}
            (message,) = door.take(1)
            door.settle(message, took[number % len(took)])
            pairs.served(message.sender, took[number % len(took)], expected[message.sender])
    pairs.check(2)


class Shares:
    """For any two sides of a level: how far what they got apart while both waited, per unit of weight."""

    def __init__(self, tree: PlainTree):
        self.tree = tree
        self.waiting: Counter[str] = Counter()
        self.largest: Counter[str] = Counter()
        self.runs: dict[tuple[str, str], list[list[Fraction]]] = defaultdict(lambda: [[Fraction(0)]])
        self.pairs = [(i, j) for i, j in combinations(tree.above, 2) if tree.above[i] == tree.above[j]]

    def offered(self, sender: str) -> None:
        for side in self.tree.way_up(sender):
            self.waiting[side] += 1

    def served(self, sender: str, us: int, expected_us: int) -> None:
        way = self.tree.way_up(sender)
        for i, j in self.pairs:
            if not (self.waiting[i] and self.waiting[j]):
                self.runs[i, j].append([Fraction(0)])
            elif i in way or j in way:
                side, sign = (i, 1) if i in way else (j, -1)
                run = self.runs[i, j][-1]
                run.append(run[-1] + Fraction(sign * us, self.tree.weight[side]))
        for side in way:
            self.waiting[side] -= 1
            self.largest[side] = max(self.largest[side], us, expected_us)

    def check(self, times: int) -> None:
        for (i, j), runs in self.runs.items():
            bound = sum(Fraction(self.largest[side], self.tree.weight[side]) for side in (i, j))
            for run in runs:
                assert max(run) - min(run) <= times * bound, (i, j, run)


@given(trees(), STEPS)
@settings(max_examples=150)
def test_law_a_message_waits_for_its_own_before_it_and_for_the_part_of_each_beside_it(
    tenants: Tenants, steps: Steps
) -> None:
    door, tree = opened(tenants), PlainTree(tenants, SENDERS)
    largest: Counter[str] = Counter()
    for step in filter(None, steps):
        for side in tree.way_up(step[0]):
            largest[side] = max(largest[side], step[1])
    served, came, own = 0, {}, Counter[str]()
    for number, step in enumerate(steps + [None] * len(steps)):
        if step is not None:
            came[str(number)] = (served, own[step[0]])
            own[step[0]] += step[1]
            door.offer(said(*step, key=str(number)), 0)
        elif door.messages_waiting:
            (message,) = door.take(1)
            before, own_before = came[message.key]
            own[message.sender] -= us_of(message)
            assert served - before <= longest_wait(tree, largest, message.sender, own_before)
            served += us_of(message)


def longest_wait(tree: PlainTree, largest: Counter[str], sender: str, own_us: int) -> Fraction:
    """What is served at most before a message, with so much of its sender's own before it.

    Level by level: each beside it gets one largest message, and by weight what its own side got and still owed.
    """
    wait = Fraction(own_us)
    for side in tree.way_up(sender):
        owed = (largest[side] + wait) / tree.weight[side]
        wait += sum(largest[one] + tree.weight[one] * owed for one in tree.beside(side) if largest[one])
    return wait


# --- limits


@given(trees(), STEPS, st.integers(1, 12))
def test_law_a_full_house_lets_in_whoever_is_below_its_fair_part(
    tenants: Tenants, steps: Steps, all_messages_max: int
) -> None:
    known = Tenants(
        tenants.names, tenants.above, tenants.weights, dict.fromkeys(SENDERS, "*") | dict(tenants.holder_of)
    )
    tree, own = PlainTree(known), Counter[str]()
    door = opened(known, Limits(*[10**9] * 4, all_messages_max))
    parts = {sender: tree.fair_part(sender, all_messages_max) for sender in SENDERS}
    for step in steps:
        if step is None:
            own.subtract(message.sender for message in door.take(1))
            continue
        busy = door.offer(said(*step), 0)
        full = own.total() >= all_messages_max
        assert (busy is None) == (not full or own[step[0]] == 0 or own[step[0]] < parts[step[0]])
        assert busy is None or (busy.limit == "all_messages" and busy.retry_after_s >= 1)
        own[step[0]] += busy is None
        assert own.total() <= all_messages_max + sum(-(-part // 1) for part in parts.values())


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 40)), max_size=40), st.integers(1, 9), st.integers(1, 60))
def test_law_who_came_too_fast_is_let_in_when_it_was_told_to_come_and_no_second_before(
    offers: list[tuple[int, int]], rate: int, burst: int
) -> None:
    door, now = opened(limits=Limits(10**9, 10**9, rate, burst)), 0
    for passed, us in offers:
        now += passed
        busy = door.offer(said("a", us), now)
        if busy is not None:
            assert busy.limit == "rate" and busy.found < busy.wanted
            then = now + busy.retry_after_s
            early = copy.deepcopy(door).offer(said("a", us), then - 1)
            assert early is not None and early.retry_after_s == (1 if then - 1 > now else busy.retry_after_s)
            assert copy.deepcopy(door).offer(said("a", us), then) is None


# --- decisions


@pytest.mark.parametrize("seed", range(4))
def test_law_a_hub_behind_the_door_decides_as_one_that_hears_the_same_order(tmp_path: Path, seed: int) -> None:
    tenants = Tenants(
        ("*", "shops", "haul"), (-1, 0, 0), (1, 3, 1), {"shop": "shops", "other": "shops", "haul": "haul"}
    )
    door = Admission(tenants, WIDE)
    come = iter(messages(seed))
    heard: list[Message] = []
    behind = open_hub(NETWORK, tmp_path / "behind.ledger")

    def at_the_door() -> Iterator[Message]:
        while offered := list(islice(come, 20)):
            for message in offered:
                assert door.offer(message, message.heard_at) is None
            ticks = iter(range(0, 10**9, 700))
            for message in door.drain(lambda ticks=ticks: next(ticks)):
                heard.append(message)
                yield message

    answers = [answer for _, answer in behind.receive(at_the_door(), group_ms=3.0)]
    assert sorted(heard, key=lambda m: (m.sender, m.key)) == sorted(messages(seed), key=lambda m: (m.sender, m.key))
    assert heard != messages(seed), "the door changes the order of different senders"
    plain = open_hub(NETWORK, tmp_path / "plain.ledger")
    assert hear(plain, *heard) == answers
    assert dump(plain.ledger) == dump(behind.ledger)
