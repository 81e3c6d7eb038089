"""Pages of what is a company's own, read from the ledger: a page costs a page."""

from typing import Any

import msgspec

from rookery.hub.access import NETWORK
from rookery.hub.look import Look
from rookery.units import read_id
from rookery.web.call import Call
from rookery.web.paging import check_page
from rookery.web.problems import bad_value

AFTER = ""  # keys of rows are text as it is


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which page. `company`: whose, for the network's operator; blank: one's own."""

    limit: int = 50
    cursor: str = ""
    company: str = ""


def whose(call: Call) -> str:
    """Whose rows are meant: one's own, but for the network's operator. Raises  Problem: another one's"""
    company: str = call.query.company or call.caller.company
    if company != call.caller.company and call.caller.company != NETWORK:
        raise bad_value("query/company", f"blank or {call.caller.company}", "another company")
    return company


async def list_own(call: Call, view: str, prefix: str, *columns: str) -> tuple[list[Any], bool]:
    """A page of the rows that name a company in one of the columns, by key, and whether there are more.

    prefix  of ids that are the rows' keys; blank: they are text
    Raises  Problem: a bad cursor or limit, another company's rows
    """
    check_page(call.query)
    company, limit = whose(call), call.query.limit
    after = read_cursor(call.query.cursor, prefix)

    def look_up(look: Look) -> list[Any]:
        key = look.ledger.rows[view].key
        found: dict[Any, Any] = {}
        for column in columns:
            for row in look.ledger.list_page(view, after, limit + 1, **{column: company}):
                found[getattr(row, key)] = row
        return [found[one] for one in sorted(found)]

    rows = await call.read(look_up)
    return rows[:limit], len(rows) > limit


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
