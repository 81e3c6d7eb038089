"""The shape of messages about trust: an object whose `do` says what is wanted. All bad fields are told at once."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from rookery.partners.port import INSTANT_MAX, BadMessage, FieldFault, read_object, shape_faults
from rookery.units import read_any_id, read_instant

TEXT_MAX = 200  # letters of a name, a note, a reason
WORD = re.compile(r"[a-z][a-z0-9_.]{0,39}")
COMPANY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
EMAIL = re.compile(r"[^\s@/]{1,64}@[^\s@/]{1,190}")
ID_BYTES = 16
NOT_TOLD = "something else"
_SEE = "see docs/trust.md"

Text = TypeVar("Text", bound=msgspec.Struct)


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body of some `do`. Its fields are those of the subclass."""


class Fields:
    """Checks of the fields of one message, with the faults found so far. `quiet`: what was found is not repeated."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.faults: list[FieldFault] = []
        self._quiet = quiet

    def end(self) -> None:
        """Raises  BadMessage: if anything was wrong"""
        if self.faults:
            raise BadMessage(self.faults)

    def fault(self, path: str, wanted: str, found: object) -> None:
        """Note a bad field."""
        told = NOT_TOLD if self._quiet else repr(found)[:TEXT_MAX]
        self.faults.append(FieldFault(path, wanted, told, _SEE))

    def match(self, path: str, text: str, shape: re.Pattern[str], wanted: str) -> None:
        """Note a text of another shape."""
        if not shape.fullmatch(text):
            self.fault(path, wanted, text)

    def short(self, **texts: str) -> None:
        """Note each text that is too long."""
        for path, text in texts.items():
            if len(text) > TEXT_MAX:
                self.fault(path, f"at most {TEXT_MAX} letters", f"{len(text)} letters")

    def company(self, path: str, text: str) -> None:
        """Note what cannot be the id of a company."""
        self.match(path, text, COMPANY, "the id of a company, such as lumen_gadgets")

    def words(self, path: str, words: tuple[str, ...], known: Iterable[str]) -> None:
        """Note an empty list, a word that is not known, a word that stands twice."""
        listed = tuple(known)
        if not words:
            self.faults.append(FieldFault(path, f"one or more of {', '.join(listed)}, each once", "none", _SEE))
        elif len(set(words)) < len(words) or not set(words) <= set(listed):
            self.fault(path, f"one or more of {', '.join(listed)}, each once", words[: len(listed) + 1])

    def id_(self, path: str, text: str, *prefixes: str, needed: bool = True) -> bytes:
        """An id with one of these prefixes, or in hexadecimal digits; empty where it is blank and may be."""
        if not text and not needed:
            return b""
        try:
            prefix, id_ = read_any_id(text)
        except ValueError:
            prefix, id_ = "none", b""
        if prefix and prefix not in prefixes:
            self.fault(path, f"an id such as {' or '.join(f'{one}_...' for one in prefixes)}", text)
            return b""
        return id_

    def instant(self, path: str, text: str, *, needed: bool = True) -> int:
        """An instant; 0 where it is blank and may be."""
        if not text and not needed:
            return 0
        try:
            instant = read_instant(text)
        except (ValueError, OverflowError):
            instant = -1
        if not 0 < instant < INSTANT_MAX:
            self.fault(path, "a time with its offset such as 2026-11-22T17:30+01:00, from 1970 to 2199", text)
        return instant


def read_said(body: bytes, shapes: Mapping[str, type[Said]], *, quiet: bool = False) -> tuple[str, Any]:
    """What is wanted, and a body of its shape. `quiet`: what was found is not repeated.

    Raises  BadMessage: with every field of another shape
    """
    fields = read_object(body, _SEE)
    checks, do = Fields(quiet=quiet), fields.pop("do", "")
    if not isinstance(do, str) or do not in shapes:
        checks.fault("do", f"one of {', '.join(shapes)}", do)
        checks.end()
    for wrong in shape_faults(fields, shapes[do], todo=_SEE):
        checks.faults.append(replace(wrong, found=NOT_TOLD) if quiet else wrong)
    checks.end()
    return do, msgspec.convert(fields, shapes[do])
