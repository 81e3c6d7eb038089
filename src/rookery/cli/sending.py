"""Messages from a file: what partners would send, through the front door."""

import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rookery.cli.edge import DEFAULT_LEDGER, LedgerName, LedgerPath, NetworkName, app, fail, open_bound, ready_engine

if TYPE_CHECKING:
    from rookery.hub.send import Sent
    from rookery.journey.network.whole import Network
    from rookery.partners.messages.file import MessageLine


@app.command
def send(
    messages: Path,
    *,
    network: NetworkName = "backbone",
    ledger: LedgerPath = DEFAULT_LEDGER,
    answers: Path | None = None,
    json: bool = False,
) -> None:
    """Send a file of messages to the hub, as partners would, and say what was answered. Nothing is done twice.

    Args:
        messages: NDJSON, one message a line, see docs/space.md.
        answers: Write the answers here, one JSON object a line.
        json: Print the answers as JSON, one a line, and nothing else.
    """
    import msgspec

    from rookery.hub.send import FAILED, read_sending
    from rookery.partners.messages.file import MessageFileFault
    from rookery.screen.folded import screen_text
    from rookery.screen.sent import sent_lines

    loaded = open_bound(network, ledger)
    try:
        good, bad = read_sending(messages, loaded)
    except MessageFileFault as fault:
        fail(fault)
    if answers is not None:
        _check_place(answers, messages, *([ledger] if isinstance(ledger, Path) else []))
    for row in bad:
        print(f"{messages} {row}", file=sys.stderr)
    sent = _send(good, loaded, ledger)
    lines = [msgspec.json.encode(one).decode() for one in sent.answers]
    if answers is not None:  # before anything is printed: who closes our output still gets the file
        _write(answers, lines)
    print("\n".join(lines) if json else screen_text(sent_lines(sent)))
    if bad or any(one.outcome in FAILED for one in sent.answers):
        sys.exit(1)


def _send(good: "list[MessageLine]", network: "Network", ledger: LedgerName) -> "Sent":
    from rookery.hub.admission import Admission
    from rookery.hub.open import open_hub
    from rookery.hub.send import send
    from rookery.hub.tenants import tenants_of
    from rookery.ledger.log import LedgerFault

    ready_engine()
    try:
        door = Admission(tenants_of(network))
        hub = open_hub(network, ledger)
        sent = send(hub, door, good)
        hub.ledger.close()
    except (LedgerFault, ValueError) as fault:
        fail(fault)
    except sqlite3.Error as fault:
        fail(f"ledger {ledger}: wanted to write, found: {fault}; what was committed stands, send the file again")
    return sent


def _check_place(path: Path, *kept: Path) -> None:
    """Fail unless answers can be written there."""
    if path.resolve() in [other.resolve() for other in kept]:
        fail(f"answers {path}: wanted a file of its own, found one that this command reads; name another")
    if path.is_dir() or not path.parent.is_dir():
        fail(f"answers {path}: wanted a file in a folder that is there, found none; name another place")


def _write(path: Path, lines: list[str]) -> None:
    try:
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as fault:
        fail(
            f"answers {path}: wanted to write the file, found: {fault.strerror}; the messages are done, send them again"
        )
