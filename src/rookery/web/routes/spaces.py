"""Space without an order: quote, hold, take, change, release."""

import datetime as dt
from typing import Literal

import msgspec

from rookery.hub.access import NETWORK
from rookery.hub.look import Look
from rookery.hub.own_spaces import SpaceSeen, find_space, list_own
from rookery.hub.refusals import RefusalTold, refusal_told
from rookery.ledger.reads import Read
from rookery.partners.space.read import UseText, WishText
from rookery.units import read_id
from rookery.web.call import Call, Reply, done, filter_of, reads_of
from rookery.web.paging import Page, check_page
from rookery.web.problems import Problem
from rookery.web.rows import Listed, read_cursor, whose
from rookery.web.shapes import Outcome, SpaceOutcome, SpaceUse, instant, name, uses
from rookery.web.table import TABLE

GROUP = "Space"
_ID = {"space": "the id that a hold was answered with, hld_..."}


class NewUses(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a space is to use from now on."""

    uses: tuple[UseText, ...]


class Why(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why something is given back."""

    why: str = ""


class SpaceOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """Space without an order, as it stands.

    company     who asked for it
    uses        what it has now, and how each use stands
    asked       what was refused, for the reasons in `refusals`
    expires_at  when a hold ends unless it is taken
    ended_at    since when it is refused, expired or released; `why`: it was released
    """

    space: str
    company: str
    status: Literal["waiting", "held", "taken", "refused", "expired", "released"]
    uses: tuple[SpaceUse, ...] = ()
    asked: tuple[UseText, ...] = ()
    expires_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    why: str = ""
    refusals: tuple[RefusalTold, ...] = ()


class SpacePage(Page[SpaceOut], frozen=True):
    """A page of spaces, by id: the oldest first."""


class SpaceQuery(Listed, frozen=True, forbid_unknown_fields=True):
    """Which spaces; blank: all that wait, are held or are taken."""

    status: Literal["", "waiting", "held", "taken"] = ""


@TABLE.add(
    "GET", "/v1/spaces", title="Spaces", scope="spaces:read", answers={200: SpacePage}, group=GROUP, query=SpaceQuery,
)  # fmt: skip
async def list_spaces(call: Call) -> SpacePage:
    """What one's company waits for, holds or has taken without an order, by id; of what is gone each by its id alone.

    A page looks at 2,000 of them at most: with a status it may be short, even empty, where has_more is true.
    """
    check_page(call.query)
    asked: SpaceQuery = call.query
    company, after = whose(call), read_cursor(asked.cursor, "hld")
    assert isinstance(after, bytes), "it is an id"

    def listed(look: Look) -> tuple[tuple[list[SpaceSeen], bytes | None], list[Read]]:
        found, last = list_own(look, company, asked.limit, after, asked.status or None)
        return (found, last), reads_of(call, "space", filter_of(call), [company] * len(found))

    found, last = await call.show(listed)
    return SpacePage([_space(one) for one in found], last is not None, name("hld", last or b""))


@TABLE.add(
    "GET", "/v1/spaces/{space}", title="A space", scope="spaces:read", answers={200: SpaceOut}, group=GROUP,
    problems=("not_found",), about=_ID,
)  # fmt: skip
async def get_space(call: Call) -> SpaceOut:
    """How it stands, or how it has ended. What was refused has an id, too: the problem has it in `about`."""
    caller, id_ = call.caller.company, _id(call)
    found = await call.read(lambda look: find_space(look, id_, caller))
    if found is None or caller not in (found.company, NETWORK):
        raise Problem("not_found", f"{call.path['space'][:80]}: there is no such space, or it is another company's")
    await call.note_reads(*reads_of(call, "space", call.path["space"], [found.company]))
    return _space(found)


def _space(seen: SpaceSeen) -> SpaceOut:
    return SpaceOut(
        name("hld", seen.space), seen.company, seen.status, uses(seen.uses),
        tuple(UseText(one.resource, one.amounts) for one in seen.asked), instant(seen.expires_at),
        instant(seen.ended_at), seen.why, tuple(map(refusal_told, seen.refusals)),
    )  # fmt: skip


@TABLE.add(
    "POST", "/v1/spaces/quote", title="Could this space be held?", scope="spaces:write", answers={200: SpaceOutcome},
    group=GROUP, body=WishText, needs_key=True, decodes=False, problems=("refused",),
)  # fmt: skip
async def quote_space(call: Call) -> SpaceOutcome:
    """How each use would stand now; nothing is held."""
    answer = done(await call.tell("quote_space"), call.caller.company)
    return SpaceOutcome("done", "", answer.seen, uses(answer.spaces))


@TABLE.add(
    "POST", "/v1/spaces", title="Hold space", scope="spaces:write", answers={201: SpaceOutcome, 200: SpaceOutcome},
    group=GROUP, body=WishText, needs_key=True, decodes=False, problems=("refused",),
)  # fmt: skip
async def hold_space(call: Call) -> Reply:
    """All of it or nothing, until it expires: `held`. Beyond a guarantee it may be `waiting` for a resource's round.

    What is refused can be looked up as well, by the id that the problem has in `about`.
    """
    answer = done(await call.tell("hold_space"), call.caller.company, "hld")
    waits = any(one.stands == "waits" for one in answer.spaces)
    body = SpaceOutcome(
        "waiting" if waits else "held", name("hld", answer.about), answer.seen, uses(answer.spaces),
        instant(answer.expires_at),
    )  # fmt: skip
    return Reply(body, 200 if answer.seen else 201)


@TABLE.add(
    "POST", "/v1/spaces/{space}/take", title="Use what is held", scope="spaces:write", answers={200: Outcome},
    group=GROUP, body=Why, needs_key=True, problems=("refused", "not_found"), about=_ID,
)  # fmt: skip
async def take_space(call: Call) -> Outcome:
    """It does not expire any more."""
    return await _named(call, "take_space")


@TABLE.add(
    "POST", "/v1/spaces/{space}/release", title="Give space back", scope="spaces:write", answers={200: Outcome},
    group=GROUP, body=Why, needs_key=True, problems=("refused", "not_found"), about=_ID,
)  # fmt: skip
async def release_space(call: Call) -> Outcome:
    """What was held or is used is free again."""
    return await _named(call, "release_space")


@TABLE.add(
    "POST", "/v1/spaces/{space}/change", title="Use other space instead", scope="spaces:write",
    answers={200: SpaceOutcome}, group=GROUP, body=NewUses, needs_key=True, problems=("refused", "not_found"),
    about=_ID,
)  # fmt: skip
async def change_space(call: Call) -> SpaceOutcome:
    """All of the new uses or none; what is not named any more is given back."""
    body = {"space": _id(call).hex(), "uses": call.body.uses}
    answer = done(await call.tell("change_space", msgspec.json.encode(body)), call.caller.company)
    return SpaceOutcome("done", call.path["space"], answer.seen, uses(answer.spaces))


async def _named(call: Call, kind: str) -> Outcome:
    body = {"space": _id(call).hex(), "why": call.body.why}
    answer = done(await call.tell(kind, msgspec.json.encode(body)), call.caller.company)
    return Outcome("done", call.path["space"], answer.seen)


def _id(call: Call) -> bytes:
    try:
        prefix, id_ = read_id(call.path["space"])
    except ValueError as fault:
        raise Problem("not_found", str(fault)) from None
    if prefix != "hld":
        raise Problem("not_found", f"space {call.path['space']}: wanted an id that begins with hld_")
    return id_
