"""The load of `bench.hub`, in a process of its own: what it shall do comes in, what it saw goes out, as JSON."""

import datetime as dt
import http.client
import json
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.table import Broken

CARRIER, SHIPPER, OPERATOR = "euroway_road", "plaza", "network"
BATCH, LOAD, CONNECTIONS, CALLERS = 200, 20, 16, 16  # events in a request; parcels of a consignment
EVENTS_PER_S, CALLS_PER_S, WARM_S = 5_000, 200, 5
CODES = ("EMA", "EMB", "EMC", "EMD", "EME", "EMF")
FROM, TO = ("310000", "518000", "201100"), (("ES", "28001"), ("FR", "75001"), ("ES", "08001"), ("DE", "10115"))


Make = Callable[[int], tuple[str, bytes, str]]  # path, body and key of the call of that number


class Caller:
    """A connection that is kept."""

    def __init__(self, address: str, key: str):
        self._headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        self._link = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)

    def get(self, path: str) -> tuple[int, bytes]:
        """The status and body of an answer."""
        self._link.request("GET", path, headers=self._headers)
        reply = self._link.getresponse()
        return reply.status, reply.read()

    def post(self, path: str, body: bytes, name: str) -> int:
        """The status of an answer, read to its end; 0: some of a batch was rejected."""
        self._link.request("POST", path, body, self._headers | {"idempotency-key": name})
        reply = self._link.getresponse()
        words = reply.read()
        return 0 if b'"rejected":[{' in words else reply.status


def batch(numbers: list[str], number: int, chance: random.Random, *, together: bool = False) -> bytes:
    """Events of parcels at random, or of consignments at random as they come off a truck; each happens once."""
    minute, code = 1_770_000_000 + 60 * number, CODES[number // 500 % len(CODES)]
    of = [chance.choice(numbers) for _ in range(BATCH)]
    if together:
        firsts = [chance.randrange(len(numbers) // LOAD) * LOAD for _ in range(BATCH // LOAD)]
        of = [number for first in firsts for number in numbers[first : first + LOAD]]
    events = [
        {"number": one, "code": code, "at": _time(minute + chance.randrange(60)), "place": f"HUB{n}"}
        for n, one in enumerate(of)
    ]
    return json.dumps({"events": events}).encode()


def _time(at: int) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).isoformat()


def events(address: str, keys: dict[str, str], numbers: list[str], first: int, count: int, way: str) -> dict[str, Any]:
    """So many events as fast as they are taken, after so many others. `way`: parcels apart, or together."""
    todo = iter(range(first // BATCH, (first + count) // BATCH))
    lock, statuses = threading.Lock(), list[int]()

    def run(seed: int) -> None:
        caller, chance = Caller(address, keys[CARRIER]), random.Random(seed)
        while True:
            with lock:
                number = next(todo, None)
            if number is None:
                return
            statuses.append(
                caller.post("/v1/events", batch(numbers, number, chance, together=way == "together"), f"e{number}")
            )

    began = time.perf_counter()
    _together(run, CONNECTIONS)
    seconds = time.perf_counter() - began
    if set(statuses) != {200}:
        raise Broken(f"events: wanted 200 each time, found {set(statuses)}")
    return {"seconds": seconds}


def timelines(address: str, keys: dict[str, str], numbers: list[str], who: str, count: int) -> dict[str, Any]:
    """A page of the story of parcels at random, one after the other: how long each took for who asks, milliseconds."""
    caller, chance, took = Caller(address, keys[who]), random.Random(5), list[float]()
    for _ in range(count):
        began = time.perf_counter()
        status, body = caller.get(f"/v1/parcels/{chance.choice(numbers)}/events")
        took.append((time.perf_counter() - began) * 1000)
        if status != 200 or not json.loads(body)["data"]:
            raise Broken(f"timeline: wanted 200 and events, found {status} {body[:200]!r}")
    return {"p50": _at(took, 50), "p99": _at(took, 99)}


def mixed(address: str, keys: dict[str, str], numbers: list[str], seconds: int) -> dict[str, Any]:
    """Quotes while events come in; then orders."""
    with ThreadPoolExecutor(1) as beside:
        feed = beside.submit(_feed, address, keys, numbers, seconds + WARM_S)
        quotes = _paced(address, keys[SHIPPER], seconds + WARM_S, lambda n: ("/v1/quotes", _quote(n), f"q{n}"))
        feed.result()
    placed = _paced(address, keys[SHIPPER], seconds + WARM_S, lambda n: ("/v1/orders", _order(n), f"o{n}"))
    warm = WARM_S * CALLS_PER_S
    begun, quotes, placed = max(quotes[:warm]), quotes[warm:], placed[warm:]
    note = (
        f"{CALLS_PER_S} a second for {seconds} s, after {WARM_S} s in which every way is new to the server (a quote"
        f" then took up to {begun:.0f} ms); quotes while {EVENTS_PER_S} events a second come in"
    )
    return {
        "quote p50": _at(quotes, 50), "quote p99": _at(quotes, 99), "order p50": _at(placed, 50),
        "order p99": _at(placed, 99), "note": note,
    }  # fmt: skip


def soak(address: str, keys: dict[str, str], numbers: list[str], minutes: int) -> dict[str, Any]:
    """Half of the load, minute after minute: what 99 % of each kind of call took at most."""
    return {"minutes": [_minute(address, keys, numbers, 10_000 * minute) for minute in range(minutes)]}


def _minute(address: str, keys: dict[str, str], numbers: list[str], first: int) -> dict[str, float]:
    batches_per_s = EVENTS_PER_S // 2 // BATCH + 1
    calls: dict[str, tuple[str, int, Make]] = {
        "quote": (SHIPPER, CALLS_PER_S // 2, lambda n: ("/v1/quotes", _quote(n), f"q{n}")),
        "order": (SHIPPER, CALLS_PER_S // 2, lambda n: ("/v1/orders", _order(first + n), f"o{first + n}")),
        "batch of events": (
            CARRIER, batches_per_s,
            lambda n: ("/v1/events", batch(numbers, first + n, random.Random(n)), f"e{first + n}"),
        ),
    }  # fmt: skip
    names, took = list(calls), dict[str, float]()

    def run(which: int) -> None:
        caller, per_s, make = calls[names[which]]
        took[names[which]] = _at(_paced(address, keys[caller], 60, make, per_s), 99)

    _together(run, len(names))
    return took


def _feed(address: str, keys: dict[str, str], numbers: list[str], seconds: int) -> None:
    caller, chance, began = Caller(address, keys[CARRIER]), random.Random(9), time.perf_counter()
    for number in range(seconds * EVENTS_PER_S // BATCH):
        time.sleep(max(0.0, began + number * BATCH / EVENTS_PER_S - time.perf_counter()))
        status = caller.post("/v1/events", batch(numbers, 200_000 + number, chance), f"f{number}")
        if status != 200:
            raise Broken(f"batch {number}: wanted 200, found {status}")


def _quote(n: int) -> bytes:
    country, postcode = TO[n // 3 % 4]
    wish = {"origin": f"CN {FROM[n % 3]}", "destination": f"{country} {postcode}", "weight_g": 300 + n % 40 * 50}
    return json.dumps(wish | {"product": "express"}).encode()


def _order(n: int) -> bytes:
    country, postcode = TO[n // 3 % 4]
    return json.dumps({
        "reference": f"L{n}", "owner": SHIPPER, "ordered_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "product": "express", "from_country": "CN", "from_postcode": FROM[n % 3], "to_country": country,
        "to_postcode": postcode, "weight_g": 300 + n % 40 * 50,
    }).encode()  # fmt: skip


def _paced(address: str, key: str, seconds: int, make: Make, per_s: int = CALLS_PER_S) -> list[float]:
    """Milliseconds from when each call was due to its answer, in the order of the calls: who is late is late for the
    next ones, too."""
    took: dict[int, float] = {}
    count, begin = seconds * per_s, time.perf_counter() + 0.5

    def run(first: int) -> None:
        caller = Caller(address, key)
        for number in range(first, count, CALLERS):
            due = begin + number / per_s
            time.sleep(max(0.0, due - time.perf_counter()))
            status = caller.post(*make(number))
            if status not in (200, 201):
                raise Broken(f"call {number}: wanted 200 or 201, found {status}")
            took[number] = (time.perf_counter() - due) * 1000

    _together(run, CALLERS)
    return [took[number] for number in range(count)]


def _together(run: Callable[[int], None], count: int) -> None:
    with ThreadPoolExecutor(count) as threads:
        list(threads.map(run, range(count)))  # whatever one of them raises is raised here


def _at(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


if __name__ == "__main__":
    what, *given = json.load(sys.stdin)
    print(json.dumps({"events": events, "mixed": mixed, "timelines": timelines, "soak": soak}[what](*given)))
