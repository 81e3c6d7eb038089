"""In which of four criteria a plan is the best: arrival, cost, CO2, and the chance that all connections are made."""

from collections.abc import Callable
from dataclasses import dataclass

from rookery.hub.quote import Offer
from rookery.units import co2_text, money_text, span_text

PPM_OF_PERCENT = 10_000


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion: what the best in it is called, its number (less is better), and how differences are told."""

    best: str
    number: Callable[[Offer], int]
    more: str
    less: str
    text: Callable[[int, str], str]


CRITERIA = (
    Criterion("cheapest", lambda offer: offer.option.cost_minor, "more", "less", money_text),
    Criterion("fastest", lambda offer: offer.option.arrives_at, "slower", "faster", lambda s, _: span_text(s)),
    Criterion(
        "least CO2", lambda offer: offer.co2_mg or 0, "more CO2", "less CO2", lambda mg, _: f"{co2_text(mg)} kg"
    ),
    Criterion(
        "surest connections", lambda offer: -(offer.made_ppm or 0), "less sure", "surer",
        lambda ppm, _: f"{ppm / PPM_OF_PERCENT:.1f} points",
    ),
)  # fmt: skip


def why_of_four(numbered: list[tuple[int, Offer]], place: int, currency: str) -> str:
    """In what an offer is the best under its product, and what it is beside the cheapest.

    numbered  the offers of a product with the numbers of their ways, the cheapest first
    """
    (number, first), own = numbered[0], numbered[place][1]
    best = [one.best for one in CRITERIA if one.number(own) == min(one.number(offer) for _, offer in numbered)]
    beside = [
        f"{one.text(abs(one.number(own) - one.number(first)), currency)}"
        f" {one.more if one.number(own) > one.number(first) else one.less}"
        for one in CRITERIA
        if one.number(own) != one.number(first)
    ]
    texts = [" and ".join(best) or "best in nothing, and no other here beats it"]
    return "; ".join([*texts, f"beside {number}: {', '.join(beside)}"] if place and beside else texts)
