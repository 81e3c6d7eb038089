"""Keys that the operator of a hub makes on its machine, before anybody can call; who comes to test mode with one."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path

from rookery.hub.access import NETWORK
from rookery.hub.callers import make_secret
from rookery.hub.clock import now
from rookery.hub.message import Message
from rookery.hub.open import open_ledger
from rookery.hub.say_once import say_once
from rookery.journey.company import Company
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


def bring(row: Company | None) -> Message | None:
    """The word by which a company that was added in live takes part in test mode; None: there is none to bring.

    row  what the live ledger says of it. Said again where it was brought before, the word changes nothing
    """
    if row is None or not row.added or row.suspended:
        return None
    said = {
        "do": "add", "company": row.company_id, "name": row.name, "country": row.country, "roles": row.roles,
    }  # fmt: skip
    return Message(NETWORK, f"brought:{row.company_id}", "company", json.dumps(said).encode(), now())


def make_key(network: Network, ledger: LedgerName, company: str, scopes: tuple[str, ...], mode: str, note: str) -> str:
    """Make a key and return its secret. A company that was added in live comes to test mode with its first key there.

    Raises  KeyFault: no company, or no such company, scope or mode; the ledger cannot serve
    """
    if mode not in ("live", "test"):
        raise KeyFault(f"mode {mode!r}: wanted live or test")
    if not company:
        raise KeyFault(f"company '': wanted the id of a company, or {NETWORK} for the operator; name one")
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
        brought = _find_brought(ledger, company) if mode == "test" else None
        if not is_there(kept):  # what is refused leaves no new ledger behind
            with tempfile.TemporaryDirectory() as folder:
                _say(network, Path(folder, "tried.ledger"), message, brought)
        _say(network, kept, message, brought)
    except LedgerFault as fault:
        raise KeyFault(str(fault)) from None
    return secret.text


def _find_brought(live: LedgerName, company: str) -> Message | None:
    if not is_there(live):
        return None
    ledger = open_ledger(live)
    try:
        return bring(ledger.find_row("company", company))
    finally:
        ledger.close()


def _say(network: Network, ledger: LedgerName, message: Message, brought: Message | None) -> None:
    if brought is not None:
        say_once(
            network, ledger, brought
        )  # refused where the company is there already, and what is wrong is said below
    answer = say_once(network, ledger, message)
    if answer.outcome != "done":
        raise KeyFault(answer.text or "; ".join(map(str, answer.refusals)))
