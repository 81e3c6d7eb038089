"""What the API shows, as it goes over the wire: times with their offset, ids with a prefix, money as text."""

import datetime as dt
from typing import Literal

import msgspec

from rookery.hub.spaces import SpaceTold
from rookery.journey.account import Amounts
from rookery.units import UTC, id_text


class SpaceUse(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a use of a resource stands.

    stands  firm: nobody recalls it; borrowed: it can be recalled until `until`; waits: for a round that closes then
    """

    resource: str
    amounts: Amounts
    stands: Literal["firm", "borrowed", "waits"]
    until: dt.datetime | None = None
    lender: str = ""


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a message; one that is refused is a problem.

    id        of what it is about
    replayed  it was acted on before under the same key; nothing was done now
    """

    status: Literal["done"]
    id: str = ""
    replayed: bool = False


class SpaceOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a request for space; what is refused is a problem.

    status      held, until `expires_at`; waiting: for the round of one of its uses; done: of a quote and of a change
    replayed    it was acted on before under the same key; nothing was done now
    """

    status: Literal["done", "held", "waiting"]
    id: str = ""
    replayed: bool = False
    uses: tuple[SpaceUse, ...] = ()
    expires_at: dt.datetime | None = None


def instant(seconds: int) -> dt.datetime | None:
    """An instant in UTC; None for none."""
    return dt.datetime.fromtimestamp(seconds, UTC) if seconds else None


def uses(told: tuple[SpaceTold, ...]) -> tuple[SpaceUse, ...]:
    """Uses as they are shown."""
    return tuple(SpaceUse(one.resource, one.amounts, one.stands, instant(one.until), one.lender) for one in told)


def name(prefix: str, id_: bytes) -> str:
    """The text of an id; blank for none."""
    return id_text(prefix, id_) if id_ else ""
