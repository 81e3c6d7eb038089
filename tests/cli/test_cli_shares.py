"""The commands about shared capacity: who has what, what came of it, who stood in whose way, another policy."""

import json
from pathlib import Path

import pytest
from typed import TINY, TOO_HEAVY, Folder, tea

TEA_GRAMS = 29_000


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A folder in which three orders were booked and one was refused, and a policy under which less is had."""
    folder = Folder(tmp_path_factory.mktemp("tight"))
    folder.run(folder.orders(*[tea(str(n), grams=TEA_GRAMS) for n in range(3)], TOO_HEAVY))
    (folder.path / "policy").mkdir()
    shares = (Path(TINY) / "shares.csv").read_text(encoding="utf-8")
    row = "teahouse_express,service:shuttle*,grams,,0,,40000,1,720,recallable,assumed\n"
    folder.write("policy/shares.csv", shares + row)
    return folder


def test_who_has_what_is_told_holder_by_holder(tight: Folder) -> None:
    lines = tight("shares", "show", "departure:shuttle", "--network", TINY).out.splitlines()
    assert lines[0].startswith("departure:shuttle")
    assert lines[1] == "  87,000 of 3,500,000 grams used, 2.5 %"
    assert lines[2].split() == ["guaranteed", "unused", "ceiling", "firm", "borrowed"]
    assert [line.split() for line in (lines[3], lines[5])] == [
        ["traders", "1,050,000", "0", "2,800,000"],
        ["teahouse_express", "none", "87,000"],
    ]
    assert lines[4] == "    released: 1,050,000 of what it is guaranteed is anybody's by now"
    assert max(map(len, lines)) <= 80


def test_the_same_as_json(here: Folder) -> None:
    here.run(here.orders(tea("1")))
    rows = [json.loads(line) for line in here("shares", "show", "--network", TINY, "--json").out.splitlines()]
    assert {row["dimension"] for row in rows} <= {"grams", "cm3", "pieces", "orders", "units"}
    for row in rows:
        assert row["used"] == sum(part["firm"] + part["borrowed"] for part in row["parts"])


@pytest.mark.parametrize("words", [
    ("shares", "show"), ("shares", "report"), ("shares", "conflicts"), ("shares", "simulate", "--policy", "policy"),
    ("why", "P-1"), ("track", "P-1"),
])  # fmt: skip
def test_a_ledger_without_messages_says_what_to_do(here: Folder, words: tuple[str, ...]) -> None:
    here("send", here.write("m.ndjson", ""), "--network", TINY)
    said = here(*words, "--network", TINY, status=1)
    assert "ledger rookery.ledger: wanted one with messages, found none in it; book orders" in said.err and not said.out
    said = here(*words, "--network", TINY, "--ledger", "none.ledger", status=2)
    assert "found no such file; make one with `rookery run` or `rookery send`" in said.err


def test_nothing_shared_says_why_and_what_to_do(tight: Folder) -> None:
    said = tight("shares", "show", "departure:nowhere", "--network", TINY, status=1).err
    assert "wanted a shared resource that begins with 'departure:nowhere', found none" in said


def test_a_report_fits_the_screen_and_says_who_got_what(tight: Folder) -> None:
    lines = tight("shares", "report", "--network", TINY, "--from", "2026-11-01", "--to", "2026-11-30").out.splitlines()
    assert lines[0] == "shared capacity, from 2026-11-01T00:00Z until 2026-12-01T00:00Z"
    assert ["teahouse_express", "4", "3", "1"] in [line.split() for line in lines]
    assert "  teahouse_express: too_big 1" in lines and lines[-1] == "fairness: no rounds"
    assert max(map(len, lines)) <= 80
    (row,) = json.loads(tight("shares", "report", "--network", TINY, "--json").out)["holders"]
    assert (row["asked"]["count"], row["got"]["count"], row["refused_by"]) == (4, 3, {"too_big": 1})


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "2026-13-01"), "from: wanted a day such as 2026-11-09, found '2026-13-01'"),
        (("--from", "2026-11-09", "--to", "2026-11-08"), "to: wanted a day on or after 2026-11-09"),
        (("--plot", "plot.pdf"), "wanted a file ending in .png or .svg"),
        (("--plot", "orders.csv.svg"), "wanted a new file or an earlier plot, found something else"),
        (("--ledger", "none.ledger"), "wanted a ledger, found no such file"),
    ],
)
@pytest.mark.parametrize("command", ["report", "conflicts"])
def test_what_is_wrong_with_a_question_is_said(tight: Folder, command: str, words: tuple[str, ...], said: str) -> None:
    tight.write("orders.csv.svg", "<svg/>")
    assert said in tight("shares", command, "--network", TINY, *words, status=2).err


def test_days_without_requests_or_conflicts_say_so(tight: Folder) -> None:
    assert (
        "found none in rookery.ledger"
        in tight("shares", "report", "--network", TINY, "--from", "2027-01-01", status=1).err
    )
    assert "no conflicts" in tight("shares", "conflicts", "--network", TINY, status=1).err


def test_another_policy_is_shown_beside_this_one_and_drawn(tight: Folder) -> None:
    before = tight.facts()
    command = ("shares", "simulate", "--network", TINY, "--policy", "policy")
    lines = tight(*command, "--plot", "both.svg").out.splitlines()
    assert lines[0] == "4 messages; 0 that the other policy does not take"
    assert ["booked", "3", "3"] in [line.split() for line in lines]
    assert max(map(len, lines)) <= 80 and tight.facts() == before
    drawn = (tight.path / "both.svg").read_bytes()
    tight(*command, "--plot", "both.svg")
    assert (tight.path / "both.svg").read_bytes() == drawn, "the same numbers give the same picture"
    found = json.loads(tight(*command, "--json").out)
    assert found["other"]["takes_s"] > found["own"]["takes_s"], "one a day has space"


def test_a_policy_is_checked_as_a_network_is(tight: Folder) -> None:
    (tight.path / "wrong").mkdir(exist_ok=True)
    tight.write("wrong/holders.csv", "holder,parent,company_id,product_id,priority,source\na,nobody,,,5,assumed\n")
    command = ("shares", "simulate", "--network", TINY, "--policy")
    said = tight(*command, "wrong", status=2).err
    assert "holders.csv line 2, parent" in said and "nothing was simulated" in said
    assert "wanted a folder with policy files, found none" in tight(*command, "nowhere", status=2).err
    assert "found bound_sites.csv, calendar_exceptions.csv" in tight(*command, TINY, status=2).err


def test_why_tells_whose_space_it_is_where_it_knows_the_network(tight: Folder) -> None:
    lines = tight("why", "1", "--network", TINY).out.splitlines()
    assert "    29,000 grams for teahouse_express" in lines
    assert "    recomputed from all facts before: the same" in lines and "DIFFERS" not in "".join(lines)
    said = tight("why", "1")
    assert "name the network: --network FOLDER" in said.err and "rule: cheapest plan" in said.out
    assert "wanted something that rookery.ledger knows" in tight("why", "hld_0123456789", status=1).err
