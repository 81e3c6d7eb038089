"""A flight that is a day late on the network that comes with the program: the search for ways over it has an end."""

from pathlib import Path

import msgspec

from rookery.hub.message import Message
from rookery.hub.network import open_network
from rookery.hub.open import open_hub
from rookery.units import read_instant


def test_a_departure_that_is_a_day_late_costs_no_search_more_than_a_moment(tmp_path: Path) -> None:
    hub = open_hub(open_network("backbone"), tmp_path / "late.ledger")
    late = {"departure": "HKG-RUH-LGG.night/2026-12-01", "says": "delayed", "departs_late_s": 90_000}
    wish = {
        "reference": "1", "owner": "plaza", "product": "standard", "from_country": "CN", "from_postcode": "518000",
        "to_country": "FR", "to_postcode": "75001", "weight_g": 800, "volume_cm3": 100_000,
    }  # fmt: skip
    now = "2026-11-29T02:00Z"
    said = [
        Message("network", "late", "departure", msgspec.json.encode(late | {"at": now}), read_instant(now)),
        Message("plaza", "order", "order", msgspec.json.encode(wish | {"ordered_at": now}), read_instant(now)),
    ]
    assert [answer.outcome for _, answer in hub.receive(said)] == ["done", "done"]
    hub.ledger.close()
