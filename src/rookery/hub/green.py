"""A quote by four criteria: arrival, cost, CO2, and the chance that all connections are made."""

from dataclasses import replace
from functools import partial

from rookery.hub.quote import Offer, Wish, quote
from rookery.journey.burden import made_ppm_of
from rookery.journey.choices import choices
from rookery.journey.desk import World
from rookery.journey.state import Refusal, State


def quote_green(
    wish: Wish, world: World, state: State, *, exact: bool
) -> tuple[list[Offer], list[tuple[str, Refusal]]]:
    """As `quote`, with the plans that four criteria choose, and the chance that the connections of each are made.

    exact   every plan that no other beats, instead of few that stand for them
    Raises  ValueError: as `quote` and `choices` do
    """
    offers, refusals = quote(wish, world, state, partial(choices, exact=exact))
    plans = ((offer, [part.plan for part in offer.option.parts]) for offer in offers)
    return [replace(offer, made_ppm=made_ppm_of(of_offer, world)) for offer, of_offer in plans], refusals
