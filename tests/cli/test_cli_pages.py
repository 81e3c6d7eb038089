"""The examples of the pages on shared space do what the pages say."""

import json
import re
import shutil
from pathlib import Path

import pytest
from typed import Folder

ROOT = Path(__file__).parents[2]
BACKBONE = ROOT / "networks" / "backbone"
FLIGHT = "departure:HKG-LAX.daily/2026-11-24/1"


def blocks(page: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A folder with the network of the page about sharing."""
    folder = Folder(tmp_path_factory.mktemp("pages"))
    shutil.copytree(BACKBONE, folder.path / "mine")
    (folder.path / "mine" / "allotments.csv").unlink()
    for name, text in zip(("holders", "shares", "blocks", "rounds"), blocks("sharing.md", "csv"), strict=True):
        if name != "rounds":
            folder.write(f"mine/{name}.csv", text)
    return folder


def test_the_worked_example_of_sharing_is_answered_as_told(mine: Folder) -> None:
    (messages,), shown = blocks("sharing.md", "json"), blocks("sharing.md", "text")
    mine.write("messages.ndjson", messages)
    send = ("send", "messages.ndjson", "--network", "mine", "--ledger", "shared.ledger")
    assert mine(*send, status=1).out in shown


def test_the_worked_example_of_sharing_guarantees_what_its_table_says(mine: Folder) -> None:
    mine.write("one.ndjson", blocks("sharing.md", "json")[0].splitlines()[0])
    mine("send", "one.ndjson", "--network", "mine", "--ledger", "table.ledger")
    shown = mine("shares", "show", FLIGHT, "--network", "mine", "--ledger", "table.ledger", "--json").out
    (grams,) = (row for row in map(json.loads, shown.splitlines()) if row["dimension"] == "grams")
    page = (ROOT / "docs" / "sharing.md").read_text("utf-8")
    told = {
        name: round(float(tonnes) * 1_000_000) for name, tonnes in re.findall(r"^\| `(\w+)` \| ([\d.]+) t", page, re.M)
    }
    assert told == {part["holder"]: part["guarantee"] for part in grams["parts"]}


def test_the_rounds_of_the_page_can_be_read(mine: Folder) -> None:
    shutil.copytree(mine.path / "mine", mine.path / "rounds")
    mine.write("rounds/rounds.csv", blocks("sharing.md", "csv")[3])
    assert "no faults" in mine("network", "check", "rounds").out


def test_the_messages_about_space_are_answered_as_told(here: Folder) -> None:
    here.write("messages.ndjson", blocks("space.md", "json")[1])
    send = ("send", "messages.ndjson", "--network", str(BACKBONE), "--ledger", "space.ledger")
    assert here(*send).out in blocks("space.md", "text")


def test_the_loan_that_is_recalled_although_there_is_room_is_told_as_the_page_does(here: Folder) -> None:
    flight, words = "departure:HKG-RUH-LGG.night/2026-11-24/1", []
    for minute, (sender, grams) in enumerate(
        (("tidewater_home", 10_000_000), ("petal_beauty", 40_000_000), ("lumen_gadgets", 14_280_000))
    ):
        body = {"uses": [{"resource": flight, "amounts": {"grams": grams}}], "borrows": sender == "petal_beauty"}
        heard = f"2026-11-20T09:0{minute}Z"
        word = {"sender": sender, "key": "1", "kind": "hold_space", "heard_at": heard, "body": body}
        words.append(json.dumps(word))
    here.write("recall.ndjson", "\n".join(words))
    sent = here("send", "recall.ndjson", "--network", str(BACKBONE), "--ledger", "recall.ledger", "--json").out
    petal = json.loads(sent.splitlines()[1])["about"]
    told = here("why", petal, "--ledger", "recall.ledger", "--network", str(BACKBONE)).out
    (page,) = (text for text in blocks("sharing.md", "text") if text.startswith("  recalled"))
    assert page in told
