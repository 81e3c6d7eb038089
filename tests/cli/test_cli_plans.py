"""The command line as a user meets it: networks and plans, help and words that mean nothing."""

import json
import shutil
import subprocess
import sys
from decimal import Decimal

import pytest
from typed import COMMAND, TINY, Folder, tea

import rookery

# --- networks


def test_a_sound_network_has_no_faults(here: Folder) -> None:
    assert here("network", "check", TINY).out.startswith("tiny 2026-11-01: 108 rows, no faults, snapshot ")
    assert "no faults" in here("network", "check", "backbone").out


def test_every_fault_of_a_network_is_told_at_once_and_nothing_is_loaded(here: Folder) -> None:
    shutil.copytree(TINY, here.path / "net")
    for file, old, new in (("network.csv", "EUR", "EURO"), ("stops.csv", "HKG-W", "HKK-W"), ("rates.csv", "0", "x")):
        path = here.path / "net" / file
        path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    said = here("network", "check", "net", status=2)
    assert "network.csv line 2, currency: wanted three capital letters, found 'EURO'" in said.err
    assert (
        "stops.csv line 2, facility_id: wanted a key of facilities.csv, found 'HKK-W'; did you mean HKG-W?" in said.err
    )
    assert "rates.csv line 2" in said.err and said.err.endswith("3 faults; nothing was loaded\n") and not said.out
    assert "3 faults; nothing was loaded" in here("network", "show", "net", status=2).err
    orders = here.orders(tea("1"))
    assert "nothing was loaded" in here("run", "--network", "net", "--orders", orders, status=2).err
    assert not (here.path / "rookery.ledger").exists()


def test_a_row_that_cannot_be_read_may_hide_more_faults_and_this_is_said(here: Folder) -> None:
    shutil.copytree(TINY, here.path / "net")
    path = here.path / "net" / "capacities.csv"
    header, first, row, *rows = path.read_text("utf-8").splitlines()
    amount = row.split(",")[header.split(",").index("amount")]
    path.write_text(
        "\n".join([header, first, row.replace(amount, "much").replace("SK801", "SK8O1"), *rows, ""]), "utf-8"
    )
    *_, hidden, count = here("network", "check", "net", status=2).err.splitlines()
    assert hidden == "what cannot be read was not compared with the rest: check again once it can"
    assert count == "1 fault; nothing was loaded"
    path.write_text("\n".join([header, first, row.replace("SK801", "SK8O1"), *rows, ""]), "utf-8")
    said = here("network", "check", "net", status=2).err
    assert "found 'SK8O1'" in said and "compared" not in said


@pytest.mark.parametrize("words", [("network", "check"), ("network", "show")])
def test_a_network_that_is_not_there(here: Folder, words: tuple[str, ...]) -> None:
    said = here(*words, "atlantis", status=2)
    assert said.err.startswith("network atlantis: wanted a folder or the name 'backbone', found neither")


def test_a_network_on_one_screen(here: Folder) -> None:
    said = here("network", "show", "backbone")
    assert said.out.startswith("Backbone reference network (backbone)") and len(said.out.splitlines()) <= 50


# --- plans


EXPRESS = ("plan", "CN 310000", "ES 28001", "--weight", "800g", "--product", "express")


def test_a_plan_on_eighty_columns(here: Folder) -> None:
    assert here(*EXPRESS, "--ready", "2026-11-23T09:00+08:00").out.splitlines() == [
        "CN 310000 to ES 28001: 800 g, 1 piece, general",
        "ready Mon 23 Nov 2026 09:00 Asia/Shanghai; arrivals in Europe/Madrid",
        "CO2e in kg, by assumed factors for air, road",
        "",
        "#  arrives             takes     costs  CO2e  sold as  sure      price",
        "1  Thu 26 Nov 10:35  3 d 8 h  7.04 USD   4.7  express   98%  12.04 USD",
        "",
        "1  CN 310000 23 Nov 09:00 -> courier HGH.31.in -> HGH 15:00 / 24 Nov 02:30",
        "   -> air HGH-LGG.air -> LGG 09:30 / 21:00",
        "   -> road LGG-MAD.road -> ES-MAD-SC 25 Nov 22:30 / 26 Nov 05:15",
        "   -> road ES-MAD-MAD-01.road -> ES-MAD-01 05:50 / 06:35",
        "   -> courier ES-MAD-01.280.out -> ES 28001 10:35; 3 d 8 h, 7.04 USD",
    ]


def test_a_plan_tells_why_it_is_there_and_what_was_missed(here: Folder) -> None:
    said = here(*EXPRESS, "--ready", "2026-11-23T13:00+08:00", "--explain").out
    promise = "promised from Mon 30 Nov\n   08:59 to Tue 1 Dec 00:00, 95 % sure\n"
    assert f"   express: cheapest: 0.24 USD less than 2, 2 d slower; {promise}" in said
    assert said.partition("\n\nNot there")[2].splitlines() == [
        ", though one might expect it:",
        "-  express: would arrive Thu 26 Nov 10:35, 2 d earlier than the fastest, for",
        "   7.04 USD",
        "   CN 310000 23 Nov 12:30 -> courier HGH.31.in -> HGH 18:30 / 24 Nov 02:30",
        "   -> air HGH-LGG.air -> LGG 09:30 / 21:00",
        "   -> road LGG-MAD.road -> ES-MAD-SC 25 Nov 22:30 / 26 Nov 05:15",
        "   -> road ES-MAD-MAD-01.road -> ES-MAD-01 05:50 / 06:35",
        "   -> courier ES-MAD-01.280.out -> ES 28001 10:35",
        "   too_late: HGH-LGG.air from HGH at 2026-11-24T02:30+08:00: wanted the goods in",
        "   time for it; found missed by 30 min; make the goods ready 30 min earlier",
    ]


def test_every_product_with_its_price_and_no_line_is_too_long(here: Folder) -> None:
    lines = here("plan", "CN 310000", "ES 28001", "--ready", "2026-11-23T09:00+08:00", "--explain").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[5].startswith("1  Sat 9 Jan 2027 10:35  47 d 8 h  3.69 USD  0.39  economy ")
    assert lines[-1] == "-  not sold from CN to ES: collect_here, domestic, local, regional"


def test_a_plan_for_a_program(here: Folder) -> None:
    found = json.loads(here(*EXPRESS, "--ready", "2026-11-23T09:00+08:00", "--json").out)
    (journey,) = found["journeys"]
    assert found["ready"] == "2026-11-23T09:00:00+08:00" and journey["arrives"] == "2026-11-26T10:35:00+01:00"
    assert journey["costs"] == {"amount": "7.04", "currency": "USD"} and journey["takes_min"] == 4835
    (sale,) = journey["sales"]
    assert sale["product"] == "express" and sale["price"] == {"amount": "12.04", "currency": "USD"}
    for of, whole in ((sale, "price"), (journey, "costs")):
        parts = [Decimal(one["amount"]["amount"]) for one in of["charges"]]
        assert parts and f"{sum(parts):.2f}" == of[whole]["amount"]
    assert sale["charges"][0]["what"] == "carriage" and journey["charges"][0]["what"] == "collection"
    assert (sale["earliest"], sale["latest"]) == ("2026-11-26T09:13:00+01:00", "2026-12-01T00:00:00+01:00")
    assert 4_690_000 < journey["co2e_mg"] < 4_700_000 and journey["made_ppm"] is None
    assert found["emitted"][0] == {"mode": "air", "g_per_tkm": "600", "detour": "1.05", "source": "assumed"}
    assert 980_000 <= sale["confidence_ppm"] < 990_000 and sale["legs_known"] == 0
    (stretch,) = journey["stretches"]
    assert [hop["service"] for hop in stretch["hops"]][1] == "HGH-LGG.air"
    assert [stop["place"] for stop in found["stops"]][:3] == ["CN 310000", "HGH", "LGG"]
    assert json.loads(here("plan", "ES 28001", "CN 310000", "--json", status=1).out)["journeys"] == []


GREEN = (*EXPRESS, "--ready", "2026-11-23T13:00+08:00", "--green")


def test_plans_by_four_criteria_and_in_which_each_is_the_best(here: Folder) -> None:
    lines = here(*GREEN, "--explain").out.splitlines()
    assert lines[2:7] == [
        "CO2e in kg, by assumed factors for air, road; made: chance of all connections",
        "",
        "#  arrives              costs  CO2e  made  sold as  sure      price",
        "1  Mon 30 Nov 10:35  7.04 USD   4.7   94%  express   95%  12.04 USD",
        "2  Mon 30 Nov 10:35  7.24 USD   4.2   70%  express   70%  12.04 USD",
    ]
    text = " ".join(line.strip() for line in lines)
    assert "express: cheapest and surest connections; promised from Mon 30 Nov" in text
    assert "express: least CO2; beside 1: 0.20 USD more, 0.50 kg less CO2, 24.0 points less sure; promised" in text
    assert "express: fastest; beside 1: 0.24 USD more, 2 d faster, 1.3 kg more CO2, 77.1 points less sure" in text


def test_every_plan_by_four_criteria(here: Folder) -> None:
    words = ("plan", "CN 310000", "DE 50667", "--product", "standard", "--ready", "2026-11-23T13:00+08:00", "--json")
    few, every = (json.loads(here(*words, way).out)["journeys"] for way in ("--green", "--exact"))
    assert len(every) > len(few) > 3
    for one in few:  # of few plans none is better than all; one that was not looked for may be a little better
        assert any(
            other["arrives"] <= one["arrives"] and float(other["costs"]["amount"]) <= float(one["costs"]["amount"])
            and other["co2e_mg"] <= one["co2e_mg"] and other["made_ppm"] >= one["made_ppm"]
            for other in every
        )  # fmt: skip


def test_without_coordinates_plans_are_told_and_not_compared_by_co2(here: Folder) -> None:
    shutil.copytree(TINY, here.path / "net")
    path = here.path / "net" / "facilities.csv"
    path.write_text(path.read_text("utf-8").replace(",50.6374,5.4432,", ",,,"), "utf-8")
    words = ("plan", "HKG-A", "CGN-S", "--network", "net", "--ready", "2026-11-03T09:00+01:00", "--product", "express")
    assert " ? " in here(*words).out.splitlines()[5]
    assert here(*words, "--green", status=2).err == (
        "facilities.csv: wanted lat and lon of every stop, so that CO2 can be compared, found none of LGG-G;"
        " fill them in\n"
    )


def test_a_plan_on_a_map(here: Folder) -> None:
    ready = ("--ready", "2026-11-23T09:00+08:00")
    assert here(*EXPRESS, *ready, "--map", "out.html").out.endswith("\n\nmap in out.html\n")
    assert "HGH-LGG.air" in (here.path / "out.html").read_text("utf-8")
    assert json.loads(here(*EXPRESS, *ready, "--map", "out.html", "--json").out)
    said = here(*EXPRESS, *ready, "--map", "out.pdf", status=2)
    assert said.err == "map out.pdf: wanted a file ending in .html or .png; name it so\n" and not said.out


def test_a_plan_from_a_facility_to_a_facility(here: Folder) -> None:
    ready = ("--ready", "2026-11-03T09:00+01:00")
    said = here("plan", "LGG-G", "CGN-S", "--network", TINY, *ready, "--product", "express", status=1)
    assert said.out.splitlines()[3:] == ["no plan", "", "-  not sold from BE to DE: express"]
    said = here("plan", "HKG-A", "CGN-S", "--network", TINY, *ready, "--product", "express")
    assert said.out.splitlines()[4].startswith("#  arrives")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("Mars", "ES 28001"), "place 'Mars': wanted a facility of the network"),
        (("CN 310000", "ES 28001", "--weight", "heavy"), "weight 'heavy': wanted a number with its unit"),
        (("CN 310000", "ES 28001", "--ready", "noon"), "wanted a time with its offset"),
        (("CN 310000", "ES 28001", "--product", "magic"), "product 'magic': wanted one of collect_here, domestic"),
        (("CN 310000", "ES 28001", "--for", "nobody"), "company 'nobody': wanted one of "),
        (("CN 310000", "ES 28001", "--goods", "dreams"), "goods class 'dreams': wanted one of general"),
        (
            ("CN 310000", "ES 28001", "--ledger", "none.ledger"),
            "ledger none.ledger: wanted a ledger, found no such file",
        ),
    ],
)
def test_a_plan_of_something_unknown(here: Folder, words: tuple[str, ...], text: str) -> None:
    assert text in here("plan", *words, status=2).err


def test_a_plan_counts_what_a_ledger_has_used(here: Folder) -> None:
    network = here.path / "unshared"
    shutil.copytree(TINY, network)
    for name in ("shares", "blocks"):
        (network / f"{name}.csv").unlink()
    orders = here.orders(*[tea(str(n), grams=29_000) for n in range(120)])  # of the shuttle's 3.5 t 20 kg are left
    here("run", "--network", str(network), "--orders", orders)
    ready = "2026-11-02T09:00+08:00"
    words = ("plan", "HKG-W", "DE 50667", "--network", str(network), "--ready", ready, "--weight", "25kg")
    assert "HKG-W 2 Nov 18:00 -> transfer shuttle" in here(*words).out
    assert "HKG-W 3 Nov 18:00 -> transfer shuttle" in here(*words, "--ledger", "rookery.ledger").out


# --- the command itself


def test_version_and_help(here: Folder) -> None:
    assert here("--version").out.strip() == rookery.__version__
    assert all(
        command in here("--help").out for command in ("demo", "network", "plan", "replay", "run", "track", "why")
    )


@pytest.mark.parametrize(
    "words", [("fly",), ("run",), ("run", "--orders", "a.csv", "--speed", "9"), ("demo", "--orders", "x")]
)
def test_words_that_mean_nothing(here: Folder, words: tuple[str, ...]) -> None:
    assert "Error" in here(*words, status=2).err


def test_a_reader_that_stops_early_is_no_error(here: Folder) -> None:
    shown = subprocess.Popen(
        [*COMMAND, "network", "show", "backbone"], cwd=here.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert shown.stdout and shown.stderr
    shown.stdout.close()
    assert shown.wait(30) == 0 and shown.stderr.read() == b""
    shown.stderr.close()


def test_departures_that_are_of_use_and_the_last_for_a_deadline(here: Folder) -> None:
    words = ("leaving", "CN 310000", "ES 28001", "--ready", "2026-11-23T09:00+08:00")
    first, *lines = here(*words).out.splitlines()
    assert first == "ready by in Asia/Shanghai, there at in Europe/Madrid"
    assert lines[-1].startswith(
        "Mon 2026-11-23 12:30  Thu 2026-11-26 10:35    3 d 5 h      8.18 USD  HGH.31.in > HGH-LGG.air"
    )
    last = here(*words, "--arrive-by", "2026-12-03T12:00Z").out.splitlines()[1]
    assert last.startswith("Mon 2026-11-30 12:30  Thu 2026-12-03 10:35")
    assert "no departure of express is of use then" in here(*words, "--arrive-by", "2026-11-24T00:00Z", status=1).err
    soon = here(*words, "--until", "2026-11-23T12:30+08:00").out.splitlines()[1]
    assert soon.startswith("Mon 2026-11-23 12:30  Thu 2026-11-26 10:35"), "the drive to the hub is no part of the span"


@pytest.mark.parametrize(
    ("more", "status", "why"),
    [
        (("--weight", "31kg"), 1, "express: too_big: product express: wanted at most 30000 g a piece; found 31000"),
        (("--product", "nope"), 2, "product 'nope': wanted one of collect_here, "),
        (("--goods", "nope"), 2, "goods class 'nope': wanted one of general, "),
        (
            ("--until", "2026-11-22T09:00+08:00"),
            2,
            "time: wanted one after 2026-11-23T01:00Z, when the goods are ready",
        ),
    ],
)
def test_departures_of_what_is_never_taken(here: Folder, more: tuple[str, str], status: int, why: str) -> None:
    words = ("leaving", "CN 310000", "ES 28001", "--ready", "2026-11-23T09:00+08:00")
    assert why in here(*words, *more, status=status).err


def test_a_plan_brings_no_compiler_no_solver_and_no_ledger(here: Folder) -> None:
    here("warm")
    asked = "app(['plan', 'CN 310000', 'ES 28001', '--ready', '2026-11-23T09:00+08:00'], result_action='return_value')"
    heavy = ("numba.np.linalg", "highspy", "rookery.hub.spine", "rookery.ledger.log", "rookery.screen.page")
    tell = f"print('brought', [name for name in {heavy} if name in sys.modules])"
    text = f"import sys; from rookery.cli import app; {asked}; {tell}"
    done = subprocess.run([sys.executable, "-c", text], cwd=here.path, capture_output=True, text=True, check=True)
    assert "HGH-LGG.air" in done.stdout and done.stdout.endswith("brought []\n"), done.stdout[-200:]


def test_the_engine_is_compiled_ahead(here: Folder) -> None:
    assert here("warm").out == "the route engine is compiled\n"
