"""The columns of a row type, worked out once from its declaration."""

from dataclasses import dataclass
from functools import cache
from types import NoneType
from typing import get_args, get_type_hints

import msgspec

from rookery.journey.network.rows import Col, Row, Valid
from rookery.partners.folder.parse import Kind, kind_of


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how it is read, what it says, and what a blank cell means."""

    name: str
    kind: Kind
    col: Col
    mandatory: bool
    default: object

    @property
    def takes_any(self) -> bool:
        """True where a lone * may stand for every value."""
        return "or *" in self.col.doc

    def read(self, text: str) -> object:
        """The value of a cell's stripped text.

        Raises  ValueError: not of the column's kind, or blank where a value is needed
        """
        if text:
            return self.kind.read(text)
        if self.mandatory:
            raise ValueError(self.name)
        return self.default

    def text(self, value: object) -> str:
        """A value as a cell's text; None is blank."""
        return "" if value is None else self.kind.text(value)


@cache
def columns_of(row: type[Row]) -> tuple[Column, ...]:
    """The row's columns as people read them: its own first, then validity, then the source."""
    types = get_type_hints(row, include_extras=True)
    columns = [_column(field, types[field.name]) for field in msgspec.structs.fields(row)]
    last = [*Row.__struct_fields__, *Valid.__struct_fields__]
    rank = {"source": 2} | {name: 1 for name in last if name != "source"}
    if not issubclass(row, Valid):
        rank = {"source": 2}
    return tuple(sorted(columns, key=lambda column: rank.get(column.name, 0)))


def _column(field: msgspec.structs.FieldInfo, annotated: object) -> Column:
    type_, col = get_args(annotated)
    plain = [part for part in get_args(type_) if part is not NoneType]
    if NoneType in get_args(type_):
        (type_,) = plain
    return Column(field.name, kind_of(type_), col, mandatory=field.required, default=field.default)
