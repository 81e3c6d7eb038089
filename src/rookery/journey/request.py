"""Requests from one company to another, with their answers. What a kind means is between the two.

    draft --send--> requested --accept--> accepted --cancel--> cancel_requested --accept--> cancelled
      `--cancel-->     |`--reject, cancel-->   `--close           |`--reject, its time--> cancel_rejected
      cancelled        `--close, its time--> closed                                         `--cancel, close
Rejected, cancelled and closed are for good. Expiry of a draft or a request closes it.
"""

from typing import Literal

import msgspec

from rookery.journey.company import find_absent
from rookery.journey.connection import find_active
from rookery.journey.deadline import set_deadline
from rookery.journey.desk import Desk
from rookery.journey.state import Refusal, State, ViewRow
from rookery.units import instant_text

REQUEST = "request"  # in names of deadlines

RequestState = Literal[
    "draft", "requested", "accepted", "rejected", "cancel_requested", "cancelled", "cancel_rejected", "closed"
]
RequestWord = Literal["send", "accept", "reject", "cancel", "close"]
Side = Literal["from", "to"]

# What a word of a side makes of a request. What is not here is refused.
_AFTER: dict[tuple[RequestState, RequestWord, Side], RequestState] = {
    ("draft", "send", "from"): "requested",
    ("draft", "cancel", "from"): "cancelled",
    ("requested", "accept", "to"): "accepted",
    ("requested", "reject", "to"): "rejected",
    ("requested", "cancel", "from"): "cancelled",
    ("accepted", "cancel", "from"): "cancel_requested",
    ("accepted", "close", "from"): "closed",
    ("accepted", "close", "to"): "closed",
    ("cancel_requested", "accept", "to"): "cancelled",
    ("cancel_requested", "reject", "to"): "cancel_rejected",
    ("cancel_rejected", "cancel", "from"): "cancel_requested",
    ("cancel_rejected", "close", "from"): "closed",
    ("cancel_rejected", "close", "to"): "closed",
}
_EXPIRED: dict[RequestState, RequestState] = {
    "draft": "closed",
    "requested": "closed",
    "cancel_requested": "cancel_rejected",
}
_CONNECTED: tuple[RequestState, ...] = ("requested", "accepted")  # what is begun needs a connection, what is ended none


class MakeRequest(msgspec.Struct, frozen=True):
    """Ask: ask something of another company.

    kind        a word that the two agree on; body: JSON
    expires_at  until when it can be answered
    draft       True: it is not sent yet, and the other one does not see it
    """

    request_id: bytes
    by: str
    company: str
    kind: str
    body: str
    expires_at: int
    draft: bool = False


class RewriteRequest(msgspec.Struct, frozen=True):
    """Ask: a draft says this instead."""

    by: str
    request_id: bytes
    body: str


class AdvanceRequest(msgspec.Struct, frozen=True):
    """Ask: a company says a word on a request.

    answer      JSON, or blank
    expires_at  of a wish to cancel what was accepted: until when it can be answered; 0: it waits for an answer
    """

    by: str
    request_id: bytes
    word: RequestWord
    answer: str = ""
    expires_at: int = 0


class RequestMade(msgspec.Struct, frozen=True):
    """A company has asked something of another one, or noted what it will ask."""

    request_id: bytes
    by: str
    company: str
    kind: str
    body: str
    expires_at: int
    state: RequestState


class RequestRewritten(msgspec.Struct, frozen=True):
    """A draft says something else."""

    request_id: bytes
    body: str


class RequestAdvanced(msgspec.Struct, frozen=True):
    """A company has said a word on a request, and what it is from then on. `by` blank: its time has come."""

    request_id: bytes
    by: str
    word: str
    state: RequestState
    answer: str = ""
    expires_at: int = 0


class Request(ViewRow, frozen=True):
    """A request.

    sent        the other company sees it
    answer      the last one, JSON or blank
    expires_at  0: nothing is waited for
    """

    request_id: bytes
    from_company: str
    to_company: str
    kind: str
    state: RequestState
    body: str
    sent: bool
    answer: str = ""
    expires_at: int = 0


def make(state: State, ask: MakeRequest, desk: Desk) -> list[RequestMade] | Refusal:
    """Ask something of another company. Refuses  unknown, suspended, unconnected; too_late: it has expired already"""
    connection = find_active(state, ask.by, ask.company)
    absent = find_absent(state, desk.world, ask.company)
    if absent is not None:
        return absent
    if isinstance(connection, Refusal):
        return connection
    late = _find_past(ask.expires_at, desk)
    made: RequestState = "draft" if ask.draft else "requested"
    return late or [RequestMade(ask.request_id, ask.by, ask.company, ask.kind, ask.body, ask.expires_at, made)]


def rewrite(state: State, ask: RewriteRequest, desk: Desk) -> list[RequestRewritten] | Refusal:
    """Let a draft say something else. Refuses  unknown; closed: it was sent"""
    row = _find_own(state, ask.request_id, ask.by)
    if isinstance(row, Refusal):
        return row
    if row.state != "draft":
        return Refusal("closed", "request", "a draft", row.state, "ask anew")
    return [RequestRewritten(ask.request_id, ask.body)]


def advance(state: State, ask: AdvanceRequest, desk: Desk) -> list[RequestAdvanced] | Refusal:
    """Say a word on a request.

    Refuses  unknown: no such request of this company; closed: it is not in a state for that word; barred: the word is
             the other side's; unconnected, suspended: something would begin; too_late: it would have expired already
    """
    row = _find_own(state, ask.request_id, ask.by)
    if isinstance(row, Refusal):
        return row
    sides: dict[Side, str] = {"from": row.from_company, "to": row.to_company}
    own: Side = "from" if ask.by == row.from_company else "to"
    after = _AFTER.get((row.state, ask.word, own))
    if after is None:
        others = [side for side in sides if (row.state, ask.word, side) in _AFTER]
        if others:
            return Refusal("barred", "request", f"to {ask.word} for {sides[others[0]]} to say", f"a word of {ask.by}")
        return Refusal("closed", "request", f"one on which to {ask.word}", row.state, "ask anew")
    refusal = _find_past(ask.expires_at, desk) if after == "cancel_requested" and ask.expires_at else None
    if refusal is None and after in _CONNECTED:
        other = row.to_company if own == "from" else row.from_company
        connection = find_active(state, ask.by, other)
        refusal = find_absent(state, desk.world, other) or (connection if isinstance(connection, Refusal) else None)
    expires_at = row.expires_at if after == "requested" else ask.expires_at if after == "cancel_requested" else 0
    return refusal or [RequestAdvanced(ask.request_id, ask.by, ask.word, after, ask.answer, expires_at)]


def expire(state: State, request_id: bytes) -> list[RequestAdvanced]:
    """Nobody has answered in time."""
    after = _EXPIRED[state[Request].get(request_id).state]
    return [RequestAdvanced(request_id, "", "expire", after)]


def _find_own(state: State, request_id: bytes, by: str) -> Request | Refusal:
    """A request as a company sees it: what is not its own, or not sent to it yet, is not there."""
    row = state[Request].find(request_id)
    if row is None or not (by == row.from_company or (by == row.to_company and row.sent)):
        return Refusal("unknown", "request", f"one from or to {by}", "none", "check the id")
    return row


def _find_past(expires_at: int, desk: Desk) -> Refusal | None:
    if expires_at > desk.now:
        return None
    return Refusal("too_late", "request", "an expiry after now", instant_text(expires_at), "set a later one")


# --- folding


def made(state: State, fact: RequestMade) -> None:
    """Fold RequestMade."""
    row = Request(
        fact.request_id, fact.by, fact.company, fact.kind, fact.state, fact.body,
        sent=fact.state != "draft", expires_at=fact.expires_at,
    )  # fmt: skip
    state[Request].new(row)
    set_deadline(state, f"{REQUEST}:{fact.request_id.hex()}", fact.expires_at)


def rewritten(state: State, fact: RequestRewritten) -> None:
    """Fold RequestRewritten."""
    state[Request].put(msgspec.structs.replace(state[Request].get(fact.request_id), body=fact.body))


def advanced(state: State, fact: RequestAdvanced) -> None:
    """Fold RequestAdvanced."""
    row = state[Request].get(fact.request_id)
    state[Request].put(
        msgspec.structs.replace(
            row, state=fact.state, sent=row.sent or fact.word == "send", answer=fact.answer or row.answer,
            expires_at=fact.expires_at,
        )
    )  # fmt: skip
    set_deadline(state, f"{REQUEST}:{fact.request_id.hex()}", fact.expires_at)
