"""Keys: what a caller shows to be let in. Of a secret only its SHA-256 is ever known here.

    made ----> ends at an instant (rotated: a new one beside it)
      `------> revoked, at once
An access token is a key of a key: short-lived, of no more scopes, and worth nothing once its key is.
"""

import re
from typing import Literal

import msgspec

from rookery.journey.company import User, find_no_user, find_stranger, user_account
from rookery.journey.deadline import drop_deadline, set_deadline
from rookery.journey.departure import NETWORK
from rookery.journey.desk import Desk
from rookery.journey.state import Refusal, State, ViewRow
from rookery.units import instant_text

ID_LETTERS, SECRET_LETTERS = 16, 40  # 40 letters of 62 are 238 bits: nobody guesses them, so that a plain hash will do
SECRET = re.compile(rf"(test|live)_([0-9A-Za-z]{{{ID_LETTERS}}})_[0-9A-Za-z]{{{SECRET_LETTERS}}}")
TOKEN_S_MAX = 3600  # how long an access token lasts at most
TOKEN = "token"  # in names of deadlines

Mode = Literal["test", "live"]

# What a key may open. The closed list: a route names one of these.
SCOPES: dict[str, str] = {
    "network:read": "look at networks, facilities, services and departures",
    "quotes": "ask for quotes; nothing is held",
    "orders:read": "look at orders, shipments, parcels, their plans and decisions",
    "orders:write": "place and cancel orders",
    "events:read": "look at events",
    "events:write": "report events, packing, and words on departures and capacity",
    "spaces:read": "look at shares, spaces, loads and the report",
    "spaces:write": "hold, take, change and release space",
    "requests:read": "look at requests between companies",
    "requests:write": "make and answer requests between companies",
    "trust:read": "look at users, keys, connections, grants and who has read what",
    "trust:write": "change users, keys, connections and grants of the company",
    "webhooks:read": "look at endpoints and deliveries",
    "webhooks:write": "change endpoints, send again",
    "admin": "what only the network's operator does: companies, rounds, the clock, conflicts over space",
}
_READING = frozenset(scope for scope in SCOPES if scope.endswith(":read")) | {"quotes"}
_RULING = frozenset({"trust:write", "webhooks:write", "admin"})

# The most that a key of a user may open, by the user's role. What a role loses its keys lose at once.
SCOPES_OF: dict[str, frozenset[str]] = {
    "viewer": _READING,
    "member": frozenset(SCOPES) - _RULING,
    "admin": frozenset(SCOPES),
}


class MakeKey(msgspec.Struct, frozen=True):
    """Ask: let callers in who show this secret.

    hash_       SHA-256 of the whole secret, hexadecimal digits
    user        e-mail of the person whose it is; blank: a machine's
    version     of the API, a date
    expires_at  0: it does not end by itself
    """

    by: str
    key_id: str
    hash_: str
    company: str
    scopes: tuple[str, ...]
    mode: Mode
    version: str
    user: str = ""
    expires_at: int = 0
    note: str = ""


class RotateKey(msgspec.Struct, frozen=True):
    """Ask: another secret for the same; the old one holds until an instant."""

    by: str
    key_id: str
    new_id: str
    hash_: str
    until: int


class RevokeKey(msgspec.Struct, frozen=True):
    """Ask: a key, and every token of it, opens nothing from now on."""

    by: str
    key_id: str
    why: str = ""


class RevokeKeysOf(msgspec.Struct, frozen=True):
    """Ask: all keys of a person who was removed, and their tokens, open nothing, also if the address is known again."""

    company: str
    email: str


class MakeToken(msgspec.Struct, frozen=True):
    """Ask: let callers in who show this secret, for a short time, in the place of a key. Blank scopes: the key's."""

    by: str
    key_id: str
    hash_: str
    parent: str
    expires_at: int
    scopes: tuple[str, ...] = ()


class KeyMade(msgspec.Struct, frozen=True, omit_defaults=True):
    """A secret lets callers in. Fields as in MakeKey.

    parent   the key that it is a token of, or blank
    made_by  who made it, where that is not its company: the network's operator
    """

    key_id: str
    hash_: str
    company: str
    scopes: tuple[str, ...]
    mode: Mode
    version: str
    user: str = ""
    expires_at: int = 0
    note: str = ""
    parent: str = ""
    made_by: str = ""


class KeyShortened(msgspec.Struct, frozen=True):
    """A key ends at an instant, since another one has taken its place."""

    key_id: str
    expires_at: int
    successor: str


class KeyRevoked(msgspec.Struct, frozen=True):
    """A key opens nothing from now on."""

    key_id: str
    why: str


class TokenExpired(msgspec.Struct, frozen=True):
    """An access token has had its time; nothing is kept of it but the facts."""

    key_id: str


class ApiKey(ViewRow, frozen=True):
    """A key. Fields as in KeyMade; `successor`: the key that has taken its place, or blank."""

    key_id: str
    hash_: str
    company: str
    scopes: tuple[str, ...]
    mode: Mode
    version: str
    email: str = ""
    expires_at: int = 0
    note: str = ""
    parent: str = ""
    successor: str = ""
    revoked: bool = False
    made_by: str = ""


def make(state: State, ask: MakeKey, desk: Desk) -> list[KeyMade] | Refusal:
    """Let a secret open what its scopes say.

    Refuses  barred, unknown, suspended: company or user; duplicate: the id is taken; too_late: it has ended already;
             too_wide: more than the user's role, or only the network's operator, may
    """
    refusal = find_stranger(state, desk.world, by=ask.by, company=ask.company)
    if ask.user and refusal is None:
        refusal = find_no_user(state, ask.company, ask.user)
    refusal = refusal or _find_taken(state, ask.key_id) or _find_past(ask.key_id, ask.expires_at, desk)
    if refusal is not None:
        return refusal
    user = state[User].find(user_account(ask.company, ask.user)) if ask.user else None
    most = frozenset(SCOPES) if user is None else SCOPES_OF[user.role]
    wide = _find_wide(ask.key_id, ask.scopes, most if ask.company == NETWORK else most - {"admin"})
    if wide is not None:
        return wide
    return [
        KeyMade(
            ask.key_id, ask.hash_, ask.company, ask.scopes, ask.mode, ask.version, ask.user.lower(), ask.expires_at,
            ask.note, made_by=_other(ask.by, ask.company),
        )
    ]  # fmt: skip


def rotate(state: State, ask: RotateKey, desk: Desk) -> list[KeyMade | KeyShortened] | Refusal:
    """Another secret for the same; the old one holds until an instant, or its own end if that is earlier.

    Refuses  unknown, barred, closed: the key is revoked, has ended, or is a token; duplicate: the new id is taken;
             too_late: the instant is over
    """
    old = _get_own(state, ask.key_id, ask.by, desk)
    taken = _find_taken(state, ask.new_id)
    if isinstance(old, Refusal):
        return old
    if taken is not None:
        return taken
    if past := _find_past(ask.key_id, max(1, ask.until), desk):
        return past
    if old.parent or old.successor:
        return Refusal("closed", f"key {ask.key_id}", "a key that was not rotated", "a token or an old key")
    ends_at = min(ask.until, old.expires_at or ask.until)
    made = KeyMade(
        ask.new_id, ask.hash_, old.company, old.scopes, old.mode, old.version, old.email, old.expires_at, old.note,
        made_by=_other(ask.by, old.company),
    )  # fmt: skip
    return [made, KeyShortened(old.key_id, max(ends_at, desk.now), ask.new_id)]


def revoke(state: State, ask: RevokeKey, desk: Desk) -> list[KeyRevoked] | Refusal:
    """Let a key open nothing from now on. Refuses  unknown, barred, closed: it opens nothing already"""
    key = _get_own(state, ask.key_id, ask.by, desk)
    return key if isinstance(key, Refusal) else [KeyRevoked(ask.key_id, ask.why)]


def revoke_of(state: State, ask: RevokeKeysOf, desk: Desk) -> list[KeyRevoked]:
    """Let all keys of a person open nothing from now on, those that still open something, by id."""
    rows = (row for row in state[ApiKey].naming("email", ask.email) if row.email == ask.email)
    theirs = sorted(row.key_id for row in rows if row.company == ask.company and not _find_shut(row, desk))
    return [KeyRevoked(key_id, "the person was removed") for key_id in theirs]


def make_token(state: State, ask: MakeToken, desk: Desk) -> list[KeyMade] | Refusal:
    """Exchange a key for a token.

    Not for another company, whoever asks: a token stands in no list.
    Refuses  unknown, barred, closed: the key is none, another's, has ended or is a token itself; too_wide: more scopes
             than it has; too_late, absurd: the token has ended already, lasts longer than an hour; duplicate
    """
    key = _get_own(state, ask.parent, ask.by, desk)
    if isinstance(key, Refusal):
        return key
    if key.company != ask.by:
        return Refusal("barred", f"key {ask.parent}", f"its company, {key.company}", ask.by, "make a key")
    thing, scopes = f"token of key {ask.parent}", ask.scopes or key.scopes
    if key.parent:
        return Refusal("closed", thing, "a key", "another token", "exchange the key")
    refusal = _find_taken(state, ask.key_id) or _find_past(ask.key_id, ask.expires_at, desk)
    refusal = refusal or _find_wide(ask.key_id, scopes, frozenset(key.scopes))
    if refusal is not None:
        return refusal
    if ask.expires_at > desk.now + TOKEN_S_MAX:
        return Refusal("absurd", thing, f"at most {TOKEN_S_MAX} s", f"{ask.expires_at - desk.now} s", "shorten it")
    return [
        KeyMade(
            ask.key_id, ask.hash_, key.company, scopes, key.mode, key.version, key.email, ask.expires_at,
            parent=key.key_id,
        )
    ]  # fmt: skip


def _get_own(state: State, key_id: str, by: str, desk: Desk) -> ApiKey | Refusal:
    """A key that still opens something, of the company that asks; to the network's operator of any."""
    key = state[ApiKey].find(key_id)
    if key is None or by not in (key.company, NETWORK):
        return Refusal("unknown", f"key {key_id}", f"a key of {by}", "none", "check the id")
    shut = _find_shut(key, desk)
    return Refusal("closed", f"key {key_id}", "a key in use", shut, "make another") if shut else key


def _other(by: str, company: str) -> str:
    """Who acts for a company; blank: itself."""
    return "" if by == company else by


def _find_shut(key: ApiKey, desk: Desk) -> str:
    """Why a key opens nothing, or blank."""
    if key.revoked:
        return "a revoked one"
    return "one that has ended" if 0 < key.expires_at <= desk.now else ""


def _find_taken(state: State, key_id: str) -> Refusal | None:
    if state[ApiKey].find(key_id) is None:
        return None
    return Refusal("duplicate", f"key {key_id}", "a new id", "one that is taken", "make another secret")


def _find_past(key_id: str, expires_at: int, desk: Desk) -> Refusal | None:
    if not 0 < expires_at <= desk.now:
        return None
    return Refusal("too_late", f"key {key_id}", "an end after now", instant_text(expires_at), "set a later one")


def _find_wide(key_id: str, scopes: tuple[str, ...], most: frozenset[str]) -> Refusal | None:
    wide = [scope for scope in scopes if scope not in most]
    if not wide:
        return None
    return Refusal("too_wide", f"key {key_id}", f"of {', '.join(sorted(most))}", ", ".join(wide), "leave them out")


# --- folding


def made(state: State, fact: KeyMade) -> None:
    """Fold KeyMade."""
    row = ApiKey(
        fact.key_id, fact.hash_, fact.company, fact.scopes, fact.mode, fact.version, fact.user, fact.expires_at,
        fact.note, fact.parent, made_by=fact.made_by,
    )  # fmt: skip
    state[ApiKey].new(row)
    if fact.parent:
        set_deadline(state, f"{TOKEN}:{fact.key_id}", fact.expires_at)


def shortened(state: State, fact: KeyShortened) -> None:
    """Fold KeyShortened."""
    row = state[ApiKey].get(fact.key_id)
    state[ApiKey].put(msgspec.structs.replace(row, expires_at=fact.expires_at, successor=fact.successor))


def revoked(state: State, fact: KeyRevoked) -> None:
    """Fold KeyRevoked."""
    state[ApiKey].put(msgspec.structs.replace(state[ApiKey].get(fact.key_id), revoked=True))


def token_expired(state: State, fact: TokenExpired) -> None:
    """Fold TokenExpired."""
    state[ApiKey].drop(fact.key_id)
    drop_deadline(state, f"{TOKEN}:{fact.key_id}")
