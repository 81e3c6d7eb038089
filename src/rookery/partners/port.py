"""What every border shares: the faults of a message or of files that cannot be read, all of them at once.

BadMessage     a message that says something impossible: the sender has to correct it
FileFaults     files that cannot be used: whoever wrote them has to correct them
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from itertools import islice
from typing import Annotated, Any, get_type_hints

import msgspec
from msgspec import inspect

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)  # what a decoder raises for a foreign body
AMOUNT_MAX = 10**12  # grams, cm3 and units: far above any shipment, far below 64 bits
LETTERS_MAX = 200  # of a name or a number
NOTE_LETTERS_MAX = 2_000  # of what is told to people
FAULTS_MAX = 100  # that are told of one message
LOOKED_MAX = 10_000  # parts of a list or an object in which faults are looked for
INSTANT_MAX = 7_258_118_400  # 2200-01-01T00:00Z; earlier than 1970 or later than this is a slip of the pen
WHOLE_MAX = 2**63  # a whole number from here on is none that is stored
SEND_AGAIN = "correct it and send it again"
_BYTE = re.compile(r"\(byte (\d+)\)")

Short = Annotated[str, msgspec.Meta(max_length=LETTERS_MAX)]
Note = Annotated[str, msgspec.Meta(max_length=NOTE_LETTERS_MAX)]


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One bad field: its path, what was wanted, what was found, what to do."""

    path: str
    wanted: str
    found: str
    todo: str = SEND_AGAIN

    def __str__(self) -> str:
        return f"{self.path}: wanted {self.wanted}, found {self.found}; {self.todo}"


class BadMessage(Exception):
    """A message that cannot be read. `faults` holds every bad field, of very many the first; what is told is short."""

    def __init__(self, faults: list[FieldFault]):
        told = [_short(fault) for fault in faults[:FAULTS_MAX]]
        if len(faults) > FAULTS_MAX:
            told.append(FieldFault("message", f"at most {FAULTS_MAX} bad fields", "more", "correct these first"))
        super().__init__("; ".join(map(str, told)))
        self.faults = told


def _short(fault: FieldFault) -> FieldFault:
    """A fault as it is told: what came from outside is short and printable."""
    path, found = fault.path, fault.found
    if len(path) <= LETTERS_MAX and len(found) <= LETTERS_MAX and path.isprintable() and found.isprintable():
        return fault
    path, found = (_printable(text[:LETTERS_MAX])[:LETTERS_MAX] for text in (path, found))
    return replace(fault, path=path, found=found)


def _printable(text: str) -> str:
    return text if text.isprintable() else text.encode("unicode_escape").decode()


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, what was wanted, what was found, what to do.

    line   line of the file where the record begins, from 1; 0: the file as a whole
    field  the column; blank where the fault is not in one
    """

    file: str
    line: int
    field: str
    wanted: str
    found: str
    todo: str

    def __str__(self) -> str:
        where = f"{self.file} line {self.line}" if self.line else self.file
        if self.field:
            where += f", {self.field}"
        return f"{where}: wanted {self.wanted}, found {self.found}; {self.todo}"


class FileFaults(ValueError):
    """Files that cannot be used, with all that is wrong with them. `hides`: what could not be read may have more."""

    def __init__(self, faults: Sequence[Fault], *, hides: bool = False) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults, self.hides = list(faults), hides


# --- what has another shape


def read_object(body: bytes, todo: str = SEND_AGAIN) -> dict[str, Any]:
    """The fields of a JSON object. Raises  BadMessage: it is none, with where it stops to be one"""
    try:
        fields = msgspec.json.decode(body)
    except UNREADABLE as fault:
        raise BadMessage([FieldFault("message", "a JSON object", not_json(body, fault), todo)]) from None
    if not isinstance(fields, dict):
        raise BadMessage([FieldFault("message", "a JSON object", described(fields), todo)])
    return fields


def not_json(body: bytes, fault: Exception) -> str:
    """Why bytes are no JSON, where a decoder has stumbled over them."""
    if not body.strip():
        return "nothing"
    if isinstance(fault, RecursionError):
        return "objects or lists in each other, too deep to be read"
    if isinstance(fault, UnicodeDecodeError) or not _is_utf8(body):
        return "bytes that are no UTF-8"
    at = _BYTE.search(str(fault))
    return f"text that is no JSON from byte {at[1]} on" if at else "text that is no JSON, or stops too early"


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def described(value: Any) -> str:
    """A JSON value as a fault tells it: what it is, and a short one as it stands."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"[:LETTERS_MAX]
        case str():
            return f"the text {value[:LETTERS_MAX]!r}"[:LETTERS_MAX]
        case list() | tuple():
            return f"a list of {len(value)}"
    return "an object"


def range_fault(path: str, value: int, least: int, most: int) -> list[FieldFault]:
    """The fault of a number out of its range, in the direction in which it has to go; else none."""
    if least <= value <= most:
        return []
    return [FieldFault(path, f"at least {least}" if value < least else f"at most {most}", str(value))]


def shape_faults(
    value: Any, type_: Any, path: str = "", todo: str = SEND_AGAIN, *, strict: bool = True
) -> list[FieldFault]:
    """The places where a value is not of a type, in the house's words, of very many the first; none where it is.

    type_   a struct, numbers, text, lists and objects of them
    path    where the value stands; blank: it is the message
    strict  False: text that reads as a number is one; of values without parts
    """
    try:
        msgspec.convert(value, type_, strict=strict)
    except UNREADABLE:
        inside = list(islice(_inside(value, inspect.type_info(type_), path, todo), FAULTS_MAX + 1))
        return inside or [FieldFault(path or "message", _wanted_of(inspect.type_info(type_)), described(value), todo)]
    return []


def _inside(value: Any, info: inspect.Type, path: str, todo: str) -> Iterator[FieldFault]:
    """The faults of the parts of a value; none where it is wrong as a whole."""
    if isinstance(info, inspect.StructType) and isinstance(value, dict):
        yield from _fields_of(value, info, path, todo)
    elif isinstance(info, inspect.VarTupleType | inspect.ListType) and isinstance(value, list | tuple):
        for n, one in enumerate(value[:LOOKED_MAX]):
            yield from _part(one, info.item_type, f"{path}[{n}]", todo)
    elif isinstance(info, inspect.DictType) and isinstance(value, dict):
        for name, one in islice(value.items(), LOOKED_MAX):
            yield from _part(one, info.value_type, _below(path, name), todo)
    elif isinstance(info, inspect.UnionType):
        (*_, last) = (one for one in info.types if not isinstance(one, inspect.NoneType))
        yield from _inside(value, last, path, todo)


def _fields_of(value: dict[str, Any], info: inspect.StructType, path: str, todo: str) -> Iterator[FieldFault]:
    known = {field.encode_name: field for field in info.fields}
    for name in islice(value, 2 * FAULTS_MAX):
        if name not in known and info.forbid_unknown_fields:
            wanted = f"one of the fields {', '.join(known)}"
            yield FieldFault(_below(path, name), wanted, "another name", meant(name, known, todo))
    for name, field in known.items():
        if name in value:
            yield from _part(value[name], field.type, _below(path, name), todo)
        elif field.required:
            yield FieldFault(_below(path, name), "a value", "nothing", todo)


def meant(name: str, known: Collection[str], todo: str = SEND_AGAIN) -> str:
    """What to do about a name that is not known: there may be one like it."""
    near = get_close_matches(name[:LETTERS_MAX], known, n=1)
    return f"did you mean {near[0]}? Else {todo}" if near else todo


def _part(value: Any, info: inspect.Type, path: str, todo: str) -> Iterator[FieldFault]:
    inside = list(_inside(value, info, path, todo))
    yield from inside
    if not inside and not _fits(value, info):
        yield FieldFault(path, _wanted_of(info), _found_of(value, info), todo)


def _fits(value: Any, info: inspect.Type) -> bool:
    """Whether a value without faults inside is of a type."""
    match info:
        case inspect.AnyType():
            return True
        case inspect.NoneType():
            return value is None
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.IntType():
            whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
            return whole and not isinstance(value, bool) and abs(value) < WHOLE_MAX
        case inspect.FloatType():
            return isinstance(value, int | float) and not isinstance(value, bool)
        case inspect.StrType():
            return isinstance(value, str) and len(value) <= (info.max_length or len(value))
        case inspect.LiteralType():
            return value in info.values
        case inspect.UnionType():
            return any(_fits(value, one) for one in info.types)
        case inspect.VarTupleType() | inspect.ListType():
            return isinstance(value, list | tuple)
    return isinstance(value, dict)


def _wanted_of(info: inspect.Type) -> str:
    match info:
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "a whole number"
        case inspect.FloatType():
            return "a number"
        case inspect.StrType():
            return f"text of at most {info.max_length} letters" if info.max_length else "text"
        case inspect.LiteralType():
            blank = "blank or " if "" in info.values else ""
            return f"{blank}one of {', '.join(str(one) for one in info.values if one != '')}"
        case inspect.UnionType():
            return " or ".join(dict.fromkeys(_wanted_of(one) for one in info.types))
        case inspect.VarTupleType() | inspect.ListType():
            return "a list"
        case inspect.NoneType():
            return "null"
        case inspect.StructType():
            return f"an object with the fields {', '.join(field.encode_name for field in info.fields)}"
        case inspect.DictType(value_type=inspect.IntType()):
            return 'an object of whole numbers, such as {"grams": 5000}'
    return "an object"


def _found_of(value: Any, info: inspect.Type) -> str:
    if isinstance(info, inspect.StrType) and isinstance(value, str):
        return f"{len(value)} letters"
    return described(value)


def _below(path: str, name: str) -> str:
    return f"{path}.{name[:LETTERS_MAX]}" if path else name[:LETTERS_MAX]


# --- what numbers as text may be read from


def good_fields(
    fields: dict[str, Any], kind: type[msgspec.Struct], faults: list[FieldFault], *, what: str, path: str = ""
) -> dict[str, Any]:
    """The fields that a struct has, of its types; a fault for each other. `what`: an order, a line."""
    good: dict[str, Any] = {}
    hints = _hints(kind)
    convert: Callable[..., Any] = msgspec.convert
    for name, value in fields.items():
        if name not in hints:
            found = f"a name that no {what.rpartition(' ')[2]} has"
            see = "see docs/orders.md"
            todo = meant(name, hints, see) if len(faults) < FAULTS_MAX else see
            faults.append(FieldFault(f"{path}{name}", f"a field of {what}", found, todo))
            continue
        try:
            good[name] = convert(value, hints[name], strict=False)
        except msgspec.ValidationError:
            wanted = {int: "a whole number", Short: "text", Note: "text"}.get(hints[name], "text or a number")
            faults.append(FieldFault(f"{path}{name}", *_wanted(wanted, value, hints[name])))
    return good


def _wanted(wanted: str, value: Any, hint: Any) -> tuple[str, str]:
    """What was wanted of a field, and what was found."""
    if wanted == "text" and isinstance(value, str):
        return f"at most {LETTERS_MAX if hint is Short else NOTE_LETTERS_MAX} letters", f"{len(value)} letters"
    return wanted, described(value)


@cache
def _hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)
