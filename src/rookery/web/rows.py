"""Pages of what is a company's own, read from the ledger: a page costs a page."""

from collections.abc import Callable
from typing import Any

from rookery.hub.access import NETWORK
from rookery.hub.look import Look
from rookery.journey.state import Key
from rookery.ledger.log import Ledger
from rookery.ledger.reads import Read
from rookery.units import id_text, read_id
from rookery.web.call import Call, reads_between
from rookery.web.paging import Paged, check_page
from rookery.web.problems import bad_value
from rookery.web.sealed import seal, unseal

AFTER = ""  # keys of rows are text as it is
LOOKED_MAX = 2_000  # rows that one page looks at
KINDS = {  # of rows, as the read log has them
    "connection": "connection", "grants": "grant", "request": "request", "company_user": "user", "api_key": "key",
    "endpoint": "endpoint",
}  # fmt: skip


class Listed(Paged, frozen=True, forbid_unknown_fields=True):
    """Which page. `company`: whose, for the network's operator; blank: one's own."""

    company: str = ""


def whose(call: Call) -> str:
    """Whose rows are meant: one's own, but for the network's operator. Raises  Problem: another one's"""
    company: str = call.query.company or call.caller.company
    if company != call.caller.company and call.caller.company != NETWORK:
        raise bad_value("query/company", f"blank or {call.caller.company}", "another company")
    return company


async def list_own(
    call: Call, view: str, prefix: str, *columns: str, keep: Callable[[Any], bool] = lambda row: True
) -> tuple[list[Any], bool, str]:
    """A page of the rows that name a company in one of the columns, by key, whether there are more, and its cursor.

    What the network's operator is so shown of others is in the read log before.

    prefix  of ids that are the rows' keys; blank: they are text
    keep    which rows belong on the list. A page that has looked at LOOKED_MAX rows ends, though it may be short
    Raises  Problem: a bad cursor or limit, another company's rows
    """
    check_page(call.query)
    company = whose(call)

    def read(look: Look) -> tuple[tuple[list[Any], bool, str], list[Read]]:
        after = read_cursor(_unsealed(look, call), prefix)
        rows, last = _kept(look.ledger, view, after, call.query.limit, dict.fromkeys(columns, company), keep)
        place = "" if last is None else id_text(prefix, last) if prefix else last
        reads = reads_between(call, KINDS[view], ([getattr(row, one) for one in columns] for row in rows))
        return (rows, last is not None, seal(look, call.caller.company, place)), reads

    return await call.show(read)


def _unsealed(look: Look, call: Call) -> str:
    cursor = call.query.cursor
    place = unseal(look, call.caller.company, cursor) if cursor else ""
    if place is None:
        raise bad_value("query/cursor", "the next_cursor of an answer", "something else")
    return place


def _kept(
    ledger: Ledger, view: str, after: Key, limit: int, columns: dict[str, Key], keep: Callable[[Any], bool]
) -> tuple[list[Any], Any]:
    """Rows of a page, and the key of the last one if there may be more."""
    key, kept, looked = ledger.rows[view].key, list[Any](), 0
    while looked < LOOKED_MAX:
        rows = _list_any(ledger, view, after, limit + 1, columns)
        for row in rows:
            if keep(row):
                if len(kept) == limit:
                    return kept, after
                kept.append(row)
            after = getattr(row, key)
        if len(rows) <= limit:
            return kept, None
        looked += len(rows)
    return kept, after


def _list_any(ledger: Ledger, view: str, after: Key, count: int, columns: dict[str, Key]) -> list[Any]:
    """So many rows by key that have a value in any of the columns."""
    key = ledger.rows[view].key
    found: dict[Any, Any] = {}
    for column, value in columns.items():
        for row in ledger.list_page(view, after, count, **{column: value}):
            found[getattr(row, key)] = row
    return [found[one] for one in sorted(found)][:count]


def read_cursor(cursor: str, prefix: str) -> bytes | str:
    """The key after which a page begins: an id with its prefix; a text where that is blank. Raises  Problem"""
    if not prefix:
        return cursor
    if not cursor:
        return b""
    try:
        found, id_ = read_id(cursor)
    except ValueError:
        found, id_ = "", b""
    if found != prefix:
        raise bad_value("query/cursor", "the next_cursor of an answer", "something else")
    return id_
