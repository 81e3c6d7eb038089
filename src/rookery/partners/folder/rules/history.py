"""Rules for the past: what was ridden is of this network, a service's leg has two ends, everything else has none."""

from collections.abc import Iterator

from rookery.partners.folder.draft import Draft
from rookery.partners.folder.faults import rename_or
from rookery.partners.port import Fault

_FILES = {"service": "services", "zone": "zones", "facility": "facilities"}


def check_history(draft: Draft) -> Iterator[Fault]:
    """What was ridden or handled is a service, zone or facility of the network; a service's leg has two ends."""
    for at, row in enumerate(draft.network.history):
        kind, _, id_ = row.what.partition(":")
        if row.what in draft.spoilt["history"] or not draft.whole(_FILES[kind]):
            continue
        known = draft.keys(_FILES[kind])
        if id_ not in known:
            wanted, todo = f"a key of {_FILES[kind]}.csv after {kind}:", f"add it to {_FILES[kind]}.csv"
            found = repr(id_)
            yield draft.fault("history", at, "what", wanted=wanted, found=found, todo=rename_or(id_, known, todo))
        for column in ("origin", "destination"):
            cell = getattr(row, column)
            if bool(cell) != (kind == "service"):
                wanted = f"a facility, as {row.what} runs between two" if kind == "service" else "a blank cell"
                todo = "write where the leg began and ended" if kind == "service" else "take it out"
                yield draft.fault("history", at, column, wanted=wanted, found=repr(cell), todo=todo)
