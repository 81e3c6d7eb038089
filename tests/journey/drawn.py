"""Random little networks that mix everything a plan depends on, each drawn from a seed."""

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

from rookery.journey.account import Account
from rookery.journey.chain import decide
from rookery.journey.departure import CancelDeparture, DelayDeparture, RestoreDeparture
from rookery.journey.desk import Desk, Policy
from rookery.journey.network.line import Capacity, Cutoff, Service, Variant
from rookery.journey.network.offer import Customs, ExchangeRate, Goods, Rate, Surcharge, Tariff
from rookery.journey.network.place import Calendar, CalendarException, Connection, Processing
from rookery.journey.network.rows import Clock, Days, Micro
from rookery.journey.network.whole import Network
from rookery.journey.price import Load
from rookery.journey.room import Room
from rookery.journey.state import State
from rookery.journey.walk import Trip
from rookery.units import local_instant, time_zone
from worlds import MONDAY, calls, desk_of, door, empty_state, place, row, spot, tiny_network

ONE_DAY = dt.timedelta(days=1)
HOUR_S = 3600
LEGS_MAX = 60  # more than fit into the days of a network
MODES = ("road", "road", "air", "rail")
COUNTRIES = (("BE", "Europe/Brussels"), ("ES", "Europe/Madrid"), ("GB", "Europe/London"), ("JP", "Asia/Tokyo"),
             ("US", "America/New_York"))  # fmt: skip
CHANGES = [dt.date(*day) for day in ((2026, 3, 7), (2026, 3, 28), (2026, 10, 24), (2026, 10, 31))]  # before clocks do

# What a network of a family is about; it has the other features now and then.
FEATURES = ("room", "stops", "variants", "late", "dwell", "fees", "dates", "borders", "doors", "clocks", "classes")
FAMILIES: dict[str, tuple[str, ...]] = {
    "plain": (), "full": ("room",), "lines": ("stops", "room"), "overtaking": ("variants", "stops", "late"),
    "dwell": ("dwell",), "fees": ("fees", "variants"), "dates": ("dates",), "borders": ("borders", "dates"),
    "doors": ("doors", "borders"), "clocks": ("clocks", "borders", "variants"), "classes": ("classes", "doors"),
    "stays": ("dwell", "fees", "room", "variants"), "late": ("late", "fees", "dwell", "dates", "variants"),
    "all": FEATURES,
}  # fmt: skip


@dataclass
class Drawn:
    """A network as a seed has drawn it, what is known of its departures, and trips through it."""

    seed: int
    family: str
    network: Network
    desk: Desk
    room: Room
    trips: list[Trip]


def draw(seed: int) -> Drawn:
    """The network of a seed."""
    return _Draw(seed).draw()


class _Draw:
    def __init__(self, seed: int):
        self.seed, self.rng = seed, random.Random(seed)
        self.family = list(FAMILIES)[seed % len(FAMILIES)]
        often = 0.75 if self.family == "all" else 1
        self.on = [name for name in FEATURES if self.rng.random() < (often if name in FAMILIES[self.family] else 0.12)]
        self.names = "ABCDE"[: self.rng.randint(3, 5)]
        self.first = (
            self.rng.choice(CHANGES) - ONE_DAY if "clocks" in self.on else MONDAY + self.rng.randint(0, 6) * ONE_DAY
        )
        self.days = self.rng.randint(3, 5)
        abroad = "borders" in self.on or "clocks" in self.on
        self.countries = {name: self.rng.choice(COUNTRIES if abroad else COUNTRIES[:1]) for name in self.names}

    def draw(self) -> Drawn:
        rng = self.rng
        services = [f"s{n}" for n in range(rng.randint(2, 7))]
        lines = [self._service(name) for name in services]
        last = self.first + (self.days - 1) * ONE_DAY
        network = tiny_network(
            [self._place(name) for name in self.names], lines, [self._handling() for _ in range(rng.randint(0, 5))],
            [self._cutoff(services) for _ in range(rng.randint(0, 3))], self._calendars(), self._prices(),
            row(Goods, goods_class="lithium", name="batteries"), self._customs(), self._doors(),
            self._connections(services), first=str(self.first), last=str(last),
        )  # fmt: skip
        start = local_instant(self.first, 0, time_zone("UTC"))
        desk = desk_of(network, start - 2 * HOUR_S, Policy(legs_max=LEGS_MAX))
        room = self._room(desk)
        return Drawn(self.seed, self.family, network, desk, room, [self._trip(network, start) for _ in range(3)])

    # --- places and rides

    def _place(self, name: str) -> Any:
        hours = (
            self.rng.choice(("00:00 24:00", "08:00 18:00", "20:00 02:00+1")) if "doors" in self.on else "00:00 24:00"
        )
        return place(name, *self.countries[name], hours=hours, days=self.rng.choice(("daily", "daily", "weekdays")))

    def _calendars(self) -> list[Any]:
        text = "".join(self.rng.choice("011") for _ in range(7))
        odd = {self.first + self.rng.randrange(self.days) * ONE_DAY: self.rng.random() < 0.5 for _ in range(2)}
        closed = [row(CalendarException, calendar_id="odd", date=day, open=is_open) for day, is_open in odd.items()]
        return [row(Calendar, calendar_id="odd", days=Days(text)), *closed]

    def _service(self, name: str) -> list[Any]:
        rng, tariff = self.rng, self.rng.choice(("", "t0", "t1"))
        goods = ("general",) if "classes" in self.on and rng.random() < 0.3 else ("*",)
        most = 4 if "stops" in self.on else rng.choice((2, 2, 3))
        where = rng.sample(self.names, min(len(self.names), rng.randint(2, most)))
        rides = [rng.randrange(60, 600, 30) + (1440 if rng.random() < 0.05 else 0) for _ in where[1:]]
        if "clocks" in self.on:
            rides = [minutes + 60 for minutes in rides]  # a ride through the night on which clocks go forward
        stays = [rng.choice((0, 30, 60)) for _ in where]
        rows = [row(Service, service_id=name, company_id="haul", mode=rng.choice(MODES), tariff_id=tariff, goods=goods)]
        for n in range(rng.randint(1, 3) if "variants" in self.on else 1):
            if n and rng.random() < 0.6:  # a faster or slower one on the same stops
                rides = [
                    max(60 + 60 * ("clocks" in self.on), minutes + rng.randrange(-240, 240, 30)) for minutes in rides
                ]
            calendar = rng.choice(("daily", "daily", "odd", "weekdays"))
            variant = f"{name}.{n}"
            rows += [row(Variant, variant_id=variant, service_id=name, calendar_id=calendar)]
            rows += self._calls(variant, where, rides, stays)
        for dimension, most in (("pieces", 3), ("grams", 3000)) if "room" in self.on else ():
            leg = rng.choice(("*", "1", "2"))
            rows += [row(Capacity, service_id=name, dimension=dimension, amount=rng.randint(1, most), leg_seq=leg)]
        return rows

    def _calls(self, variant: str, where: list[str], rides: list[int], stays: list[int]) -> list[Any]:
        """Stops at local times: rides take what they take by the clock of UTC, as it is before clocks change."""
        clock, texts = self.rng.randrange(0, 1440, 30), []
        for n, name in enumerate(where):
            offset = self._offset_min(name)
            arrives, departs = clock + offset, clock + stays[n] * (n > 0) + offset
            clock += stays[n] * (n > 0) + (rides[n] if n < len(rides) else 0)
            texts.append((name, arrives, departs))
        early = min(0, texts[0][2] // 1440, *(arrives // 1440 for _, arrives, _ in texts))
        stops = [(name, arrives - 1440 * early, departs - 1440 * early) for name, arrives, departs in texts]
        text = ", ".join(
            f"{name} {_clock(departs)}" if not n else f"{name} {_clock(arrives)}" if n + 1 == len(stops)
            else f"{name} {_clock(arrives)}/{_clock(departs)}"
            for n, (name, arrives, departs) in enumerate(stops)
        )  # fmt: skip
        return list(calls(variant, text))

    def _offset_min(self, name: str) -> int:
        noon = local_instant(self.first, 720, time_zone(self.countries[name][1]))
        return 720 - (noon - local_instant(self.first, 0, time_zone("UTC"))) // 60

    # --- what it takes

    def _handling(self) -> Any:
        rng, fields = self.rng, dict[str, Any]()
        if "dwell" in self.on:
            fields["dwell_min_max"] = rng.choice((0, 60, 180, 600, 1500))
        if "fees" in self.on:
            fee = Micro(rng.choice((250_000, 1_000_000)))
            fields |= {"free_min": rng.choice((0, 120, 600)), "storage_per_kg_day": fee, "currency": self._currency()}
        return row(
            Processing, facility_id=rng.choice((*self.names, "*")),
            way_in=rng.choice(("*", "*", "road", "air", "drop_off")),
            way_out=rng.choice(("*", "*", "road", "delivery")), minutes=rng.choice((0, 30, 90)),
            goods_class=rng.choice(("*", "lithium")) if "classes" in self.on else "*",
            connection_min=rng.choice((0, 0, 120)), **fields,
        )  # fmt: skip

    def _cutoff(self, services: list[str]) -> Any:
        rng = self.rng
        return row(
            Cutoff, service_id=rng.choice((*services, "*")), facility_id=rng.choice((*self.names, "*", "*")),
            kind=rng.choice(("booking", "documents", "customs_data", "acceptance", "load_build")),
            goods_class=rng.choice(("*", "lithium")) if "classes" in self.on else "*",
            minutes=rng.randrange(0, 400, 30),
        )  # fmt: skip

    def _connections(self, services: list[str]) -> list[Any]:
        rng = self.rng
        few = rng.randint(1, 3) if rng.random() < 0.2 else 0
        return [
            row(Connection, facility_id=rng.choice(self.names), from_service=rng.choice(services),
                to_service=rng.choice(services), minutes=rng.randrange(0, 300, 30))
            for _ in range(few)
        ]  # fmt: skip

    def _customs(self) -> list[Any]:
        rng, made = self.rng, []
        for n, territory in enumerate(("EU", "GB", "JP", "US") if "borders" in self.on else ()):
            day = self._day() if "dates" in self.on else None
            goods = rng.choice(("*", "lithium")) if "classes" in self.on else "*"
            fields = {
                "to_territory": territory,
                "goods_class": goods,
                "regime": f"r{n}",
                "minutes": rng.choice((60, 300)),
            }
            made.append(row(Customs, from_territory=rng.choice(("*", "EU")), valid_from=day, **fields))
        return made

    def _doors(self) -> list[Any]:
        if "doors" not in self.on:
            return []
        rng, made = self.rng, []
        for use in ("pickup", "delivery"):
            for n, name in enumerate(rng.sample(self.names, rng.randint(1, 3))):
                fields = {"price": str(rng.randint(0, 4)), "takes_min": rng.choice((30, 120))}
                fields["currency"] = "EUR" if "dates" in self.on else self._currency()  # couriers do not wait for rates
                made.append(door(use, name, zone_id=f"{use}.{n}", **fields))
        return made

    # --- prices

    def _currency(self) -> str:
        return self.rng.choice(("EUR", "GBP", "JPY", "KWD")) if "borders" in self.on else "EUR"

    def _day(self) -> dt.date:
        return self.first + self.rng.randint(-1, self.days) * ONE_DAY

    def _prices(self) -> list[Any]:
        rng = self.rng
        rows: list[Any] = [
            row(ExchangeRate, date=day, base=base, quote=quote, rate=Micro(rng.randrange(500_000, 1_500_000, 1000)))
            for base, quote in (("GBP", "EUR"), ("EUR", "USD"), ("JPY", "USD"), ("KWD", "EUR"))
            for day in (dt.date(2026, 1, 1), self._day())[: 1 + ("dates" in self.on)]
        ]
        for tariff in ("t0", "t1"):
            span = {}
            if "dates" in self.on and rng.random() < 0.3:
                span = {rng.choice(("valid_from", "valid_to")): self._day()}
            divisor, step = rng.choice((0, 0, 6000)), rng.choice((1, 500))
            rows.append(row(Tariff, tariff_id=tariff, company_id="haul", currency=self._currency(),
                            divisor_cm3_per_kg=divisor, step_g=step, **span))  # fmt: skip
            for origin in ("*", rng.choice((*self.names, "BE"))):
                starts = rng.sample((0, 0, 500, 1000, 2000), rng.randint(1, 3))
                below = rng.choice((0, 0, 0, 2500))
                for start in sorted(set(starts)):
                    money = {"base": rng.randint(0, 4), "per_kg": rng.randint(0, 3), "minimum": rng.choice((0, 0, 3))}
                    amounts = {name: Micro(1_000_000 * amount) for name, amount in money.items()}
                    rows.append(
                        row(Rate, tariff_id=tariff, origin=origin, weight_g_from=start, weight_g_below=below, **amounts)
                    )
        for kind in rng.sample(("fuel", "peak", "battery", "remote"), rng.randint(0, 2)):
            span = {"valid_from": self._day(), "valid_to": self._day() + ONE_DAY} if "dates" in self.on else {}
            how = rng.choice(({"percent": 20}, {"percent": -30}, {"flat": 1}, {"flat": -1}, {"per_kg": 1}))
            amounts = {name: Micro(1_000_000 * amount) for name, amount in how.items()}
            rows.append(row(Surcharge, tariff_id=rng.choice(("t0", "*")), kind=kind, **amounts, **span))
        return rows

    # --- what is known

    def _room(self, desk: Desk) -> Room:
        rng, state, table = self.rng, empty_state(), desk.world.timetable
        share = 0.6 if "room" in self.on else 0.1
        names = [
            f"{variant.variant_id}/{self.first + n * ONE_DAY}"
            for variant in table.network.variants
            for n in range(self.days)
        ]
        dated = {name: found for name in names if (found := table.find_dated(name)) is not None}
        aside: list[tuple[str, dict[str, int]]] = []
        for name, departure in dated.items():
            for seq, _, _ in departure.calls[:-1]:
                limits, resource = table.limits_of(f"{name}/{seq}"), f"departure:{name}/{seq}"
                if limits and rng.random() < share:
                    taken, held = ({d: rng.randint(0, most) for d, most in limits.items()} for _ in range(2))
                    held = {d: min(amount, limits[d] - taken[d]) for d, amount in held.items()}
                    state[Account].put(Account(resource, limits, held, taken))
                elif limits and rng.random() < 0.1:
                    aside.append((resource, {d: rng.randint(0, most) for d, most in limits.items()}))
        for name in dated if "late" in self.on else ():
            self._change(state, desk, name, [seq for seq, _, _ in dated[name].calls])
        room = Room(state)
        room._aside = dict(aside)
        return room

    def _change(self, state: State, desk: Desk, name: str, seqs: list[int]) -> None:
        """A departure is late, cancelled, or runs after all; what is absurd is refused."""
        rng, asks = self.rng, list[Any]()
        for from_stop in seqs[:-1]:
            if rng.random() < 0.3:
                late = rng.randrange(0, rng.choice((8, 8, 40)) * HOUR_S, 1800)
                there = max(0, late + rng.choice((0, 0, 1800, -1800)))
                asks.append(DelayDeparture(name, "haul", desk.now, late, there, from_stop))
        if rng.random() < 0.1:
            asks.append(CancelDeparture(name, "haul", desk.now))
            asks += [RestoreDeparture(name, "haul", desk.now)] * rng.randint(0, 1)
        for ask in asks:
            decide(state, ask, desk)

    def _trip(self, network: Network, start: int) -> Trip:
        rng = self.rng
        origin, destination = rng.sample(self.names, 2)
        doors = "doors" in self.on
        ready = start + rng.randrange(0, 36 * HOUR_S, 1800)
        deadline = ready + rng.choice((30, 60, 100)) * HOUR_S
        load = Load(
            rng.choice((400, 1000, 1500, 2600)), rng.choice((0, 3000, 12_000)), rng.randint(1, 2),
            rng.choice(("general", "lithium")) if "classes" in self.on else "general",
        )  # fmt: skip
        return Trip(
            origin=spot("BE 1000") if doors and rng.random() < 0.4 else spot(origin),
            destination=spot("BE 4000") if doors and rng.random() < 0.6 else spot(destination),
            load=load, product=network.products[0], ready_at=ready,
            known_at=ready + rng.choice((-12, -12, 0, 6)) * HOUR_S, deadline=deadline,
            way_in=rng.choice(("drop_off", "drop_off", "stock", *self._modes_into(network, origin))),
            depart_by=ready + rng.randrange(0, 30) * HOUR_S if rng.random() < 0.15 else 0,
            not_before=ready + rng.randrange(0, 50) * HOUR_S if rng.random() < 0.2 else 0,
            forbidden=rng.choice((("GB",), ("ES", "JP"))) if rng.random() < 0.15 else (),
        )  # fmt: skip

    def _modes_into(self, network: Network, name: str) -> list[str]:
        """How goods may have been brought to a facility: by the modes that stop there."""
        services = {one.service_id: one.mode for one in network.services}
        variants = {one.variant_id: services[one.service_id] for one in network.variants}
        return sorted(
            {variants[one.variant_id] for one in network.stops if one.facility_id == name and one.stop_seq > 1}
        )


def _clock(minutes: int) -> Clock | str:
    return f"{minutes % 1440 // 60:02}:{minutes % 60:02}+{minutes // 1440}"
