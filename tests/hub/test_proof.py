"""Proof for people: why somebody has shared space or has not, who has what, what holders asked and got."""

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
import shared_days
from slow_report import added_up, runs_of
from told import Told, cut, cuts, hold_space, network, order

from rookery.hub.as_of import dated
from rookery.hub.conflicts import list_conflicts
from rookery.hub.grounds import ground_lines
from rookery.hub.look import Look
from rookery.hub.message import Answer, Message
from rookery.hub.open import open_hub
from rookery.hub.report import END, Report, read_days, report
from rookery.hub.shares import list_shared, shared_out
from rookery.hub.space_of import find_subject
from rookery.journey.account import Account, Use
from rookery.journey.book import HoldPlan
from rookery.journey.chain import decide
from rookery.journey.desk import Desk
from rookery.journey.network.sharing import Holder, Round
from rookery.journey.network.whole import Network
from rookery.journey.share import Claimant
from rookery.journey.tally import Loan
from rookery.journey.waits import RoundClosed
from rookery.units import id_text, instant_text
from worlds import at, desk_of, empty_state, row

pytestmark = pytest.mark.sqlite  # above the store: nothing here depends on which one it is

DAY = at("Mon 00:00")


# --- why


def test_a01_an_acceptance_is_told_with_the_claims_on_the_way_up(tmp_path: Path) -> None:
    lines = Told(tmp_path, network(), order("1", "other", 3000)).why("1")
    assert lines[1:] == [
        "  departure:cheap/2026-11-23/1",
        "    3,000 grams for others",
        "    accepted: with it no claim on the way up is above its ceiling; nobody can recall it",
        "      others: claim stays 9,000 grams",
        "        6,000 of its guarantee of 9,000 left",
        "      the network: claim stays 9,000 grams, at most 10,000",
        "    recomputed from all facts before: the same",
    ]


def test_a02_a_loan_names_its_lender_and_a_recall_both_sides(tmp_path: Path) -> None:
    told = Told(tmp_path, network(), order("1", "shop", 3000), order("2", "other", 8000))
    text = "\n".join(told.why("1"))
    assert "borrowed: there is room, but not by claim" in text and "the lender is others" in text
    assert "the network: claim 9,000 -> 12,000 grams, at most 10,000: ABOVE IT" in text
    assert "others asks for what it may claim" in text and "it falls back to its standby" in text
    assert "for this was recalled" in "\n".join(told.why("2"))
    assert "DIFFERS" not in text


def test_a03_a_refusal_says_what_bound_who_had_it_and_what_was_lacking(tmp_path: Path) -> None:
    lines = Told(tmp_path, network("firm", dear=False), order("1", "shop", 2000)).why("1")
    assert lines[1:] == [
        "  refused",
        "  departure:cheap/2026-11-23/1",
        "    the claims of all would be above the capacity: what is not used is kept for others",
        "    asked 2,000 grams; 1,000 would have been had",
        "      the network: claim would be 11,000 of at most 10,000 grams",
        "    what it lacked: 1,000 grams",
        "    it would be free for all from 2026-11-23T11:00Z on",
        "      kept for others: 9,000 grams, released 2026-11-23T11:00Z",
        "    recomputed from all facts before: the same",
    ]


def test_a04_for_a_company_other_holders_have_no_names(tmp_path: Path) -> None:
    told = Told(tmp_path, network(), order("1", "shop", 3000), order("2", "other", 8000))
    assert not [line for line in told.why("1", named=False) if "others " in line or "is others" in line]
    assert any("the lender is another holder" in line for line in told.why("1", named=False))
    refused = Told(tmp_path / "b", network("firm", dear=False), order("1", "shop", 2000)).why("1", named=False)
    assert "      kept for others: 9,000 grams" in refused  # whoever they are


def test_a05_a_cut_says_who_had_to_go_and_who_keeps_space_on_loan(tmp_path: Path) -> None:
    told = Told(tmp_path, network(), order("1", "shop", 3000), order("2", "other", 2000), *cuts(4000))
    text = "\n".join(told.why("1"))
    assert "10,000 -> 4,000 grams, says haul: a smaller lorry" in text
    assert "it has lost its space, number 1 of 1" in text and "it falls back to its standby" in text
    assert "DIFFERS" not in text and "capacity was lost" not in "\n".join(told.why("2"))
    (shops,) = (one for one in told.report().holders if one.holder == "shops")
    assert (shops.got.count, shops.recalled.count, shops.moved, shops.cases) == (1, 0, 1, 0)
    assert not [one for one in told.conflicts() if one.limit == "recalled"], "nobody has won"


def test_a06_a_standby_is_told_by_the_id_of_its_hold(tmp_path: Path) -> None:
    told = Told(tmp_path, network(), order("1", "shop", 3000))
    (standby,) = (fact.fact for fact in told.look.ledger.list_facts(kind="plan_held") if fact.fact.standby_of)
    assert told.why(id_text("hld", standby.hold_id)) == [], "what nobody shares needs no proof"
    assert find_subject(told.look, "hld_00000000000000000000000000") == b""


def space(key: str, grams: int, sender: str = "shop", **fields: Any) -> Message:
    uses = [{"resource": "departure:cheap/2026-11-23/1", "amounts": {"grams": grams}}]
    return Message(sender, key, "hold_space", json.dumps({"uses": uses, **fields}).encode(), at("Mon 10:00"))


def clocked(folder: Path, net: Network, *messages: Message) -> Told:
    """A hub that hears these and then nothing until noon."""
    return Told(folder, net, *messages, Message("network", "late", "clock", b"", at("Mon 12:00")))


def test_a07_a_round_has_its_own_instant_and_is_told_as_a_tree(tmp_path: Path) -> None:
    above = row(Holder, holder="small", parent="shops", company_id="shop", product_id="std")
    net = network("recallable", row(Round, resource="service:cheap", round_s=900), above)
    told = clocked(tmp_path, net, space("1", 900, hold_s=86400), space("2", 100, product="std", hold_s=86400))
    lines = told.why(next(f.about.hex() for f in told.look.ledger.list_facts(kind="plan_held")))
    round_ = lines.index("space 2026-11-23T09:15Z  fact 4")
    assert lines[round_ + 1] == "  closed by clock late of network, heard at 2026-11-23T11:00Z"
    first = next(n for n, line in enumerate(lines) if "    the round of" in line)
    assert lines[first:] == [
        "    the round of departure:cheap/2026-11-23/1: 2 asked",
        "      shops: 10.0000 % of it, weight 1",
        "        for itself: 9.0000 % of it, weight 1",
        "        small: 1.0000 % of it, weight 1",
        "          for itself: 1.0000 % of it, weight 1",
        "    the whole round, decided again from all facts before: the same",
    ]


def test_a08_earlier_rounds_take_a_line_each_and_the_last_one_is_told_whole(tmp_path: Path) -> None:
    net = network("recallable", row(Round, resource="service:cheap", round_s=900))
    wish = space("1", 800, wait_until="2026-11-23T10:50+01:00")
    told = clocked(tmp_path, net, space("0", 500, hold_s=86400), wish)
    _, waited = (f.about.hex() for f in told.look.ledger.list_facts(kind="plan_queued"))
    lines = told.why(waited)
    start = lines.index("earlier rounds, closed by clock late of network, heard at 2026-11-23T11:00Z")
    assert [line.partition("  fact")[0] for line in lines[start + 1 : start + 4]] == [
        "  2026-11-23T09:15Z", "  2026-11-23T09:30Z", "space 2026-11-23T09:45Z",
    ]  # fmt: skip
    assert lines[start + 1].endswith("  not served (short), 2 asked; again: the same")
    assert len([line for line in lines if "the round of departure" in line and "asked" in line]) == 1
    assert max(map(len, lines[start:])) <= 90
    hidden = told.why(waited, named=False)
    assert "earlier rounds, closed by a message, heard at 2026-11-23T11:00Z" in hidden


def test_a09_a_hold_that_was_won_and_was_over_before_anybody_asked_says_so(tmp_path: Path) -> None:
    net = network("recallable", row(Round, resource="service:cheap", round_s=900))
    told = clocked(tmp_path, net, space("1", 500))
    lines = told.why(next(f.about.hex() for f in told.look.ledger.list_facts(kind="plan_queued")))
    assert lines[-3:] == [
        "space 2026-11-23T09:30Z  fact 5",
        "  found out by clock late of network, heard at 2026-11-23T11:00Z",
        "  free again: expired before anybody asked",
    ]


# --- who has what


def test_b01_what_is_unused_and_the_ceiling_stand_beside_the_guarantee(tmp_path: Path) -> None:
    told = Told(tmp_path, network(), order("1", "other", 2000), order("2", "shop", 3000))
    (shared,) = list_shared(told.look, told.world, "departure:cheap/2026-11-23")
    parts = {part.holder: part for part in shared.parts}
    assert (parts["others"].guarantee, parts["others"].unused, parts["others"].firm) == (9000, 7000, 2000)
    assert (parts["shops"].borrowed, parts["shops"].until, parts["shops"].forever) == (3000, at("Mon 12:00"), False)
    assert parts["others"].ceiling is None and shared.used == 5000


def test_b02_an_empty_ledger_shares_nothing(tmp_path: Path) -> None:
    told = Told(tmp_path, network())
    assert list(list_shared(told.look, told.world)) == [] == told.conflicts()
    assert told.report() == Report(0, None, (), 0, ())


@pytest.mark.parametrize(("instants", "until"), [((5, 9), 9), ((5, 0), 0)])
def test_b03_a_loan_without_an_instant_is_never_firm_by_itself(instants: tuple[int, ...], until: int) -> None:
    net, name = network(), "departure:cheap/2026-11-23/1"
    state, desk = empty_state(), desk_of(net, at("Mon 10:00"))
    state[Account].new(Account(name, {"grams": 10_000}, {"grams": 0}, {"grams": 2000}, firm={}))
    for n, instant in enumerate(instants):
        state[Loan].new(Loan(f"{name}#{n}", name, bytes(16), "shops", (1000,), instant, 5, "", n))
    (shared,) = shared_out(state[Account].get(name), state, desk)
    part = next(part for part in shared.parts if part.holder == "shops")
    assert (part.borrowed, part.until, part.forever) == (2000, until, not until)


def test_b04_a_guarantee_that_was_cut_is_told_as_it_is_now() -> None:
    net, name = network(), "departure:cheap/2026-11-23/1"
    state, desk = empty_state(), desk_of(net, at("Mon 10:00"))
    none = {"grams": 0}
    state[Account].new(Account(name, {"grams": 5000}, none, none, firm={}, guarantee={"others": (4000,)}))
    (shared,) = shared_out(state[Account].get(name), state, desk)
    assert [(part.holder, part.guarantee, part.unused) for part in shared.parts] == [("others", 4000, 4000)]
    assert shared.limit == 5000


# --- report


def test_d01_days_are_whole_and_both_included() -> None:
    assert read_days("", "") == (0, END)
    assert read_days("2026-11-23", "2026-11-23") == (DAY + 3600, DAY + 3600 + 86_400), "of UTC"
    for days, words in ((("2026-13-01", ""), "from: wanted a day"), (("2026-11-09", "2026-11-08"), "exchange the two")):
        with pytest.raises(ValueError, match=words):
            read_days(*days)


def test_d02_what_happened_on_other_days_is_left_out(tmp_path: Path) -> None:
    told = Told(tmp_path, network(), order("1", heard="Mon 10:00"), order("2", heard="Tue 10:00"))
    counts = [sum(one.asked.count for one in told.report(*days).holders) for days in (
        ("", ""), ("2026-11-24", ""), ("", "2026-11-23"), ("2026-11-25", ""),
    )]  # fmt: skip
    assert counts == [2, 1, 1, 0]


def test_d03_space_without_an_order_is_a_request_and_is_told_by_the_id_of_its_hold(tmp_path: Path) -> None:
    told = Told(tmp_path, network())
    uses = (Use("departure:cheap/2026-11-23/1", {"grams": 1500}),)
    for number, holder in enumerate(("others", "shops"), 1):
        desk = Desk(told.world, at("Mon 10:00"), lambda: b"")
        ask = HoldPlan(bytes([number]) * 16, uses, at("Mon 11:00"), by=Claimant(holder))
        facts, refusal = decide(told.hub.state, ask, desk)
        answer = Answer("refused" if refusal else "done")
        message = Message("network", str(number), "clock", b"", desk.now)
        told.hub._open.note(message, bytes(32), facts, answer, told.hub.ledger)
        told.hub._commit()
    assert [(one.holder, one.asked.count, one.got.amounts, one.refused_by) for one in told.report().holders] == [
        ("others", 1, {"grams": 1500}, {}),
        ("shops", 1, {}, {"claim": 1}),
    ]
    assert "    1,500 grams for others" in told.why(id_text("hld", b"\1" * 16))
    assert "    what it lacked: 500 grams" in told.why(id_text("hld", b"\2" * 16))
    (one,) = told.conflicts()
    assert (one.loser, one.id_, one.outcome) == ("shops", id_text("hld", b"\2" * 16), "refused")


def test_d04_nobody_lends_more_than_it_has_unused_and_the_rest_is_the_networks(tmp_path: Path) -> None:
    told = Told(tmp_path, network(), order("1", "shop", 6000), order("2", "shop", 4000))
    rows = {one.holder: one for one in told.report().holders}
    assert (rows["others"].lent.count, rows["others"].lent.amounts) == (2, {"grams": 9000}), "all that it is guaranteed"
    assert (rows["*"].lent.count, rows["*"].lent.amounts) == (0, {"grams": 1000})
    assert (rows["shops"].borrowed.count, rows["shops"].borrowed.amounts) == (2, {"grams": 10_000})
    lines = told.why("2")
    assert "      others has 3,000 grams left to lend;" in lines
    assert "      nobody in particular lends 1,000 grams" in lines
    assert not [line for line in told.why("1") if "left to lend" in line]
    assert not [line for line in told.why("2", named=False) if "lend" in line and "3,000" in line]
    assert "the lender is another holder" in "".join(told.why("2", named=False))


def test_d05_a_request_that_loses_its_space_twice_counts_once(tmp_path: Path) -> None:
    space = hold_space("other", *(f"departure:cheap/2026-11-{day}/1" for day in (23, 24)))
    told = Told(tmp_path, network(), space, cut(1, 0, at("Mon 10:30")), cut(2, 0, at("Mon 10:31"), day=24))
    assert len(list(told.look.ledger.list_facts(kind="space_lost"))) == 2
    (others,) = (one for one in told.report().holders if one.holder == "others")
    assert (others.got.count, others.refused_by, others.moved_by) == (1, {}, {"cut": 1})
    assert (others.moved, others.cases) == (1, 1)


IN_ORDER = (
    "order_placed", "sourced", "plan_queued", "plan_waits", "plan_refused", "plan_overtaken", "plan_recalled",
    "order_refused", "order_cancelled", "round_closed", "capacity_changed", "replanned", "replan_failed",
)  # fmt: skip
ROUND_AT = at("Mon 10:15")  # of what is asked for at 10:00, where rounds are of a quarter of an hour


def test_d06_a_round_counts_when_it_closes_however_late_that_is_heard(tmp_path: Path) -> None:
    net = network("recallable", row(Round, resource="service:cheap", round_s=900))
    told = clocked(tmp_path, net, space("1", 900, hold_s=86400), space("2", 800, hold_s=86400))
    spans = (ROUND_AT, ROUND_AT + 1, END)
    parts = [report(told.look, told.world, *span) for span in pairwise((0, *spans))]
    shops = [next((one for one in part.holders if one.holder == "shops"), None) for part in parts]
    assert [(one.asked.count, one.got.count, one.refused.count, one.waiting) for one in shops[:2] if one] == [
        (2, 0, 0, 2),
        (0, 1, 1, 0),
    ]
    assert shops[2] is None and [part.rounds for part in parts] == [0, 1, 0]
    found = [list_conflicts(told.look, told.world, *span) for span in pairwise((0, *spans))]
    assert [[one.at for one in part] for part in found] == [[], [ROUND_AT], []]
    (why,) = (line for line in told.why(found[1][0].id_) if line.endswith(f"  fact {found[1][0].fact}"))
    assert why == f"space {instant_text(ROUND_AT)}  fact {found[1][0].fact}", "both say the same"


@pytest.mark.parametrize("seed", range(4))
def test_d07_spans_of_time_come_to_what_the_whole_comes_to(tmp_path: Path, seed: int) -> None:
    rounds = row(Round, resource="service:cheap", round_s=3600)
    net, said = network("recallable", rounds), [*random_messages(seed), *random_cuts(seed)]
    told = Told(tmp_path, net, *sorted(said, key=lambda message: message.heard_at))
    rng = Random(seed)
    cuts_at = sorted(at("Mon 07:00") + rng.randrange(24 * 3600) for _ in range(6))
    spans = list(pairwise((0, *cuts_at, END)))
    assert sum((counted(report(told.look, told.world, *span)) for span in spans), Counter()) == counted(told.report())
    parts = [list_conflicts(told.look, told.world, *span) for span in spans]
    for (from_at, to_at), part in zip(spans, parts, strict=True):
        assert all(from_at <= one.at < to_at for one in part)
    decided = [now for stored, _, now in dated(told.look.ledger, told.world, END) if stored.kind in IN_ORDER]
    assert decided == sorted(decided) and len(decided) > 50, "nothing is decided before what stands before it"


def counted(made: Report) -> Counter[str]:
    """What of a report adds up over spans of time."""
    found = Counter({"rounds": made.rounds})
    for one in made.holders:
        found[f"{one.holder} withdrawn"] += one.withdrawn
        for title in ("asked", "got", "refused", "lent", "borrowed", "recalled"):
            total = getattr(one, title)
            found[f"{one.holder} {title}"] += total.count
            found.update({f"{one.holder} {title} {dimension}": n for dimension, n in total.amounts.items()})
    return found


@pytest.mark.parametrize("round_s", [0, 3600])
@pytest.mark.parametrize("space", ["firm", "recallable", "standby"])
@pytest.mark.parametrize("seed", range(4))
def test_law_a_report_is_what_raw_facts_add_up_to(tmp_path: Path, seed: int, space: str, round_s: int) -> None:
    rounds = [row(Round, resource="service:cheap", round_s=round_s)] if round_s else []
    said = [*random_messages(seed), *random_cuts(seed)]
    told = Told(tmp_path, network(space, *rounds), *sorted(said, key=lambda message: message.heard_at))
    made = told.report()
    facts = [stored.fact for stored in told.look.ledger.list_facts()]
    assert {one.holder: one for one in made.holders} == added_up(facts, told.world)
    closed = [fact for fact in facts if isinstance(fact, RoundClosed)]
    assert (made.rounds, list(made.runs)) == (len(closed), runs_of(closed))
    for one in made.holders:
        assert one.asked.count == one.got.count + one.refused.count + one.withdrawn + one.waiting
        assert one.refused.count == sum(one.refused_by.values())
    adds_up(made)


@pytest.mark.parametrize("round_s", [0, 3600])
@pytest.mark.parametrize("seed", range(4))
def test_law_what_is_told_of_an_orders_space_comes_to_what_was_decided(tmp_path: Path, seed: int, round_s: int) -> None:
    rounds = [row(Round, resource="service:cheap", round_s=round_s)] if round_s else []
    told = Told(tmp_path, network("recallable", *rounds), *random_messages(seed))
    references = [stored.fact.asked.reference for stored in told.look.ledger.list_facts(kind="order_placed")]
    lines = [line for reference in references for line in told.why(reference)]
    comes_to_the_same(lines, rounds=bool(round_s))


@pytest.mark.parametrize("seed", range(4))
def test_law_what_is_told_of_any_space_comes_to_what_was_decided(tmp_path: Path, seed: int) -> None:
    hub = open_hub(shared_days.network(), tmp_path / "some.ledger")
    shared_days.Day(hub, seed).run(60)
    look = Look(hub.ledger)
    everybody = {stored.about for stored in look.ledger.list_facts() if stored.about}
    comes_to_the_same([line for id_ in everybody for line in ground_lines(look, id_, hub.world)], rounds=True)
    for one in report(look, hub.world).holders:
        assert one.asked.count == one.got.count + one.refused.count + one.withdrawn + one.waiting
    adds_up(report(look, hub.world))
    for conflict in list_conflicts(look, hub.world):
        assert (conflict.winners or conflict.limit in ("cut", "round")) and conflict.loser in hub.world.sharing.names


def comes_to_the_same(lines: list[str], *, rounds: bool) -> None:
    checks = [line for line in lines if "recomputed" in line]
    again = [line for line in lines if "decided again" in line]
    assert len(checks) > 10 and set(checks) == {"    recomputed from all facts before: the same"}
    assert set(again) <= {"    the whole round, decided again from all facts before: the same"}
    earlier = [line for line in lines if "; again: " in line]
    assert all(line.endswith("; again: the same") for line in earlier)
    assert (len(again) + len(earlier) > 5) is rounds
    assert max(map(len, lines)) <= 100


def adds_up(made: Report) -> None:
    lent, borrowed = (Counter[str](), Counter[str]())
    for one in made.holders:
        lent.update({**one.lent.amounts, "": one.lent.count})
        borrowed.update({**one.borrowed.amounts, "": one.borrowed.count})
        assert one.moved == sum(one.moved_by.values()) and one.cases <= one.moved <= one.asked.count
    assert lent == borrowed


def random_cuts(seed: int) -> list[Message]:
    rng, last = Random(seed), 5 * 3600
    return [cut(n, rng.choice((3000, 6000, 9000, 12_000)), at("Mon 08:30") + rng.randrange(last)) for n in range(3)]


def random_messages(seed: int, count: int = 40) -> list[Message]:
    rng, heard, said = Random(seed), at("Mon 08:00"), []
    for number in range(count):
        heard += rng.choice((0, 60, 900))
        owner = rng.choice(("shop", "shop", "other", "haul"))
        if number and rng.random() < 0.15:
            said.append(Message(owner, f"c{number}", "cancel_order", str(rng.randrange(number)).encode(), heard))
            continue
        one = order(str(number), owner, rng.choice((500, 2000, 4000, 12_000)))
        said.append(Message(one.sender, one.key, one.kind, one.body, heard))
    return said
