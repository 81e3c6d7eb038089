"""What the facts come to, against what the views say: the proof that nothing but facts made the views."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rookery.ledger.log import Ledger

SHOWN_MAX = 20  # differences told one by one; the rest are counted


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rows compared in all, and the first differences in words."""

    rows: int
    difference_count: int
    differences: tuple[str, ...]


def compare(ledger: Ledger, folded: Mapping[str, Iterable[Any]]) -> Comparison:
    """Compare the stored rows of every view with rows folded from the facts.

    folded  rows of each view by its name
    """
    count = wrong = 0
    told: list[str] = []
    for view, rows in folded.items():
        key = ledger.rows[view].key
        expected = {getattr(row, key): row for row in rows}
        for stored in ledger.list_rows(view):
            count += 1
            wanted = expected.pop(getattr(stored, key), None)
            if wanted != stored:
                wrong += 1
                told.append(f"{view}: wanted {wanted}, found {stored}")
        wrong += len(expected)
        told += [f"{view}: wanted {row}, found no row" for row in list(expected.values())[:SHOWN_MAX]]
    return Comparison(count, wrong, tuple(told[:SHOWN_MAX]))
