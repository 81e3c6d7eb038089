"""The least that a network needs beside a timetable before goods can travel on it: every row says `assumed`."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from rookery.journey.network.offer import Customs, Goods, Product, ProductLane
from rookery.journey.network.place import Calendar, Country
from rookery.journey.network.rows import Days, Row

ALWAYS = "always"
NO_CURRENCY = "XXX"  # ISO 4217: no currency is involved
CLEARANCE_MIN = 120
# The customs territory of the Union: Regulation (EU) 952/2013 article 4, its member states and Monaco.
UNION = {
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MC", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
}  # fmt: skip
_NOT_IN_AN_ID = re.compile(r"[\s*/]+")


def assumed_rows(countries: Collection[str], company_id: str) -> Mapping[str, Sequence[Row]]:
    """Rows by file: countries, a calendar of every day, one class of goods, one product sold everywhere, customs.

    company_id  who sells the product
    """
    territories = sorted({_territory(country) for country in countries})
    every_day = Calendar(calendar_id=ALWAYS, days=Days("1111111"), source="assumed")
    parcel = Product(
        product_id="parcel", name="Parcel", company_id=company_id, calendar_id=ALWAYS, duties="either",
        source="assumed: no promise, no limits, charged at cost",
    )  # fmt: skip
    clearance = [
        Customs(from_territory="*", to_territory=to, regime="formal", minutes=CLEARANCE_MIN, source="assumed")
        for to in territories
    ]
    return {
        "countries": [_country(code) for code in sorted(countries)],
        "calendars": [every_day],
        "goods": [Goods(goods_class="general", name="General goods", source="assumed")],
        "products": [parcel],
        "product_lanes": [ProductLane(product_id="parcel", from_country="*", to_country="*", source="assumed")],
        "customs": clearance if len(territories) > 1 else [],
    }


def _country(code: str) -> Country:
    source = "assumed: nothing is priced; customs territory by Regulation (EU) 952/2013"
    return Country(country=code, customs_territory=_territory(code), currency=NO_CURRENCY, source=source)


def _territory(country: str) -> str:
    return "EU" if country in UNION else country


def word_ids(texts: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """An id of one word without * and / for each text, the text itself where it is one already.

    taken  ids that may not be given
    Law    different texts get different ids, the same for the same texts in the same order
    """
    found: dict[str, str] = {}
    used = set(taken)
    for text in dict.fromkeys(texts):
        stem = _NOT_IN_AN_ID.sub("_", text) or "unnamed"
        id_, count = stem, 1
        while id_ in used:
            count += 1
            id_ = f"{stem}~{count}"
        used.add(id_)
        found[text] = id_
    return found
