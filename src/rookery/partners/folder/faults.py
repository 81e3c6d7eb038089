"""What is wrong with a network folder: every fault of every file, told at once."""

import difflib
from collections.abc import Collection

from rookery.partners.port import FileFaults

SUGGEST_MAX = 2_000  # names compared for a suggestion; more would be slow and seldom right


class NetworkFaults(FileFaults):
    """A network folder that cannot be used, with all its faults."""


def closest(found: str, names: Collection[str]) -> str:
    """The name most like the one found; blank where none is like it, or where there are too many to compare."""
    if len(names) > SUGGEST_MAX:
        return ""
    by_lower = {name.lower(): name for name in sorted(names)}
    near = difflib.get_close_matches(found.lower(), by_lower, n=1)
    return by_lower[near[0]] if near else ""


def rename_or(found: str, names: Collection[str], otherwise: str) -> str:
    """What to do about an unknown name: the closest one, or something else."""
    near = closest(found, names)
    return f"did you mean {near}? Else {otherwise}" if near else otherwise
