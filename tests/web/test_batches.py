"""Batches of orders that are sent at once."""

import threading
from pathlib import Path

from served import served
from test_serve import network, order


def test_a_short_batch_does_not_wait_for_a_long_one_that_came_before_it(tmp_path: Path) -> None:
    ended: list[str] = []
    with served(network(), tmp_path / "hub.ledger", ("shop",)) as hub:

        def send(name: str, count: int) -> None:
            orders = [order(f"{name}-{number}") for number in range(count)]
            got = hub.call("POST", "/v1/orders/batch", {"orders": orders}, key=name)
            assert [one["reference"] for one in got.body["accepted"]] == [one["reference"] for one in orders]
            ended.append(name)

        threads = [threading.Thread(target=send, args=one) for one in (("long", 120), ("short", 5))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert ended == ["short", "long"]
