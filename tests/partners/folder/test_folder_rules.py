"""Each rule: a fault planted in the tiny network is told once, with its file, line and field."""

import pytest

# what is wrong, file, line, column, text, field of the fault if another
CELLS = [
    ("a blank mandatory cell", "companies", 3, "name", "", None),
    ("a blank source", "stops", 5, "source", "", None),
    ("a whole number with a point", "cutoffs", 2, "minutes", "30.0", None),
    ("a whole number too large", "stock", 2, "quantity", "9" * 19, None),
    ("a decimal comma", "rates", 3, "per_kg", "36,5", None),
    ("a decimal number with seven decimals", "rates", 3, "per_kg", "0.0000001", None),
    ("a decimal number in the way of programmers", "rates", 3, "per_kg", "1e3", None),
    ("a time with a dot", "stops", 2, "departs", "18.00", None),
    ("a time after the hour's end", "stops", 2, "departs", "18:60", None),
    ("a time of day 30 on the next day", "stops", 5, "arrives", "30:00+1", None),
    ("a date in another order", "network", 2, "valid_from", "01-11-2026", None),
    ("a date that does not exist", "calendar_exceptions", 2, "date", "2026-02-30", None),
    ("six weekdays", "calendars", 2, "days", "111111", None),
    ("a truth in another language", "calendar_exceptions", 2, "open", "true", None),
    ("an unknown choice", "services", 3, "mode", "plane", None),
    ("any among words", "services", 4, "goods", "general *", None),
    ("a word twice", "services", 4, "goods", "general general", None),
    ("a small currency", "zones", 2, "currency", "hkd", None),
    ("an unknown time zone", "facilities", 5, "time_zone", "Europe/Aachen", None),
    ("a time zone outside the data", "facilities", 5, "time_zone", "../zones", None),
    ("an unknown holiday set", "calendars", 3, "holidays", "XX", None),
    ("an unknown region's holidays", "countries", 3, "holidays", "DE-XX", None),
    ("a holiday set without its region", "countries", 3, "holidays", "DE-", None),
    ("a latitude too high", "facilities", 2, "lat", "90.000001", None),
    ("a longitude too low", "facilities", 2, "lon", "-180.5", None),
    ("a negative duration", "processing", 2, "minutes", "-1", None),
    ("a negative price", "rates", 2, "minimum", "-0.01", None),
    ("a negative cut-off", "cutoffs", 3, "minutes", "-30", None),
    ("a step of nothing", "tariffs", 2, "step_g", "0", None),
    ("a currency worth nothing", "exchange_rates", 2, "rate", "0", None),
    ("a stop 0", "stops", 2, "stop_seq", "0", None),
    ("an unknown role", "companies", 3, "roles", "carrier pirate", None),
    ("an unknown mode of goods", "goods", 3, "modes", "air boat", None),
    ("an unknown mode of a product", "products", 2, "modes", "plane", None),
    ("an unknown way in", "processing", 3, "way_in", "plane", None),
    ("an unknown way out", "processing", 3, "way_out", "pickup", None),
    ("a short company prefix", "companies", 2, "gs1_prefix", "541", None),
    ("a company prefix with letters", "companies", 2, "gs1_prefix", "54123A5", None),
    ("a postal prefix with digits", "companies", 2, "s10_prefix", "L1", None),
    ("a UN number without UN", "goods", 3, "un_number", "3481", None),
    ("an HS code with a point", "prohibitions", 2, "hs_prefix", "93.03", None),
    ("a leg that is no number", "capacities", 4, "leg_seq", "first", None),
    ("a past of no kind", "history", 2, "what", "SK801", None),
    ("a leg planned to take no time", "history", 2, "planned_min", "0", None),
    ("a leg that took no time", "history", 2, "actual_min", "0", None),
    ("the median of no leg", "history", 3, "legs", "0", None),
    ("a mode that emits and does not move", "emissions", 2, "mode", "plane", None),
    ("an emission below zero", "emissions", 2, "g_per_tkm", "-1", None),
    ("a way shorter than the shortest", "emissions", 3, "detour", "0.9", None),
    ("a daily capacity in another dimension", "warehouse_capacities", 2, "dimension", "pallets", None),
    ("an id with a space", "zones", 3, "zone_id", "köln west", None),
    ("an id with a star", "blocks", 2, "block_id", "nest*", None),
    ("a span that ends before it begins", "surcharges", 2, "valid_to", "2026-10-31", None),
    ("a timetable that ends before it begins", "network", 2, "valid_to", "2026-10-31", None),
    ("a timetable to the end of time", "network", 2, "valid_to", "9999-12-31", None),
    ("an unknown company", "facilities", 3, "company_id", "skylarc", None),
    ("an unknown country", "zones", 4, "country", "NL", None),
    ("an unknown calendar", "variants", 2, "calendar_id", "never", None),
    ("an unknown facility", "cutoffs", 3, "facility_id", "HKG-B", None),
    ("any facility where none may be", "zones", 3, "facility_id", "*", None),
    ("an unknown variant", "capacities", 4, "variant_id", "SK801_summer", None),
    ("an unknown service", "blocks", 2, "service_id", "SK802", None),
    ("an unknown goods class", "cutoffs", 4, "goods_class", "lithium", None),
    ("an unknown goods class among words", "services", 4, "goods", "general lithium", None),
    ("an unknown product among words", "services", 4, "products", "express slow", None),
    ("an unknown tariff", "product_lanes", 2, "tariff_id", "express_us", None),
    ("stock at a place that is no warehouse", "stock", 2, "facility_id", "LGG-G", None),
    ("eligibility at a place that is no warehouse", "eligibility", 2, "facility_id", "LGG-G", None),
    ("a bound site of a place that is no warehouse", "bound_sites", 2, "facility_id", "LGG-G", None),
    ("an unknown return address", "return_lanes", 2, "facility_id", "CGN", None),
    ("an airport's code of four letters", "facility_codes", 2, "code", "EBLG", None),
    ("a place code with a 1", "facility_codes", 4, "code", "BELG1", None),
    ("a place that closes before it opens", "facilities", 2, "closes", "07:00", None),
    ("hours that end before they begin", "opening_hours", 3, "closes", "02:00", None),
    ("a range with one end", "zones", 5, "postcode_to", "", None),
    ("a range with the other end", "zones", 5, "postcode_from", "", None),
    ("a range that falls", "zones", 4, "postcode_to", "52", None),
    ("an unknown territory inside", "customs", 2, "to_territory", "EEA", None),
    ("any territory inside", "customs", 2, "to_territory", "*", None),
    ("an unknown territory outside", "customs", 2, "from_territory", "EEA", None),
    ("a storage fee without currency", "processing", 3, "currency", "", None),
    ("a customs limit without currency", "customs", 2, "currency", "", None),
    ("a break with an end before the next", "rates", 2, "weight_g_below", "30000", None),
    ("a last break that ends before it begins", "rates", 3, "weight_g_below", "45000", None),
    ("an unknown origin", "rates", 5, "origin", "HGK", None),
    ("no rate for a pair of stops", "rates", 4, "destination", "BE", ("services.csv", 4, "tariff_id")),
    ("no rate for a lane", "rates", 6, "destination", "HK", ("product_lanes.csv", 3, "tariff_id")),
    ("a promise that ends before it begins", "products", 2, "days_max", "1", None),
    ("a fee that cannot be converted", "warehouses", 2, "currency", "USD", None),
    ("a price that cannot be converted", "zones", 2, "currency", "USD", None),
    ("a departure missing at the first stop", "stops", 2, "departs", "", None),
    ("an arrival at the first stop", "stops", 2, "arrives", "17:00", None),
    ("an arrival missing in the middle", "stops", 7, "arrives", "", None),
    ("a departure missing in the middle", "stops", 7, "departs", "", None),
    ("a departure at the last stop", "stops", 8, "departs", "15:00", None),
    ("a gap in the stops", "stops", 8, "stop_seq", "4", None),
    ("a departure before the arrival", "stops", 7, "departs", "12:00", None),
    ("an arrival that is earlier in UTC only", "stops", 5, "arrives", "16:29", None),
    ("a leg that the variant has not", "capacities", 4, "leg_seq", "2", None),
    ("a leg that no variant has", "capacities", 5, "leg_seq", "3", None),
    ("capacity of another service's variant", "capacities", 4, "variant_id", "rhine_morning", None),
    ("a cut-off where the service does not call", "cutoffs", 3, "facility_id", "CGN-S", None),
    ("a cut-off at the last stop", "cutoffs", 3, "facility_id", "LGG-G", None),
    ("a connection from a service that does not come", "connections", 2, "from_service", "shuttle", None),
    ("a connection to a service that does not leave", "connections", 2, "to_service", "shuttle", None),
    ("a past of a service that does not exist", "history", 2, "what", "service:SK802", None),
    ("a past leg without an end", "history", 2, "destination", "", None),
    ("a past handling with an end", "history", 4, "origin", "HKG-A", None),
]  # fmt: skip

# what is wrong, file, line to copy, cells to change, place of the fault
ROWS = [
    ("a long country code", "countries", 4, {"country": "NLD"}, ("countries.csv", 5, "country")),
    ("a second row of the network", "network", 2, {"network_id": "two"}, ("network.csv", 3, "")),
    ("a key twice", "facilities", 4, {"name": "Other"}, ("facilities.csv", 7, "facility_id")),
    ("a key of two columns twice", "stock", 2, {}, ("stock.csv", 4, "facility_id, sku, company_id")),
    (
        "a weight break twice",
        "rates",
        2,
        {"per_kg": "50"},
        ("rates.csv", 7, "tariff_id, origin, destination, weight_g_from"),
    ),
    (
        "two operators at once",
        "facility_operators",
        2,
        {"company_id": "wren", "valid_from": "2027-02-28", "valid_to": ""},
        ("facility_operators.csv", 3, "valid_from"),
    ),
    (
        "a fuel surcharge within another",
        "surcharges",
        2,
        {"valid_from": "2026-11-05", "valid_to": "2026-11-06"},
        ("surcharges.csv", 5, "valid_from"),
    ),
    (
        "a facility with a country's code",
        "facilities",
        4,
        {"facility_id": "BE"},
        ("facilities.csv", 7, "facility_id"),
    ),
    ("a weekday with two sets of hours", "opening_hours", 2, {"days": "0000011"}, ("opening_hours.csv", 4, "days")),
    (
        "two zones of a facility that overlap",
        "zones",
        3,
        {"zone_id": "west", "postcode_from": "51999", "postcode_to": "52"},
        ("zones.csv", 6, "postcode_from"),
    ),
    (
        "a zone within the whole country",
        "zones",
        2,
        {"zone_id": "kowloon", "postcode_from": "K", "postcode_to": "K"},
        ("zones.csv", 6, "postcode_from"),
    ),
    (
        "a variant without stops",
        "variants",
        2,
        {"variant_id": "shuttle_night"},
        ("variants.csv", 5, "variant_id"),
    ),
    ("a currency against itself", "exchange_rates", 2, {"base": "HKD"}, ("exchange_rates.csv", 4, "quote")),
]


def test_the_tiny_network_has_no_fault(folder):
    assert folder.faults() == []


@pytest.mark.parametrize(
    ("file", "line", "column", "text", "elsewhere"), [c[1:] for c in CELLS], ids=[c[0] for c in CELLS]
)
def test_one_wrong_cell_is_one_fault_in_its_place(folder, file, line, column, text, elsewhere):
    folder.set(f"{file}.csv", line, column, text)
    assert folder.faults() == [elsewhere or (f"{file}.csv", line, column)]


@pytest.mark.parametrize(("file", "like", "cells", "place"), [c[1:] for c in ROWS], ids=[c[0] for c in ROWS])
def test_one_row_too_many_is_one_fault_in_its_place(folder, file, like, cells, place):
    folder.add(f"{file}.csv", like, **cells)
    assert folder.faults() == [place]


def test_a_network_file_without_a_row_is_a_fault(folder):
    folder.drop("network.csv", 2)
    assert folder.faults() == [("network.csv", 0, "")]


def test_a_variant_with_one_stop_is_a_fault_of_the_variant(folder):
    folder.drop("stops.csv", 3)
    assert folder.faults() == [("variants.csv", 2, "variant_id")]


def test_an_arrival_that_is_earlier_on_the_clock_but_later_in_utc_is_no_fault(folder):
    folder.set("stops.csv", 5, "arrives", "16:31")  # leaves Hong Kong 23:30, which is 16:30 in Liege
    assert folder.faults() == []


def test_operators_may_follow_each_other(folder):
    folder.add("facility_operators.csv", 2, company_id="wren", valid_from="2027-03-01", valid_to="")
    assert folder.faults() == []


def test_a_break_may_repeat_where_the_next_one_begins(folder):
    folder.set("rates.csv", 2, "weight_g_below", "45000")
    assert folder.faults() == []


def test_zones_of_different_facilities_may_overlap(folder):
    folder.add("zones.csv", 3, zone_id="cologne_too", facility_id="AAH-S")
    assert folder.faults() == []


def test_a_currency_is_converted_through_one_in_the_middle_but_not_through_two(folder):
    folder.set("warehouses.csv", 2, "currency", "CNY")
    folder.add("exchange_rates.csv", 2, base="CNY", quote="HKD", rate="1.08")
    assert folder.faults() == []
    folder.set("exchange_rates.csv", 4, "quote", "USD")
    assert folder.faults() == [("warehouses.csv", 2, "currency")]
    folder.add("exchange_rates.csv", 2, base="USD", quote="HKD", rate="7.8")
    assert folder.faults() == [("warehouses.csv", 2, "currency")]


def test_a_service_at_a_facility_that_cannot_be_read_is_no_fault_of_its_own(folder):
    folder.set("facilities.csv", 4, "time_zone", "Europe/Liege")
    assert folder.faults() == [("facilities.csv", 4, "time_zone")]


def test_a_surcharge_may_be_a_rebate(folder):
    folder.set("surcharges.csv", 4, "percent", "-5")
    assert folder.faults() == []


def test_a_rate_from_one_country_serves_a_lane_from_any(folder):
    folder.set("product_lanes.csv", 2, "from_country", "*")
    assert folder.faults() == []
