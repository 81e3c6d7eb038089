"""Grants: what a company shows another of its own, through a field profile, for a purpose, until an instant.

    made ----> revoked, by whom made it, at once
      `------> expired, at its instant
A grant opens nothing unless the connection under which it was made is active.
"""

from typing import Literal

import msgspec

from rookery.journey.company import find_absent
from rookery.journey.connection import OPEN, Connection, find_active
from rookery.journey.deadline import drop_deadline, set_deadline
from rookery.journey.desk import Desk
from rookery.journey.involved import involve
from rookery.journey.order import Order
from rookery.journey.profiles import GrantKind, ProfileName
from rookery.journey.shipment import Parcel, Shipment
from rookery.journey.state import Refusal, State, ViewRow
from rookery.units import instant_text

GRANT = "grant"  # in names of deadlines
GRANTS_MAX = 100  # of one company to another by query, and to one company on one object: a read looks at each

GrantState = Literal["active", "revoked", "expired"]
Standing = Literal["active", "suspended", "revoked", "expired"]


class Query(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which objects of its own a company means; blank: any.

    country     where they go, ISO 3166-1 alpha-2
    product_id  what they are sent as
    """

    country: str = ""
    product_id: str = ""


class MakeGrant(msgspec.Struct, frozen=True):
    """Ask: show another company something.

    kinds      which kinds of objects
    object_id  an order, shipment or parcel: that, and what is in it; empty: whatever the query says
    purpose    what for, a word
    """

    grant_id: bytes
    by: str
    company: str
    kinds: tuple[GrantKind, ...]
    profile: ProfileName
    purpose: str
    expires_at: int
    object_id: bytes = b""
    query: Query = Query()


class RevokeGrant(msgspec.Struct, frozen=True):
    """Ask: show it no more."""

    by: str
    grant_id: bytes
    why: str = ""


class GrantMade(msgspec.Struct, frozen=True, omit_defaults=True):
    """A company shows another something. Fields as in MakeGrant; `connection_id`: under which connection."""

    grant_id: bytes
    connection_id: bytes
    by: str
    company: str
    kinds: tuple[GrantKind, ...]
    profile: ProfileName
    purpose: str
    expires_at: int
    object_id: bytes = b""
    query: Query = Query()


class GrantEnded(msgspec.Struct, frozen=True):
    """A company shows another something no more: it has revoked it, or its time has come."""

    grant_id: bytes
    state: GrantState
    why: str


class Grant(ViewRow, frozen=True):
    """What a company shows another. Fields as in GrantMade; `pair` of the connection: see there."""

    grant_id: bytes
    connection_id: bytes
    owner: str
    to_company: str
    kinds: tuple[GrantKind, ...]
    profile: ProfileName
    purpose: str
    expires_at: int
    object_id: bytes
    query: Query
    state: GrantState = "active"


class Shown(ViewRow, frozen=True):
    """The grants that are open under one name: see `shown_by`, `shown_of`."""

    name: str
    grants: tuple[bytes, ...]


def shown_by(owner: str, to_company: str) -> str:
    """The name under which grants by query stand that one company has made for another."""
    return f"{owner}>{to_company}"


def shown_of(object_id: bytes, to_company: str) -> str:
    """The name under which grants on one object stand that are for a company."""
    return f"{object_id.hex()}>{to_company}"


def stands(row: Grant, connection: Connection | None, now: int) -> Standing:
    """How a grant stands at an instant, by the connection of its two companies as it is then."""
    if row.state != "active":
        return row.state
    if row.expires_at <= now:
        return "expired"
    if connection is None or connection.connection_id != row.connection_id or connection.state not in OPEN:
        return "revoked"
    return "active" if connection.state == "active" else "suspended"


def make(state: State, ask: MakeGrant, desk: Desk) -> list[GrantMade] | Refusal:
    """Show another company something.

    Refuses  unknown, suspended: the company; unconnected; unknown: no such object of one's own; too_late: it would have
             ended already; too_many: more grants than are looked at for a read
    """
    absent = find_absent(state, desk.world, ask.company)
    if absent is not None:
        return absent
    connection = find_active(state, ask.by, ask.company)
    if isinstance(connection, Refusal):
        return connection
    order = _find_order(state, ask.object_id) if ask.object_id else None
    if ask.object_id and (order is None or order.owner != ask.by):
        return Refusal("unknown", f"grant to {ask.company}", f"an order, shipment or parcel of {ask.by}", "none")
    if ask.expires_at <= desk.now:
        found = instant_text(ask.expires_at)
        return Refusal("too_late", f"grant to {ask.company}", "an expiry after now", found, "set a later one")
    if len(_open(state, _name(ask), connection.connection_id)) >= GRANTS_MAX:
        return Refusal(
            "too_many", f"grant to {ask.company}", f"at most {GRANTS_MAX} at once", "one more", "revoke one of them"
        )
    return [
        GrantMade(
            ask.grant_id, connection.connection_id, ask.by, ask.company, ask.kinds, ask.profile, ask.purpose,
            ask.expires_at, ask.object_id, ask.query,
        )
    ]  # fmt: skip


def revoke(state: State, ask: RevokeGrant, desk: Desk) -> list[GrantEnded] | Refusal:
    """Show something no more. Refuses  unknown: no such grant of this company; closed: it has ended"""
    row = state[Grant].find(ask.grant_id)
    if row is None or row.owner != ask.by:
        return Refusal("unknown", "grant", f"one of {ask.by}", "none", "check the id")
    if row.state != "active":
        return Refusal("closed", "grant", "one that is active", row.state)
    return [GrantEnded(ask.grant_id, "revoked", ask.why)]


def expire(grant_id: bytes) -> list[GrantEnded]:
    """A grant has had its time."""
    return [GrantEnded(grant_id, "expired", "")]


def _find_order(state: State, object_id: bytes) -> Order | None:
    """The order of this id, or that of the shipment or the parcel."""
    shipment, parcel = state[Shipment].find(object_id), state[Parcel].find(object_id)
    of = shipment or parcel
    return state[Order].find(of.order_id if of is not None else object_id)


def _name(grant: MakeGrant | GrantMade) -> str:
    return shown_of(grant.object_id, grant.company) if grant.object_id else shown_by(grant.by, grant.company)


def _open(state: State, name: str, connection_id: bytes) -> tuple[bytes, ...]:
    """Grants under a name that were made under a connection; those of an earlier connection open nothing any more."""
    row = state[Shown].find(name)
    ids = row.grants if row is not None else ()
    return tuple(one for one in ids if state[Grant].get(one).connection_id == connection_id)


# --- folding


def made(state: State, fact: GrantMade) -> None:
    """Fold GrantMade."""
    row = Grant(
        fact.grant_id, fact.connection_id, fact.by, fact.company, fact.kinds, fact.profile, fact.purpose,
        fact.expires_at, fact.object_id, fact.query,
    )  # fmt: skip
    state[Grant].new(row)
    name = _name(fact)
    state[Shown].put(Shown(name, (*_open(state, name, fact.connection_id), fact.grant_id)))
    set_deadline(state, f"{GRANT}:{fact.grant_id.hex()}", fact.expires_at)
    order = _find_order(state, fact.object_id) if fact.object_id else None
    if order is not None:
        involve(state, fact.company, "granted", order.order_id)


def ended(state: State, fact: GrantEnded) -> None:
    """Fold GrantEnded."""
    row = state[Grant].get(fact.grant_id)
    state[Grant].put(msgspec.structs.replace(row, state=fact.state))
    drop_deadline(state, f"{GRANT}:{fact.grant_id.hex()}")
    name = shown_of(row.object_id, row.to_company) if row.object_id else shown_by(row.owner, row.to_company)
    shown = state[Shown].find(name)
    left = tuple(one for one in shown.grants if one != fact.grant_id) if shown is not None else ()
    if left:
        state[Shown].put(Shown(name, left))
    elif shown is not None:
        state[Shown].drop(name)
