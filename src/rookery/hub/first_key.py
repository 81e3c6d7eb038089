"""Keys that the operator of a hub makes on its machine, before anybody can call."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path

from rookery.hub.access import NETWORK
from rookery.hub.callers import make_secret
from rookery.hub.clock import now
from rookery.hub.message import Message
from rookery.hub.say_once import say_once
from rookery.journey.key import SCOPES, Mode
from rookery.journey.network.whole import Network
from rookery.ledger.beside import LedgerName
from rookery.ledger.log import LedgerFault, is_there

API_VERSION = "2026-11-28"


class KeyFault(Exception):
    """The key was not made; the text says why and what to do."""


def test_ledger(ledger: LedgerName) -> LedgerName:
    """Where the data of test keys are: beside those of live ones."""
    if isinstance(ledger, Path):
        return ledger.with_name(f"{ledger.name}.test")
    return replace(ledger, schema=f"{ledger.schema}_test")


def make_key(network: Network, ledger: LedgerName, company: str, scopes: tuple[str, ...], mode: str, note: str) -> str:
    """Make a key and return its secret.

    Raises  KeyFault: no such company, scope or mode; the ledger cannot serve
    """
    if mode not in ("live", "test"):
        raise KeyFault(f"mode {mode!r}: wanted live or test")
    of: Mode = "live" if mode == "live" else "test"
    most = tuple(SCOPES) if company == NETWORK else tuple(scope for scope in SCOPES if scope != "admin")
    secret = make_secret(of)
    said = {
        "do": "make", "id": secret.key_id, "hash": secret.hash_, "company": company, "scopes": scopes or most,
        "mode": mode, "version": API_VERSION, "note": note,
    }  # fmt: skip
    message = Message(NETWORK, f"key:{secret.key_id}", "key", json.dumps(said).encode(), now())
    kept = ledger if mode == "live" else test_ledger(ledger)
    try:
        if not is_there(kept):  # what is refused leaves no new ledger behind
            with tempfile.TemporaryDirectory() as folder:
                _say(network, Path(folder, "tried.ledger"), message)
        _say(network, kept, message)
    except LedgerFault as fault:
        raise KeyFault(str(fault)) from None
    return secret.text


def _say(network: Network, ledger: LedgerName, message: Message) -> None:
    answer = say_once(network, ledger, message)
    if answer.outcome != "done":
        raise KeyFault(answer.text or "; ".join(map(str, answer.refusals)))
