"""Conflicts over shared capacity for a person at 80 columns, resource by resource."""

from collections.abc import Iterable, Iterator

from rookery.hub.conflicts import Conflict, Winner
from rookery.screen.shares import holder_name
from rookery.units import instant_text, money_text, span_text

RESOURCES_MAX, EACH_MAX, WINNERS_MAX = 20, 5, 4


def conflict_lines(found: list[Conflict], currency: str) -> Iterator[str]:
    """A block for each resource, those with most conflicts first."""
    of: dict[str, list[Conflict]] = {}
    for one in found:
        of.setdefault(one.resource, []).append(one)
    yield f"{len(found):,} conflict{'s' * (len(found) != 1)} over {len(of):,} resource{'s' * (len(of) != 1)}"
    blocks = sorted(of.items(), key=lambda item: (-len(item[1]), item[0]))
    for resource, own in blocks[:RESOURCES_MAX]:
        yield ""
        yield f"{resource}: {len(own):,}"
        for one in own[:EACH_MAX]:
            yield from _conflict_lines(one, currency)
        if len(own) > EACH_MAX:
            yield f"  and {len(own) - EACH_MAX:,} more; --json has all"
    if len(blocks) > RESOURCES_MAX:
        yield ""
        yield f"and {len(blocks) - RESOURCES_MAX:,} more resources; --json has all"


def _conflict_lines(one: Conflict, currency: str) -> Iterator[str]:
    asked = f" wanted {one.asked:,} {one.dimension}" if one.asked else ""
    yield f"  {instant_text(one.at)}  {holder_name(one.loser)}{asked}: {one.limit}"
    yield f"    {outcome_text(one, currency)}"
    for winner in one.winners[:WINNERS_MAX]:
        yield f"    {winner_text(winner, one.dimension)}"
    if len(one.winners) > WINNERS_MAX:
        yield f"    and {len(one.winners) - WINNERS_MAX:,} more"
    yield f"    rookery why {one.id_}" + (f"  {one.reference}" if one.reference else "")


def outcome_text(one: Conflict, currency: str) -> str:
    """What it cost the loser."""
    costs = []
    if one.extra_minor:
        more = "more" if one.extra_minor > 0 else "less"
        costs.append(f"{money_text(abs(one.extra_minor), currency)} {more}")
    if one.later_s:
        costs.append(f"{span_text(abs(one.later_s))} {'later' if one.later_s > 0 else 'earlier'}")
    says = {"worse": "had another plan", "moved": "moved to another plan"}.get(one.outcome, one.outcome)
    return f"lost: {says}{': ' if costs else ''}{', '.join(costs)}"


def winner_text(winner: Winner, dimension: str) -> str:
    """Who had it."""
    parts = [f"uses {winner.used:,} {dimension}"] if winner.used else []
    parts += [f"{winner.kept:,} {dimension} kept for it and not used"] if winner.kept else []
    what = ", ".join(parts) or "takes what it had lent"
    return f"won: {holder_name(winner.holder)}: {what}"


def losers_and_winners(found: Iterable[Conflict]) -> tuple[list[str], list[str], list[list[int]]]:
    """How often whom stood in whose way: losers, winners, and a row of counts for each loser."""
    counts: dict[tuple[str, str], int] = {}
    for one in found:
        for winner in one.winners:
            counts[one.loser, winner.holder] = counts.get((one.loser, winner.holder), 0) + 1
    losers, winners = sorted({pair[0] for pair in counts}), sorted({pair[1] for pair in counts})
    return losers, winners, [[counts.get((loser, winner), 0) for winner in winners] for loser in losers]
