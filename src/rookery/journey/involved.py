"""Which orders of others a company has to do with: what it carries, or has carried, and what was granted it by object.

Found by company, order by order. Rows stay: what may be seen of an order is decided when it is read.
"""

from collections.abc import Iterable
from typing import Literal

from rookery.journey.option import Part
from rookery.journey.state import State, ViewRow

How = Literal["carries", "granted"]


class Involved(ViewRow, frozen=True):
    """A company has at some time had to do with an order. `name`: see `involved_name`."""

    name: str
    company: str
    how: How
    order_id: bytes


def involved_name(company: str, how: How, order_id: bytes) -> str:
    """The name of a row; those of a company and a way come in the order of the orders' ids."""
    return f"{company}>{how}>{order_id.hex()}"


def carry(state: State, order_id: bytes, parts: Iterable[Part], *, is_first: bool = False) -> None:
    """Note who carries an order by these parts. `is_first`: nobody has anything to do with it yet."""
    carriers = {leg.operator: None for part in parts for leg in part.plan.legs}
    _involve(state, carriers, "carries", order_id, is_first=is_first)


def involve(state: State, company: str, how: How, order_id: bytes) -> None:
    """Note that a company has to do with an order."""
    _involve(state, (company,), how, order_id)


def _involve(state: State, companies: Iterable[str], how: How, order_id: bytes, *, is_first: bool = False) -> None:
    rows = [Involved(involved_name(one, how, order_id), one, how, order_id) for one in companies]
    known = set() if is_first else {row.name for row in state[Involved].fetch(row.name for row in rows)}
    for row in rows:
        if row.name not in known:
            state[Involved].new(row)
