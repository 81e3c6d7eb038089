"""The front door from outside: who is let in, what the others are told, and whose message is next."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from days import little_network
from door import WIDE, opened, said
from rookery.hub.admission import TOOK_US_MAX, Admission, Busy
from rookery.hub.costs import COSTS, OTHER, Costs, KindCost
from rookery.hub.message import Message
from rookery.hub.open import open_hub
from rookery.hub.readers import READERS
from rookery.hub.tenants import Limits, Tenants
from talk import order_message
from worlds import at

pytestmark = pytest.mark.sqlite  # above the store: nothing here depends on which one it is

GROUPS = Tenants(("*", "big", "small"), (-1, 0, 0), (1, 3, 1), {"b": "big", "s": "small"})


def taken(door: Admission, count: int) -> str:
    return "".join(message.sender for _ in range(count) for message in door.take(1))


def refused(busy: Busy | None) -> Busy:
    assert busy is not None
    return busy


# --- turns


def test_01_messages_of_one_sender_come_in_their_order() -> None:
    door = opened()
    for key in "123":
        assert door.offer(said("a", 9, key), 0) is None
    assert [message.key for message in door.take(100)] == ["1", "2", "3"]


def test_02_two_strangers_take_turns() -> None:
    door = opened()
    for sender in "aaabbb":
        door.offer(said(sender, 9), 0)
    assert taken(door, 6) == "ababab"


def test_03_holders_take_turns_by_weight() -> None:
    door = opened(GROUPS)
    for sender in "b" * 9 + "s" * 9:
        door.offer(said(sender, 9), 0)
    assert taken(door, 12) == "bsbbbsbbbsbb"


def test_04_a_sender_of_heavy_messages_gets_fewer_turns() -> None:
    door = opened()
    for _ in range(9):
        door.offer(said("a", 30), 0)
        door.offer(said("b", 10), 0)
    assert taken(door, 8) == "abbbabbb"


def test_05_many_senders_of_one_holder_are_no_more_than_one() -> None:
    many = Tenants(("*", "crowd", "one"), (-1, 0, 0), (1, 1, 1), dict.fromkeys("abc", "crowd") | {"z": "one"})
    door = opened(many)
    for sender in "aabbcczzzzzz":
        door.offer(said(sender, 9), 0)
    assert taken(door, 12) == "azbzczazbzcz"


def test_06_who_kept_silent_has_saved_nothing_up() -> None:
    door = opened()
    for sender in "a" * 9:
        door.offer(said(sender, 9), 0)
    assert taken(door, 5) == "aaaaa"
    for sender in "b" * 4:
        door.offer(said(sender, 9), 0)
    assert taken(door, 8) == "babababa"


def test_07_a_burst_of_five_thousand_delays_another_by_one_message_and_not_by_all() -> None:
    door, first_in = Admission(Tenants()), []
    for number in range(5_000):
        burst = Message("loud", str(number), "order", b"{}", 0)
        assert door.offer(burst, 0) is None
        first_in.append(burst)
    quiet = Message("quiet", "1", "order", b"{}", 0)
    assert door.offer(quiet, 0) is None
    first_in.append(quiet)
    served = list(door.drain(lambda: 0))
    assert served.index(quiet) == 1, "beside one that waits: at most one largest message of it"
    assert first_in.index(quiet) == 5_000, "first come, first served: 20 s of orders before it"


# --- what it took


def test_a_message_that_took_longer_than_was_expected_is_paid_afterwards() -> None:
    door = opened()
    for sender in "aaaabbbb":
        door.offer(said(sender, 10), 0)
    (heavy,) = door.take(1)
    door.settle(heavy, 30)
    assert taken(door, 7) == "bbbabaa", "30 of a, then three of 10 of b"


def test_a_message_that_took_less_is_made_good() -> None:
    door = opened()
    for sender in "aaaabbbb":
        door.offer(said(sender, 10), 0)
    (light,) = door.take(1)
    door.settle(light, 0)
    assert taken(door, 3) == "baa"


def test_the_time_of_a_machine_that_slept_is_nobodys_debt() -> None:
    door = opened()
    door.offer(said("a", 10), 0)
    (slept,) = door.take(1)
    door.settle(slept, 3_600_000_000)
    assert door._senders["a"].queue.tag == TOOK_US_MAX


def test_what_is_settled_twice_or_was_never_taken_changes_nothing() -> None:
    door = opened()
    message = said("a", 10)
    door.settle(message, 99)
    door.offer(message, 0)
    door.settle(message, 99)
    (same,) = door.take(1)
    door.settle(same, 12)
    door.settle(same, 99)
    assert door._senders["a"].queue.tag == 12


def test_estimates_follow_what_messages_take() -> None:
    costs = Costs({"order": KindCost(1_000, 100)})
    assert costs.estimate_us("order", 2_048) == 1_200
    for _ in range(40):
        costs.learn("order", 2_048, 3_600)
    assert 3_500 <= costs.estimate_us("order", 2_048) <= 3_600
    assert costs.estimate_us("gossip", 0) == COSTS[OTHER].us


def test_every_kind_of_message_has_a_cost_of_its_own() -> None:
    assert set(COSTS) == {*READERS, OTHER}


# --- limits


def test_too_many_messages_of_one_sender_are_answered_with_when_there_is_room() -> None:
    door = opened(limits=Limits(messages_max=2, service_us_per_s=10))
    for sender in "aabb":
        assert door.offer(said(sender, 30), 0) is None
    busy = refused(door.offer(said("a", 30), 0))
    assert (busy.limit, busy.wanted, busy.found) == ("messages", 2, 3)
    assert busy.retry_after_s == 6, "one of its own and one of b's, 3 s each"
    assert str(busy) == (
        "sender 'a': wanted at most 2 of its messages waiting, found 3; try again in 6 s;"
        " send the next when answers have come"
    )
    door.take(60)
    assert door.offer(said("a", 30), 6) is None


def test_too_many_bytes_are_refused_but_a_large_message_alone_is_let_in() -> None:
    door = opened(limits=Limits(bytes_max=10))
    assert door.offer(said("a", 100), 0) is None
    busy = refused(door.offer(said("a", 2), 0))
    assert (busy.limit, busy.wanted, busy.found) == ("bytes", 10, 100)


def test_a_full_house_refuses_who_is_above_its_fair_part_and_nobody_below() -> None:
    door = opened(GROUPS, Limits(all_messages_max=8))
    for _ in range(8):
        assert door.offer(said("s", 9), 0) is None, "all room is anybody's until it is full"
    assert refused(door.offer(said("s", 9), 0)).limit == "all_messages"
    for _ in range(6):
        assert door.offer(said("b", 9), 0) is None, "3 of 4 parts of 8"
    assert str(refused(door.offer(said("b", 9), 0))).startswith(
        "sender 'b': wanted at most its fair part, 6 messages, while the hub is full, found 7; try again in 1 s;"
    )


def test_a_house_full_of_bytes_likewise() -> None:
    door = opened(GROUPS, Limits(all_bytes_max=40))
    door.offer(said("s", 41), 0)
    assert refused(door.offer(said("s", 9), 0)).limit == "all_bytes"
    assert door.offer(said("b", 9), 0) is None


def test_who_comes_faster_than_its_rate_is_told_to_wait() -> None:
    door = opened(limits=Limits(rate_us_per_s=10, burst_us=50))
    assert door.offer(said("a", 45), 100) is None
    busy = refused(door.offer(said("a", 30), 100))
    assert (busy.limit, busy.wanted, busy.found, busy.retry_after_s) == ("rate", 30, 5, 3)
    assert door.offer(said("b", 30), 100) is None, "each has its own"
    assert door.offer(said("a", 30), 103) is None


def test_what_a_message_took_beyond_its_estimate_counts_against_the_rate() -> None:
    door = opened(limits=Limits(rate_us_per_s=10, burst_us=50))
    door.offer(said("a", 10), 100)
    (message,) = door.take(1)
    door.settle(message, 90)
    assert refused(door.offer(said("a", 10), 100)).retry_after_s >= 5


def test_strangers_are_forgotten_when_they_owe_nothing_and_counted_while_they_do() -> None:
    door = opened(GROUPS, Limits(strangers_max=2, rate_us_per_s=10, burst_us=50))
    for sender in "xy":
        door.offer(said(sender, 20), 100)
    assert refused(door.offer(said("z", 1), 100)).limit == "strangers"
    assert door.offer(said("b", 1), 100) is None, "it has a holder"
    door.take(1_000)
    assert refused(door.offer(said("z", 1), 100)).limit == "strangers"
    assert door.offer(said("z", 1), 200) is None


# --- what is stated


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"names": ("a",)}, r"holder \('a',\): wanted '\*' with -1 above it as the first"),
        ({"names": ("*", "a")}, "wanted a row above and a weight for each name, found 2, 1 and 1"),
        ({"names": ("*", "a"), "above": (-1, 1), "weights": (1, 1)}, "holder 'a': wanted a row before 1 above it"),
        ({"names": ("*", "*"), "above": (-1, 0), "weights": (1, 0)}, "wanted it once, .*at least 1, found 0"),
        ({"names": ("*", "a", "b"), "above": (-1, 0, 0), "weights": (1, 10**7, 10**7 + 1)}, "common multiple"),
        ({"holder_of": {"s": "nobody"}}, "sender 's': wanted one of the holders, found 'nobody'"),
    ],
)  # fmt: skip
def test_a_tree_that_is_none_is_told_with_all_its_faults(fields: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Tenants(**fields)  # type: ignore[arg-type]


def test_limits_and_costs_below_one_are_told() -> None:
    with pytest.raises(ValueError, match="messages_max: wanted at least 1, found 0; rate_us_per_s: wanted at least 1"):
        Limits(messages_max=0, rate_us_per_s=-1)
    with pytest.raises(ValueError, match="wanted us of at least 1"):
        KindCost(0, 0)


# --- with the hub


def test_the_hub_asks_for_messages_until_none_wait_and_hears_what_comes_meanwhile(tmp_path: Path) -> None:
    hub, door = open_hub(little_network(), tmp_path / "a.ledger"), Admission(Tenants(), WIDE)
    door.offer(order_message("1", heard="Mon 10:00"), at("Mon 10:00"))
    late: Iterator[Message] = iter([order_message("2", heard="Mon 11:00")])
    answered = []
    for message, answer in hub.receive(door.drain(), group_ms=0.0):
        answered.append((message.key, answer.outcome, door.messages_waiting))
        for more in late:
            door.offer(more, more.heard_at)
    assert answered == [("o1", "done", 0), ("o2", "done", 0)]


def test_a_message_that_waited_is_decided_at_the_hubs_time_and_the_clock_never_goes_back(tmp_path: Path) -> None:
    hub, door = open_hub(little_network(), tmp_path / "a.ledger"), Admission(Tenants(), WIDE)
    first, waited = order_message("1", heard="Mon 10:00"), order_message("2", heard="Mon 10:01")
    other = order_message("3", owner="other", heard="Mon 10:02")
    for message in (first, waited, other):
        door.offer(message, message.heard_at)
    order = [message.key for message, _ in hub.receive(door.drain(lambda: 0))]
    assert order == ["o1", "o3", "o2"]
    assert [row.heard_at for row in hub.ledger.list_messages()] == [at("Mon 10:00"), at("Mon 10:02"), at("Mon 10:02")]
