"""Why?: any decision laid open, with the rule, what was looked at, the numbers, and what it was based on."""

from typing import Any

from rookery.hub.grounds import ground_lines
from rookery.hub.look import DecisionFact
from rookery.hub.space_of import list_grounds
from rookery.hub.story import Clockface, why_lines
from rookery.journey.desk import World
from rookery.journey.disrupt import ReplanFailed, Replanned
from rookery.journey.option import Sourced
from rookery.journey.order import OrderRefused
from rookery.units import id_text
from rookery.web.call import Call, Reply
from rookery.web.pages.orders import not_there
from rookery.web.pages.paper import PAGES, paper
from rookery.web.pages.sight import Sight, see
from rookery.web.table import HTML

FOLDED_MAX = 20_000  # facts that a page folds again to tell of shared space; the command `rookery why` folds all


@PAGES.add(
    "GET", "/why/{name}", title="Why?", scope="orders:read", answers={200: HTML}, group="Pages",
    about={"name": "a decision, or any number of an order"},
)  # fmt: skip
async def why(call: Call) -> Reply:
    """The decisions behind a name, for whose order it is and for the network's operator."""
    name = call.path["name"]
    world = call.serving.world

    def ask(sight: Sight) -> dict[str, Any]:
        order = sight.look.find_order(name)
        if order is None or not sight.owns(order.owner):
            raise not_there(name)
        decided = [
            {"at": stored.heard_at, "seq": stored.seq, "id": id_text("dec", fact.decision_id), **_laid_open(fact)}
            for stored, fact in sight.look.decisions(name)
        ]
        sight.note(order.owner, "order")
        sight.note(order.owner, "decision", len(decided))
        return {
            "order": order, "decided": decided, "lines": why_lines(sight.look, name),
            "space": _space(sight, order.order_id, world), "currency": sight.look.currency, "clock": Clockface(world),
            "place": str(sight.look.ledger.find_row("order_asked", order.order_id).asked.destination),
        }  # fmt: skip

    return paper(call, "why.html", name=name, **await see(call, f"why {name}", ask))


def _laid_open(fact: DecisionFact) -> dict[str, Any]:
    """A decision as its page shows it."""
    out: dict[str, Any] = {"basis": fact.basis, "rule": "", "site": "", "cost": None, "candidates": (), "reasons": ()}
    match fact:
        case Sourced():
            return out | {
                "what": "planned", "rule": fact.rule, "site": fact.site, "cost": fact.cost_minor,
                "candidates": fact.candidates,
            }  # fmt: skip
        case Replanned():
            return out | {
                "what": "planned anew", "rule": fact.rule, "site": fact.at, "cost": fact.plan.cost_minor,
                "candidates": fact.candidates, "reasons": (fact.reason,),
            }  # fmt: skip
        case ReplanFailed():
            return out | {"what": "no way on", "site": fact.at, "reasons": fact.reasons}
        case OrderRefused():
            return out | {"what": "refused", "reasons": fact.reasons}


def _space(sight: Sight, order_id: bytes, world: World) -> list[str] | None:
    """What happened to its shared space; None: too much happened before it to fold that for a page."""
    grounds = list_grounds(sight.look, order_id)
    if grounds and grounds[-1].seq > FOLDED_MAX:
        return None
    return ground_lines(sight.look, order_id, world, named=sight.is_operator) if grounds else []
