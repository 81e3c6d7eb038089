"""Pages of lists: rows in the order of a name, after a cursor, at most so many."""

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

import msgspec

from rookery.web.problems import bad_value

R = TypeVar("R")
T = TypeVar("T")
LIMIT_MAX = 500


class Paged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which page.

    limit   at most so many, up to 500
    cursor  the next_cursor of the page before; blank: from the beginning
    """

    limit: int = 50
    cursor: str = ""


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A page of a list. `next_cursor`: of the page after it, blank where there is no more."""

    data: list[T]
    has_more: bool
    next_cursor: str


def check_page(asked: Paged) -> None:
    """Raises  Problem: a limit that no page has"""
    if not 1 <= asked.limit <= LIMIT_MAX:
        raise bad_value("query/limit", f"1 to {LIMIT_MAX}", str(asked.limit))


def page_of(
    rows: Iterable[R], name: Callable[[R], str], show: Callable[[R], T], asked: Paged
) -> tuple[list[T], bool, str]:
    """What a page shows of rows that are all in memory, whether there are more, and the cursor of the next page."""
    check_page(asked)
    found: list[Any] = sorted((row for row in rows if name(row) > asked.cursor), key=name)
    page, more = found[: asked.limit], len(found) > asked.limit
    return [show(row) for row in page], more, name(page[-1]) if more else ""
