"""Scans by a clock that is far ahead: the newest one tells where a parcel is, and would do so until it comes."""

from test_track import booked, scan

from rookery.journey.shipment import Parcel
from rookery.journey.track import AHEAD_S_MAX


def test_a_scan_of_more_than_sixty_days_ahead_is_refused_and_changes_nothing() -> None:
    book, (number,) = booked()
    most = book.desk.now + AHEAD_S_MAX
    assert book.ask(scan(number, "Fri 10:00 in_transit", happened_at=most)) is None
    refused = book.ask(scan(number, "Fri 10:00 delivered", happened_at=most + 60))
    assert refused is not None and (refused.code, refused.found) == ("absurd", "2027-01-26T09:01Z")
    assert [(one.status, one.last_at) for one in book.state[Parcel]] == [("in_transit", most)]
