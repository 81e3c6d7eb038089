"""Space held and taken through the hub and its ledger, and a sales peak at its door.

Plans of three legs on the reference network (a lorry to Hong Kong, two legs of a flight to Liege), held and then taken
by messages of seven companies, each within what it is guaranteed. In the peak one of them asks for space with twenty
times the load of all, beyond its guarantee; what others wait for their answers is taken from the instant at which a
message was due to come to the commit of its answer. One process, one thread: it also makes the load.
"""

import datetime as dt
import hashlib
import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.floor import Transcript, check_same, play, recorded
from bench.process import remove_ledger
from bench.table import OUT, Broken, Row, spread
from rookery.hub.admission import Admission
from rookery.hub.message import Answer, Message
from rookery.hub.network import open_network
from rookery.hub.open import open_hub
from rookery.hub.spine import Hub
from rookery.hub.steady import steady
from rookery.hub.tenants import Limits, tenants_of
from rookery.units import make_id

NETWORK = "backbone"
COMPANIES = (
    "plaza", "plaza_global", "northwind_shoes", "lumen_gadgets", "petal_beauty", "tidewater_home", "kiteworks_toys",
)  # fmt: skip
CROWD = COMPANIES[-1]  # who comes in a crowd
DAYS = 20
BEGIN = int(dt.datetime(2026, 12, 1, tzinfo=dt.UTC).timestamp())
FIRST_DAY = dt.date(2026, 12, 3)
LEGS = ("DGM-HKG.15h/{}/1", "HKG-RUH-LGG.night/{}/1", "HKG-RUH-LGG.night/{}/2")
RUNS, PLANS = 3, 10_000
QUICK_PLANS = 60
GROUP_MS = 50.0
AIM = ">= 1500"
PEAK, BASE = 20, 0.2  # times all load; of what the hub can do
QUIET_S, PEAK_S = 8.0, 12.0
TAKE_US = 4_000  # of expected work that is taken from the door at a time: answers come after its commit
LEDGERS = OUT / "ledgers"
FLOOR = "the same statements, rows, groups and settings, played into a fresh file"


def hub_rows(*, quick: bool) -> list[Row]:
    """Plans a second through the ledger against the raw floor; the peak."""
    LEDGERS.mkdir(parents=True, exist_ok=True)
    count = QUICK_PLANS if quick else PLANS
    seconds = [_run(LEDGERS / "space.ledger", count) for _ in range(1 if quick else RUNS)]
    rate = count / statistics.median(seconds)
    with recorded() as transcript:
        _run(LEDGERS / "captured.ledger", count, transcript)
    floor = [count / _floor(transcript) for _ in range(len(seconds))]
    runs = spread([count / one for one in seconds])
    note = f"two messages a plan, hold and take, groups of {GROUP_MS:.0f} ms; {runs}"
    rows = [
        Row("three legs held and taken, through the ledger", rate, "plans/s", "plans/s raw floor",
            statistics.median(floor), AIM, f"{note}; floor: {FLOOR}; {spread(floor)}"),
    ]  # fmt: skip
    return rows + peak_rows(rate, *((0.3, 0.3) if quick else (QUIET_S, PEAK_S)))


# --- plans one after the other


def _open(path: Path) -> Hub:
    remove_ledger(path)
    return open_hub(open_network(NETWORK), path)


def _run(path: Path, count: int, transcript: Transcript | None = None) -> float:
    """Seconds for so many plans, from the first message to the commit of the last answer."""
    hub = _open(path)
    if transcript is not None:
        transcript.opened = len(transcript.statements)
    said = [message for number in range(count) for message in plan_messages(COMPANIES[number % 7], number, BEGIN)]
    with steady():
        began = time.perf_counter()
        outcomes = [answer.outcome for _, answer in hub.receive(said, group_ms=GROUP_MS)]
        took = time.perf_counter() - began
    hub.ledger.close()
    if set(outcomes) != {"done"}:
        raise Broken(f"plans: wanted all held and taken, found {set(outcomes)}")
    return took


def plan_messages(company: str, number: int, heard_at: int, grams: int = 0) -> tuple[Message, Message]:
    """A plan to be held, and the same to be taken."""
    held = hold_message(company, number, heard_at, grams)
    return held, take_message(held)


def hold_message(company: str, number: int, heard_at: int, grams: int = 0) -> Message:
    """Three legs of a day, 0.5 to 3.5 kg or so many grams."""
    day = FIRST_DAY + dt.timedelta(number // 7 % DAYS)
    grams = grams or 500 + 997 * number % 3_000
    amounts = {"grams": grams, "cm3": 5 * grams}
    uses = [{"resource": f"departure:{leg.format(day)}", "amounts": amounts} for leg in LEGS]
    body = json.dumps({"uses": uses, "hold_s": 3600}).encode()
    return Message(company, f"hold-{number}", "hold_space", body, heard_at)


def take_message(held: Message) -> Message:
    """That a plan is taken, whose id follows from the message that asked for it."""
    words = hashlib.sha256(f"{held.sender}\0{held.key}".encode()).digest()
    space = make_id(heard_at=held.heard_at, message_id=words, ordinal=1).hex()
    return Message(held.sender, f"take-{held.key}", "take_space", json.dumps({"space": space}).encode(), held.heard_at)


def _floor(transcript: Transcript) -> float:
    path = LEDGERS / "floor.ledger"
    remove_ledger(path)
    took = play(transcript, path, time.perf_counter)
    check_same(LEDGERS / "captured.ledger", path)
    return took


# --- the peak


@dataclass(slots=True)
class Seen:
    """What came of a stretch of time. `delays`: seconds, of all but the crowd; `busy`: messages not let in."""

    delays: list[float] = field(default_factory=list)
    held: int = 0
    refused: list[str] = field(default_factory=list)
    crowd: int = 0
    crowd_held: int = 0
    busy: int = 0


def peak_rows(rate: float, quiet_s: float, peak_s: float) -> list[Row]:
    """A quiet stretch, and one in which one company comes with a multiple of all load; the same hub."""
    hub = _open(LEDGERS / "peak.ledger")
    door = Admission(tenants_of(open_network(NETWORK)), Limits())
    base = BASE * rate
    with steady():
        _stretch(hub, door, quiet_s / 4, base, 0.0, 20_000_000)  # what is compiled or read at first use is not counted
        quiet = _stretch(hub, door, quiet_s, base, 0.0, 0)
        peak = _stretch(hub, door, peak_s, base, PEAK * base, 10_000_000)
    hub.ledger.close()
    p99 = [1000 * statistics.quantiles(seen.delays, n=100)[98] for seen in (quiet, peak)]
    most = max(2 * p99[0], 25.0)
    asked = peak.held + len(peak.refused)
    load = f"{base:,.0f} plans/s of six companies, a fifth of what the hub does"
    crowd = (
        f"and {PEAK} times as many of one more, each 20 kg: {peak.crowd + peak.busy:,} messages, {peak.crowd:,} let in,"
        f" {peak.crowd_held:,} plans held"
    )
    return [
        Row("quiet: 99 of 100 answered within", p99[0], "ms", note=f"{load}; {len(quiet.delays):,} plans"),
        Row("peak: the others' 99 of 100 within", p99[1], "ms", "ms quiet", p99[0], f"<= {most:.1f}",
            f"{load}, {crowd}; at most the larger of twice quiet and 25 ms"),
        Row("peak: the others' plans within guarantees held", 100 * peak.held / asked, "%", target="= 100",
            note=f"{asked:,} plans; {'; '.join(peak.refused[:1]) or 'none refused'}"),
    ]  # fmt: skip


def _stretch(hub: Hub, door: Admission, length_s: float, base: float, crowd: float, first: int) -> Seen:
    """Messages come at a steady rate, whether or not earlier ones are answered."""
    seen = Seen()
    due: dict[Message, float] = {}
    arrivals = _arrivals(length_s, base, crowd, first)
    ahead = next(arrivals, None)
    began = time.perf_counter()
    while ahead is not None or door.messages_waiting:
        now = time.perf_counter() - began
        while ahead is not None and ahead[0] <= now:
            at, company, number = ahead
            message = _said(company, number, int(began + now))
            _offer(door, message, int(began + now), seen)
            due[message] = at
            ahead = next(arrivals, None)
        batch = door.take(TAKE_US)
        if not batch:
            time.sleep(0.0005)
            continue
        for message, answer in _act(hub, door, batch):
            _note(door, message, answer, due.pop(message, None), time.perf_counter() - began, seen)
    return seen


def _arrivals(length_s: float, base: float, crowd: float, first: int) -> Iterator[tuple[float, str, int]]:
    """When a plan is asked for, by whom, and its number."""
    number, crowd_at = first, 0.0
    for plan in range(int(length_s * base)):
        at = plan / base
        while crowd and crowd_at <= at:
            number += 1
            yield crowd_at, CROWD, number
            crowd_at += 1 / crowd
        number += 1
        yield at, COMPANIES[plan % 6], number


def _said(company: str, number: int, moment: int) -> Message:
    return hold_message(company, number, BEGIN + moment % 86_400, 20_000 if company == CROWD else 0)


def _offer(door: Admission, message: Message, now: int, seen: Seen) -> None:
    seen.busy += door.offer(message, now) is not None


def _act(hub: Hub, door: Admission, batch: list[Message]) -> list[tuple[Message, Answer]]:
    """Act on what was taken and commit it; each is charged its part of the time."""
    began = time.perf_counter()
    answers = list(hub.receive(batch, group_ms=1e9))
    each = int(1e6 * (time.perf_counter() - began) / len(batch))
    for message in batch:
        door.settle(message, each)
    return answers


def _note(door: Admission, message: Message, answer: Answer, due: float | None, now: float, seen: Seen) -> None:
    if message.kind != "hold_space":
        return
    done = answer.outcome == "done"
    if done:
        door.offer(take_message(message), message.heard_at)
    if message.sender == CROWD:
        seen.crowd += 1
        seen.crowd_held += done
        return
    assert due is not None, "who is answered has asked"
    seen.delays.append(now - due)
    seen.held += done
    if not done:
        seen.refused.append(f"{message.sender}: {answer.refusals[0] if answer.refusals else answer.text}")
