"""The first page: the network on a map, or for who is not known the way in."""

from rookery.hub.access import NETWORK
from rookery.web.call import Call, Reply
from rookery.web.pages.chart import Drawn, draw
from rookery.web.pages.paper import PAGES, paper
from rookery.web.problems import Problem
from rookery.web.table import HTML

_DRAWN: dict[str, Drawn] = {}  # by the snapshot of the network: a network does not change


@PAGES.add("GET", "/", title="Network", scope="", answers={200: HTML}, group="Pages")
async def front(call: Call) -> Reply:
    """The map and the search; without a cookie a form for the key."""
    caller, network = call.caller, call.serving.network
    if not caller.company:
        return paper(call, "signin.html", next="/", fault="")
    if not {"network:read", "admin"} & caller.scopes:
        raise Problem("forbidden", "this key does not allow network:read; sign in with one that does")
    drawn = _DRAWN.get(network.snapshot)
    if drawn is None:
        drawn = _DRAWN[network.snapshot] = draw(network)
    heard_at = await call.read(lambda look: look.ledger.last_heard_at()) if caller.company == NETWORK else 0
    return paper(call, "home.html", drawn=drawn, heard_at=heard_at, companies=len(network.companies))
