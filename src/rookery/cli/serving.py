"""The server, and what its operator does before anybody can call: the first keys."""

import os
import sys
from typing import Annotated

from cyclopts import App, Parameter

from rookery.cli.edge import (
    DEFAULT_LEDGER,
    HubLedger,
    NetworkName,
    app,
    check_folder,
    fail,
    find_bound,
    open_network,
    ready_engine,
)

Allowed = Annotated[list[str] | None, Parameter(name="--allow", consume_multiple=True, negative=())]

admin = App(name="admin", help="What the operator of a hub does on its machine.")
app.command(admin)


@app.command
def serve(
    *,
    network: NetworkName = "backbone",
    ledger: HubLedger = DEFAULT_LEDGER,
    host: str = "127.0.0.1",
    port: int = 8750,
    deliver: bool = True,
    allow: Allowed = None,
    plain_http: bool = False,
    access_log: bool = True,
    apart: bool = True,
) -> None:
    """Serve the hub: its API and its pages, until Ctrl-C.

    Args:
        host: Address to listen on. Others than this machine reach it only through what you put before it.
        port: Port to listen on; 0 takes a free one.
        deliver: Send notices to endpoints, too; else `rookery deliver` does.
        allow: Networks whose addresses may be called although they are not public, such as 10.0.0.0/8.
        plain_http: Call endpoints by http, too.
        access_log: Write a line for each request to the error stream.
        apart: Let the hub decide, and a replica quote, in processes of their own; else one does all, in less memory.
    """
    from rookery.hub.open import check_bound
    from rookery.ledger.log import LedgerFault
    from rookery.web.logs import start_logs
    from rookery.web.serve import Options
    from rookery.web.serve import serve as run
    from rookery.web.telling import make_guard
    from rookery.web.traces import TraceFault, traced

    check_folder(ledger)
    loaded = open_network(network)
    try:
        check_bound(ledger, loaded)  # before anything takes long
    except LedgerFault as fault:
        fail(fault)
    ready_engine()
    start_logs(requests=access_log)
    try:
        guard = make_guard(allow or (), plain=plain_http)
        with traced(os.environ) as tracer:
            options = Options(ledger, host, port, guard=guard, delivers=deliver, tracer=tracer, apart=apart)
            run(loaded, options, lambda address: print(f"{address}  {loaded.about.name}", flush=True))
    except (LedgerFault, TraceFault, ValueError) as fault:
        fail(fault)
    except OSError as fault:
        fail(f"ledger {ledger}: wanted to open it, found: {fault.strerror}; check path and rights")


@app.command
def deliver(
    *,
    network: NetworkName = "",
    ledger: HubLedger = DEFAULT_LEDGER,
    allow: Allowed = None,
    plain_http: bool = False,
) -> None:
    """Send the notices of a ledger to endpoints, until Ctrl-C: beside a server, or instead of its own sender.

    Args:
        network: The ledger's network, to disable endpoints that are gone; left out, the built-in one if it is that.
        allow: Networks whose addresses may be called although they are not public, such as 10.0.0.0/8.
        plain_http: Call endpoints by http, too.
    """
    from rookery.ledger.log import LedgerFault
    from rookery.web.logs import start_logs
    from rookery.web.telling import deliver_until_told, make_guard
    from rookery.web.traces import TraceFault, traced

    start_logs()
    known = find_bound(network, ledger)
    if known is None:
        print("endpoints that are gone are left to a server to disable; name their --network", file=sys.stderr)
    try:
        guard = make_guard(allow or (), plain=plain_http)
        with traced(os.environ) as tracer:
            print(f"notices of {ledger} are sent, until Ctrl-C", file=sys.stderr)
            deliver_until_told(ledger, guard, tracer, known)
    except (LedgerFault, TraceFault, ValueError) as fault:
        fail(fault)


@admin.command
def key(
    company: str,
    *,
    scopes: Annotated[list[str] | None, Parameter(name="--scope", consume_multiple=True, negative=())] = None,
    mode: str = "live",
    note: str = "",
    network: NetworkName = "backbone",
    ledger: HubLedger = DEFAULT_LEDGER,
) -> None:
    """Make a key for a company and print it, once. Only its hash is kept.

    Args:
        company: A company of the network, or `network` for its operator.
        scopes: What the key allows; left out: all that the company may do. See docs/trust.md.
        mode: live or test.
        note: What the key is for.
    """
    from rookery.hub.first_key import KeyFault, make_key

    check_folder(ledger)
    loaded = open_network(network)
    try:
        secret = make_key(loaded, ledger, company, tuple(scopes or ()), mode, note)
    except KeyFault as fault:
        fail(fault)
    print(secret)
    print("keep it: it is not shown again", file=sys.stderr)
