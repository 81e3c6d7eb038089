"""Who is let in: the key of a request, looked up as it stands in the ledger at that moment."""

from collections.abc import Mapping

from rookery.hub import callers
from rookery.hub.callers import Caller, stored_rows
from rookery.hub.clock import now
from rookery.web.access import access
from rookery.web.problems import Problem
from rookery.web.serving import Serving

_WHY = {
    "unknown": "no such key",
    "expired": "the key has ended; make another",
    "revoked": "the key is revoked",
    "suspended": "the company does not take part at the moment; ask the network's operator",
}
_ASK = {"www-authenticate": 'Bearer realm="rookery"'}
SECRET_LETTERS = 200


async def find_caller(serving: Serving, headers: Mapping[str, str], scope: str) -> Caller:
    """Whose key comes with a request. `scope` blank: any key will do.

    Raises  Problem: unauthorized, or forbidden: the key does not allow this
    """
    kind, _, secret = headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret:
        raise Problem("unauthorized", "authorization: wanted `Bearer KEY`, found none", headers=_ASK)
    came = access()
    came.present(secret)
    mode = serving.modes.get(secret.partition("_")[0])
    if mode is None or len(secret) > SECRET_LETTERS:
        raise Problem("unauthorized", "authorization: no such key", headers=_ASK)
    found = await mode.readers.glance(lambda look: callers.find_caller(stored_rows(look.ledger), secret, now()))
    if isinstance(found, str):
        raise Problem("unauthorized", f"authorization: {_WHY[found]}", headers=_ASK)
    came.company = found.company
    if scope and scope not in found.scopes and "admin" not in found.scopes:
        raise Problem("forbidden", f"the key of {found.company} does not allow {scope}; it allows {_words(found)}")
    return found


def _words(caller: Caller) -> str:
    return ", ".join(sorted(caller.scopes)) or "nothing"
