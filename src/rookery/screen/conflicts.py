"""Conflicts over shared capacity for a person at 80 columns, resource by resource."""

from collections.abc import Iterable, Iterator
from textwrap import wrap

from rookery.hub.conflicts import Conflict
from rookery.hub.winners import Winner
from rookery.screen.shares import holder_name
from rookery.units import instant_text, money_text, span_text

SAYS = {
    "worse": "had another plan",
    "moved": "held elsewhere",
    "lost": "gone; what else it holds stays",
}
ANY = "*"
NOBODY = "nobody"  # in the place of a winner
OPERATOR = "network"  # as the sender of a word on capacity
COLUMNS = 80
RESOURCES_MAX, EACH_MAX, WINNERS_MAX = 20, 5, 4


def conflict_lines(found: list[Conflict], *, every: bool = False) -> Iterator[str]:
    """A block for each resource, those with most conflicts first. `every`: none is left out."""
    resources_max, each_max = (None, None) if every else (RESOURCES_MAX, EACH_MAX)
    of: dict[str, list[Conflict]] = {}
    for one in found:
        of.setdefault(one.resource, []).append(one)
    yield f"{len(found):,} conflict{'s' * (len(found) != 1)} over {len(of):,} resource{'s' * (len(of) != 1)}"
    blocks = sorted(of.items(), key=lambda item: (-len(item[1]), item[0]))
    for resource, own in blocks[:resources_max]:
        yield ""
        yield f"{resource}: {len(own):,}"
        for one in own[:each_max]:
            yield from _conflict_lines(one, every=every)
        if len(own[:each_max]) < len(own):
            yield f"  and {len(own) - EACH_MAX:,} more; --all shows them"
    if len(blocks[:resources_max]) < len(blocks):
        yield ""
        yield f"and {len(blocks) - RESOURCES_MAX:,} more resources; --all shows them"


def _conflict_lines(one: Conflict, *, every: bool) -> Iterator[str]:
    verb = "had" if one.limit in ("recalled", "cut") else "wanted"
    asked = f" {verb} {one.asked:,} {one.dimension}" if one.asked else ""
    yield f"  {instant_text(one.at)}  {holder_name(one.loser)}{asked}: {one.limit}"
    yield from _cause_lines(one)
    yield from wrap(outcome_text(one), COLUMNS, initial_indent="    ", subsequent_indent="      ")
    for winner in one.winners[: None if every else WINNERS_MAX]:
        yield from wrap(winner_text(winner, one), COLUMNS, initial_indent="    ", subsequent_indent="      ")
    if not every and len(one.winners) > WINNERS_MAX:
        yield f"    and {len(one.winners) - WINNERS_MAX:,} more; --all shows them"
    if one.limit == "cut" and not one.winners:
        yield "    won: nobody else uses any of it"
    yield f"    rookery why {one.id_}" + (f"  {one.reference}" if one.reference else "")


def _cause_lines(one: Conflict) -> Iterator[str]:
    """Who cut it, to what, and why; who had lent it."""
    text = ""
    if one.limit == "cut":
        by = "the network's operator" if one.by == OPERATOR else one.by
        text = f"{by} says there are {one.left:,} {one.dimension} now{f': {one.why}' if one.why else ''}"
    elif one.limit == "recalled" and one.lender not in ("", ANY):
        text = f"on loan; the lender is {one.lender}"
    yield from wrap(text, COLUMNS, initial_indent="    ", subsequent_indent="      ")


def outcome_text(one: Conflict) -> str:
    """What it cost the loser."""
    costs = []
    if one.extra_minor:
        more = "more" if one.extra_minor > 0 else "less"
        costs.append(f"{money_text(abs(one.extra_minor), one.currency)} {more}")
    if one.later_s:
        costs.append(f"{span_text(abs(one.later_s))} {'later' if one.later_s > 0 else 'earlier'}")
    if one.broken_s:
        costs.append(f"{span_text(one.broken_s)} after what was promised")
    says = SAYS.get(one.outcome, one.outcome)
    if one.owner:
        says += f", a case for {holder_name(one.owner)}"
    return f"lost: {says}{': ' if costs else ''}{', '.join(costs)}"


def winner_text(winner: Winner, one: Conflict) -> str:
    """Who had it."""
    uses = {"round": "was served with", "cut": "still uses"}.get(one.limit, "uses")
    parts = [f"{uses} {winner.used:,} {one.dimension}"] if winner.used else []
    parts += [f"{winner.kept:,} {one.dimension} kept for it and not used"] if winner.kept else []
    own = "takes what it had lent" if winner.holder == one.lender else "takes what it may claim"
    return f"won: {holder_name(winner.holder)}: {', '.join(parts) or own}"


def losers_and_winners(found: Iterable[Conflict]) -> tuple[list[str], list[str], list[list[int]]]:
    """How often whom stood in whose way: losers, winners, and a row of counts for each loser."""
    counts: dict[tuple[str, str], int] = {}
    for one in found:
        for winner in one.winners or [Winner(NOBODY, 0)]:
            counts[one.loser, winner.holder] = counts.get((one.loser, winner.holder), 0) + 1
    losers, winners = sorted({pair[0] for pair in counts}), sorted({pair[1] for pair in counts})
    return losers, winners, [[counts.get((loser, winner), 0) for winner in winners] for loser in losers]
