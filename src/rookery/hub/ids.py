"""Ids as people see them: with the prefix that says of what each is."""

from rookery.journey.facts import subject_field
from rookery.ledger.log import Ledger
from rookery.units import id_text

_VIEWS = (("orders", "ord"), ("shipment", "shp"), ("parcel", "pcl"))
_FIELDS = {"hold_id": "hld", "grant_id": "grt", "request_id": "req", "connection_id": "cnx"}


def told_id(ledger: Ledger, id_: bytes) -> str:
    """The id of something in a ledger: an order, a parcel, a space, a grant ...; blank where it is empty."""
    if not id_:
        return ""
    prefix = next((prefix for view, prefix in _VIEWS if ledger.find_row(view, id_) is not None), "")
    if not prefix:
        first = next(iter(ledger.list_facts(about=id_)))
        prefix = _FIELDS[subject_field(first.fact)]
    return id_text(prefix, id_)
