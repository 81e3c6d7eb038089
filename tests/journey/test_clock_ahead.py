"""Scans by a clock that is far off: the newest one tells where a parcel is, and would do so until it comes."""

from pathlib import Path

from test_track import NETWORK, booked, scan

from rookery.hub.open import open_hub
from rookery.journey.shipment import Parcel
from rookery.journey.track import BEFORE_S_MAX
from rookery.units import instant_text
from talk import hear, order_message, scans_message
from worlds import at


def test_a_scan_of_more_than_an_hour_ahead_is_refused_and_changes_nothing() -> None:
    book, (number,) = booked()
    most = book.desk.now + book.desk.world.policy.scans_ahead_s
    assert book.ask(scan(number, "Fri 10:00 in_transit", happened_at=most)) is None
    refused = book.ask(scan(number, "Fri 10:00 delivered", happened_at=most + 60))
    assert refused is not None and (refused.code, refused.found) == ("absurd", instant_text(most + 60))
    assert [(one.status, one.last_at) for one in book.state[Parcel]] == [("in_transit", most)]


def test_a_scan_of_more_than_a_year_before_its_order_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    hub, first = open_hub(NETWORK, tmp_path / "a.ledger"), at("Mon 10:00") - BEFORE_S_MAX
    hear(hub, order_message("1", from_facility="A", to_facility="B", to_country=""))
    (parcel,) = hub.ledger.list_rows("parcel")
    said = {"number": parcel.waybill, "code": "EMC", "place": "A"}
    good, bad = (
        hear(hub, scans_message(f"{seen}", said | {"at": instant_text(seen)}))[0] for seen in (first, first - 60)
    )
    assert good.outcome == "done" and not good.refusals
    (refusal,) = bad.refusals
    assert (refusal.code, refusal.wanted) == ("absurd", f"a time from {instant_text(first)} on")
    (parcel,) = hub.ledger.list_rows("parcel")
    assert (parcel.status, parcel.last_at) == ("in_transit", first)
