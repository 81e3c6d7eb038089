"""Proof for people: why somebody has shared space or has not, what holders got, who stood in whose way, another policy.

A 20:00 to B 22:00 by `cheap` for 1 EUR, 10 kg, all but one of them guaranteed to `others` until noon; by `dear` for 5.
"""

from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

import pytest

from rookery.hub.conflicts import Conflict, list_conflicts
from rookery.hub.grounds import find_subject, ground_lines
from rookery.hub.look import Look
from rookery.hub.open import open_hub
from rookery.hub.report import END, FairRun, HolderReport, Report, Total, read_days, report
from rookery.hub.run import clock_messages
from rookery.hub.shares import list_shared, shared_out
from rookery.hub.spine import Answer, Hub, Message
from rookery.journey.account import Account, AccountOpened, Use
from rookery.journey.book import HoldPlan
from rookery.journey.booking import PlanChanged, PlanHeld, PlanRecalled, PlanRefused
from rookery.journey.chain import decide
from rookery.journey.desk import Desk, World
from rookery.journey.disrupt import Replanned
from rookery.journey.network.offer import Product
from rookery.journey.network.sharing import Holder, Round, Share
from rookery.journey.network.whole import Network
from rookery.journey.option import Sourced
from rookery.journey.order import OrderCancelled, OrderPlaced, OrderRefused
from rookery.journey.share import Claimant
from rookery.journey.tally import Loan
from rookery.journey.waits import PlanQueued, RoundClosed
from rookery.units import id_text
from talk import order_message
from worlds import DAILY, at, desk_of, empty_state, place, ride, row, tiny_network

DAY = at("Mon 00:00")


def network(space: str = "recallable", *more: Any, dear: bool = True) -> Network:
    rides = [ride("cheap", "A 20:00, B 22:00", price="1", carries="grams 10000")]
    rides += [ride("dear", "A 20:00, B 22:00", price="5", carries="grams 10000")] if dear else []
    return tiny_network(
        place("A"), place("B"), *rides,
        row(Holder, holder="others", company_id="other"),
        row(Holder, holder="shops", company_id="shop"),
        row(Share, holder="others", resource="service:cheap", guarantee=90_000_000, release_min=480,
            lending="recallable"),
        row(Product, product_id="std", name="Standard", company_id="haul", calendar_id=DAILY, duties="either",
            days_max=1, space=space),
        more,
    )  # fmt: skip


def order(reference: str, owner: str = "shop", grams: int = 1000, heard: str = "Mon 10:00") -> Message:
    fields = {"from_facility": "A", "to_facility": "B", "to_country": "", "to_postcode": "", "weight_g": grams}
    return order_message(reference, owner=owner, heard=heard, **fields)


class Told:
    """A ledger in which these messages were heard, and what it says."""

    def __init__(self, folder: Path, net: Network, *messages: Message):
        self.hub: Hub = open_hub(net, folder / "some.ledger")
        for _ in self.hub.receive(messages):
            pass
        for _ in self.hub.receive(clock_messages(self.hub)):
            pass
        self.look, self.world = Look(self.hub.ledger), self.hub.world

    def why(self, name: str, *, named: bool = True) -> list[str]:
        return ground_lines(self.look, find_subject(self.look, name), self.world, named=named)

    def conflicts(self) -> list[Conflict]:
        return list_conflicts(self.look, self.world)

    def report(self, *days: str) -> Report:
        return report(self.look, self.world, *read_days(*(days or ("", ""))))


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


def test_a05_a_standby_is_told_by_the_id_of_its_hold(tmp_path: Path) -> None:
    told = Told(tmp_path, network(), order("1", "shop", 3000))
    (standby,) = (fact.fact for fact in told.look.ledger.list_facts(kind="plan_held") if fact.fact.standby_of)
    assert told.why(id_text("hld", standby.hold_id)) == [], "what nobody shares needs no proof"
    assert find_subject(told.look, "hld_00000000000000000000000000") == b""


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
    assert told.report() == Report(0, END, (), 0, ())


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


# --- conflicts


def test_c01_what_an_order_missed_says_who_had_it_and_what_that_cost(tmp_path: Path) -> None:
    told = Told(tmp_path, network("firm"), *[order(str(n)) for n in range(3)])
    missed = [one for one in told.conflicts() if one.outcome == "worse"]
    assert [(one.loser, one.limit, one.extra_minor, one.later_s) for one in missed][-1] == ("shops", "claim", 400, 0)
    assert [(one.holder, one.used, one.kept) for one in missed[-1].winners] == [("others", 0, 9000)]


def test_c02_a_recall_costs_what_the_standby_costs_more(tmp_path: Path) -> None:
    told = Told(tmp_path, network(), order("1", "shop", 3000), order("2", "other", 8000))
    (one,) = (one for one in told.conflicts() if one.limit == "recalled")
    assert (one.loser, one.asked, one.outcome, one.extra_minor) == ("shops", 3000, "moved", 400)
    assert [winner.holder for winner in one.winners] == ["others"]


def test_c03_a_refusal_is_a_conflict_only_with_others(tmp_path: Path) -> None:
    told = Told(tmp_path, network("firm", dear=False), order("1", grams=2000), order("2", grams=20_000))
    found = [(one.reference, one.outcome, one.asked) for one in told.conflicts()]
    assert found == [("1", "refused", 2000)], "more than all there ever is nobody else has"


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
        told.hub._note(Message("network", str(number), "clock", b"", desk.now), bytes(32), facts, answer)
        told.hub._commit()
    assert [(one.holder, one.asked.count, one.got.amounts, one.refused_by) for one in told.report().holders] == [
        ("others", 1, {"grams": 1500}, {}),
        ("shops", 1, {}, {"claim": 1}),
    ]
    assert "    1,500 grams for others" in told.why(id_text("hld", b"\1" * 16))
    assert "    what it lacked: 500 grams" in told.why(id_text("hld", b"\2" * 16))
    (one,) = told.conflicts()
    assert (one.loser, one.id_, one.outcome) == ("shops", id_text("hld", b"\2" * 16), "refused")


@pytest.mark.parametrize("round_s", [0, 3600])
@pytest.mark.parametrize("space", ["firm", "recallable", "standby"])
@pytest.mark.parametrize("seed", range(4))
def test_law_a_report_is_what_raw_facts_add_up_to(tmp_path: Path, seed: int, space: str, round_s: int) -> None:
    rounds = [row(Round, resource="service:cheap", round_s=round_s)] if round_s else []
    told = Told(tmp_path, network(space, *rounds), *random_messages(seed))
    made = told.report()
    facts = [stored.fact for stored in told.look.ledger.list_facts()]
    assert {one.holder: one for one in made.holders} == added_up(facts, told.world)
    closed = [fact for fact in facts if isinstance(fact, RoundClosed)]
    assert (made.rounds, list(made.runs)) == (len(closed), runs_of(closed))
    for one in made.holders:
        assert one.asked.count == one.got.count + one.refused.count + one.withdrawn + one.waiting
        assert one.refused.count == sum(one.refused_by.values())


@pytest.mark.parametrize("round_s", [0, 3600])
@pytest.mark.parametrize("seed", range(4))
def test_law_what_is_told_of_shared_space_comes_to_what_was_decided(tmp_path: Path, seed: int, round_s: int) -> None:
    rounds = [row(Round, resource="service:cheap", round_s=round_s)] if round_s else []
    told = Told(tmp_path, network("recallable", *rounds), *random_messages(seed))
    references = [stored.fact.asked.reference for stored in told.look.ledger.list_facts(kind="order_placed")]
    lines = [line for reference in references for line in told.why(reference)]
    checks = [line for line in lines if "recomputed" in line]
    assert len(checks) > 10 and set(checks) == {"    recomputed from all facts before: the same"}
    rounds_again = [line for line in lines if "decided again" in line]
    assert set(rounds_again) <= {"    the whole round, decided again from all facts before: the same"}
    assert len(rounds_again) > 10 or not round_s
    assert max(map(len, lines)) <= 100


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


def added_up(facts: list[Any], world: World) -> dict[str, HolderReport]:
    """The report of all days, added up the slow way: each number by a search of its own through all facts."""
    shared = {fact.resource for fact in facts if isinstance(fact, AccountOpened) and fact.shared}

    def of(kind: Any) -> list[Any]:
        return [fact for fact in facts if isinstance(fact, kind)]

    def total(wishes: list[Any]) -> Total:
        out = Total(len(wishes))
        for uses in wishes:
            for use in uses:
                for dimension, amount in use.amounts.items() if use.resource in shared else ():
                    out.amounts[dimension] = out.amounts.get(dimension, 0) + amount
        return out

    def uses_at(hold_id: bytes, resource: str, before: int) -> Any:
        for fact in reversed(facts[:before]):
            if isinstance(fact, PlanHeld | PlanChanged) and fact.hold_id == hold_id:
                found = [use for use in getattr(fact, "uses", getattr(fact, "added", ())) if use.resource == resource]
                if found:
                    return found[0]
        raise AssertionError("what is recalled was held")

    asked = {
        fact.order_id: world.sharing.holder_of(fact.asked.parties.owner, fact.asked.product_id)
        for fact in of(OrderPlaced)
    }
    held = [fact for fact in of(PlanHeld) if not fact.standby_of]
    first_wish = {fact.order_id: fact.uses for fact in reversed(of(Sourced))}
    got = {fact.hold_id: fact.uses for fact in reversed(held)}
    refused = {fact.order_id: fact.reasons[0] for fact in of(OrderRefused) if fact.order_id not in got}
    withdrawn = [fact.order_id for fact in of(OrderCancelled) if fact.order_id not in got]
    assert {fact.hold_id for fact in of((PlanQueued, PlanRefused))} <= set(asked), "here space is asked by orders only"
    made = {}
    for holder in world.sharing.names:
        own = [id_ for id_, whose in asked.items() if whose == holder]
        one = HolderReport(holder)
        wishes = {id_: first_wish.get(id_, missing(refused.get(id_))) for id_ in own}
        one.asked, one.got = total(list(wishes.values())), total([got[id_] for id_ in own if id_ in got])
        one.refused = total([wishes[id_] for id_ in own if id_ in refused])
        for id_ in own:
            if id_ in refused:
                reason = refused[id_].lack.limit if refused[id_].lack else refused[id_].code
                one.refused_by[reason] = one.refused_by.get(reason, 0) + 1
        one.withdrawn = sum(id_ in withdrawn for id_ in own)
        one.waiting = sum(id_ not in got and id_ not in refused and id_ not in withdrawn for id_ in own)
        loans = [
            (fact.hold_id, space, [use for use in fact.uses if use.resource == space.resource])
            for fact in held for space in fact.spaces
        ]  # fmt: skip
        one.borrowed = total([uses for id_, _, uses in loans if asked[id_] == holder])
        one.lent = total(
            [uses for _, space, uses in loans if (space.lender if space.from_at else space.holder) == holder]
        )
        gone = [(n, f, r) for n, f in enumerate(facts) if isinstance(f, PlanRecalled) for r in f.resources]
        one.recalled = total([[uses_at(f.hold_id, r, n)] for n, f, r in gone if asked[f.hold_id] == holder])
        one.moved = sum(asked[fact.order_id] == holder for fact in of(Replanned))
        if one != HolderReport(holder):
            made[holder] = one
    return made


def runs_of(closed: list[RoundClosed]) -> list[FairRun]:
    """The runs of rounds in which two or more were backlogged, in a tree of one level in which all weigh 1."""
    runs: list[tuple[int, FairRun]] = []
    for service in dict.fromkeys(one.service for one in closed):
        own = [(n, one) for n, one in enumerate(closed) if one.service == service]
        sides = [[(p.holder, p.got[p.holder != "*"]) for p in one.parts if p.waits[p.holder != "*"]] for _, one in own]
        names = [tuple(name for name, _ in of_one) for of_one in sides]
        at_ = 0
        for same, of_run in groupby(names):
            length = len(list(of_run))
            got = tuple(sum(of_one[n][1] for of_one in sides[at_ : at_ + length]) for n in range(len(same)))
            squares = len(same) * sum(one * one for one in got)
            index = 1_000_000 * sum(got) ** 2 // squares if squares else 1_000_000
            if len(same) > 1:
                runs.append((own[at_][0], FairRun(service, "*", length, same, got, (1,) * len(same), index)))
            at_ += length
    return [run for _, run in sorted(runs, key=lambda one: one[0])]


def missing(reason: Any) -> Any:
    """What an order that never had a plan asked for: what it lacked."""
    lack = reason.lack if reason is not None else None
    return (Use(lack.resource, {lack.dimension: lack.asked}),) if lack is not None and lack.dimension else ()
