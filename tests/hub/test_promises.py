"""What is told of promises on lent space: when a recall would break one, or has; and of goods heavier than booked."""

import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from slow_report import promises_of
from test_recall_promise import CLOCK, FROM_A, RECALL, heard, network, told
from told import Told, order
from told import network as shared_network

from rookery.hub.conflicts import list_conflicts
from rookery.hub.heavier import heavier_blocks
from rookery.hub.look import Look
from rookery.hub.message import Message
from rookery.hub.promises import promise_blocks
from rookery.hub.report import report
from rookery.hub.retrace import retrace
from rookery.hub.spine import Hub
from rookery.hub.story import why_lines
from rookery.journey.booking import find_plan
from rookery.journey.cutting import amounts_on
from rookery.journey.disrupt import Case
from rookery.journey.network.offer import Product
from rookery.journey.network.place import Company
from rookery.journey.network.whole import Network
from rookery.journey.order import OrderPlaced
from rookery.journey.reweigh import Reweighed
from rookery.screen.conflicts import outcome_text
from rookery.screen.report import report_lines
from rookery.units import id_text
from talk import event, hear, order_message, scans_message
from worlds import DAILY, at, ride, row

pytestmark = pytest.mark.sqlite  # above the store: nothing here depends on which one it is

AT_RISK = [
    "  found out by a message `capacity`",
    "  at risk: departure:cheap/2026-11-23/1",
    "    it is on loan, and can be recalled until 2026-11-23T18:00Z",
    "    promised: arrival by 2026-11-23T23:11Z",
    "    by its plan it arrives 2026-11-23T21:00Z, in time, by cheap",
    "    if that is recalled: its standby arrives 2026-11-24T22:00Z, 22 h 49 min after what was promised, by dear",
    "    safe if the loan is firm, or if a standby arrives in time",
    "    to do: find it space of its own, or tell who waits for it",
    "    a case for haul",
]
BROKEN = [
    "  found out by a message `hold_space`",
    "  broken: departure:cheap/2026-11-23/1",
    "    it was on loan, and was recalled",
    "    promised: arrival by 2026-11-23T23:11Z",
    "    by its plan it arrives 2026-11-24T22:00Z, 22 h 49 min after what was promised, by dear",
    "    mended if another way is in time after all",
    "    to do: find it another way, or tell who waits for it",
    "    a case for haul",
]


def blocks(hub: Hub) -> list[list[str]]:
    """What is told of the one order's promises: the lines below the head of each block."""
    (row_,) = hub.ledger.list_rows("orders")
    return [lines[1:] for _, lines in promise_blocks(Look(hub.ledger), row_.order_id)]


# --- why


def test_a01_a_promise_that_a_recall_would_break_is_told_with_its_numbers_and_then_that_it_broke(
    tmp_path: Path,
) -> None:
    hub = heard(tmp_path, network("23:00"), order_message("1", **FROM_A), *told("cut"))
    assert blocks(hub) == [AT_RISK]
    hear(hub, RECALL)
    assert blocks(hub) == [AT_RISK, BROKEN]
    (parcel,) = hub.ledger.list_rows("parcel")
    look = Look(hub.ledger)
    lines = why_lines(look, "1")
    heads = [line.partition(" ")[0] for line in lines if not line.startswith(" ")]
    assert heads == ["decision", "promise", "decision", "promise"], "in the order in which it came"
    for name in (parcel.waybill, id_text("shp", parcel.shipment_id), id_text("pcl", parcel.parcel_id)):
        assert why_lines(look, name) == lines
    decision = next(line.split()[1] for line in lines if line.startswith("decision"))
    assert not [line for line in why_lines(look, decision) if line.startswith("promise")], "of one decision only that"


@pytest.mark.parametrize(
    ("messages", "ends"),
    [
        ([CLOCK], "at risk, but no case any more: nothing of it can be recalled any more"),
        (told("cut", "again", limits={"grams": 100}),
         "at risk, but no case any more: its standby arrives 2026-11-23T22:00Z, in time, by dear"),
        ([Message("shop", "c", "cancel_order", b"1", at("Mon 10:05"))],
         "at risk, but no case any more: the order is cancelled"),
        ([RECALL, "delivered"],
         "broken, but no case any more: it is delivered, 1 d 9 h after what was promised"),
        (["early"], "at risk, but no case any more: it is delivered, in time"),
    ],
)  # fmt: skip
def test_a02_that_it_is_none_any_more_says_why(tmp_path: Path, messages: list[Any], ends: str) -> None:
    hub = heard(tmp_path, network("23:00"), order_message("1", **FROM_A), *told("cut"))
    (parcel,) = hub.ledger.list_rows("parcel")
    days = {"delivered": "Wed", "early": "Mon"}
    done = {
        name: scans_message("d", event(parcel.waybill, "EMI", f"{day} 10:10", "B"), heard=f"{day} 10:30")
        for name, day in days.items()
    }
    hear(hub, *(done.get(one, one) if isinstance(one, str) else one for one in messages))
    assert blocks(hub)[-1][1:] == [f"  {ends}"]


def test_a03_what_was_never_a_case_is_not_told(tmp_path: Path) -> None:
    hub = heard(tmp_path, network("23:00"), order_message("1", **FROM_A), RECALL)
    assert blocks(hub) == [] and not [line for line in why_lines(Look(hub.ledger), "1") if "at risk" in line]


def test_a04_without_a_standby_it_says_so(tmp_path: Path) -> None:
    net = network("23:00")
    hub = heard(tmp_path, net, order_message("1", **FROM_A), *told("cancel", departure="dear/2026-11-23"))
    days = [
        Message("haul", f"x{day}", "departure", json.dumps(word).encode(), at("Mon 10:02"))
        for day in range(24, 31)
        for word in [{"departure": f"dear/2026-11-{day}", "says": "cancelled", "at": "2026-11-23T10:02+01:00"}]
    ]
    hear(hub, *days)
    texts = [line for lines in blocks(hub) for line in lines if "if that is recalled" in line]
    assert len(texts) > 1 and len(set(texts)) == len(texts), "each later standby is told when it comes"


def test_a05_the_page_shows_what_is_told(tmp_path: Path) -> None:
    at_risk = heard(tmp_path / "a", network("23:00"), order_message("1", **FROM_A), *told("cut"), CLOCK)
    heavier = heard(tmp_path / "b", network("23:00"), order_message("1", **FROM_A))
    weighed(heavier, 80)
    shown = page_texts("promise"), page_texts("weighed")
    for hub, (text,) in zip((at_risk, heavier), shown, strict=True):
        assert text in "".join(f"{line}\n" for line in why_lines(Look(hub.ledger), "1"))


def page_texts(begin: str) -> list[str]:
    """Examples of the page on sharing that begin so."""
    page = (Path(__file__).parents[2] / "docs" / "sharing.md").read_text("utf-8")
    return [text for text in re.findall(r"```text\n(.*?)```", page, re.DOTALL) if text.startswith(begin)]


# --- report, conflicts


def test_b01_the_report_counts_promises_at_risk_and_broken_by_holder(tmp_path: Path) -> None:
    hub = heard(tmp_path, network("23:00"), order_message("1", **FROM_A), *told("cut"), RECALL)
    made = report(Look(hub.ledger), hub.world)
    assert [(one.holder, one.at_risk, one.broken) for one in made.holders if one.at_risk] == [("borrower", 1, 1)]
    lines = list(report_lines(made))
    place = lines.index("promises on lent space")
    assert lines[place + 1] == "  borrower: at risk if that is recalled 1, broken by a recall 1"


def test_b02_a_conflict_tells_what_the_loser_was_promised_and_whose_case_it_is(tmp_path: Path) -> None:
    hub = heard(tmp_path, network("23:00"), order_message("1", **FROM_A), *told("cut"), RECALL)
    (one,) = list_conflicts(Look(hub.ledger), hub.world)
    assert (one.limit, one.outcome, one.owner, one.broken_s) == ("recalled", "moved", "haul", 22 * 3600 + 49 * 60)
    assert outcome_text(one).endswith(
        "a case for haul: 8.00 EUR more, 1 d 1 h later, 22 h 49 min after what was promised"
    )
    kept = heard(tmp_path / "kept", network("23:00"), order_message("1", **FROM_A), RECALL)
    (one,) = list_conflicts(Look(kept.ledger), kept.world)
    assert (one.owner, one.broken_s) == ("", 0)


def test_b03_a_loan_that_a_cut_has_lost_tells_a_broken_promise_too(tmp_path: Path) -> None:
    lost = {"resource": "departure:cheap/2026-11-23/1", "limits": {"grams": 0}}
    word = Message("haul", "lost", "capacity", json.dumps(lost).encode(), at("Mon 10:02"))
    hub = heard(tmp_path, network("23:00"), order_message("1", **FROM_A), *told("cut"), word)
    found = [one for one in list_conflicts(Look(hub.ledger), hub.world) if one.limit == "cut"]
    late = [one.broken_s for one in found if one.loser == "borrower" and one.resource == lost["resource"]]
    assert late == [22 * 3600 + 49 * 60]


def test_b04_a_promise_that_is_kept_after_all_was_not_broken_for_good(tmp_path: Path) -> None:
    more = told("cut", "more", resource="departure:cheap/2026-11-23/1", limits={"grams": 300})
    hub = heard(tmp_path, network("23:00"), order_message("1", **FROM_A), *told("cut"), RECALL, *more)
    (one,) = list_conflicts(Look(hub.ledger), hub.world)
    assert (one.outcome, one.owner, one.broken_s) == ("moved", "", 0)
    assert blocks(hub)[-1][1:] == [
        "  broken, but no case any more: by its plan it arrives 2026-11-23T21:00Z, in time, by cheap"
    ]


# --- random days


def days_network() -> Network:
    return shared_network(
        "recallable", row(Company, company_id="third", name="third", country="BE", roles=("shipper",)),
        ride("third", "A 21:00, B 23:00", price="9", carries="grams 10000"),
        row(Product, product_id="slow", name="Slow", company_id="haul", calendar_id=DAILY, duties="either",
            days_max=2, space="recallable"),
    )  # fmt: skip


def random_day(seed: int, count: int = 60) -> list[Message]:
    """Orders of who lends and who borrows, and words on whatever they ride: less, later, gone, and back."""
    rng, heard_at, said = Random(seed), at("Mon 08:00"), list[Message]()
    for number in range(count):
        heard_at += rng.choice((0, 60, 600))
        what = rng.choices(("order", "capacity", "departure", "cancel_order"), (6, 2, 2, 1))[0]
        rides, day = rng.choice(("cheap", *["dear"] * 4, *["third"] * 4)), rng.choice((23, 23, 24))
        word: dict[str, Any] = {"departure": f"{rides}/2026-11-{day}", "at": "2026-11-23T08:00+01:00"}
        if what == "order":
            one = order(str(number), rng.choice(("shop", "shop", "shop", "other")), rng.choice((500, 1500, 3000)))
            said.append(Message(one.sender, one.key, one.kind, one.body, heard_at))
            continue
        if what == "capacity":
            limits = {"grams": rng.choice((0, 2000, 6000, 10_000))}
            word = {"resource": f"departure:{rides}/2026-11-{day}/1", "limits": limits}
        elif rng.random() < 0.3:
            word["says"] = "cancelled"
        else:
            word |= {"says": "delayed", "departs_late_s": rng.choice((0, 7200, 90_000))}
        body = str(rng.randrange(number + 1)) if what == "cancel_order" else json.dumps(word)
        said.append(Message("shop" if what == "cancel_order" else "haul", str(number), what, body.encode(), heard_at))
    return said


@pytest.fixture(scope="module", params=(2, 7, 8, 9, 13, 14))  # days on which some were at risk, and mostly broken
def day(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    return Told(tmp_path_factory.mktemp("day"), days_network(), *random_day(request.param))


def test_law_a_report_counts_the_promises_at_risk_and_broken_that_raw_facts_tell(day: Told) -> None:
    facts = [stored.fact for stored in day.look.ledger.list_facts()]
    placed = [fact for fact in facts if isinstance(fact, OrderPlaced)]
    for one in day.report().holders:
        of = [fact for fact in placed if day.world.sharing.holder_of(fact.asked.parties.owner, "std") == one.holder]
        assert (one.at_risk, one.broken) == promises_of(facts, [fact.order_id for fact in of])
    assert sum(one.at_risk for one in day.report().holders) > 0


def test_law_what_is_told_of_promises_is_what_cases_there_were(day: Told) -> None:
    ledger = day.look.ledger
    orders = [one.order_id for one in ledger.list_rows("orders")]
    told_of = {order_id: promise_blocks(day.look, order_id) for order_id in orders}
    message, open_, seen = 0, {}, 0
    for stored, state in retrace(ledger):
        if stored.message != message:
            message = stored.message
            open_ = {
                id_text("shp", case.shipment_id): case.reasons[0].code
                for case in state[Case]
                if case.reasons[0].code in ("at_risk", "recalled")
            }
            assert status_before(told_of, stored.seq) == open_, f"before fact {stored.seq}"
            seen += len(open_)
    assert seen > 0


def status_before(told_of: dict[bytes, list[tuple[int, list[str]]]], seq: int) -> dict[str, str]:
    """By what is told of facts before: the shipments that are a case, and why."""
    found = {}
    for number, lines in (block for of_one in told_of.values() for block in of_one):
        if number < seq:
            found[lines[0].split()[-1]] = lines[2].split(":")[0].strip()
    codes = {"at risk": "at_risk", "broken": "recalled"}
    return {name: codes[what] for name, what in found.items() if what in codes}


def test_law_conflicts_tell_of_each_promise_that_a_recall_has_broken(day: Told) -> None:
    open_ = {
        id_text("ord", case.order_id)
        for case in day.look.ledger.list_rows("open_case")
        if case.reasons[0].code == "recalled"
    }
    booked = {id_text("ord", one.order_id) for one in day.look.ledger.list_rows("orders") if one.status == "booked"}
    late = {one.id_: one for one in day.conflicts() if one.broken_s and one.limit == "recalled"}
    assert open_ <= set(late) and all(late[name].owner == "haul" for name in open_)
    assert set(late) & booked <= open_ | {name for name, one in late.items() if one.outcome == "no way on"}


# --- heavier than booked


def weighed(hub: Hub, *grams: int) -> None:
    """Scans of its parcels that tell a weight, one after the other."""
    (parcel,) = hub.ledger.list_rows("parcel")
    for number, weight in enumerate(grams):
        time = f"Mon 1{number + 1}:00"
        seen = event(parcel.waybill, "EMC", time, "A", weight_g=weight)
        hear(hub, scans_message(f"s{number}", seen, heard=time))


def test_c01_each_leg_whose_use_was_raised_is_told_and_the_standby_with_it(tmp_path: Path) -> None:
    hub = heard(tmp_path, network("23:00"), order_message("1", **FROM_A))
    weighed(hub, 80, 60, 95)
    (row_,) = hub.ledger.list_rows("orders")
    name = next(line.split()[0][:-1] for line in why_lines(Look(hub.ledger), "1") if line.startswith("  shp_"))
    assert [lines[1:] for _, lines in heavier_blocks(Look(hub.ledger), row_.order_id)] == [
        [
            f"  {name}: booked 70 grams, weighed {after}",
            "  it uses more of what is still to come:",
            f"    departure:cheap/2026-11-23/1: {before} -> {after} grams",
            "  its standby does, too:",
            f"    departure:dear/2026-11-23/1: {before} -> {after} grams",
        ]
        for before, after in ((70, 80), (80, 95))
    ]


def test_c02_lighter_goods_are_nothing_to_tell(tmp_path: Path) -> None:
    hub = heard(tmp_path, network("23:00"), order_message("1", **FROM_A))
    weighed(hub, 60)
    assert not [line for line in why_lines(Look(hub.ledger), "1") if line.startswith("weighed")]


@pytest.mark.parametrize("seed", range(4))
def test_law_what_is_told_of_heavier_goods_is_what_their_plans_used(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    told_ = Told(tmp_path, days_network(), *random_day(seed))
    hub, look, count = told_.hub, told_.look, 0
    for number, parcel in enumerate(sorted(hub.ledger.list_rows("parcel"), key=lambda one: one.waybill)):
        for again in range(rng.randrange(3)):
            time = f"Mon 17:{number:02}"
            seen = event(parcel.waybill, "EMC", time, "A", weight_g=parcel.grams_booked + rng.choice((1, 300, 900)))
            hear(hub, scans_message(f"s{number}-{again}", seen, heard=time))
    lines = {seq: text for one in hub.ledger.list_rows("orders") for seq, text in heavier_blocks(look, one.order_id)}
    for stored, state in retrace(hub.ledger):
        if isinstance(stored.fact, Reweighed):
            count += 1
            grown = [line.split() for line in lines[stored.seq] if " -> " in line]
            plans = [(stored.fact.order_id, stored.fact.grown), (stored.fact.standby, stored.fact.stands_by)]
            wanted = []
            for hold_id, uses in plans:
                for use in uses:
                    had = amounts_on(find_plan(state, hold_id), use.resource)["grams"]  # type: ignore[arg-type]
                    wanted.append([f"{use.resource}:", f"{had:,}", "->", f"{had + use.amounts['grams']:,}", "grams"])
            assert grown == wanted
    assert count > 5
