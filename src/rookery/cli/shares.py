"""Shared capacity: who has what."""

from cyclopts import App

from rookery.cli.edge import DEFAULT_LEDGER, LedgerPath, app, fail, open_bound, open_look

shares_app = App(name="shares", help="Look at capacity that several holders share.")
app.command(shares_app)


@shares_app.command
def show(
    begins: str = "", *, network: str = "backbone", ledger: LedgerPath = DEFAULT_LEDGER, json: bool = False
) -> None:
    """Show who is guaranteed and who uses what of each shared resource.

    Args:
        begins: How the names of the resources begin, such as departure:LGG-MAD; blank: all of which some was used.
        network: The network folder that the ledger was made with.
        json: Print JSON, one line for each resource and dimension.
    """
    import msgspec

    from rookery.hub.shares import list_shared
    from rookery.journey.desk import Policy, World
    from rookery.screen.shares import shared_lines

    look = open_look(ledger)
    found = list(list_shared(look, World(open_bound(network, ledger), Policy()), begins))
    if not found:
        todo = "book something first, name another beginning, or share it in shares.csv"
        which = f"that begins with {begins!r}" if begins else "of which anything was used"
        fail(f"shares: wanted a shared resource {which}, found none in {ledger}; {todo}", status=1)
    lines = (msgspec.json.encode(one).decode() for one in found) if json else shared_lines(found)
    print("\n".join(lines).rstrip())
