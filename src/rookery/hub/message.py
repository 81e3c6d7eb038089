"""What a partner says, and what it gets back."""

from dataclasses import dataclass
from typing import Literal

import msgspec

from rookery.hub.comes_to import Came
from rookery.hub.spaces import SpaceTold
from rookery.journey.state import Refusal
from rookery.partners.port import FieldFault


@dataclass(frozen=True, slots=True)
class Message:
    """What a partner says. `key` is the sender's own name for it: the same key means the same message.

    heard_at  seconds since the epoch, by the hub's clock
    awaited   True: its sender waits for the answer, and can correct names that the network does not know: an order
              that has some is none; False: it is one, refused
    """

    sender: str
    key: str
    kind: str
    body: bytes
    heard_at: int
    awaited: bool = False


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a sender gets back.

    outcome  done; refused: the business said no; rejected: the message is bad; conflict: the key was used for
             another message; failed: a fault of ours, kept for a person
    seen     True: it was acted on before, and nothing was done now
    spaces   how the space stands that was asked for, and until when it is held; 0: it does not expire
    faults   of what was rejected, every bad field; barred: the sender may not say it
    came     what the order came to that it brought
    refused  of a message of several asks, such as events: of which each refusal is, from 0
    """

    outcome: Literal["done", "refused", "rejected", "conflict", "failed"]
    text: str = ""
    about: bytes = b""
    refusals: tuple[Refusal, ...] = ()
    seen: bool = False
    spaces: tuple[SpaceTold, ...] = ()
    expires_at: int = 0
    faults: tuple[FieldFault, ...] = ()
    barred: bool = False
    came: Came | None = None
    refused: tuple[int, ...] = ()
