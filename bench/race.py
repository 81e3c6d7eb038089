"""Several ways to answer the same questions, taken in turns: how long each takes, and that all say the same."""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import TypeVar

from bench.table import Broken, Row

Q = TypeVar("Q")
A = TypeVar("A")
RUNS = 5
WARM_S = 0.02

Times = list[list[float]]  # seconds, by run and question


def race(ways: Mapping[str, Callable[[Q], object]], questions: Sequence[Q], runs: int = RUNS) -> dict[str, Times]:
    """Ask every way all questions, one way after the other, so many times over: seconds of each by run and question.

    Each turn begins with some questions that are not timed, so that no way pays for what the one before it left in
    the caches. A first round is not timed: it compiles, fills what a way keeps, and gives the answers that all others
    have to give.
    Raises  Broken: two ways differ, or one differs from itself
    """
    wanted: list[object] = []
    for name, way in ways.items():
        answers = [way(one) for one in questions]
        wanted = wanted or answers
        _compare(name, questions, answers, wanted)
    gc.collect()
    gc.freeze()  # what was built before is no rubbish; looking through it would be timed as whoever's turn it is
    took: dict[str, Times] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            _warm(way, questions)
            answers, seconds = _timed(way, questions)
            _compare(name, questions, answers, wanted)
            took[name].append(seconds)
    gc.unfreeze()
    return took


def seconds_of(run: Callable[[], A]) -> tuple[A, float]:
    """What a call gives, and how long it takes."""
    began = time.perf_counter()
    out = run()
    return out, time.perf_counter() - began


def _warm(way: Callable[[Q], object], questions: Sequence[Q]) -> None:
    began = time.perf_counter()
    for one in questions:
        if time.perf_counter() - began > WARM_S:
            break
        way(one)


def _timed(way: Callable[[Q], object], questions: Sequence[Q]) -> tuple[list[object], list[float]]:
    answers, seconds, clock = [], [], time.perf_counter
    for one in questions:
        began = clock()
        answer = way(one)
        seconds.append(clock() - began)
        answers.append(answer)
    return answers, seconds


def _compare(name: str, questions: Sequence[Q], answers: list[object], wanted: list[object]) -> None:
    for question, answer, other in zip(questions, answers, wanted, strict=True):
        if answer != other:
            raise Broken(f"{name}, {question}: wanted {other} as the others say, found {answer}")


def typical(times: Times, share: float = 0.5) -> float:
    """The time within which that share of the questions is answered: median of the runs, in seconds."""
    return median(sorted(one)[round(share * (len(one) - 1))] for one in times)


def in_runs(times: Times, share: float = 0.5, scale: float = 1e6) -> list[float]:
    """The same by run, in microseconds."""
    return [scale * typical([one], share) for one in times]


def times_as_fast(name: str, ours: Times, theirs: Times, target: int = 0, far: int = 0, note: str = "") -> Row:
    """How many times as fast."""
    value = typical(theirs) / typical(ours)
    target_text = f">= {target}" if target else ""
    return Row(name, value, "x", target=target_text, note=reach(far, note) if far else note)


def reach(value: float, note: str = "") -> str:
    """A note that tells what else would be good."""
    return f"reach for {value:g}" + (f"; {note}" if note else "")
