"""Seeded carriers: they take the hub's instructions and send back what real ones would, in UPU event codes.

Departures run late, connections are missed, customs looks into some parcels, doors stay shut; scans come late, twice,
out of order, or not at all. The rates are invented and stand below. The same seed gives the same messages.
"""

import datetime as dt
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from random import Random

import msgspec

from rookery.hub.message import Message
from rookery.hub.notice import read_leg
from rookery.journey.instruct import Instruction, Task
from rookery.journey.network.whole import Network
from rookery.journey.waybill import sscc_number
from rookery.partners.scans.read import Event, Packing
from rookery.units import DAY_S, UTC, instant_text, time_zone

LATE_MINUTES = {"air": 45, "sea": 900, "rail": 300, "road": 25, "courier": 20, "transfer": 5}  # means
LATE_SHARE = 0.35
HELD_BY_CUSTOMS, CUSTOMS_HOURS_MAX = 0.01, 48
DOOR_SHUT, NEVER_HOME = 0.06, 0.004
WEIGHED_TO_BOOKED = (0.95, 1.08)
SCAN_TWICE, SCAN_LOST, SCAN_HOURS_LATE_MAX = 0.03, 0.01, 6
EVENTS_PER_MESSAGE = 50
BAG_SERIALS = 5_000_000  # above those that number parcels in a demonstration
BAGGED = ("air", "sea", "rail")
_WRITE = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class _Seen:
    """An event, who saw it, and when the hub hears of it."""

    heard_at: int
    company_id: str
    event: Event


class Carriers:
    """All carriers of a network, played from one seed."""

    def __init__(self, network: Network, seed: int):
        self.seed = seed
        self._zones = {f.facility_id: time_zone(f.time_zone) for f in network.facilities}
        self._countries = {f.facility_id: f.country for f in network.facilities}
        self._prefixes = {c.company_id: c.gs1_prefix for c in network.companies}
        self._loads: dict[tuple[str, str], list[str]] = {}
        self._flights: dict[tuple[str, str], tuple[int, int, Task]] = {}
        self._own: list[_Seen] = []
        self._booked_g: dict[str, int] = {}

    def messages(self, outbox: Iterable[tuple[int, str, str, int, bytes]]) -> list[Message]:
        """Everything that the carriers say about their instructions, in the order in which the hub hears it."""
        tasks: dict[str, list[tuple[Task, str]]] = {}
        for _, company_id, kind, _, body in outbox:
            if not kind.startswith("leg."):
                continue
            instruction = read_leg(company_id, body)
            if kind != "leg.carry":
                _withdraw(tasks, instruction, company_id)
            if kind == "leg.withdraw":
                continue
            piece_g = instruction.grams // len(instruction.parcels)
            for parcel in instruction.parcels:
                self._booked_g[parcel] = piece_g
                tasks.setdefault(parcel, []).extend((task, company_id) for task in instruction.tasks)
        for parcel, legs in tasks.items():
            self._own += self._carry(parcel, sorted(legs, key=lambda leg: leg[0].leg))
        out = self._scan_messages(self._with_faults(self._own))
        out += self._bag_messages()
        return sorted(out, key=lambda message: (message.heard_at, message.key))

    # --- one parcel

    def _carry(self, parcel: str, legs: list[tuple[Task, str]]) -> Iterator[_Seen]:
        """One parcel's way along its legs: a missed connection waits for the same departure a day later."""
        at = legs[0][0].departs_at
        for task, company_id in legs:
            departs = task.departs_at + self._late(task, "out")
            while departs < at:
                departs += DAY_S
            arrives = departs + (task.arrives_at - task.departs_at) + self._late(task, "in") // 2
            if task.mode == "courier" and task.origin in self._zones:
                yield from self._deliver(parcel, task, company_id, departs, arrives)
                return
            if task.mode == "courier":
                yield self._see(parcel, "EMA", arrives, task.destination, company_id)
            elif task.mode in BAGGED:
                self._load(parcel, task, company_id, departs, arrives)
            else:
                out_code, in_code = ("EMC", "EMD") if self._crosses(task) else ("EDE", "EDD")
                yield self._see(parcel, out_code, departs, task.origin, company_id)
                yield self._see(parcel, in_code, arrives, task.destination, company_id)
            at = arrives + max(0, task.ready_at - task.arrives_at)
            if self._crosses(task) and task.ready_at > task.arrives_at:
                at = yield from self._clear(parcel, task, company_id, arrives, at)
        if legs[-1][0].mode != "courier":
            yield self._see(parcel, "EMI", at, legs[-1][0].destination, legs[-1][1])

    def _clear(
        self, parcel: str, task: Task, company_id: str, arrives: int, cleared: int
    ) -> Generator[_Seen, None, int]:
        """Customs of the country that a leg leads into; returns when the parcel is through."""
        rng = self._rng(parcel, task.leg, "customs")
        yield self._see(parcel, "EDB", arrives + 60, task.destination, company_id)
        if rng.random() < HELD_BY_CUSTOMS:
            yield self._see(parcel, "EME", cleared, task.destination, company_id)
            cleared += rng.randrange(1, CUSTOMS_HOURS_MAX) * 3600
        yield self._see(parcel, "EDC", cleared, task.destination, company_id)
        return cleared

    def _deliver(self, parcel: str, task: Task, company_id: str, departs: int, arrives: int) -> Iterator[_Seen]:
        """The last mile: attempts on following days until somebody is home, or it goes back."""
        rng = self._rng(parcel, task.leg, "door")
        never = rng.random() < NEVER_HOME
        weighed = max(1, int(self._booked_g[parcel] * rng.uniform(*WEIGHED_TO_BOOKED)))
        yield self._see(parcel, "EMG", departs - 1800, task.origin, company_id, weight_g=weighed)
        for attempt in range(3):
            shift = attempt * DAY_S
            yield self._see(parcel, "EDG", departs + shift, task.origin, company_id)
            if never or rng.random() < DOOR_SHUT:
                yield self._see(parcel, "EMH", arrives + shift, task.origin, company_id, reason="consignee_absent")
                continue
            yield self._see(parcel, "EMI", arrives + shift, task.origin, company_id, signed_by=f"R. {parcel[-3:]}")
            return

    # --- bags

    def _load(self, parcel: str, task: Task, company_id: str, departs: int, arrives: int) -> None:
        key = (company_id, f"{task.departure or task.service}@{departs}-{task.destination}")
        self._loads.setdefault(key, []).append(parcel)
        self._flights[key] = (departs, arrives, task)

    def _bag_messages(self) -> Iterator[Message]:
        """Bags by departure: packed before it leaves, scanned as one, emptied where it arrives."""
        for serial, (key, parcels) in enumerate(sorted(self._loads.items())):
            company_id, _ = key
            departs, arrives, task = self._flights[key]
            bag = self._bag_number(company_id, serial)
            yield self._packing(company_id, bag, departs - 3600, task.origin, tuple(parcels))
            yield self._bag_scan(company_id, bag, "EMC", departs, task.origin)
            yield self._bag_scan(company_id, bag, "EMD", arrives, task.destination)
            yield self._packing(company_id, bag, arrives + 30, task.destination, ())

    def _bag_number(self, company_id: str, serial: int) -> str:
        prefix = self._prefixes.get(company_id)
        return sscc_number(prefix, BAG_SERIALS + serial) if prefix else f"BAG-{company_id}-{serial:06d}"

    def _packing(self, company_id: str, bag: str, at: int, place: str, parcels: tuple[str, ...]) -> Message:
        body = _WRITE.encode(Packing(unit=bag, at=self._local(at, place), kind="bag", contents=parcels))
        return Message(company_id, f"bag:{bag}:{'in' if parcels else 'out'}", "packing", body, at)

    def _bag_scan(self, company_id: str, bag: str, code: str, at: int, place: str) -> Message:
        body = _WRITE.encode({"events": [Event(number=bag, code=code, at=self._local(at, place), place=place)]})
        return Message(company_id, f"bag:{bag}:{code}", "scans", body, at)

    # --- how it is heard

    def _with_faults(self, seen: list[_Seen]) -> Iterator[_Seen]:
        """Some scans late, some twice, some never; never the last word on a parcel."""
        for number, one in enumerate(seen):
            rng = self._rng(one.event.number, number, "heard")
            if one.event.code not in ("EMI", "EMH") and rng.random() < SCAN_LOST:
                continue
            late = rng.randrange(SCAN_HOURS_LATE_MAX * 3600) if rng.random() < 0.1 else rng.randrange(300)
            yield _Seen(one.heard_at + late, one.company_id, one.event)
            if rng.random() < SCAN_TWICE:
                yield _Seen(one.heard_at + late + 3600, one.company_id, one.event)

    def _scan_messages(self, seen: Iterable[_Seen]) -> list[Message]:
        """Events of a company and an hour in one message."""
        hours: dict[tuple[str, int], list[_Seen]] = {}
        for one in seen:
            hours.setdefault((one.company_id, one.heard_at // 3600), []).append(one)
        out = []
        for (company_id, hour), events in sorted(hours.items()):
            events.sort(key=lambda one: (one.heard_at, one.event.number, one.event.code))
            for first in range(0, len(events), EVENTS_PER_MESSAGE):
                some = events[first : first + EVENTS_PER_MESSAGE]
                body = _WRITE.encode({"events": [one.event for one in some]})
                out.append(Message(company_id, f"scans:{self.seed}:{hour}:{first}", "scans", body, some[-1].heard_at))
        return out

    def _see(
        self,
        parcel: str,
        code: str,
        at: int,
        place: str,
        company_id: str,
        *,
        reason: str = "",
        signed_by: str = "",
        weight_g: int = 0,
    ) -> _Seen:
        event = Event(parcel, code, self._local(at, place), place, reason, "", signed_by, weight_g)
        return _Seen(at, company_id, event)

    # --- chance

    def _late(self, task: Task, way: str) -> int:
        """Seconds by which a departure is late: the same for all who are on it."""
        rng = self._rng(task.service, task.departs_at, way)
        return int(rng.expovariate(1 / (LATE_MINUTES[task.mode] * 60))) if rng.random() < LATE_SHARE else 0

    def _rng(self, *what: str | int) -> Random:
        return Random("|".join(map(str, (self.seed, *what))))

    def _local(self, at: int, place: str) -> str:
        zone = self._zones.get(place)
        moment = dt.datetime.fromtimestamp(at, zone or UTC)
        return instant_text(at) if zone is None else moment.isoformat(timespec="seconds")

    def _crosses(self, task: Task) -> bool:
        return self._countries.get(task.origin) != self._countries.get(task.destination)


def _withdraw(tasks: dict[str, list[tuple[Task, str]]], instruction: Instruction, company_id: str) -> None:
    """The company does not carry these tasks, or at other times; a parcel without any goes nowhere."""
    gone = {(company_id, *_ride(task)) for task in instruction.tasks}
    for parcel in instruction.parcels:
        left = [(task, company) for task, company in tasks.pop(parcel, ()) if (company, *_ride(task)) not in gone]
        if left:
            tasks[parcel] = left


def _ride(task: Task) -> tuple[str, str, str, str]:
    return task.service, task.departure, task.origin, task.destination
