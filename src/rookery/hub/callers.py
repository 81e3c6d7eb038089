"""Who a caller is, by the secret that it shows. The secret itself is never kept: see `make_secret`."""

import hashlib
import hmac
import secrets
import string
from dataclasses import dataclass
from typing import Literal

from rookery.journey.company import Company, User, user_account
from rookery.journey.facts import VIEWS
from rookery.journey.key import ID_LETTERS, SCOPES, SCOPES_OF, SECRET, SECRET_LETTERS, ApiKey, Mode
from rookery.journey.reading import Find, R
from rookery.journey.state import Key, State
from rookery.ledger.log import Ledger

_LETTERS = string.digits + string.ascii_letters
VIEW_OF = {view.row: view.name for view in VIEWS}

NoEntry = Literal["unknown", "expired", "revoked", "suspended"]


@dataclass(frozen=True, slots=True)
class Secret:
    """A new secret: to be told once to whom it is for, and forgotten. `hash_`: what a `key` message carries."""

    text: str
    key_id: str
    hash_: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. `user`: e-mail, or blank for a machine; `version`: of the API, as pinned with the key."""

    company: str
    user: str
    scopes: frozenset[str]
    mode: Mode
    key_id: str
    version: str


def make_secret(mode: Mode) -> Secret:
    """A new secret: `live_ID_SECRET` or `test_ID_SECRET`."""
    key_id, rest = (_draw(count) for count in (ID_LETTERS, SECRET_LETTERS))
    text = f"{mode}_{key_id}_{rest}"
    return Secret(text, key_id, hash_secret(text))


def _draw(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


def hash_secret(text: str) -> str:
    """What a hub knows of a secret: SHA-256, hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def find_caller(find: Find, presented: str, now: int) -> Caller | NoEntry:
    """Who shows a secret, or why it opens nothing.

    Refuses  unknown: no such key, or another secret; revoked: it, the key that it is a token of, or its user is gone;
             expired; suspended: the company
    """
    hash_, shape = hash_secret(presented), SECRET.fullmatch(presented)
    key = find(ApiKey, shape[2]) if shape is not None else None
    is_same = hmac.compare_digest(hash_, key.hash_ if key is not None else "0" * len(hash_))
    if key is None or shape is None or not is_same or shape[1] != key.mode:
        return "unknown"
    parent = find(ApiKey, key.parent) if key.parent else key
    user = find(User, user_account(key.company, key.email)) if key.email else None
    if parent is None or key.revoked or parent.revoked or (key.email and user is None):
        return "revoked"
    if any(0 < one.expires_at <= now for one in (key, parent)):
        return "expired"
    company = find(Company, key.company)
    if company is not None and company.suspended:
        return "suspended"
    most = SCOPES_OF[user.role] if user is not None else frozenset(SCOPES)
    return Caller(key.company, key.email, frozenset(key.scopes) & most, key.mode, key.key_id, key.version)


def stored_rows(ledger: Ledger) -> Find:
    """Rows as they are stored at the moment of each look: what was revoked before it is revoked for it."""

    def find(row: type[R], key: Key) -> R | None:
        found: R | None = ledger.find_row(VIEW_OF[row], key)
        return found

    return find


def rows_of_state(state: State) -> Find:
    """Rows as a state has them."""

    def find(row: type[R], key: Key) -> R | None:
        return state[row].find(key)

    return find
