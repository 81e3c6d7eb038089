"""What became of deliveries, for people and programs; and notices that are sent again."""

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from rookery.tell.store import EVERY, NEVER_MS, TEST, Store, read_types

REPLAY_MAX = 5_000  # deliveries that one replay makes
SCAN_MAX = 20_000  # notices of the outbox that one replay looks at
LIST_MAX = 200
KEPT_S = 30 * 86_400  # how long deliveries that are done are kept


class Delivery(msgspec.Struct, frozen=True):
    """A delivery as it stands. Times in milliseconds since the epoch; due_ms: when it is tried next, 0: never.

    seq    of its notice in the outbox
    state  behind: waits for an earlier one of its subject; due; flying: under way; sent; given_up, and why
    """

    id: int
    endpoint: str
    seq: int
    type: str
    subject: str
    sequence: int
    state: str
    tries: int
    made_ms: int
    due_ms: int
    ended_ms: int
    why: str


class Attempt(msgspec.Struct, frozen=True):
    """An attempt: when, how long it took, the status that came back; 0: none, and `error` says why."""

    delivery: int
    number: int
    began_ms: int
    took_ms: int
    status: int
    error: str
    response: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many deliveries a replay has made, and the notice up to which it went.

    more  go on after that
    seen  it was made before under the same key; nothing was done now
    """

    count: int
    seq: int
    more: bool
    seen: bool = False


@dataclass(frozen=True, slots=True)
class ReplayAsked:
    """What an endpoint is to be sent again: what its company was told since an instant, or after a notice.

    by, key  who asks, and its own name for it: the same name means the same replay
    """

    by: str
    key: str
    endpoint: str
    since_at: int = 0
    after_seq: int = 0

    @property
    def words(self) -> str:
        """What is asked, to be compared."""
        return f"{self.endpoint} {self.since_at} {self.after_seq}"


@dataclass(frozen=True, slots=True)
class Backlog:
    """How far senders are behind.

    notices    of which no deliveries were made yet
    open       deliveries that are not done; oldest_ms: since when the oldest waits, 0: none does
    failing    endpoints that failed last
    """

    notices: int
    open: int
    failing: int
    oldest_ms: int


def list_deliveries(store: Store, endpoint: str, *, before: int = NEVER_MS, limit: int = LIST_MAX) -> list[Delivery]:
    """An endpoint's deliveries, the newest first. `before`: an id, to go on."""
    text = (
        "SELECT d.id, d.endpoint, d.seq, o.kind, d.subject, o.sequence, d.state, d.claimed_by, d.tries, d.made_ms,"
        " d.due_ms, d.ended_ms, d.why FROM delivery d JOIN outbox o ON o.seq = d.seq"
        " WHERE d.endpoint = ? AND d.id < ? ORDER BY d.id DESC LIMIT ?"
    )
    return [_delivery(*row) for row in store.db.execute(text, (endpoint, before, min(limit, LIST_MAX)))]


def _delivery(*row: Any) -> Delivery:
    id_, endpoint, seq, type_, subject, sequence, state, claimed, tries, made_ms, due_ms, ended_ms, why = row
    shown, due_ms = "flying" if claimed else state, due_ms if state == "due" else 0
    return Delivery(id_, endpoint, seq, type_, subject, sequence, shown, tries, made_ms, due_ms, ended_ms, why)


def list_attempts(store: Store, delivery: int) -> list[Attempt]:
    """How often a delivery was tried, and how that went."""
    text = (
        "SELECT delivery, number, began_ms, took_ms, status, error, response FROM attempt"
        " WHERE delivery = ? ORDER BY number"
    )
    return [Attempt(*row) for row in store.db.execute(text, (delivery,))]


def replay(store: Store, asked: ReplayAsked, now_ms: int) -> Replayed | Literal["conflict", "closed"]:
    """Send an endpoint again what its company was told, once for each key. A notice has the id of its first time.

    What is still to be delivered is not doubled; what waits for its next try is tried at once, as a new delivery.
    conflict: the key was used for other words; closed: the endpoint is disabled, or there is none
    """
    with store.turn():
        seen = store.db.execute(
            "SELECT words, made, seq, more FROM replay WHERE company = ? AND name = ?", (asked.by, asked.key)
        )
        if seen:
            words, count, seq, more = seen[0]
            return Replayed(count, seq, bool(more), seen=True) if words == asked.words else "conflict"
        found = store.db.execute(
            "SELECT company, types, enabled FROM endpoint WHERE endpoint_id = ?", (asked.endpoint,)
        )
        if not found or not found[0][2]:
            return "closed"
        made = _replay(store, asked, found[0][0], read_types(found[0][1]), now_ms)
        row = (asked.by, asked.key, asked.words, made.count, made.seq, int(made.more))
        store.db.execute("INSERT INTO replay (company, name, words, made, seq, more) VALUES (?, ?, ?, ?, ?, ?)", row)
    return made


def _replay(store: Store, asked: ReplayAsked, company: str, types: frozenset[str], now_ms: int) -> Replayed:
    first = max(asked.after_seq + 1, _first_seq(store, asked.since_at) if asked.since_at else 0)
    text = "SELECT seq, to_company, kind, subject FROM outbox WHERE seq >= ? ORDER BY seq LIMIT ?"
    open_ = (
        "SELECT 1 FROM delivery WHERE endpoint = ? AND subject = ? AND state IN ('due', 'behind') AND seq = ? LIMIT 1"
    )
    count, seq = 0, first - 1
    rows = store.db.execute(text, (first, SCAN_MAX))
    for seq, to_company, type_, subject in rows:
        if to_company != company or type_ == TEST or (EVERY not in types and type_ not in types):
            continue
        if not store.db.execute(open_, (asked.endpoint, subject, seq)):
            store.add(asked.endpoint, seq, subject, now_ms)
            count += 1
        else:
            count += store.supersede(asked.endpoint, seq, subject, now_ms)
        if count == REPLAY_MAX:
            break
    more = count == REPLAY_MAX or len(rows) == SCAN_MAX
    store.reopen(asked.endpoint, now_ms)
    return Replayed(count, seq, more)


def _first_seq(store: Store, since_at: int) -> int:
    """The first notice that was heard at an instant or later; the hub's clock never goes back along the outbox."""
    ((last,),) = store.db.execute("SELECT coalesce(max(seq), 0) FROM outbox")
    low, high = 1, last + 1
    while low < high:
        middle = (low + high) // 2
        found = store.db.execute("SELECT heard_at FROM outbox WHERE seq >= ? ORDER BY seq LIMIT 1", (middle,))
        low, high = (low, middle) if found[0][0] >= since_at else (middle + 1, high)
    return low


def show_secret(store: Store, endpoint: str) -> str:
    """The secret by which an endpoint's notices are signed now, for its company alone; blank: there is none such.

    Over a database that is `durable`, so that what was shown is never forgotten.
    """
    found = store.db.execute("SELECT secret_version FROM endpoint WHERE endpoint_id = ?", (endpoint,))
    with store.turn():
        return store.secret_of(endpoint, found[0][0]) if found else ""


def backlog(store: Store) -> Backlog:
    """How far senders are behind."""
    ((count, oldest),) = store.db.execute(
        "SELECT count(*), coalesce(min(made_ms), 0) FROM delivery WHERE state IN ('due', 'behind')"
    )
    ((notices,),) = store.db.execute(
        "SELECT (SELECT coalesce(max(seq), 0) FROM outbox) - seq FROM tell_cursor WHERE name = 'outbox'"
    )
    ((failing,),) = store.db.execute("SELECT count(*) FROM lane WHERE failures > 0")
    return Backlog(notices, count, failing, oldest)


def list_gone(store: Store) -> list[tuple[str, str]]:
    """Company and endpoint of those that have answered 410 and are not disabled yet: the hub has to be told."""
    text = (
        "SELECT e.company, e.endpoint_id, e.enabled FROM lane l JOIN endpoint e ON e.endpoint_id = l.endpoint"
        " WHERE l.gone_version = e.version ORDER BY e.endpoint_id"
    )
    return [(company, endpoint) for company, endpoint, enabled in store.db.execute(text) if enabled]


def forget(store: Store, now_ms: int, kept_s: int = KEPT_S) -> int:
    """Forget deliveries that were done longer ago, and their attempts, some at a time. Returns how many."""
    before = now_ms - kept_s * 1000
    text = "SELECT id FROM delivery WHERE state IN ('sent', 'given_up') AND ended_ms < ? ORDER BY ended_ms LIMIT 1000"
    old = store.db.execute(text, (before,))
    if not old:
        return 0
    with store.turn():
        for row in old:
            store.db.execute("DELETE FROM attempt WHERE delivery = ?", row)
            store.db.execute("DELETE FROM delivery WHERE id = ?", row)
    return len(old)
