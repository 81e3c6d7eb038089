"""What others are told: each endpoint, its deliveries, and of each delivery how it went."""

from random import Random
from typing import Any

from rookery.journey.endpoint import Endpoint
from rookery.ledger.beside import open_database
from rookery.tell.journal import list_attempts, list_deliveries
from rookery.tell.store import Store
from rookery.web.call import Call, Reply
from rookery.web.pages.paper import PAGES, paper
from rookery.web.pages.sight import Sight, see
from rookery.web.table import HTML

ENDPOINTS_MAX = 50
DELIVERIES_MAX = 25


@PAGES.add("GET", "/messages", title="Messages out", scope="webhooks:read", answers={200: HTML}, group="Pages")
async def list_messages(call: Call) -> Reply:
    """The endpoints of the company, of the operator all, with their last deliveries."""

    def ask(sight: Sight) -> list[dict[str, Any]]:
        columns = {} if sight.is_operator else {"company": sight.company}
        rows: list[Endpoint] = sight.look.ledger.list_newest("endpoint", ENDPOINTS_MAX, **columns)
        found = _with_deliveries(sight, rows) if rows else []
        for one in found:
            sight.note(one["row"].company, "endpoint")
            sight.note(one["row"].company, "delivery", len(one["deliveries"]))
        return found

    return paper(call, "messages.html", endpoints=await see(call, "messages", ask))


def _with_deliveries(sight: Sight, rows: list[Endpoint]) -> list[dict[str, Any]]:
    db = open_database(sight.look.ledger.path)
    try:
        store = Store(db, "pages", Random(0))
        return [{"row": row, "deliveries": _deliveries(store, row)} for row in rows]
    finally:
        db.close()


def _deliveries(store: Store, row: Endpoint) -> list[dict[str, Any]]:
    found = []
    for one in list_deliveries(store, row.endpoint_id, limit=DELIVERIES_MAX):
        attempts = list_attempts(store, one.id) if one.tries else []
        last = attempts[-1] if attempts else None
        answer = "" if last is None else last.error or f"answered {last.status} in {last.took_ms} ms"
        found.append({"row": one, "answer": answer})
    return found
