"""Who takes part and who is let in: companies, people, keys. See docs/trust.md."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import msgspec

from rookery.hub.access import NETWORK
from rookery.hub.callers import Secret, make_secret
from rookery.hub.first_key import bring
from rookery.hub.spine import Hub
from rookery.journey.company import UserRole
from rookery.journey.key import SCOPES, ApiKey, KeyMade, KeyShortened, Mode
from rookery.ledger.log import StoredFact
from rookery.units import read_instant
from rookery.web.call import Call, Reply, checked, say
from rookery.web.paging import Page
from rookery.web.problems import Problem, bad_value
from rookery.web.rows import AFTER, Listed, list_own
from rookery.web.shapes import Outcome, instant
from rookery.web.table import TABLE

GROUP = "Trust"


class NewCompany(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A company that is not in the network's folder."""

    company: str
    name: str
    country: str
    roles: tuple[str, ...]


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why."""

    why: str = ""


class UserIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A person. `company`: for the network's operator; else one's own."""

    email: str
    name: str
    role: UserRole
    company: str = ""


class UserNamed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which person."""

    email: str
    company: str = ""


class UserOut(msgspec.Struct, frozen=True):
    """A person who acts for a company."""

    company: str
    email: str
    name: str
    role: UserRole


class UserPage(Page[UserOut], frozen=True):
    """A page of people."""


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a key is to open. `mode` blank: as that of the caller; `user`: an e-mail; blank: a machine's.

    version  of the API that it is pinned to; blank: the newest
    """

    scopes: tuple[str, ...]
    mode: Literal["", "live", "test"] = ""
    user: str = ""
    company: str = ""
    expires_at: str = ""
    note: str = ""
    version: str = ""


class Rotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until when the old key holds beside the new one: a time with its offset."""

    until: str


class KeyTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """A new key. `secret` is told here and never again; `replayed`: it was made before under the same key."""

    key: str
    secret: str = ""
    replayed: bool = False


class KeyOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A key, without its secret, which nobody knows but its holder.

    successor  the key that takes its place
    made_by    who made it, or rotated the one before, where that was not its company: the network's operator
    """

    key: str
    company: str
    mode: Mode
    scopes: tuple[str, ...]
    version: str
    user: str = ""
    note: str = ""
    expires_at: dt.datetime | None = None
    successor: str = ""
    revoked: bool = False
    made_by: str = ""


class KeyPage(Page[KeyOut], frozen=True):
    """A page of keys."""


# --- companies


@TABLE.add(
    "POST", "/v1/companies", title="Add a company", scope="admin", answers={200: Outcome}, group=GROUP,
    body=NewCompany, needs_key=True, problems=("refused",),
)  # fmt: skip
async def add_company(call: Call) -> Outcome:
    """It takes part from now on."""
    return await say(call, "company", {"do": "add", **fields(call.body)})


_COMPANY = {"company": "its id"}


@TABLE.add(
    "POST", "/v1/companies/{company}/suspend", title="Suspend a company", scope="admin", answers={200: Outcome},
    group=GROUP, body=Reason, needs_key=True, problems=("refused",), about=_COMPANY,
)  # fmt: skip
async def suspend_company(call: Call) -> Outcome:
    """Its keys open nothing, and what it granted shows nothing, from the commit on."""
    return await say(call, "company", {"do": "suspend", "company": call.path["company"], "why": call.body.why})


@TABLE.add(
    "POST", "/v1/companies/{company}/restore", title="Restore a company", scope="admin", answers={200: Outcome},
    group=GROUP, body=Reason, needs_key=True, problems=("refused",), about=_COMPANY,
)  # fmt: skip
async def restore_company(call: Call) -> Outcome:
    """A suspended company takes part again."""
    return await say(call, "company", {"do": "restore", "company": call.path["company"]})


# --- people


@TABLE.add(
    "GET", "/v1/users", title="People", scope="trust:read", answers={200: UserPage}, group=GROUP, query=Listed,
)  # fmt: skip
async def list_users(call: Call) -> UserPage:
    """Who acts for one's company."""
    rows, more, cursor = await list_own(call, "company_user", AFTER, "company")
    data = [UserOut(row.company, row.email, row.name, row.role) for row in rows]
    return UserPage(data, more, cursor)


@TABLE.add(
    "POST", "/v1/users", title="Add a person", scope="trust:write", answers={200: Outcome}, group=GROUP,
    body=UserIn, needs_key=True, problems=("refused",),
)  # fmt: skip
async def add_user(call: Call) -> Outcome:
    """A person of the company; keys of theirs open at most what the role may."""
    return await say(call, "user", {"do": "add", **fields(call.body)})


@TABLE.add(
    "POST", "/v1/users/change", title="Change a person", scope="trust:write", answers={200: Outcome}, group=GROUP,
    body=UserIn, needs_key=True, problems=("refused",),
)  # fmt: skip
async def change_user(call: Call) -> Outcome:
    """Another name or role."""
    return await say(call, "user", {"do": "change", **fields(call.body)})


@TABLE.add(
    "POST", "/v1/users/remove", title="Remove a person", scope="trust:write", answers={200: Outcome}, group=GROUP,
    body=UserNamed, needs_key=True, problems=("refused",),
)  # fmt: skip
async def remove_user(call: Call) -> Outcome:
    """Keys of theirs are revoked for good, from the commit on, also if the address is added again."""
    return await say(call, "user", {"do": "remove", **fields(call.body)})


# --- keys


@TABLE.add(
    "GET", "/v1/keys", title="Keys", scope="trust:read", answers={200: KeyPage}, group=GROUP, query=Listed,
)  # fmt: skip
async def list_keys(call: Call) -> KeyPage:
    """Those of one's company and mode, tokens aside."""
    rows, more, cursor = await list_own(call, "api_key", AFTER, "company", keep=lambda row: not row.parent)
    data = [
        KeyOut(
            row.key_id, row.company, row.mode, row.scopes, row.version, row.email, row.note, instant(row.expires_at),
            row.successor, row.revoked, row.made_by,
        )
        for row in rows
    ]  # fmt: skip
    return KeyPage(data, more, cursor)


@TABLE.add(
    "POST", "/v1/keys", title="Make a key", scope="trust:write", answers={201: KeyTold, 200: KeyTold}, group=GROUP,
    body=NewKey, needs_key=True, problems=("refused",),
)  # fmt: skip
async def make_key(call: Call) -> Reply:
    """Its secret is made here and told once; the hub keeps its hash. Sent again, it tells the key to be revoked.

    It opens at most what the caller's own key does. A key for live may make keys for test, not the other way round;
    with its first one a company that was added in live takes part in test mode, as it is in live.
    """
    asked, history = call.body, call.serving.history
    if asked.version and asked.version not in history.versions:
        raise bad_value("/version", f"blank or one of {', '.join(history.versions)}", repr(asked.version[:40]))
    mode: Mode = asked.mode or call.caller.mode
    if call.caller.mode == "test" and mode == "live":
        raise Problem("forbidden", "mode: wanted test, since a test key makes test keys only")
    _check_scopes(call, asked.scopes)
    secret = make_secret(mode)
    said = fields(asked) | {
        "do": "make", "id": secret.key_id, "hash": secret.hash_, "mode": mode,
        "version": asked.version or history.newest,
    }  # fmt: skip
    of_mode = replace(call, caller=replace(call.caller, mode=mode))
    if mode != call.caller.mode:
        await _bring(call, of_mode, asked.company or call.caller.company)
    return await _tell_key(of_mode, said, secret, partial(_is_made, asked, mode, call.caller.company))


async def _bring(live: Call, test: Call, company: str) -> None:
    """A company that was added in live takes part in test mode. Raises  Problem: busy; Unavailable"""
    if await test.read(lambda look: look.ledger.find_row("company", company)) is not None:
        return
    brought = bring(await live.read(lambda look: look.ledger.find_row("company", company)))
    if brought is not None:
        checked(await test.mode.worker.send(brought))


def _is_made(asked: NewKey, mode: Mode, sender: str, facts: list[StoredFact]) -> bool:
    """True if these words have made the key of these facts."""
    made = facts[0].fact
    return (
        (asked.company or sender, asked.scopes, mode, asked.user.lower(), asked.note, asked.version or made.version)
        == (made.company, made.scopes, made.mode, made.user, made.note, made.version)
        and _read_until(asked.expires_at) == made.expires_at
    )  # fmt: skip


_KEY = {"key_id": "its id: the 16 letters and digits after the mode"}


@TABLE.add(
    "POST", "/v1/keys/{key_id}/rotate", title="Rotate a key", scope="trust:write",
    answers={201: KeyTold, 200: KeyTold}, group=GROUP, body=Rotation, needs_key=True,
    problems=("refused", "not_found"), about=_KEY,
)  # fmt: skip
async def rotate_key(call: Call) -> Reply:
    """Another secret for the same; the old one holds until then. The key opens at most what the caller's own does."""
    row = await _find_key(call)
    _check_scopes(call, row.scopes)
    secret = make_secret(row.mode)
    said = {"do": "rotate", "id": row.key_id, "new_id": secret.key_id, "hash": secret.hash_, "until": call.body.until}
    return await _tell_key(call, said, secret, partial(_is_rotated, row.key_id, _read_until(call.body.until)))


def _is_rotated(key_id: str, until: int, facts: list[StoredFact]) -> bool:
    """True if a key was rotated by these facts, until this instant."""
    made, short = facts[0].fact, facts[-1].fact
    if not isinstance(short, KeyShortened) or short.key_id != key_id:
        return False
    return short.expires_at == max(min(until, made.expires_at or until), facts[0].heard_at)


@TABLE.add(
    "POST", "/v1/keys/{key_id}/revoke", title="Revoke a key", scope="trust:write", answers={200: Outcome}, group=GROUP,
    body=Reason, needs_key=True, problems=("refused", "not_found"), about=_KEY,
)  # fmt: skip
async def revoke_key(call: Call) -> Outcome:
    """It, and every token of it, opens nothing from the commit on."""
    row = await _find_key(call)
    return await say(call, "key", {"do": "revoke", "id": row.key_id, "why": call.body.why})


async def _find_key(call: Call) -> ApiKey:
    """A key of the caller's company. Raises  Problem: not_found"""
    row: ApiKey | None = await call.read(lambda look: look.ledger.find_row("api_key", call.path["key_id"]))
    if row is None or call.caller.company not in (row.company, NETWORK):
        raise Problem("not_found", f"key {call.path['key_id'][:40]}: this company has none such")
    return row


def _check_scopes(call: Call, scopes: tuple[str, ...]) -> None:
    """Raises  Problem: more than the caller's own key opens"""
    own = frozenset(SCOPES) if "admin" in call.caller.scopes else call.caller.scopes
    more = sorted(set(scopes) & set(SCOPES) - own)
    if more:
        raise Problem("forbidden", f"scopes: wanted those of the caller's own key, found {', '.join(more)} too")
    if not set(scopes) <= set(SCOPES):
        raise bad_value("/scopes", f"of {', '.join(SCOPES)}", "another word")


async def _tell_key(call: Call, said: dict[str, Any], secret: Secret, is_same: Callable[[Any], bool]) -> Reply:
    """Make a key, or tell which one was made under the same idempotency key.

    The secret is another one each time, and so are the words that the hub hears: whether they are the same is asked of
    the facts.
    Raises  Problem: conflict: other words, or nothing was made
    """
    told = {"cache-control": "no-store"}
    try:
        await say(call, "key", said)
    except Problem as problem:
        if problem.code != "conflict":
            raise
        named = f"{call.route.name}:{call.key}"
        facts = await call.ask("key", partial(_list_facts, company=call.caller.company, key=named))
        if not facts:
            text = f"key {call.key!r}: wanted one that is new, found one under which a key was refused; use another key"
            raise Problem("conflict", text) from None
        if not is_same(facts):
            raise
        return Reply(KeyTold(facts[0].fact.key_id, replayed=True), 200, told)
    return Reply(KeyTold(secret.key_id, secret.text), 201, told)


def _list_facts(hub: Hub, company: str, key: str) -> list[StoredFact]:
    """The facts on keys that a message has brought, that of the key that was made first."""
    place = hub.ledger.find_place(company, key)
    assert place is not None, "it was acted on before"
    return [one for one in hub.ledger.list_facts_of(place[0]) if isinstance(one.fact, KeyMade | KeyShortened)]


def _read_until(text: str) -> int:
    """An instant as a message has it; 0: none, -1: it is none that can be read."""
    try:
        return read_instant(text) if text else 0
    except (ValueError, OverflowError):
        return -1


# --- what all say


def fields(body: msgspec.Struct) -> dict[str, Any]:
    """The fields of a body as they are said."""
    return {name: getattr(body, name) for name in body.__struct_fields__}
