"""What comes to its end by itself: invitations, requests, grants, access tokens."""

import msgspec

from rookery.journey import connection, grant, key, request
from rookery.journey.deadline import list_due
from rookery.journey.desk import Desk
from rookery.journey.state import State


class Lapse(msgspec.Struct, frozen=True):
    """Ask: whatever was to end by now ends."""


Lapsed = connection.ConnectionChanged | request.RequestAdvanced | grant.GrantEnded | key.TokenExpired


def lapse(state: State, ask: Lapse, desk: Desk) -> list[Lapsed]:
    """End what is due, by instant and name. Emits ConnectionChanged, RequestAdvanced, GrantEnded, TokenExpired."""
    facts: list[Lapsed] = []
    for name in list_due(state, desk.now):
        kind, _, key_text = name.partition(":")
        if kind == connection.INVITATION:
            facts += connection.expire(state, key_text)
        elif kind == request.REQUEST:
            facts += request.expire(state, bytes.fromhex(key_text))
        elif kind == grant.GRANT:
            facts += grant.expire(bytes.fromhex(key_text))
        else:
            facts.append(key.TokenExpired(key_text))
    return facts
