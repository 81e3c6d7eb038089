"""Who may use what, in a folder: each fault of holders, shares, blocks and the like is told once, in its place."""

import pytest

# what is wrong, file, line, column, text
CELLS = [
    ("a guarantee over 100 per cent", "shares", 3, "guarantee", "100.5"),
    ("a ceiling over 100 per cent", "shares", 3, "ceiling", "101"),
    ("a weight of nothing", "shares", 3, "weight", "0"),
    ("an amount below zero", "shares", 5, "guarantee_amount", "-1"),
    ("a guarantee released long ago", "shares", 3, "release_min", "527041"),
    ("an amount that nothing carries", "shares", 5, "ceiling_amount", "4398046511105"),
    ("a capacity that nothing has", "capacities", 3, "amount", "4398046511105"),
    ("a share of what orders do not take", "shares", 4, "dimension", "uld_positions"),
    ("a resource without a kind", "shares", 3, "resource", "SK801"),
    ("a resource of a kind that is no more", "shares", 3, "resource", "zone:*"),
    ("a resource that does not exist", "shares", 4, "resource", "service:SK802"),
    ("a beginning that no resource has", "shares", 4, "resource", "service:XX*"),
    ("a facility that does not exist", "shares", 6, "resource", "facility:LGG"),
    ("a station without a delivery zone", "shares", 6, "resource", "station:AAH-S"),
    ("a warehouse that is none", "shares", 6, "resource", "warehouse:CGN-S"),
    ("stock where there is no warehouse", "shares", 6, "resource", "stock:CGN-S"),
    ("a share of nobody", "shares", 4, "holder", "teahuose"),
    ("a guarantee of the network", "shares", 2, "guarantee", "10"),
    ("an amount for the network", "shares", 2, "guarantee_amount", "10"),
    ("a guarantee in two ways", "shares", 5, "guarantee", "10"),
    ("a ceiling in two ways", "shares", 5, "ceiling", "10"),
    ("an amount of no dimension", "shares", 5, "dimension", "*"),
    ("a holder under nobody", "holders", 3, "parent", "trader"),
    ("a holder under itself", "holders", 2, "parent", "traders"),
    ("a company that does not exist", "holders", 3, "company_id", "teahuose"),
    ("a product that does not exist", "holders", 4, "product_id", "slow"),
    ("two holders for one company", "holders", 5, "company_id", "teahouse"),
    ("two holders for one product of a company", "holders", 4, "product_id", ""),
    ("a block of nobody", "blocks", 2, "holder", "nset"),
    ("a hard block that is released", "blocks", 2, "release_min", "60"),
    ("a block by the month", "blocks", 2, "kind", "monthly"),
    ("an allotment of a warehouse", "allotments", 2, "resource", "warehouse:HKG-W"),
    ("an allotment of a service that does not exist", "allotments", 2, "resource", "service:rhein"),
    ("an allotment by the month", "allotments", 2, "per", "month"),
    ("an allotment of what orders do not take", "allotments", 2, "dimension", "teu"),
    ("an allotment of nobody", "allotments", 2, "holder", "teahuose"),
    ("a facility's capacity in orders", "facility_capacities", 2, "dimension", "orders"),
    ("deliveries from where nobody delivers", "facility_capacities", 3, "facility_id", "AAH-S"),
    ("a capacity for what no facility does", "facility_capacities", 2, "activity", "pack"),
    ("a round of a service that does not exist", "rounds", 2, "resource", "service:SK8"),
    ("a round that ends before it begins", "rounds", 2, "round_s", "-1"),
    ("a bid price for any dimension", "bid_prices", 2, "dimension", "*"),
    ("a bid price for a place that does not exist", "bid_prices", 2, "resource", "facility:LGG"),
    ("a share in a dimension that nothing there has", "shares", 4, "dimension", "pieces"),
    ("a share of a hub that may sort all that comes", "shares", 6, "resource", "facility:CGN-S"),
    ("a weight beside which others get nothing", "shares", 3, "weight", "1000001"),
    ("the network released to others than itself", "shares", 2, "release_min", "720"),
    ("the network lent to others than itself", "shares", 2, "lending", "free"),
    ("the network weighed against nobody", "shares", 2, "weight", "2"),
    ("a priority without a limit", "holders", 3, "priority", "1001"),
    ("a block of nothing", "blocks", 2, "amount", "0"),
    ("a block misspelt", "blocks", 2, "dimension", "grms"),
    ("a block in any dimension", "blocks", 2, "dimension", "*"),
    ("a block in a dimension that no leg of it has", "blocks", 2, "dimension", "teu"),
    ("a block in what orders take and its legs do not limit", "blocks", 2, "dimension", "pieces"),
    ("a block that is dearer than gold", "blocks", 2, "per_kg", "1000000001"),
    ("a capacity misspelt", "capacities", 4, "dimension", "gram"),
    ("a round of years", "rounds", 2, "round_s", "31536000"),
    ("a round of more than a week", "rounds", 2, "round_s", "604801"),
    ("a round where there is no limit", "rounds", 2, "resource", "facility:CGN-S"),
    ("a bid price in a dimension that the thing does not have", "bid_prices", 2, "dimension", "cm3"),
    ("a bid price that nobody pays", "bid_prices", 2, "price", "1000000001"),
    ("space that is neither firm nor lent", "products", 2, "space", "soft"),
    ("a ceiling under the guarantee", "shares", 3, "ceiling", "5"),
    ("a ceiling under what one below is guaranteed", "shares", 5, "ceiling_amount", "1999999"),
]  # fmt: skip


def place(case: tuple[str, str, int, str, str]) -> tuple[str, int, str]:
    """Where the fault of a case is told."""
    _, file, line, column, _ = case
    special = {
        "two holders for one company": ("holders.csv", 5, "company_id, product_id"),
        "two holders for one product of a company": ("holders.csv", 4, "company_id, product_id"),
        "a guarantee in two ways": ("shares.csv", 5, "guarantee_amount"),
        "a ceiling in two ways": ("shares.csv", 5, "ceiling_amount"),
    }
    return special.get(case[0], (f"{file}.csv", line, column))


@pytest.mark.parametrize("case", CELLS, ids=[case[0] for case in CELLS])
def test_one_wrong_cell_is_one_fault_in_its_place(folder, case):
    _, file, line, column, text = case
    folder.set(f"{file}.csv", line, column, text)
    assert folder.faults() == [place(case)]


def test_holders_in_a_circle_are_told_all(folder):
    folder.set("holders.csv", 2, "parent", "teahouse_express")
    assert folder.faults() == [("holders.csv", line, "parent") for line in (2, 3, 4)]


@pytest.mark.parametrize(
    ("file", "line", "column", "text", "said"),
    [
        ("blocks", 2, "dimension", "grms", "wanted a dimension in which capacities.csv limits service:SK801: grams, "
         "uld_positions, found 'grms'; did you mean grams? Else write one of these, add its limit to capacities.csv, "
         "or delete this row"),
        ("shares", 4, "dimension", "gramms", "found 'gramms'; did you mean grams? Else use one of these"),
        ("shares", 4, "lending", "recalable", "wanted one of never, recallable, free, found 'recalable'; did you mean "
         "recallable? Else use one of these: what may be done with the unused guarantee until then"),
        ("shares", 6, "dimension", "pieces", "wanted a dimension in which warehouse_capacities.csv limits warehouse:*: "
         "orders, found 'pieces'; write one of these"),
        ("shares", 4, "resource", "service:KS*", "found 'KS*'; did you mean SK*? Else add it to services.csv"),
        ("rounds", 2, "round_s", "31536000", "wanted 0 to 604800, a week, found '31536000'; write such as 900"),
        ("shares", 5, "guarantee_amount", "-1", "found '-1'; take the minus sign away or correct it"),
        ("blocks", 2, "release_min", "-60", "found '-60'; take the minus sign away or correct it"),
        ("bid_prices", 2, "price", "-0.5", "found '-0.5'; take the minus sign away or correct it"),
        ("rounds", 2, "resource", "facility:CGN-S", "wanted something of which facility_capacities.csv states how much "
         "there is, found no limit of facility:CGN-S; add its limit to facility_capacities.csv, or delete this row"),
        ("capacities", 4, "dimension", "gram", "found 'gram'; did you mean grams? Else write another name"),
    ],
)  # fmt: skip
def test_a_fault_says_what_was_wanted_found_and_meant(folder, file, line, column, text, said):
    folder.set(f"{file}.csv", line, column, text)
    assert f"{file}.csv line {line}, {column}: " in folder.messages() and said in folder.messages()


def test_a_row_whose_year_is_wrong_is_told_once(folder):
    folder.add("shares.csv", 3, holder="nest", valid_from="2206-01-01", guarantee="99")
    folder.add("blocks.csv", 2, block_id="old", valid_from="", valid_to="2016-12-31")
    assert folder.faults() == [("shares.csv", 7, "valid_from"), ("blocks.csv", 3, "valid_to")]
    assert "wanted a day up to 2028-03-27, found 2206-01-01, more than a year from the timetable" in folder.messages()


def test_an_allotment_counts_where_there_is_a_limit(folder):
    folder.set("allotments.csv", 2, "resource", "service:shuttle")
    assert folder.faults() == []
    folder.drop("capacities.csv", 2)
    assert folder.faults() == [("allotments.csv", 2, "resource")]


def test_a_group_of_nobody_keeps_space_from_everybody(folder):
    folder.add("holders.csv", 2, holder="carriers")
    assert folder.faults() == [("holders.csv", 6, "company_id, product_id")]
    folder.set("holders.csv", 5, "parent", "carriers")
    assert folder.faults() == []


def test_the_network_is_no_row_of_the_holders(folder):
    folder.add("holders.csv", 5, holder="*", company_id="wren")
    assert folder.faults() == [("holders.csv", 6, "holder")]


def test_a_holder_may_stand_before_the_one_above_it(folder):
    folder.add("holders.csv", 4, holder="wren", parent="carriers", company_id="wren", product_id="")
    folder.add("holders.csv", 2, holder="carriers")
    assert folder.faults() == []


# --- what cannot be kept together


def test_guarantees_right_under_the_network_are_at_most_the_capacity(folder):
    folder.add("shares.csv", 3, holder="nest", guarantee="70.01")
    assert folder.messages() == (
        "shares.csv line 3, guarantee: wanted guarantees under the network of at most the capacity together, "
        "3500000 grams, found 3500350 on service:shuttle from 2026-11-01; lower this or another one of them"
    )


def test_guarantees_under_a_holder_are_at_most_what_it_has(folder):
    folder.set("shares.csv", 5, "guarantee_amount", "15300001")
    folder.set("shares.csv", 5, "ceiling_amount", "")
    assert folder.messages() == (
        "shares.csv line 5, guarantee_amount: wanted guarantees under teahouse of at most what it has together, "
        "15300000 grams, found 15300001 on service:SK801 from 2026-11-01; lower this or another one of them"
    )


def test_a_block_that_is_too_large_is_told_at_the_block(folder):
    folder.set("blocks.csv", 2, "amount", "71400001")
    assert folder.messages() == (
        "blocks.csv line 2, amount: wanted guarantees under the network of at most the capacity together, "
        "102000000 grams, found 102000001 on service:SK801 from 2026-11-01; lower this or another one of them"
    )


def test_two_blocks_of_one_holder_add_up_however_large(folder):
    folder.set("blocks.csv", 2, "amount", str(2**42))
    folder.add("blocks.csv", 2, block_id="more")
    assert folder.faults() == [("blocks.csv", 2, "amount")]


def test_a_network_that_keeps_something_back_guarantees_no_more_than_the_rest(folder):
    folder.set("blocks.csv", 2, "amount", "66300001")
    assert folder.messages() == (
        "shares.csv line 2, ceiling: wanted a ceiling of the network of at least its guarantee, 96900001 grams, "
        "found 96900000 on service:SK801 from 2026-11-01; raise the ceiling or lower the guarantee"
    )


def test_a_block_over_the_ceiling_of_its_holder_is_told_at_the_block(folder):
    folder.add("shares.csv", 3, holder="nest", guarantee="0", ceiling="10")
    assert folder.faults() == [("blocks.csv", 2, "amount")]


def test_a_holder_that_states_no_guarantee_has_what_those_below_it_have(folder):
    folder.set("shares.csv", 3, "guarantee", "")
    folder.set("shares.csv", 4, "guarantee", "100")
    folder.set("shares.csv", 4, "ceiling", "100")
    folder.set("shares.csv", 2, "ceiling", "100")
    folder.set("shares.csv", 3, "ceiling", "100")
    assert folder.faults() == [("blocks.csv", 2, "amount")]
    folder.set("blocks.csv", 2, "dimension", "uld_positions")
    assert folder.faults() == []


def test_guarantees_on_different_days_do_not_add_up(folder):
    folder.set("shares.csv", 2, "ceiling", "100")
    cells = {"guarantee": "71", "valid_from": "2027-01-01", "valid_to": ""}
    folder.add("shares.csv", 3, holder="nest", resource="service:rhine", **cells)
    assert folder.faults() == [("shares.csv", 7, "guarantee")]
    folder.set("shares.csv", 3, "valid_to", "2026-12-31")
    assert folder.faults() == []


def test_a_row_that_ends_may_leave_what_cannot_be_kept(folder):
    folder.add("shares.csv", 3, resource="service:SK801", guarantee="90", ceiling="95", valid_to="2026-11-15")
    folder.set("blocks.csv", 2, "amount", "5000000")
    folder.set("shares.csv", 5, "guarantee_amount", "20000000")
    folder.set("shares.csv", 5, "ceiling_amount", "")
    assert folder.faults() == [("shares.csv", 5, "guarantee_amount")]
    assert "found 20000000 on service:SK801 from 2026-11-16" in folder.messages()


def test_a_warehouses_day_and_a_facilitys_hour_are_looked_at_too(folder):
    for line, (resource, dimension, most) in enumerate(
        (("warehouse:HKG-W", "orders", 4000), ("facility:LGG-G", "pieces", 12000), ("station:CGN-S", "pieces", 3000)), 7
    ):
        cells = {"resource": resource, "dimension": dimension, "guarantee": "", "guarantee_amount": str(most + 1)}
        folder.add("shares.csv", 3, **cells, ceiling="")
        assert ("shares.csv", line, "guarantee_amount") in folder.faults()


def test_places_are_looked_at_after_the_timetable_ends_and_departures_are_not(folder):
    cells = {"dimension": "pieces", "guarantee": "", "ceiling": "", "valid_from": "2027-04-01"}
    folder.add("shares.csv", 3, resource="station:CGN-S", guarantee_amount="3001", **cells)
    assert folder.faults() == [("shares.csv", 7, "guarantee_amount")]
    folder.set("shares.csv", 7, "resource", "service:SK801")
    folder.set("shares.csv", 7, "dimension", "grams")
    folder.set("shares.csv", 7, "guarantee_amount", "102000001")
    assert folder.faults() == []


def test_stock_is_shared_too(folder):
    folder.add("shares.csv", 5, resource="stock:HKG-W", dimension="units", guarantee_amount="81", ceiling_amount="")
    assert folder.faults() == [("shares.csv", 7, "guarantee_amount")]


def test_weights_need_a_small_common_multiple(folder):
    folder.add("holders.csv", 5, holder="wren", company_id="wren")
    folder.add("shares.csv", 6, holder="wren")
    for line, weight in ((3, "999983"), (6, "999979"), (7, "3")):
        folder.set("shares.csv", line, "weight", weight)
    for line in (6, 7):
        folder.set("shares.csv", line, "resource", "service:*")
        folder.set("shares.csv", line, "guarantee", "1")
    assert folder.faults() == [("shares.csv", 7, "weight")]


# --- rows that agree


@pytest.mark.parametrize(("column", "text"), [("weight", "3"), ("release_min", "60"), ("lending", "free")])
def test_rows_about_one_thing_agree_in_what_is_said_once_of_it(folder, column, text):
    folder.add("capacities.csv", 3, dimension="cm3")
    folder.add("shares.csv", 4, dimension="cm3", **{column: text})
    assert folder.faults() == [("shares.csv", 7, column)]


def test_rows_about_one_thing_may_differ_if_they_never_hold_together(folder):
    folder.add("capacities.csv", 3, dimension="cm3")
    folder.add("shares.csv", 4, dimension="cm3", weight="3", valid_from="2027-01-01", valid_to="")
    folder.set("shares.csv", 4, "valid_to", "2026-12-31")
    assert folder.faults() == []


def test_blocks_of_one_holder_on_a_service_agree_where_orders_take_their_dimensions(folder):
    folder.add("capacities.csv", 3, dimension="cm3")
    folder.add("blocks.csv", 2, block_id="more", dimension="uld_positions", kind="soft", release_min="60")
    assert folder.faults() == []
    folder.set("blocks.csv", 3, "dimension", "cm3")
    assert folder.faults() == [("blocks.csv", 3, "release_min")]
