"""Rows of the searches: earliest arrival against libraries, arrival and cost against plain Python, and the tails.

Every way answers the same questions, in turns, and all answers are the same, or the benchmark breaks.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from bench import peers
from bench.four import Four, Textbook, check_law
from bench.generated import Generated, generate
from bench.network_case import Ask, Case, Engine, Plain, Size, draw_asks
from bench.race import Times, in_runs, race, reach, seconds_of, times_as_fast, typical
from bench.routed import goal_of
from bench.table import Row, spread
from rookery.engines.network.bounds import bound_time
from rookery.engines.network.daily import bound_by_day, fold
from rookery.engines.network.lane_table import arrivals, lane_table
from rookery.journey.choices import TASTES

WEEK_S = 604_800
FULL = 0.3  # share of the departures without room
TEXTBOOK_S = 3 * 3_600  # after the fastest plan; bags in plain Python take minutes for much more
LIBRARIES = {
    "rustworkx": peers.Rustworkx, "igraph": peers.Igraph, "scipy": peers.Scipy, "networkx": peers.Networkx,
}  # fmt: skip


# --- earliest arrival


def earliest_rows(made: Generated, name: str, size: Size) -> list[Row]:
    """Earliest arrival on an empty network: the engine, its bounds kept or made anew, and every peer."""
    case = Case.of(made)
    asks = draw_asks(made, size.raced)
    warm, cold = Engine(case.routed, keeps=True), Engine(case.routed, keeps=False)
    ways: dict[str, Callable[[Ask], object]] = {
        "kept": warm.earliest, "kept, by facility alone": Engine(case.routed, keeps=True, by_day=False).earliest,
        "anew": cold.earliest, "plain Python": Plain(case, asks).earliest,
    } | _library_ways(case, asks)  # fmt: skip
    took = race(ways, asks, size.runs)
    kept_mb = warm.kept_mb()
    many = race({"kept": warm.earliest}, draw_asks(made, size.asked), size.runs)["kept"]
    label = f"earliest arrival, {name}"
    best = min(LIBRARIES, key=lambda one: typical(took[one]))
    sizes = f"{len(asks)} questions, {len(case.dated.lane):,} dated departures; bounds kept: {kept_mb:.2f} MB"
    return [
        *(Row(f"{label}: {way}", 1e6 * typical(times), "us", note=spread(in_runs(times)))
          for way, times in took.items()),
        times_as_fast(f"{label}, bounds kept, against the best library", took["kept"], took[best],
                       200, 400, f"{best}; {sizes}"),
        times_as_fast(f"{label}, bounds kept, against scipy told the answer", took["kept"], took["scipy, told"],
                       25, 50, sizes),
        times_as_fast(f"{label}, bounds by facility alone, against the best library",
                       took["kept, by facility alone"], took[best]),
        times_as_fast(f"{label}, bounds anew, against the best library", took["anew"], took[best]),
        *_bound_rows(case, asks, label),
        *_tail_rows(f"{label}, bounds kept", many, size),
    ]  # fmt: skip


def _bound_rows(case: Case, asks: list[Ask], label: str) -> list[Row]:
    """What is made before the first question, and for each goal before it is kept."""
    routed, rules = case.routed, case.routed.rules
    folded, fold_s = seconds_of(lambda: fold(routed.net, rules))
    goals = [goal_of(case.made, ask.destination) for ask in asks]
    by_day = [seconds_of(partial(bound_by_day, folded, rules, goal))[1] for goal in goals]
    by_facility = [seconds_of(partial(bound_time, routed.reach, rules, goal))[1] for goal in goals]
    size = f"{len(folded.call):,} boardings, {folded.call.nbytes / 1e6:.2f} MB for each goal"
    return [
        Row(f"{label}: folding the timetable", 1e3 * fold_s, "ms", note="once for a window"),
        Row(f"{label}: bounds of a goal by time of day", 1e3 * float(np.median(by_day)), "ms", note=size),
        Row(f"{label}: bounds of a goal by facility", 1e3 * float(np.median(by_facility)), "ms"),
    ]


def _library_ways(case: Case, asks: list[Ask]) -> dict[str, Callable[[Ask], object]]:
    """The libraries, scipy with the answer as its limit, and the lane table."""
    links = case.links()
    expanded = peers.expand(links)
    made = {name: kind.of(expanded) for name, kind in LIBRARIES.items()}
    goals = np.unique(np.array([ask.destination for ask in asks], np.int32))
    table = lane_table(links, goals, until_s=WEEK_S)
    one = lambda value: np.array([value], np.int32)  # noqa: E731
    look = lambda ask: int(arrivals(table, one(ask.origin), one(ask.ready_s), one(ask.destination))[0])  # noqa: E731
    told = {ask: look(ask) for ask in asks}
    scipy = made["scipy"]
    assert isinstance(scipy, peers.Scipy)
    asked = lambda peer: lambda ask: peer.earliest(ask.origin, ask.destination, ask.ready_s)  # noqa: E731
    return {name: asked(peer) for name, peer in made.items()} | {
        "scipy, told": lambda ask: scipy.earliest_by_oracle(ask.origin, ask.destination, ask.ready_s, told[ask]),
        "lane table, one by one": look,
    }


# --- arrival and cost


def plan_rows(made: Generated, name: str, size: Size) -> list[Row]:
    """All useful (arrival, cost) with 30 % of the departures full: engine and plain Python, with bounds and without."""
    case = Case.of(made, full=FULL)
    asks = draw_asks(made, size.raced)
    warm, cold, plain = Engine(case.routed, keeps=True), Engine(case.routed, keeps=False), Plain(case, asks)
    took = race(
        {"bounds kept": warm.plans,
         "bounds kept, by facility alone": Engine(case.routed, keeps=True, by_day=False).plans,
         "bounds anew": cold.plans, "plain Python, bounds kept": plain.plans,
         "plain Python, bounds anew": plain.plans_anew, "plain Python, no bounds": plain.plans_blind},
        asks, size.runs,
    )  # fmt: skip
    label = f"(arrival, cost), {name}"
    notes = f"{len(asks)} questions, {FULL:.0%} of the departures full; equal answers: all pairs of each question"
    told = "a stricter peer than the target's, which has no bounds"
    kept = took["bounds kept"]
    return [
        *(Row(f"{label}: {way}", 1e6 * typical(times), "us", note=spread(in_runs(times)))
          for way, times in took.items()),
        times_as_fast(f"{label}, bounds kept, against plain Python without bounds", kept,
                       took["plain Python, no bounds"], 60, 150, notes),
        times_as_fast(f"{label}, both with bounds kept, against plain Python", kept,
                       took["plain Python, bounds kept"], note=told),
        times_as_fast(f"{label}, both with bounds kept by facility alone, against plain Python",
                       took["bounds kept, by facility alone"], took["plain Python, bounds kept"]),
        times_as_fast(f"{label}, both with bounds anew, against plain Python", took["bounds anew"],
                       took["plain Python, bounds anew"]),
        *_plan_tails(case, label, size),
    ]  # fmt: skip


def _plan_tails(case: Case, label: str, size: Size) -> list[Row]:
    asks = draw_asks(case.made, size.asked)
    warm, cold = Engine(case.routed, keeps=True), Engine(case.routed, keeps=False)
    took = race({"kept": warm.plans, "anew": cold.plans}, asks, size.runs)
    pairs = sum(len(warm.plans(ask)) for ask in asks) / len(asks)
    note = f"{len(asks):,} questions of weights by chance, {pairs:.1f} plans each; kept: {warm.kept_mb():.1f} MB"
    kept = took["kept"]
    return [
        Row(f"{label}, bounds kept, half within", 1e3 * typical(kept), "ms", target="< 1", note=reach(0.3, note)),
        Row(f"{label}, bounds kept, 99 of 100 within", 1e3 * typical(kept, 0.99), "ms", target="< 5", note=reach(2)),
        Row(f"{label}, bounds anew, half within", 1e3 * typical(took["anew"]), "ms"),
        Row(f"{label}, bounds anew, 99 of 100 within", 1e3 * typical(took["anew"], 0.99), "ms"),
    ]


def large_rows(small: Row, size: Size) -> list[Row]:
    """(arrival, cost) on the network ten times as large, against itself; some answers checked by plain Python."""
    made = generate(size.large, frequency=0.67)
    case = Case.of(made, full=FULL)
    few = draw_asks(made, max(2, size.raced // 5))
    warm, plain = Engine(case.routed, keeps=True), Plain(case, few)
    race({"engine": warm.plans, "plain Python": plain.plans}, few, 1)
    took = race({"kept": warm.plans}, draw_asks(made, size.asked // 2), size.runs)["kept"]
    cold = Engine(case.routed, keeps=False)
    anew = race({"anew": cold.plans}, draw_asks(made, size.asked // 10), size.runs)["anew"]
    label = f"(arrival, cost), {size.large:,} facilities"
    week = f"{len(made.start_min):,} departures a week; {len(few)} questions checked by plain Python"
    return [
        Row(f"{label}, bounds kept, half within", 1e3 * typical(took), "ms", "ms at fewer facilities", small.value,
            "< 10", reach(3, week)),
        Row(f"{label}, bounds kept, 99 of 100 within", 1e3 * typical(took, 0.99), "ms"),
        Row(f"{label}, bounds anew, half within", 1e3 * typical(anew), "ms"),
    ]  # fmt: skip


# --- arrival, cost, CO2 and risk


def four_rows(made: Generated, size: Size) -> list[Row]:
    """Four criteria: few plans and their tails, all plans until the same horizon, and the textbook until a near one.

    Wherever all plans are found, few plans have to stand for them as the engine's law says.
    """
    case = Case.of(made, full=FULL)
    four, asks = Four(Engine(case.routed, keeps=True)), draw_asks(made, size.asked)
    took = race({"relaxed": four.relaxed}, asks, size.runs)["relaxed"]
    count = sum(len(four.relaxed(ask)) for ask in asks) / len(asks)
    wide = Four(four.two, TASTES)
    green = race({"green": wide.relaxed}, asks[: max(4, size.asked // 5)], size.runs)["green"]
    label, kept = "four criteria, relaxed", f"{FULL:.0%} of the departures full, bounds kept"
    return [
        Row(f"{label}, half within", 1e3 * typical(took), "ms", target="< 3",
            note=reach(1, f"{len(asks):,} questions, {count:.1f} plans each; {kept}")),
        Row(f"{label}, 99 of 100 within", 1e3 * typical(took, 0.99), "ms", target="< 20", note=reach(5)),
        Row(f"{label} as `rookery plan --green` asks, half within", 1e3 * typical(green), "ms",
            note="four tastes, no horizon"),
        Row(f"{label} as `rookery plan --green` asks, 99 of 100 within", 1e3 * typical(green, 0.99), "ms"),
        *_exact_rows(four, asks[: max(4, size.asked // 20)], size),
        *_textbook_rows(case, four, asks[: size.raced], size),
    ]  # fmt: skip


def _exact_rows(four: Four, asks: list[Ask], size: Size) -> list[Row]:
    """All plans until the horizon of the few, which have to stand for them."""
    until = {ask: four.find_relaxed(ask).latest for ask in asks}
    found = {ask: four.find_exact(ask, until[ask]) for ask in asks}
    for ask, every in found.items():
        if every is not None:
            check_law(every, four.find_relaxed(ask), four.weighings(ask), four.relaxation)
    asked = [ask for ask, every in found.items() if every is not None]
    plans = sum(len(every.ends) for every in found.values() if every is not None) / len(asked)
    times = race({"exact": lambda ask: four.find_exact(ask, until[ask])}, asked, min(2, size.runs))["exact"]
    note = f"{len(asked)} questions, {plans:.0f} plans each; few plans stand for all of them, as the law says"
    note += f"; {len(asks) - len(asked)} more have too many labels" if len(asked) < len(asks) else ""
    return [
        Row("four criteria, exact, half within", 1e3 * typical(times), "ms", note=note),
        Row("four criteria, exact, 99 of 100 within", 1e3 * typical(times, 0.99), "ms"),
    ]


def _textbook_rows(case: Case, four: Four, asks: list[Ask], size: Size) -> list[Row]:
    """All plans until some hours after the fastest: the engine and bags in plain Python, with the same answers."""
    textbook = Textbook(case, asks)
    until = {ask: four.relaxed(ask)[0][0] + TEXTBOOK_S for ask in asks}
    ours = lambda ask: sorted(getattr(four.find_exact(ask, until[ask]), "ends", ()))  # noqa: E731
    took = race({"engine": ours, "textbook": lambda ask: textbook.all(ask, until[ask])}, asks, min(2, size.runs))
    label = f"four criteria, exact, {TEXTBOOK_S // 3600} h from the fastest on"
    note = f"{len(asks)} questions; equal answers: all plans in all four criteria, with the same table of risks"
    return [
        Row(f"{label}: bounds kept", 1e3 * typical(took["engine"]), "ms"),
        Row(f"{label}: textbook bags in plain Python, no bounds", 1e3 * typical(took["textbook"]), "ms"),
        times_as_fast(f"{label}, against textbook bags", took["engine"], took["textbook"], note=note),
    ]


# --- rows


def _tail_rows(label: str, times: Times, size: Size) -> list[Row]:
    asked = f"{size.asked:,} questions"
    return [
        Row(f"{label}, half within", 1e6 * typical(times), "us", note=asked),
        Row(f"{label}, 99 of 100 within", 1e6 * typical(times, 0.99), "us", note=asked),
    ]
