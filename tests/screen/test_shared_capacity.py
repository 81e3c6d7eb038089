"""Reports on shared capacity as lines of at most 80 columns, and as pictures."""

from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from rookery.hub.conflicts import Conflict
from rookery.hub.fair_runs import FairRun
from rookery.hub.report import HolderReport, Report, Total
from rookery.hub.send import Answered, Sent
from rookery.hub.shares import HolderPart, SharedOut
from rookery.hub.simulate import Came, Compared
from rookery.hub.spaces import SpaceTold
from rookery.hub.winners import Winner
from rookery.screen.conflicts import conflict_lines, losers_and_winners
from rookery.screen.plots import (
    PlotFault,
    Plotted,
    check_plot,
    compared_plot,
    conflicts_plot,
    report_plot,
    write_plot,
)
from rookery.screen.report import amount_text, compared_lines, report_lines
from rookery.screen.sent import sent_lines
from rookery.screen.shares import shared_lines

LEG = "departure:cheap/2026-11-23/1"
NAMES = ("*", "shops", "a_holder_whose_name_is_long")


def conflict(loser: str = "shops", *winners: Winner, **fields: object) -> Conflict:
    told = {"asked": 2000, "outcome": "refused", "limit": "claim", "reference": "7", "currency": "EUR", **fields}
    return Conflict(1, 1_795_000_000, LEG, "grams", loser=loser, id_="ord_1", winners=winners, **told)  # type: ignore[arg-type]


FOUND = [
    conflict("shops", Winner("others", 500, 8500), outcome="worse", extra_minor=400, later_s=-7200),
    conflict("shops", Winner("others", 500), Winner("*", 40)),
    conflict("*", Winner("shops", 0), limit="recalled", outcome="moved", extra_minor=-5, lender="shops"),
]


def some_report() -> Report:
    rows = [HolderReport(name) for name in NAMES]
    rows[1].asked, rows[1].got = Total(20_000, {"grams": 123_456_789}), Total(19_000, {"grams": 99_999})
    rows[1].refused, rows[1].refused_by = Total(1000), {f"reason_{n}": 100 for n in range(10)}
    rows[2].lent, rows[2].waiting, rows[2].moved = Total(3, {"grams": 1}), 4, 2
    rows[1].moved, rows[1].moved_by, rows[1].cases = 2, {"cut": 2}, 1
    run = FairRun("service:cheap/1", "*", 12, ("*", "shops"), (5000, 10_000), (1, 2), 1_000_000)
    return Report(0, None, tuple(rows), 14, (run,))


def test_lines_fit_the_screen_and_say_it_all() -> None:
    lines = [*report_lines(some_report()), *conflict_lines(FOUND)]
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    for words in (
        "1.000  service:cheap/1, 12 in a row, under the network", "its own: 0.5000 % of the capacity, weight 1",
        "had another plan: 4.00 EUR more, 2 h earlier", "won: others: uses 500 grams, 8,500 grams kept for it",
        "won: shops: takes what it had lent", "lost: held elsewhere: 0.05 EUR less", "3 conflicts over 1",
        "on loan; the lender is shops", "thousand grams", "123,456.8", "  100.0", "< 0.1", "a_holder_whose_na…",
        "refused because", "moved because", "shops: cut 2, of them without a way on 1",
    ):  # fmt: skip
        assert words in text, words


@pytest.mark.parametrize(("forever", "said"), [(False, "recalled until 2026-11-18T"), (True, "at any time")])
def test_what_is_borrowed_says_until_when(*, forever: bool, said: str) -> None:
    until = 0 if forever else 1_795_000_000
    part = HolderPart(NAMES[2], 10**8, 10**8, 0, 0, 3000, until, forever)
    lines = list(shared_lines([SharedOut(LEG, "grams", 10**9, 3000, (part,))]))
    assert said in lines[-2] and max(map(len, lines)) <= 80


def test_what_a_holder_has_stands_apart_in_its_columns() -> None:
    parts = (
        HolderPart("plaza", 2_700_000_000, 12_000_000_000, 0, 2_700_000_000, 1_234_567_890),
        HolderPart("lumen", 500, None, 0, 0, 0, released=500),
        HolderPart("kite", 0, 0, 0, 7, 0),
    )
    lines = list(shared_lines([SharedOut(LEG, "cm3", 10**11, 7, parts)]))
    assert [line.split() for line in lines[3:-1]] == [
        ["plaza", "2,700.0", "M", "0", "12,000.0", "M", "2,700.0", "M", "1,234.6", "M"],
        ["borrowed:", "can", "be", "recalled", "until", "1970-01-01T00:00Z,", "then", "firm"],
        ["lumen", "500", "0", "none"],
        ["released:", "500", "of", "what", "it", "is", "guaranteed", "is", "anybody's", "by", "now"],
        ["kite", "0", "7"],
    ]
    assert max(map(len, lines)) <= 80


def test_a_dimension_of_which_nobody_uses_or_is_guaranteed_any_has_no_table() -> None:
    part = HolderPart("kite", 0, None, 0, 7, 0)
    found = [SharedOut(LEG, "grams", 10, 7, (part,)), SharedOut(LEG, "pieces", 10, 0, ())]
    assert [line for line in shared_lines(found) if "used," in line] == ["  7 of 10 grams used, 70.0 %"]
    assert list(shared_lines(found[1:])) == [LEG, "  nobody uses any of it by now, or is guaranteed any", ""]


@pytest.mark.parametrize(
    ("stands", "until", "said"),
    [
        ("firm", 0, "firm"),
        ("borrowed", 60, "borrowed until 1970-01-01T00:01Z"),
        ("borrowed", 0, "borrowed, can be recalled at any time"),
    ],
)
def test_an_answer_says_how_long_space_is_on_loan(stands: str, until: int, said: str) -> None:
    told = SpaceTold(LEG, {"grams": 5}, stands, until)  # type: ignore[arg-type]
    lines = sent_lines(Sent([Answered(1, "shop", "k", "hold_space", "done", spaces=(told,))]))
    assert lines[1:] == [f"  {LEG}: 5 grams, {said}", "1 message: 1 done"]


def test_amounts_of_a_table_are_in_one_unit() -> None:
    assert [amount_text(n, 1000) for n in (1, 49, 50, 949, 999_949, 10**9)] == [
        "< 0.1", "< 0.1", "0.1", "0.9", "999.9", "1,000,000.0",
    ]  # fmt: skip
    assert amount_text(999_999, 1) == "999,999"
    one = HolderReport("shops", asked=Total(2, {"grams": 84_000_000}), got=Total(1, {"grams": 8_000_000, "cm3": 5}))
    lines = list(report_lines(Report(0, None, (one,), 0, ())))
    assert [line.split() for line in lines if line.startswith(("thousand", "cm3", "shops"))][1:] == [
        ["thousand", "grams", "asked", "got", "refused", "lent", "borrowed", "recalled"],
        ["shops", "84,000.0", "8,000.0"],
        ["cm3", "asked", "got", "refused", "lent", "borrowed", "recalled"],
        ["shops", "5"],
    ]


def test_a_cut_says_who_made_it_who_stays_and_who_has_to_look() -> None:
    told = {"limit": "cut", "by": "haul", "why": "a smaller lorry", "left": 4000, "outcome": "no way on"}
    lines = list(conflict_lines([conflict("shops", **told, owner="shop"), conflict("shops", Winner("*", 9), **told)]))
    assert max(map(len, lines)) <= 80
    for words in (
        "shops had 2,000 grams: cut", "haul says there are 4,000 grams now: a smaller lorry",
        "lost: no way on, a case for shop", "won: nobody else uses any of it", "won: the network: still uses 9 grams",
    ):  # fmt: skip
        assert any(words in line for line in lines), words


def test_all_leaves_nothing_out() -> None:
    many = [conflict("shops", *(Winner(f"h{n}", 9 - n) for n in range(6))) for _ in range(7)]
    short, whole = ("\n".join(conflict_lines(many, every=every)) for every in (False, True))
    assert "and 2 more; --all shows them" in short and "won: h5" not in short and "and " not in whole
    assert whole.count("won: h5") == whole.count("rookery why") == 7
    report = some_report()
    report = Report(0, None, report.holders, 14, report.runs * 12)
    assert "and 2 more runs of rounds; --all shows them" in "\n".join(report_lines(report))
    assert "\n".join(report_lines(report, every=True)).count("in a row") == 12


def test_who_stood_in_whose_way_is_counted() -> None:
    assert losers_and_winners(FOUND) == (["*", "shops"], ["*", "others", "shops"], [[0, 0, 1], [1, 2, 0]])


@pytest.mark.parametrize("ending", ["png", "svg"])
@pytest.mark.parametrize("plotted", [report_plot(some_report()), conflicts_plot(FOUND)], ids=["report", "conflicts"])
def test_a_plot_is_drawn_the_same_each_time(tmp_path: Path, plotted: Plotted, ending: str) -> None:
    path = tmp_path / f"plot.{ending}"
    write_plot(path, plotted)
    first = path.read_bytes()
    write_plot(path, plotted)
    assert path.read_bytes() == first and len(first) > 5000


def test_what_is_counted_has_whole_numbers_on_its_axes() -> None:
    for plotted in (report_plot(some_few()), conflicts_plot(FOUND[:1])):
        figure = Figure()
        plotted(figure)
        figure.canvas.draw()
        counted = [axis for plane in figure.axes for axis in (plane.xaxis, plane.yaxis)]
        texts = [label.get_text() for axis in counted for label in axis.get_ticklabels()]
        assert texts and not [text for text in texts if "." in text]


def came(got: int, **used: int) -> Came:
    limits = {"grams": 1000, "pieces": 40}
    rows = (HolderReport("shops", asked=Total(4), got=Total(got)), HolderReport("*"))
    return Came(0, 0, 0, 0, 0, 0, 0, "0", "0", "EUR", used, limits, Report(0, None, rows, 0, ()))


def test_two_policies_side_by_side_say_what_is_counted_of_what() -> None:
    figure = Figure(layout="constrained")
    compared_plot(Compared(came(3, grams=250), came(1, grams=1100, pieces=4), 1234, 0))(figure)
    figure.canvas.draw()
    left, right = figure.axes
    assert [text.get_text() for text in left.texts] == ["3 of 4", "1 of 4"]
    assert [text.get_text() for text in right.texts] == ["0 %", "25 %", "10 %", "110 %"]
    assert (left.get_ylabel(), left.get_xlabel()) == ("holder", "per cent of the requests of each holder")
    assert (right.get_ylabel(), right.get_xlabel()) == (
        "counted in", "per cent of the capacity of all that is used under either policy",
    )  # fmt: skip
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "this policy: the network's own", "other policy: the folder that was given",
    ]  # fmt: skip
    assert figure.get_suptitle() == "1,234 messages under two policies"
    assert left.get_xlim()[0] == 0 and right.get_xlim()[1] > 110, "no bar is cut off"


def got(shops: int, others: int) -> Came:
    rows = [HolderReport("shops", got=Total(2, {"grams": shops, "pieces": 2}))]
    rows += [HolderReport("others", got=Total(1, {"grams": others}))] if others else []
    return replace(NONE, report=Report(0, None, tuple(rows), 0, ()))


NONE = Came(0, 0, 0, 0, 0, 0, 0, "0", "0", "EUR", {}, {}, Report(0, None, (), 0, ()))


def test_two_policies_are_compared_by_what_holders_got_of_each_dimension() -> None:
    lines = list(compared_lines(Compared(got(123_456_789, 0), got(99_000, 12 * 10**12), 3, 0)))
    begin = lines.index("got, grams")
    assert [line.split() for line in lines[begin:]] == [
        ["got,", "grams"],
        ["shops", "123,456,789", "99,000", "-123,357,789"],
        ["others", "0", "12,000,000.0", "M", "+12,000,000.0", "M"],
        [],
        ["got,", "pieces"],
        ["shops", "2", "2"],
    ]
    assert max(map(len, lines)) <= 80


def test_policies_under_which_nothing_was_asked_are_drawn(tmp_path: Path) -> None:
    write_plot(tmp_path / "both.png", compared_plot(Compared(NONE, NONE, 1, 0)))


def some_few() -> Report:
    one = HolderReport("shops", asked=Total(1), got=Total(1), lent=Total(1))
    return Report(0, None, (one,), 0, ())


def test_a_plot_is_not_drawn_over_something_else(tmp_path: Path) -> None:
    (tmp_path / "holiday.png").write_bytes(b"a picture")
    for name, said in (
        ("holiday.png", "found something else"), ("plot.gif", "wanted a file ending in .png or .svg"),
        ("none/plot.svg", "wanted a folder to write it to"),
    ):  # fmt: skip
        with pytest.raises(PlotFault, match=said):
            check_plot(tmp_path / name)
