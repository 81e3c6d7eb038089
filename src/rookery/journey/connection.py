"""Connections: two companies agree to work together. Without one nothing is shown or asked across companies.

invited ----> active ----> suspended, by one side or both ----> active, when each that did so resumes
  |`--------> declined        `---------> revoked, by either side, for good
  `---------> expired, at its instant     invited again it is another connection, and old grants stay dead
"""

from typing import Literal

import msgspec

from rookery.journey.company import find_absent
from rookery.journey.deadline import drop_deadline, set_deadline
from rookery.journey.desk import Desk
from rookery.journey.state import Refusal, State, ViewRow
from rookery.units import DAY_S, instant_text

INVITED_S = 14 * DAY_S  # how long an invitation stands that does not say so
INVITATION = "invitation"  # in names of deadlines

ConnectionState = Literal["invited", "active", "suspended", "revoked", "declined", "expired"]
Word = Literal["accept", "decline", "suspend", "resume", "revoke"]
OPEN = ("invited", "active", "suspended")

# In which states a word may be said, and by whom: `asked` who was invited, `either`, `it` who suspended it.
_WORDS: dict[str, tuple[tuple[str, ...], Literal["asked", "either", "it"]]] = {
    "accept": (("invited",), "asked"),
    "decline": (("invited",), "asked"),
    "suspend": (("active", "suspended"), "either"),
    "resume": (("suspended",), "it"),
    "revoke": (OPEN, "either"),
}


class Invite(msgspec.Struct, frozen=True):
    """Ask: invite a company to work together. `expires_at` 0: in two weeks."""

    connection_id: bytes
    by: str
    company: str
    expires_at: int = 0
    note: str = ""


class ChangeConnection(msgspec.Struct, frozen=True):
    """Ask: a company says a word on its connection with another."""

    by: str
    company: str
    word: Word
    why: str = ""


class Invited(msgspec.Struct, frozen=True):
    """A company has invited another one."""

    connection_id: bytes
    by: str
    company: str
    expires_at: int
    note: str


class ConnectionChanged(msgspec.Struct, frozen=True):
    """A company has said a word on a connection, and what it is from then on. `by` blank: its time has come."""

    connection_id: bytes
    pair: str
    by: str
    word: str
    state: ConnectionState
    why: str = ""


class Connection(ViewRow, frozen=True):
    """How two companies stand; the last connection counts.

    pair          both ids by alphabet, with a `|` between
    suspended_by  who has suspended it and not resumed
    expires_at    of an invitation; 0 from then on
    """

    pair: str
    connection_id: bytes
    invited_by: str
    company: str
    state: ConnectionState
    expires_at: int = 0
    suspended_by: tuple[str, ...] = ()
    note: str = ""
    why: str = ""


def pair_name(one: str, other: str) -> str:
    """The key of the connection of two companies, whoever is named first."""
    return "|".join(sorted((one, other)))


def find_active(state: State, one: str, other: str) -> Connection | Refusal:
    """The active connection of two companies. Refuses  unconnected: there is none"""
    row = state[Connection].find(pair_name(one, other))
    if row is not None and row.state == "active":
        return row
    found = row.state if row is not None else "none"
    return Refusal("unconnected", f"company {other}", "an active connection", found, "connect the companies first")


def invite(state: State, ask: Invite, desk: Desk) -> list[Invited] | Refusal:
    """Invite a company.

    Refuses  unknown, suspended: either company; absurd: itself; duplicate: there is an open connection; too_late: it
             would have expired already
    """
    thing = f"connection with {ask.company}"
    if ask.by == ask.company:
        return Refusal("absurd", thing, "another company", "the same", "name another company")
    absent = find_absent(state, desk.world, ask.by) or find_absent(state, desk.world, ask.company)
    if absent is not None:
        return absent
    row = state[Connection].find(pair_name(ask.by, ask.company))
    if row is not None and row.state in OPEN:
        return Refusal("duplicate", thing, "none that is open", f"one that is {row.state}", "use that one")
    expires_at = ask.expires_at or desk.now + INVITED_S
    if expires_at <= desk.now:
        return Refusal("too_late", thing, "an expiry after now", instant_text(expires_at), "set a later one")
    return [Invited(ask.connection_id, ask.by, ask.company, expires_at, ask.note)]


def change(state: State, ask: ChangeConnection, desk: Desk) -> list[ConnectionChanged] | Refusal:
    """Say a word on a connection.

    Refuses  unknown: there never was one; closed: it is not in a state for that word; barred: the other side's word
    """
    row = state[Connection].find(pair_name(ask.by, ask.company))
    thing = f"connection with {ask.company}"
    if row is None:
        return Refusal("unknown", thing, "a connection", "none", "invite the company")
    states, whose = _WORDS[ask.word]
    if row.state not in states or (ask.word == "suspend" and ask.by in row.suspended_by):
        return Refusal("closed", thing, f"one that is {' or '.join(states)}", row.state, f"to {ask.word} is too late")
    if (whose == "asked" and ask.by != row.company) or (whose == "it" and ask.by not in row.suspended_by):
        return Refusal("barred", thing, f"to {ask.word} for {ask.company} to say", f"a word of {ask.by}")
    return [ConnectionChanged(row.connection_id, row.pair, ask.by, ask.word, _state_after(row, ask), ask.why)]


def _state_after(row: Connection, ask: ChangeConnection) -> ConnectionState:
    if ask.word == "resume":
        return "suspended" if set(row.suspended_by) - {ask.by} else "active"
    after: dict[Word, ConnectionState] = {
        "accept": "active", "decline": "declined", "suspend": "suspended", "revoke": "revoked",
    }  # fmt: skip
    return after[ask.word]


def expire(state: State, pair: str) -> list[ConnectionChanged]:
    """Nobody has answered an invitation in its time."""
    row = state[Connection].get(pair)
    return [ConnectionChanged(row.connection_id, pair, "", "expire", "expired")]


# --- folding


def invited(state: State, fact: Invited) -> None:
    """Fold Invited."""
    pair = pair_name(fact.by, fact.company)
    row = Connection(pair, fact.connection_id, fact.by, fact.company, "invited", fact.expires_at, note=fact.note)
    state[Connection].put(row)
    set_deadline(state, f"{INVITATION}:{pair}", fact.expires_at)


def changed(state: State, fact: ConnectionChanged) -> None:
    """Fold ConnectionChanged."""
    row = state[Connection].get(fact.pair)
    by = row.suspended_by
    if fact.word == "suspend":
        by = (*by, fact.by)
    elif fact.word == "resume":
        by = tuple(name for name in by if name != fact.by)
    state[Connection].put(
        msgspec.structs.replace(row, state=fact.state, expires_at=0, suspended_by=by, why=fact.why)
    )  # fmt: skip
    drop_deadline(state, f"{INVITATION}:{fact.pair}")
