"""A hub in a process of its own, beside others on the same ledger: started by test_together.py.

    python together.py LEDGER SEED NAME

Its messages are those of a random day under keys of its own. Each that was acted on is a line of the output.
"""

import os
import sys

import msgspec

from days import little_network, messages
from rookery.hub.message import Message
from rookery.hub.open import open_hub

ORDER_COUNT = 160


def of_our_own(seed: int, name: str) -> list[Message]:
    """Orders of a few random days, by names that no other process uses."""
    found = []
    day = 0
    while len(found) < ORDER_COUNT:
        for message in messages(seed + 10 * day):
            body = msgspec.json.decode(message.body) if message.kind == "order" else {}
            if "reference" in body and b"caviar" not in message.body and b": -1" not in message.body:
                body["reference"] = f"{name}-{day}-{body['reference']}"
                words = msgspec.json.encode(body)
                found.append(Message(message.sender, f"{name}-{day}-{message.key}", "order", words, message.heard_at))
        day += 1
    return found[:ORDER_COUNT]


def main() -> None:
    path, seed, name = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    hub = open_hub(little_network(), path)
    for message, answer in hub.receive(of_our_own(seed, name), group_ms=5.0):
        if answer.outcome in ("done", "refused"):
            os.write(1, f"{message.sender} {message.key}\n".encode())


if __name__ == "__main__":
    main()
