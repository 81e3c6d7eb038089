"""The command line as a user meets it: networks and plans, help and words that mean nothing."""

import shutil
import subprocess

import pytest
from typed import COMMAND, TINY, Folder, tea

import rookery

# --- networks


def test_a_sound_network_has_no_faults(here: Folder) -> None:
    assert here("network", "check", TINY).out.startswith("tiny 2026-11-01: 90 rows, no faults, snapshot ")
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


@pytest.mark.parametrize("words", [("network", "check"), ("network", "show")])
def test_a_network_that_is_not_there(here: Folder, words: tuple[str, ...]) -> None:
    said = here(*words, "atlantis", status=2)
    assert said.err.startswith("network atlantis: wanted a folder or the name 'backbone', found neither")


def test_a_network_on_one_screen(here: Folder) -> None:
    said = here("network", "show", "backbone")
    assert said.out.startswith("Backbone reference network (backbone)") and len(said.out.splitlines()) <= 50


# --- plans


def test_a_plan_names_its_way_its_price_and_its_reason(here: Folder) -> None:
    words = ("plan", "CN 310000", "ES 28001", "--weight", "800g", "--ready", "2026-11-23T09:00+08:00")
    said = here(*words, "--product", "express")
    first, way, offer = said.out.splitlines()
    assert first.startswith("1. arrives 2026-11-26T09:35Z, after 3 d 8 h, costs ")
    assert way.strip().startswith("CN 310000 ~ ") and way.endswith(" ~ ES 28001") and "HGH-LGG.air" in way
    assert "cheapest and fastest" in offer
    every = here(*words).out
    assert "standard" in every and "economy" in every and "-  domestic: not_sold" in every


def test_a_plan_from_a_facility_to_a_facility(here: Folder) -> None:
    ready = ("--ready", "2026-11-03T09:00+01:00")
    said = here("plan", "LGG-G", "CGN-S", "--network", TINY, *ready, "--product", "express", status=1)
    assert said.out.startswith("no plan") and "not_sold" in said.out
    said = here("plan", "HKG-A", "CGN-S", "--network", TINY, *ready, "--product", "express")
    assert said.out.startswith("1. arrives ")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("Mars", "ES 28001"), "place 'Mars': wanted a facility of the network"),
        (("CN 310000", "ES 28001", "--weight", "heavy"), "weight 'heavy': wanted a number with its unit"),
        (("CN 310000", "ES 28001", "--ready", "noon"), "wanted a time with its offset"),
        (("CN 310000", "ES 28001", "--product", "magic"), "product 'magic': wanted one of collect_here, domestic"),
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
    here.run(here.orders(*[tea(str(n), grams=29_000) for n in range(120)]))  # of the shuttle's 3.5 t 20 kg are left
    words = ("plan", "HKG-W", "DE 50667", "--network", TINY, "--ready", "2026-11-02T09:00+08:00", "--weight", "25kg")
    assert "shuttle 11-02 10:00" in here(*words).out
    assert "shuttle 11-03 10:00" in here(*words, "--ledger", "rookery.ledger").out


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
