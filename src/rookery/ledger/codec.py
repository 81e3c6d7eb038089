"""Facts and rows as the store keeps them: facts as JSON, a row's fields as columns."""

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

Key = bytes | str
_PLAIN = {bytes: "BLOB", str: "TEXT", int: "INTEGER", bool: "BOOLEAN"}


@dataclass(frozen=True, slots=True)
class Registry:
    """What the journey hands the ledger: its facts by name, how they fold, its views.

    views    name and row type; a row's first field is its key
    indexes  of views: columns by which rows are listed page by page; several with a blank between them
    remembered   kinds of facts whose numbers rows keep: no index has them, for the price of writing it
    wide     views whose rows do not fit well into the pages of an index
    watched  views that others read along: each commit says which of their rows it has changed
    """

    facts: Mapping[str, type[msgspec.Struct]]
    names: Mapping[type[msgspec.Struct], str]
    views: Mapping[str, type[msgspec.Struct]]
    about: Callable[[Any], bytes]
    indexes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remembered: tuple[str, ...] = ()
    wide: frozenset[str] = frozenset()
    watched: frozenset[str] = frozenset()


class FactCodec:
    """Facts to JSON and back."""

    def __init__(self, registry: Registry):
        self._encoder = msgspec.json.Encoder()
        self._decoders = {name: msgspec.json.Decoder(kind) for name, kind in registry.facts.items()}

    def write(self, fact: msgspec.Struct) -> bytes:
        """The fact as JSON."""
        return self._encoder.encode(fact)

    def read(self, name: str, body: bytes) -> msgspec.Struct:
        """The fact of that name from its JSON.

        Raises  msgspec.ValidationError: the text is not such a fact
        """
        return self._decoders[name].decode(body)


class RowCodec:
    """Rows of one view to tuples of columns and back. Fields that are not plain are kept as JSON text."""

    def __init__(self, row: type[msgspec.Struct]):
        hints = get_type_hints(row)
        self.row = row
        self.columns = {name: column_type(hints[name]) for name in row.__struct_fields__}
        self.key = row.__struct_fields__[0]
        self._json = [
            (index, msgspec.json.Decoder(hints[name]))
            for index, name in enumerate(row.__struct_fields__)
            if _plain(hints[name]) is None
        ]
        self._bools = [index for index, name in enumerate(row.__struct_fields__) if hints[name] is bool]

    def write(self, row: msgspec.Struct) -> tuple[Any, ...]:
        """The row's columns."""
        values = msgspec.structs.astuple(row)
        if not self._json:
            return values
        out = list(values)
        for index, _ in self._json:
            out[index] = _ENCODE(out[index]).decode()
        return tuple(out)

    def read(self, values: tuple[Any, ...]) -> Any:
        """The row from its columns."""
        out = list(values)
        for index, decoder in self._json:
            out[index] = decoder.decode(out[index])
        for index in self._bools:
            out[index] = bool(out[index])
        return self.row(*out)


def column_type(hint: Any) -> str:
    """SQLite type of a field."""
    return _PLAIN[plain] if (plain := _plain(hint)) else "TEXT"


def _plain(hint: Any) -> type | None:
    """The type of a field that needs no JSON, or None."""
    if hint in _PLAIN:
        return hint  # type: ignore[no-any-return]
    if get_origin(hint) in (types.UnionType, None) or not get_args(hint):
        return None
    return str if all(isinstance(choice, str) for choice in get_args(hint)) else None  # a Literal of texts


_ENCODE = msgspec.json.Encoder().encode
