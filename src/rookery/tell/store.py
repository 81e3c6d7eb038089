"""Deliveries and how they went: made of notices, claimed in batches, settled with what came of them.

    notice in the outbox ----> due ----> claimed ----> sent
                          |     ^ ^-------- | failed: again later
                          `-> behind        `---> given up
A claim is a lease: a delivery that was neither settled nor is under way any more is due again when it ends. Of an
endpoint's deliveries of one subject only the first is due, so that they arrive in order.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

import msgspec

from rookery.ledger.beside import Database
from rookery.tell.schedule import AGE_S_MAX, PROBES_S, WAITS_S, probe_ms, wait_ms
from rookery.tell.sign import key_of, make_secret
from rookery.tell.tables import TABLES

EVERY = "*"
NEVER_MS = 1 << 60
FAN_OUT_MAX = 500  # notices of the outbox in one transaction
LANES_MAX = 200  # endpoints that are looked at in one transaction
TEST = "endpoint.test"  # goes to the endpoint that it is about, whatever that wants
LOST = "the sender ended while it was under way: it may have arrived"
OFF = "the endpoint is disabled"
FETCHED = "the endpoint has no address any more: it is fetched"


@dataclass(frozen=True, slots=True)
class Terms:
    """How deliveries are tried.

    flying_max   deliveries of one endpoint under way at once; of one that has failed last: 1
    lease_s      how long a claim holds; longer than an attempt may take
    """

    flying_max: int = 4
    lease_s: int = 60
    waits_s: tuple[int, ...] = WAITS_S
    probes_s: tuple[int, ...] = PROBES_S
    age_s_max: int = AGE_S_MAX


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery to be sent now, with all that it takes.

    token        of the claim
    keys         to sign with; none: what is stored of them cannot be read
    api_version  of the API in whose words it is told; blank: the newest
    """

    id_: int
    token: str
    endpoint: str
    company: str
    version: int
    url: str
    keys: tuple[bytes, ...]
    seq: int
    type_: str
    subject: str
    sequence: int
    heard_at: int
    data: bytes
    number: int
    made_ms: int
    api_version: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt went. status 0: no answer; retry_after_ms: what the receiver asks for; response: its beginning."""

    claimed: Claimed
    began_ms: int
    took_ms: int
    status: int
    error: str = ""
    response: str = ""
    retry_after_ms: int = 0

    @property
    def is_good(self) -> bool:
        """True of an answer 2xx."""
        return 200 <= self.status < 300

    @property
    def is_alive(self) -> bool:
        """True of an answer that concerns this delivery alone: the endpoint is there, and takes others."""
        return 200 <= self.status < 300 or (400 <= self.status < 500 and self.status not in (408, 410, 429))


@lru_cache(4096)
def read_types(words: str) -> frozenset[str]:
    """The types that an endpoint wants, as its row has them."""
    return frozenset(msgspec.json.decode(words, type=tuple[str, ...]))


class Store:
    """The working tables in a ledger's database.

    worker   names this process's claims; unlike that of any other
    """

    def __init__(self, db: Database, worker: str, chance: Random, terms: Terms | None = None):
        self.db, self.worker, self.terms, self._chance = db, worker, terms or Terms(), chance
        self._claims = 0
        db.make(TABLES)

    def close(self) -> None:
        """Let go of the database."""
        self.db.close()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A transaction. Whoever writes does it in one, one after the other."""
        self.db.begin()
        try:
            self.db.execute("UPDATE tell_cursor SET seq = seq WHERE name = 'outbox'")
            yield
            self.db.end(commit=True)
        except BaseException:
            self.db.end(commit=False)
            raise

    def has_work(self, now_ms: int) -> bool:
        """True if a notice is new, or an endpoint has something due."""
        text = (
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM lane WHERE next_ms <= ?) OR"
            " EXISTS (SELECT 1 FROM outbox WHERE seq > (SELECT seq FROM tell_cursor WHERE name = 'outbox'))"
        )
        return bool(self.db.execute(text, (now_ms,)))

    # --- from notices to deliveries

    def fan_out(self, now_ms: int) -> int:
        """Make a delivery of each new notice for each endpoint that wants it. Returns how many notices were new."""
        ((cursor,),) = self.db.execute("SELECT seq FROM tell_cursor WHERE name = 'outbox'")
        text = "SELECT seq, to_company, kind, subject, heard_at FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?"
        notices = self.db.execute(text, (cursor, FAN_OUT_MAX))
        if not notices:
            return 0
        wants = self._list_wants({company for _, company, *_ in notices})
        for seq, company, type_, subject, heard_at in notices:
            for endpoint, types, since_at, enabled in wants.get(company, ()):
                wanted = subject == endpoint if type_ == TEST else EVERY in types or type_ in types
                if wanted and enabled and heard_at >= since_at:
                    self.add(endpoint, seq, subject, now_ms)
        self.db.execute("UPDATE tell_cursor SET seq = ? WHERE name = 'outbox'", (notices[-1][0],))
        return len(notices)

    def _list_wants(self, companies: set[str]) -> dict[str, list[tuple[str, frozenset[str], int, bool]]]:
        marks = ", ".join("?" * len(companies))
        text = (
            "SELECT company, endpoint_id, types, since_at, enabled FROM endpoint"
            f" WHERE url <> '' AND company IN ({marks})"
        )
        out: dict[str, list[tuple[str, frozenset[str], int, bool]]] = {}
        for company, endpoint, types, since_at, enabled in self.db.execute(text, sorted(companies)):
            out.setdefault(company, []).append((endpoint, read_types(types), since_at, bool(enabled)))
        return out

    def add(self, endpoint: str, seq: int, subject: str, now_ms: int) -> None:
        """Make a delivery of a notice for an endpoint, in a turn."""
        open_ = "SELECT 1 FROM delivery WHERE endpoint = ? AND subject = ? AND state IN ('due', 'behind') LIMIT 1"
        state = "behind" if self.db.execute(open_, (endpoint, subject)) else "due"
        self.db.execute(
            "INSERT INTO delivery"
            " (id, endpoint, seq, subject, state, due_ms, tries, claimed_by, made_ms, ended_ms, why)"
            " SELECT coalesce(max(id), 0) + 1, ?, ?, ?, ?, ?, 0, '', ?, 0, '' FROM delivery",
            (endpoint, seq, subject, state, now_ms, now_ms),
        )
        if state == "due":
            self.db.execute(
                "INSERT INTO lane (endpoint, next_ms, failures, opens_ms, gone_version) VALUES (?, ?, 0, 0, 0)"
                " ON CONFLICT (endpoint) DO UPDATE SET next_ms = CASE"
                " WHEN lane.opens_ms > excluded.next_ms THEN lane.opens_ms ELSE excluded.next_ms END"
                " WHERE lane.next_ms > excluded.next_ms",
                (endpoint, now_ms),
            )

    def supersede(self, endpoint: str, seq: int, subject: str, now_ms: int) -> bool:
        """Make another delivery of a notice whose delivery waits for its next try, which ends; in a turn.

        Returns whether there was such a one. Its tries are kept; those of the new one count from the first.
        """
        found = self.db.execute(
            "SELECT id FROM delivery WHERE endpoint = ? AND subject = ? AND seq = ? AND state = 'due'"
            " AND claimed_by = '' AND tries > 0",
            (endpoint, subject, seq),
        )
        for (id_,) in found:
            self.add(endpoint, seq, subject, now_ms)
            self._finish(id_, "", "given_up", "it was sent again by a replay", now_ms)
            self._promote(endpoint, subject, now_ms)
        return bool(found)

    def reopen(self, endpoint: str, now_ms: int) -> None:
        """Look at an endpoint now: whoever has mended it says so by a replay."""
        self.db.execute("UPDATE lane SET next_ms = ?, opens_ms = 0 WHERE endpoint = ?", (now_ms, endpoint))

    # --- claiming

    def claim(self, now_ms: int, count: int) -> list[Claimed]:
        """At most so many deliveries that are due, each claimed for this worker until its lease ends."""
        text = (
            "SELECT l.endpoint, l.failures, l.gone_version, e.company, e.url, e.version, e.enabled, e.secret_version,"
            " e.old_until, e.api_version FROM lane l JOIN endpoint e ON e.endpoint_id = l.endpoint"
            " WHERE l.next_ms <= ? ORDER BY l.next_ms, l.endpoint LIMIT ?"
        )
        out: list[Claimed] = []
        lanes = self.db.execute(text, (now_ms, min(count, LANES_MAX)))
        for endpoint, failures, gone, company, url, version, enabled, secret, old_until, api_version in lanes:
            if len(out) >= count:
                break
            if not enabled or gone == version or not url:
                self._drop(endpoint, OFF if url else FETCHED, now_ms)
                continue
            most = min(1 if failures else self.terms.flying_max, count - len(out))
            rows = self._claim_of(endpoint, most, now_ms)
            versions = (secret, secret - 1) if secret > 1 and now_ms < old_until * 1000 else (secret,)
            keys = tuple(self._list_keys(endpoint, versions)) if rows else ()
            for id_, token, seq, subject, number, made_ms, type_, sequence, heard_at, data in rows:
                out.append(
                    Claimed(
                        id_, token, endpoint, company, version, url, keys, seq, type_, subject, sequence, heard_at,
                        bytes(data), number, made_ms, api_version,
                    )
                )  # fmt: skip
        return out

    def _claim_of(self, endpoint: str, most: int, now_ms: int) -> list[tuple[Any, ...]]:
        """Id, token, seq, subject, number of the attempt, made_ms, type, sequence, heard_at and data of each."""
        flying = (
            "SELECT count(*) FROM delivery WHERE endpoint = ? AND state = 'due' AND claimed_by <> '' AND due_ms > ?"
        )
        ((count,),) = self.db.execute(flying, (endpoint, now_ms))
        text = (
            "SELECT d.id, d.seq, d.subject, d.tries, d.made_ms, d.claimed_by, o.kind, o.sequence, o.heard_at, o.body"
            " FROM delivery d JOIN outbox o ON o.seq = d.seq"
            " WHERE d.endpoint = ? AND d.state = 'due' AND d.due_ms <= ? ORDER BY d.due_ms, d.id LIMIT ?"
        )
        until, out = now_ms + self.terms.lease_s * 1000, []
        for id_, seq, subject, tries, made_ms, claimed, *notice in self.db.execute(
            text, (endpoint, now_ms, max(0, most - count))
        ):
            if claimed:  # its lease has ended, and nobody has said how it went
                self._log(id_, tries, now_ms, 0, 0, LOST, "")
            self._claims += 1
            token = f"{self.worker}.{self._claims}"
            self.db.execute(
                "UPDATE delivery SET due_ms = ?, claimed_by = ?, tries = ? WHERE id = ?", (until, token, tries + 1, id_)
            )
            out.append((id_, token, seq, subject, tries + 1, made_ms, *notice))
        # What is left over waits for a delivery under way to be settled, or for its lease to end.
        next_ms = until if len(out) + count else self._next_due(endpoint)
        self.db.execute("UPDATE lane SET next_ms = ? WHERE endpoint = ?", (next_ms, endpoint))
        return out

    def _next_due(self, endpoint: str) -> int:
        text = "SELECT due_ms FROM delivery WHERE endpoint = ? AND state = 'due' ORDER BY due_ms LIMIT 1"
        found = self.db.execute(text, (endpoint,))
        return int(found[0][0]) if found else NEVER_MS

    def _drop(self, endpoint: str, why: str, now_ms: int) -> None:
        """Nothing more is sent to an endpoint that is off; what is under way is settled."""
        self.db.execute(
            "UPDATE delivery SET state = 'given_up', why = ?, ended_ms = ?"
            " WHERE endpoint = ? AND state IN ('due', 'behind') AND (claimed_by = '' OR due_ms <= ?)",
            (why, now_ms, endpoint, now_ms),
        )
        self.db.execute("UPDATE lane SET next_ms = ? WHERE endpoint = ?", (self._next_due(endpoint), endpoint))

    # --- settling

    def settle(self, outcomes: Iterable[Outcome], now_ms: int) -> list[str]:
        """Note how attempts went, and what follows. Returns the ids of deliveries that were given up, with why."""
        given_up = []
        for one in outcomes:
            claimed = one.claimed
            self._log(claimed.id_, claimed.number, one.began_ms, one.took_ms, one.status, one.error, one.response)
            wait = wait_ms(claimed.number, self._chance, self.terms.waits_s)
            why = ""
            if one.is_good:
                self._end(claimed, "sent", "", now_ms)
            elif one.status == 410:
                why = "the receiver says that it is gone"
            elif wait is None:
                why = f"{claimed.number} attempts failed"
            elif now_ms - claimed.made_ms > self.terms.age_s_max * 1000:
                why = f"it is older than {self.terms.age_s_max // 86_400} days"
            else:
                self.db.execute(
                    "UPDATE delivery SET due_ms = ?, claimed_by = '' WHERE id = ? AND claimed_by = ?",
                    (now_ms + max(wait, one.retry_after_ms), claimed.id_, claimed.token),
                )
            if why:
                self._end(claimed, "given_up", why, now_ms)
                given_up.append(f"delivery {claimed.id_} to {claimed.endpoint}: {why}")
            self._settle_lane(one, now_ms)
        return given_up

    def _log(
        self, delivery: int, number: int, began_ms: int, took_ms: int, status: int, error: str, response: str
    ) -> None:
        self.db.execute(
            "INSERT INTO attempt (delivery, number, began_ms, took_ms, status, error, response)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (delivery, number) DO UPDATE SET"
            " began_ms = excluded.began_ms, took_ms = excluded.took_ms, status = excluded.status,"
            " error = excluded.error, response = excluded.response",
            (delivery, number, began_ms, took_ms, status, error, response.replace("\0", "\ufffd")),
        )

    def _end(self, claimed: Claimed, state: str, why: str, now_ms: int) -> None:
        """A delivery is done, and the next one of its subject is due."""
        if self._finish(claimed.id_, claimed.token, state, why, now_ms):  # else its lease has ended: another has it
            self._promote(claimed.endpoint, claimed.subject, now_ms)

    def _finish(self, id_: int, token: str, state: str, why: str, now_ms: int) -> bool:
        found = self.db.execute(
            "UPDATE delivery SET state = ?, why = ?, ended_ms = ?, claimed_by = ''"
            " WHERE id = ? AND claimed_by = ? RETURNING id",
            (state, why, now_ms, id_, token),
        )
        return bool(found)

    def _promote(self, endpoint: str, subject: str, now_ms: int) -> None:
        """The next one of a subject is due."""
        self.db.execute(
            "UPDATE delivery SET state = 'due', due_ms = ? WHERE state = 'behind' AND id = (SELECT min(id)"
            " FROM delivery WHERE endpoint = ? AND subject = ? AND state IN ('due', 'behind'))",
            (now_ms, endpoint, subject),
        )

    def _settle_lane(self, one: Outcome, now_ms: int) -> None:
        endpoint = one.claimed.endpoint
        ((failures, opens_ms),) = self.db.execute("SELECT failures, opens_ms FROM lane WHERE endpoint = ?", (endpoint,))
        if one.is_alive:
            failures, opens_ms = 0, 0
        elif one.began_ms >= opens_ms:  # of several that were under way the first one counts
            failures += 1
            opens_ms = now_ms + max(probe_ms(failures, self._chance, self.terms.probes_s), one.retry_after_ms)
        gone = one.claimed.version if one.status == 410 else 0
        self.db.execute(
            "UPDATE lane SET failures = ?, opens_ms = ?, next_ms = ?,"
            " gone_version = CASE WHEN ? > 0 THEN ? ELSE gone_version END WHERE endpoint = ?",
            (failures, opens_ms, max(opens_ms, self._next_due(endpoint)), gone, gone, endpoint),
        )

    # --- secrets

    def _list_keys(self, endpoint: str, versions: tuple[int, ...]) -> Iterator[bytes]:
        for version in versions:
            with suppress(ValueError):  # what is stored was spoiled: the others do, or the attempt fails
                yield key_of(self.secret_of(endpoint, version))

    def secret_of(self, endpoint: str, version: int) -> str:
        """The secret of an endpoint in a version, made the first time that it is asked for."""
        text = "SELECT secret FROM endpoint_secret WHERE endpoint = ? AND version = ?"
        found = self.db.execute(text, (endpoint, version))
        if not found:
            self.db.execute(
                "INSERT INTO endpoint_secret (endpoint, version, secret) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (endpoint, version, make_secret()),
            )
            found = self.db.execute(text, (endpoint, version))
        return str(found[0][0])
