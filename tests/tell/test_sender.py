"""Deliveries to receivers on this machine: signed, in order, again after failures, none delayed by another."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from receivers import QUICK, Heard, Receiver, World, hangs, options, says, sending, until
from standardwebhooks import Webhook, WebhookVerificationError

from rookery.hub.clock import now
from rookery.tell.guard import Guard
from rookery.tell.journal import ReplayAsked, Replayed, list_attempts, list_gone, replay, show_secret
from rookery.tell.store import Outcome, Terms
from talk import event, hear, order_message, scans_message

FROM_A = {"from_facility": "A", "to_facility": "B", "to_country": ""}
Story = Callable[[Receiver], Awaitable[None]]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def play(story: Story, seconds: float = 30.0) -> None:
    """Let a story happen, with a receiver."""

    async def run() -> None:
        async with asyncio.timeout(seconds), Receiver().open() as receiver:
            await story(receiver)

    asyncio.run(run())


# --- what arrives


def test_an_endpoint_whose_secret_was_spoiled_is_told_so_and_stops_nobody_else(world: World) -> None:
    async def story(receiver: Receiver) -> None:
        spoiled, whole = (world.set_endpoint(receiver.url(path), heard=now()) for path in ("/a", "/b"))
        for endpoint in (spoiled, whole):
            show_secret(world.watch, endpoint)
        with world.watch.turn():
            world.watch.db.execute("UPDATE endpoint_secret SET secret = 'whsec_?' WHERE endpoint = ?", (spoiled,))
        async with sending(world.store(terms=Terms(waits_s=(1,) * 9, probes_s=(0,)))):
            for endpoint in (spoiled, whole):
                world.try_often(endpoint, 1, "1")
            await until(lambda: world.states(whole) == ["sent"])
            first = world.deliveries(spoiled)[0]
            await until(lambda: bool(list_attempts(world.watch, first.id)))
            assert "cannot be read" in list_attempts(world.watch, first.id)[0].error
            world.say("rotate_secret", heard=now(), endpoint=spoiled, overlap_s=3600)
            await until(lambda: world.states(spoiled) == ["sent"])
        assert [one.path for one in receiver.heard] == ["/b", "/a"]

    play(story)


def test_a_receiver_can_verify_what_it_gets(world: World) -> None:
    async def story(receiver: Receiver) -> None:
        endpoint = world.set_endpoint(receiver.url("/hooks?a=1"), "order.accepted")
        async with sending(world.store()):
            hear(world.hub, order_message("1", **FROM_A))
            await until(lambda: world.states(endpoint) == ["sent"])
        (one,) = receiver.heard
        assert one.path == "/hooks?a=1" and one.headers["content-type"].startswith("application/cloudevents+json")
        assert Webhook(world.watch.secret_of(endpoint, 1)).verify(one.body, one.headers)["type"] == "order.accepted"
        assert one.event["id"] == one.headers["webhook-id"] and one.event["sequence"] == "1"
        assert one.event["specversion"] == "1.0" and one.event["time"] == "2026-11-23T09:00:00Z"
        data = one.event["data"]
        assert (data["order"], data["reference"], data["status"]) == (one.event["subject"], "1", "booked")
        (delivery,) = world.deliveries(endpoint)
        (attempt,) = list_attempts(world.watch, delivery.id)
        assert (delivery.type, delivery.tries, attempt.status, attempt.error) == ("order.accepted", 1, 200, "")

    play(story)


def test_while_a_secret_rotates_either_verifies_and_afterwards_only_the_new_one(world: World) -> None:
    async def story(receiver: Receiver) -> None:
        endpoint = world.set_endpoint(receiver.url(), heard=now())
        old = Webhook(show_secret(world.watch, endpoint))
        async with sending(world.store()):
            for count, overlap_s in ((1, 3600), (2, 0)):
                world.say("rotate_secret", heard=now(), endpoint=endpoint, overlap_s=overlap_s)
                world.try_often(endpoint, 1, str(count))
                await until(lambda count=count: world.states(endpoint) == ["sent"] * count)  # type: ignore[misc]
        both, new = receiver.heard
        assert old.verify(both.body, both.headers) and len(both.headers["webhook-signature"].split()) == 2
        assert Webhook(world.watch.secret_of(endpoint, 2)).verify(both.body, both.headers)
        assert Webhook(world.watch.secret_of(endpoint, 3)).verify(new.body, new.headers)
        with pytest.raises(WebhookVerificationError):
            old.verify(new.body, new.headers)

    play(story)


def test_notices_of_a_subject_arrive_in_order_although_some_fail(world: World) -> None:
    async def story(receiver: Receiver) -> None:
        seen: dict[str, int] = {}

        async def moody(heard: Heard, writer: asyncio.StreamWriter) -> None:
            count = seen[heard.event["id"]] = seen.get(heard.event["id"], 0) + 1
            await says(500 if count == 1 and int(heard.event["sequence"]) % 3 == 1 else 200)(heard, writer)

        receiver.answers["/"] = moody
        endpoint = world.set_endpoint(receiver.url(), "parcel.status_changed")
        hear(world.hub, *(order_message(str(n), **FROM_A) for n in range(5)))
        numbers = [world.number_of(str(n)) for n in range(5)]
        for hour, code in enumerate(("EMA", "EMC", "EMH", "EDH", "EMH", "EMI"), 1):
            scans = [event(number, code, f"Tue {hour:02}:00") for number in numbers]
            hear(world.hub, scans_message(f"s{hour}", *scans, heard=f"Tue {hour:02}:00"))
        async with sending(world.store()):
            await until(lambda: bool(receiver.heard) and set(world.states(endpoint)) == {"sent"})
        told: dict[str, list[int]] = {}
        for one in receiver.heard:
            told.setdefault(one.event["subject"], []).append(int(one.event["sequence"]))
        assert len(told) == 5
        for sequences in told.values():
            assert sequences == sorted(sequences) and set(sequences) == {*range(1, max(sequences) + 1)}
            assert sequences.count(1) == 2 and sequences.count(2) == 1

    play(story)


# --- what fails


def test_what_fails_is_tried_again_and_every_attempt_is_logged(world: World) -> None:
    async def story(receiver: Receiver) -> None:
        answers = [says(500, b"sorry"), says(302, extra="location: /elsewhere\r\n"), says(200)]

        async def one_by_one(heard: Heard, writer: asyncio.StreamWriter) -> None:
            await answers.pop(0)(heard, writer)

        receiver.answers["/"] = one_by_one
        endpoint = world.set_endpoint(receiver.url())
        world.try_often(endpoint, 1)
        async with sending(world.store()):
            await until(lambda: world.states(endpoint) == ["sent"])
        (delivery,) = world.deliveries(endpoint)
        told = [(one.number, one.status, one.error, one.response) for one in list_attempts(world.watch, delivery.id)]
        assert told == [(1, 500, "status 500", "sorry"), (2, 302, "a redirect is not followed", ""), (3, 200, "", "")]
        assert not receiver.on("/elsewhere") and len({one.headers["webhook-id"] for one in receiver.heard}) == 1

    play(story)


def test_after_the_last_attempt_a_delivery_is_given_up_and_says_so(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(receiver: Receiver) -> None:
        receiver.answers["/"] = says(503)
        endpoint = world.set_endpoint(receiver.url())
        world.try_often(endpoint, 2)
        async with sending(world.store()):
            await until(lambda: world.states(endpoint) == ["given_up", "given_up"])
        last, first = world.deliveries(endpoint)
        assert (first.tries, first.why) == (4, "4 attempts failed") and last.tries == 4
        assert f"delivery {first.id} to {endpoint}: 4 attempts failed" in caplog.text

    play(story)


def test_a_receiver_that_asks_for_time_gets_it(world: World) -> None:
    async def story(receiver: Receiver) -> None:
        receiver.answers["/"] = says(429, extra="retry-after: 1\r\n")
        endpoint = world.set_endpoint(receiver.url())
        world.try_often(endpoint, 1)
        async with sending(world.store()):
            await until(lambda: len(receiver.heard) == 2)
        first, second = receiver.heard
        assert 1.0 <= second.at - first.at < 2.0

    play(story)


def test_who_says_it_is_gone_is_told_no_more_and_the_hub_disables_it(world: World) -> None:
    async def story(receiver: Receiver) -> None:
        receiver.answers["/"] = says(410)
        endpoint = world.set_endpoint(receiver.url())

        async def gone(company: str, which: str) -> None:
            assert company == "shop"
            answer = world.say("disable_endpoint", "gone", sender="network", endpoint=which, why="it answered 410")
            assert answer.outcome == "done"

        world.try_often(endpoint, 3)
        async with sending(world.store(), options(gone=gone)):
            await until(lambda: world.states(endpoint) == ["given_up"] * 3 and not list_gone(world.watch))
        assert len(receiver.heard) == 1
        assert world.hub.ledger.find_row("endpoint", endpoint).disabled == "it answered 410"
        receiver.answers["/"] = says(200)
        world.say("enable_endpoint", "again", endpoint=endpoint)
        world.try_often(endpoint, 1, "again")
        async with sending(world.store()):
            await until(lambda: world.states(endpoint)[0] == "sent")

    play(story)


def test_a_huge_answer_is_cut_and_a_late_one_is_none(world: World) -> None:
    async def story(receiver: Receiver) -> None:
        async def endless(_: Heard, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n")
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()

        async def drips(_: Heard, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)

        receiver.answers |= {"/endless": endless, "/drips": drips}
        huge, late = (world.set_endpoint(receiver.url(path)) for path in ("/endless", "/drips"))
        world.try_often(huge, 1)
        world.try_often(late, 1)
        async with sending(world.store(), options(timeout_s=0.5)):
            await until(lambda: world.states(huge) == ["sent"] and world.states(late) == ["given_up"])
        (attempt,) = list_attempts(world.watch, world.deliveries(huge)[0].id)
        assert attempt.response == "x" * 1000
        assert list_attempts(world.watch, world.deliveries(late)[0].id)[0].error == "no answer within 0.5 s"

    play(story)


def test_dead_and_hanging_endpoints_delay_no_other(world: World) -> None:
    async def story(receiver: Receiver) -> None:
        receiver.answers["/hangs"] = hangs
        hanging = [world.set_endpoint(f"{receiver.url('/hangs')}?{n}") for n in range(10)]
        dead = [world.set_endpoint(f"http://127.0.0.1:1/{n}") for n in range(5)]
        good = world.set_endpoint(receiver.url("/good"))
        for one in (*hanging, *dead):
            world.try_often(one, 10)
        async with sending(world.store(), options(flying_max=60)):
            await until(lambda: len([one for one in receiver.heard if "/hangs" in one.path]) >= 10)
            for number in range(20):
                began = time.monotonic()
                world.try_often(good, 1, str(number))
                await until(lambda count=number + 1: len(receiver.on("/good")) == count)  # type: ignore[misc]
                assert time.monotonic() - began < 1.0
        assert world.states(good) == ["sent"] * 20

    play(story)


def test_private_addresses_and_plain_http_are_not_called(world: World) -> None:
    async def story(receiver: Receiver) -> None:
        endpoint = world.set_endpoint(receiver.url())
        named = world.set_endpoint(f"https://localhost:{receiver.port}/")
        for one in (endpoint, named):
            world.try_often(one, 1)
        async with sending(world.store(), options(guard=Guard())):
            await until(lambda: world.states(endpoint) == world.states(named) == ["given_up"])
        errors = [list_attempts(world.watch, world.deliveries(one)[0].id)[0].error for one in (endpoint, named)]
        assert errors[0].startswith("http: wanted https") and "wanted a public address" in errors[1]
        assert not receiver.heard

    play(story)


# --- again


def test_what_was_told_is_sent_again_from_a_point_on_with_the_same_ids(world: World) -> None:
    async def story(receiver: Receiver) -> None:
        endpoint = world.set_endpoint(receiver.url(), "order.accepted", "order.cancelled")
        hear(world.hub, *(order_message(str(n), heard=f"Mon 1{n}:00", **FROM_A) for n in range(5)))
        async with sending(world.store()):
            await until(lambda: world.states(endpoint) == ["sent"] * 5)
            first = sorted(one.headers["webhook-id"] for one in receiver.heard)  # by their instant
            done = replay(world.watch, asked := ReplayAsked("shop", "k", endpoint, world.at("Mon 13:00")), 1)
            assert done == Replayed(2, 10, more=False)
            assert replay(world.watch, asked, 2) == Replayed(2, 10, more=False, seen=True)
            assert replay(world.watch, ReplayAsked("shop", "k", endpoint), 3) == "conflict"
            await until(lambda: world.states(endpoint) == ["sent"] * 7)
        assert sorted(one.headers["webhook-id"] for one in receiver.heard[5:]) == first[3:]

    play(story)


def test_an_endpoint_hears_of_nothing_before_it_was_set_and_nothing_while_it_is_disabled(world: World) -> None:
    async def story(receiver: Receiver) -> None:
        world.set_endpoint("http://127.0.0.1:1/", "order.accepted")
        hear(world.hub, order_message("before", heard="Mon 10:00", **FROM_A))
        endpoint = world.set_endpoint(receiver.url(), "order.accepted", heard="Mon 11:00")
        hear(world.hub, order_message("told", heard="Mon 11:00", **FROM_A))
        world.say("disable_endpoint", "off", endpoint=endpoint)
        hear(world.hub, order_message("off", heard="Mon 11:00", **FROM_A))
        world.say("enable_endpoint", "on", heard="Mon 12:00", endpoint=endpoint)
        hear(world.hub, order_message("on", heard="Mon 12:00", **FROM_A))
        async with sending(world.store()):
            await until(lambda: "sent" in world.states(endpoint))
        assert [one.event["data"]["reference"] for one in receiver.heard] == ["on"]

    play(story)


# --- several senders, and senders that die


def test_law_several_senders_send_each_notice_once(world: World) -> None:
    async def story(receiver: Receiver) -> None:
        endpoints = [world.set_endpoint(receiver.url(f"/{n}")) for n in range(10)]
        for one in endpoints:
            world.try_often(one, 20)
        async with sending(world.store("a")), sending(world.store("b")), sending(world.store("c")):
            await until(lambda: all(world.states(one) == ["sent"] * 20 for one in endpoints))
        told = [(one.path, one.headers["webhook-id"]) for one in receiver.heard]
        assert len(told) == len(set(told)) == 200

    play(story)


def test_what_a_sender_that_died_had_claimed_is_sent_when_its_lease_ends(world: World) -> None:
    async def story(receiver: Receiver) -> None:
        endpoint = world.set_endpoint(receiver.url())
        world.try_often(endpoint, 1)
        terms = replace(QUICK, lease_s=60)
        dead, now = world.store("dead", terms), 1_000
        with dead.turn():
            dead.fan_out(now)
            assert len(dead.claim(now, 10)) == 1
        alive = world.store("alive", terms)
        with alive.turn():
            assert not alive.claim(now + 59_000, 10)
            (claimed,) = alive.claim(now + 60_001, 10)
        assert claimed.number == 2
        (lost,) = list_attempts(world.watch, claimed.id_)
        assert lost.error == "the sender ended while it was under way: it may have arrived"

    play(story)


def test_a_late_word_of_a_sender_whose_lease_has_ended_changes_nothing(world: World) -> None:
    endpoint = world.set_endpoint("http://127.0.0.1:1/")
    world.try_often(endpoint, 2)  # one subject: the second waits for the first
    slow, other = world.store("slow"), world.store("other")
    with slow.turn():
        slow.fan_out(0)
        (first,) = slow.claim(0, 1)
    with other.turn():
        (again,) = other.claim(61_000, 1)
    assert again.id_ == first.id_
    with slow.turn():
        slow.settle([Outcome(first, 0, 1, 200)], 62_000)
    assert world.states(endpoint) == ["behind", "flying"]
    with other.turn():
        other.settle([Outcome(again, 0, 1, 200)], 63_000)
    assert world.states(endpoint) == ["due", "sent"]
