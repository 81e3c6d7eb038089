"""Space without an order: quote, hold, take, change, release."""

import msgspec

from rookery.partners.space.read import UseText, WishText
from rookery.units import read_id
from rookery.web.call import Call, Reply, done
from rookery.web.problems import Problem
from rookery.web.shapes import Outcome, SpaceOutcome, instant, name, uses
from rookery.web.table import TABLE

GROUP = "Space"
_ID = {"space": "the id that a hold was answered with, hld_..."}


class NewUses(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a space is to use from now on."""

    uses: tuple[UseText, ...]


class Why(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why something is given back."""

    why: str = ""


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
    """All of it or nothing, until it expires: `held`. Beyond a guarantee it may be `waiting` for a resource's round."""
    answer = done(await call.tell("hold_space"), call.caller.company)
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
