"""What those who run limited things say of them: how much there is from now on, and why. See docs/orders.md.

{"resource": "departure:HGH-LGG.air/2026-11-24/1", "limits": {"grams": 60000000}, "why": "a smaller aircraft"}
"""

import msgspec

from rookery.journey.capacity import ChangeCapacity
from rookery.partners.port import AMOUNT_MAX, UNREADABLE, BadMessage, FieldFault, Note, Short, good_fields

LIMITS_MAX = 20


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
    except UNREADABLE as fault:
        word = _readable(body, fault, faults)
    told = {fault.path for fault in faults}
    if not word.resource and "resource" not in told:
        faults.append(FieldFault("resource", "a limited thing, such as departure:VARIANT/DATE/STOP", "nothing"))
    if not word.limits and "limits" not in told:
        faults.append(FieldFault("limits", "what there is of it by dimension", "nothing"))
    if len(word.limits) > LIMITS_MAX:
        raise BadMessage([FieldFault("limits", f"at most {LIMITS_MAX} dimensions", str(len(word.limits)))])
    for dimension, limit in word.limits.items():
        if not 0 <= limit <= AMOUNT_MAX:
            faults.append(FieldFault(f"limits.{dimension}", f"0 to {AMOUNT_MAX}", str(limit)))
    if faults:
        raise BadMessage(faults)
    return ChangeCapacity(word.resource, word.limits, sender, word.why)


def _readable(body: bytes, first: Exception, faults: list[FieldFault]) -> CapacityWord:
    """What can be read of a message in which some field has the wrong shape, with a fault for each that cannot."""
    try:
        fields = msgspec.json.decode(body)
    except UNREADABLE:
        fields = None
    if not isinstance(fields, dict):
        raise BadMessage([FieldFault("message", "a capacity as in docs/orders.md", str(first))]) from None
    limits = fields.pop("limits", {})
    good = {"resource": "", "limits": {}} | good_fields(fields, CapacityWord, faults, what="a capacity")
    try:
        good["limits"] = msgspec.convert(limits, dict[str, int])
    except msgspec.ValidationError:
        faults.append(FieldFault("limits", 'whole numbers by dimension such as {"grams": 5000}', repr(limits)))
    return CapacityWord(**good)
