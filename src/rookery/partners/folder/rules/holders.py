"""Rules for holders: a tree up to the network, each company and product held for once."""

from collections.abc import Iterator

from rookery.partners.folder.draft import Draft
from rookery.partners.port import Fault


def check_holders(draft: Draft) -> Iterator[Fault]:
    """Holders stand in no circle, and no two are for the same company and product."""
    yield from _circles(draft)
    seen: dict[tuple[str, str], int] = {}
    for at, one in enumerate(draft.network.holders):
        pair = (one.company_id, one.product_id)
        if not any(pair) or one.holder in draft.spoilt["holders"]:
            continue
        first = seen.setdefault(pair, at)
        if first != at:
            wanted = "a company and product that no other holder is for"
            found = f"the same as in line {draft.sheets['holders'].lines[first]}"
            todo = "delete one of the two, or put a group above both companies"
            yield draft.own_fault("holders", at, "company_id, product_id", wanted=wanted, found=found, todo=todo)


def check_groups(draft: Draft) -> Iterator[Fault]:
    """A holder is for a company or a product, or stands above one that is: what it is guaranteed is else nobody's."""
    if not draft.whole("holders") or draft.spoilt["holders"]:
        return
    above = {one.parent for one in draft.network.holders}
    for at, one in enumerate(draft.network.holders):
        if not (one.company_id or one.product_id or one.holder in above):
            wanted, found = "a company, a product, or a holder that stands under it", "a group of nobody"
            todo = "name whom it is for, put a holder under it, or delete the row"
            yield draft.own_fault("holders", at, "company_id, product_id", wanted=wanted, found=found, todo=todo)


def _circles(draft: Draft) -> Iterator[Fault]:
    parents = {one.holder: one.parent for one in draft.network.holders}
    looped = {holder for holder in parents if _is_loop(parents, holder)}
    for at, one in enumerate(draft.network.holders):
        if one.holder in looped and one.holder not in draft.spoilt["holders"]:
            wanted, todo = "a way up to the network", "leave the parent of one of the holders in this circle blank"
            yield draft.own_fault("holders", at, "parent", wanted=wanted, found=repr(one.parent), todo=todo)


def _is_loop(parents: dict[str, str], holder: str) -> bool:
    above = parents[holder]
    for _ in parents:
        if above == holder:
            return True
        above = parents.get(above, "")
    return False
