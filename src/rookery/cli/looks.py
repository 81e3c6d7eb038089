"""Looks at a ledger: a story, a reason, a proof. Nothing is written."""

import sys

from rookery.cli.edge import (
    DEFAULT_LEDGER,
    LedgerGiven,
    LedgerName,
    LedgerPath,
    app,
    fail,
    find_bound,
    open_bound,
    open_filled,
    open_look,
    ready_engine,
)


@app.command
def track(name: str, *, ledger: LedgerPath = DEFAULT_LEDGER, network: str = "") -> None:
    """Tell the story behind a waybill number, an order reference or an id.

    Args:
        name: Waybill number, order reference (owner:reference where several share one), or an id such as ord_...
        network: The network folder, for local times.
    """
    from rookery.hub.space_of import find_subject
    from rookery.hub.story import story_lines
    from rookery.journey.desk import Policy, World

    look = open_filled(ledger)
    world = World(open_bound(network, ledger), Policy()) if network else None
    lines = story_lines(look, name, world)
    if not lines and find_subject(look, name):
        fail(f"{name}: wanted an order or a parcel, found something else; ask `rookery why {name}`", status=1)
    _print_or_fail(lines, name, ledger)


@app.command
def why(name: str, *, ledger: LedgerPath = DEFAULT_LEDGER, network: str = "") -> None:
    """Explain a decision: the rule, the candidates with their numbers, what it was based on; whose space it was.

    Args:
        name: An id such as dec_... or hld_..., a waybill number or an order reference.
        network: The network folder that the ledger was made with; a built-in network is found by itself.
    """
    from rookery.hub.grounds import ground_lines
    from rookery.hub.space_of import find_subject, list_grounds
    from rookery.hub.story import why_lines
    from rookery.journey.desk import Policy, World

    look = open_filled(ledger)
    lines, subject = why_lines(look, name), find_subject(look, name)
    if subject and list_grounds(look, subject):
        known = find_bound(network, ledger)
        if known is None:
            print("to be told whose space it was, name the network: --network FOLDER", file=sys.stderr)
        else:
            lines += ground_lines(look, subject, World(known, Policy()))
    if subject and not lines:
        fail(f"{name}: nothing was decided about it by itself, and none of its space is shared", status=1)
    _print_or_fail(lines, name, ledger)


def _print_or_fail(lines: list[str], name: str, ledger: LedgerName) -> None:
    from rookery.screen.folded import screen_text

    if not lines:
        todo = "check the number; where several owners use one reference, write owner:reference"
        fail(f"{name}: wanted something that {ledger} knows, found nothing; {todo}", status=1)
    print(screen_text(lines))


@app.command
def replay(ledger: LedgerGiven, *, network: str = "") -> None:
    """Rebuild a ledger's views from its facts and compare; with --network also its facts from its messages.

    Args:
        ledger: The ledger file, or postgresql:// URL.
        network: The network it was made with: then every decision is taken again and compared byte for byte.
    """
    from rookery.hub.replay import decide_again, fold_again
    from rookery.screen.summary import progress_bar

    look = open_look(ledger)
    with progress_bar("facts", look.ledger.count("fact"), quiet=False) as told:
        found = fold_again(look.ledger, told)
    print(f"views: {found.rows} rows rebuilt from {look.ledger.count('fact')} facts, {found.difference_count} differ")
    for difference in found.differences:
        print(f"  {difference}")
    wrong = bool(found.difference_count)
    if network:
        ready_engine()
        again = decide_again(look.ledger, open_bound(network, ledger))
        print(f"decisions: {again.facts} facts decided again, {again.difference or 'none differs'}")
        wrong = wrong or bool(again.difference)
    if wrong:
        sys.exit(1)
