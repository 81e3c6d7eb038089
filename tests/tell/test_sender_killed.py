"""Senders killed again and again while notices come: each is delivered, in order, and every attempt is logged."""

import asyncio
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from receivers import Heard, Receiver, World, says, until

from rookery.tell.journal import list_attempts

HERE = Path(__file__).resolve().parent
KILLS, EACH = 4, 20


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


async def start(ledger: Path, worker: str) -> asyncio.subprocess.Process:
    ways = os.pathsep.join((str(HERE), str(HERE.parent), str(HERE.parents[1] / "src")))
    return await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / "killable.py"), str(ledger), worker, env=os.environ | {"PYTHONPATH": ways}
    )


@pytest.mark.parametrize("seed", range(2))
def test_law_each_notice_is_delivered_in_order_although_senders_are_killed(world: World, seed: int) -> None:
    chance = random.Random(seed)

    async def story(receiver: Receiver) -> None:
        async def slow(heard: Heard, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(chance.uniform(0, 0.05))
            await says(200)(heard, writer)

        receiver.answers["/slow"] = slow
        endpoints = [world.set_endpoint(receiver.url(f"/{name}")) for name in ("slow", "fast")]
        for kill in range(KILLS):
            senders = [await start(world.hub.ledger.path, f"{kill}{name}") for name in "ab"]
            count = len(receiver.heard)
            for number in range(EACH):
                world.try_often(endpoints[number % 2], 1, f"{kill} {number}")
            await until(lambda count=count: len(receiver.heard) > count)  # type: ignore[misc]
            await asyncio.sleep(chance.uniform(0, 0.4))
            for sender in senders:
                sender.kill()
                await sender.wait()
        last = await start(world.hub.ledger.path, "last")
        await until(lambda: all(set(world.states(one)) == {"sent"} for one in endpoints), 20)
        last.kill()
        await last.wait()
        for path, endpoint in zip(("/slow", "/fast"), endpoints, strict=True):
            sequences = [int(one.event["sequence"]) for one in receiver.on(path)]
            assert list(dict.fromkeys(sequences)) == [*range(1, len(world.deliveries(endpoint)) + 1)]
            assert sequences == sorted(sequences)
            logged = sum(len(list_attempts(world.watch, one.id)) for one in world.deliveries(endpoint))
            assert logged >= len(sequences) and len(sequences) - len(set(sequences)) <= 2 * KILLS

    async def run() -> None:
        async with asyncio.timeout(60), Receiver().open() as receiver:
            await story(receiver)

    asyncio.run(run())
