"""What those who run limited things say of them: how much there is from now on, and why. See docs/orders.md.

{"resource": "departure:HGH-LGG.air/2026-11-24/1", "limits": {"grams": 60000000}, "why": "a smaller aircraft"}
"""

import msgspec

from rookery.journey.capacity import ChangeCapacity
from rookery.partners.port import (
    AMOUNT_MAX,
    UNREADABLE,
    BadMessage,
    FieldFault,
    Note,
    Short,
    good_fields,
    range_fault,
    read_object,
    shape_faults,
)

LIMITS_MAX = 20
SEE = "see docs/orders.md"


class CapacityWord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A word on capacity, as it is sent. `limits`: those that change."""

    resource: Short
    limits: dict[str, int]
    why: Note = ""


_DECODER = msgspec.json.Decoder(CapacityWord)


def read_capacity(body: bytes, sender: str) -> ChangeCapacity:
    """A word on capacity.

    Raises  BadMessage: with every bad field
    """
    faults: list[FieldFault] = []
    try:
        word = _DECODER.decode(body)
    except UNREADABLE:
        word = _readable(body, faults)
    told = {fault.path for fault in faults}
    if not word.resource and "resource" not in told:
        faults.append(FieldFault("resource", "a limited thing, such as departure:VARIANT/DATE/STOP", "nothing"))
    if not word.limits and not any(path.partition(".")[0] == "limits" for path in told):
        faults.append(FieldFault("limits", "what there is of it by dimension", "nothing"))
    if len(word.limits) > LIMITS_MAX:
        raise BadMessage([FieldFault("limits", f"at most {LIMITS_MAX} dimensions", str(len(word.limits)))])
    for dimension, limit in word.limits.items():
        faults += range_fault(f"limits.{dimension}", limit, 0, AMOUNT_MAX)
    if faults:
        raise BadMessage(faults)
    return ChangeCapacity(word.resource, word.limits, sender, word.why)


def _readable(body: bytes, faults: list[FieldFault]) -> CapacityWord:
    """What can be read of a message in which some field has the wrong shape, with a fault for each that cannot."""
    fields = read_object(body, SEE)
    limits = fields.pop("limits", {})
    good = {"resource": "", "limits": {}} | good_fields(fields, CapacityWord, faults, what="a capacity")
    wrong = shape_faults(limits, dict[str, int], "limits", SEE)
    faults += wrong
    if not wrong:
        good["limits"] = limits
    return CapacityWord(**good)
