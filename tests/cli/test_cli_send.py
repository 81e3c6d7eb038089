"""The command that sends a file of messages."""

import json

from typed import TINY, Folder

from rookery.units import read_id

LEG = "departure:shuttle"


def message(key: str, kind: str = "quote_space", sender: str = "teahouse", **body: object) -> str:
    fields = {"sender": sender, "key": key, "kind": kind, "heard_at": "2026-11-02T01:00Z", "body": body}
    return json.dumps(fields) + "\n"


UNKNOWN = {"uses": [{"resource": "departure:nowhere/2026-11-03/1", "amounts": {"grams": 1}}]}
WAREHOUSE = {"uses": [{"resource": "warehouse:HKG-W/2026-11-03", "amounts": {"orders": 1}}]}


def send(here: Folder, text: str, *words: str, status: int = 0) -> tuple[str, str]:
    said = here("send", here.write("m.ndjson", text), "--network", TINY, *words, status=status)
    return said.out, said.err


def test_a_file_is_answered_line_by_line_and_nothing_is_done_twice(here: Folder) -> None:
    text = message("1", "hold_space", **WAREHOUSE) + message("2", **UNKNOWN)
    out, _ = send(here, text, "--answers", "a.ndjson")
    assert out.splitlines()[-1] == "2 messages: 1 held, 1 refused"
    answers = [json.loads(line) for line in (here.path / "a.ndjson").read_text().splitlines()]
    assert [(one["line"], one["outcome"]) for one in answers] == [(1, "done"), (2, "refused")]
    assert answers[0]["spaces"][0]["stands"] == "firm" and answers[0]["about"].startswith("hld_")
    facts = here.facts()
    out, _ = send(here, text)
    assert "2 of them had been done before" in out and here.facts() == facts


def test_json_is_the_answers_and_nothing_else(here: Folder) -> None:
    out, _ = send(here, message("1", **WAREHOUSE), "--json")
    assert [json.loads(line)["kind"] for line in out.splitlines()] == ["quote_space"]


def test_what_a_message_decides_of_another_is_told_below_it_and_in_json(here: Folder) -> None:
    tick = message("c", "clock", "network").replace("01:00Z", "02:00Z")
    text = message("1", "hold_space", hold_s=60, **WAREHOUSE) + tick
    out, _ = send(here, text)
    assert out.splitlines()[-2:] == [
        f"  {out.splitlines()[0].split(', ')[1]} of teahouse: expired at 2026-11-02T01:01Z",
        "2 messages: 1 done, 1 expired",
    ]
    again, _ = send(here, text, "--json")
    first, second = map(json.loads, again.splitlines())
    assert first["stands"] == "expired" and "others" not in first
    assert [(one["key"], one["fates"][0]["what"]) for one in second["others"]] == [("1", "expired")]


def test_a_clock_says_nothing_but_the_time(here: Folder) -> None:
    out, _ = send(here, message("c", "clock", "network", at="2026-11-03"), status=1)
    assert 'body: wanted nothing, found {"at": "2026-11-03"}; leave it empty' in out


def test_a_bad_line_is_told_and_the_others_are_done(here: Folder) -> None:
    text = "{\n" + message("1", **WAREHOUSE) + message("2", **WAREHOUSE).replace("2026-11-02", "2126-11-02")
    out, err = send(here, text, status=1)
    assert "m.ndjson line 1: line: wanted a JSON object" in err and "m.ndjson line 3: heard_at: wanted a time" in err
    assert "1 message: 1 done" in out


def test_who_may_not_send_is_rejected(here: Folder) -> None:
    out, _ = send(here, message("1", sender="nobody", **WAREHOUSE), status=1)
    assert "wanted a company of the network" in out


def test_files_that_cannot_be_read_or_written_are_told_before_anything_is_done(here: Folder) -> None:
    assert "No such file" in here("send", "none.ndjson", "--network", TINY, status=2).err
    _, err = send(here, message("1", **WAREHOUSE), "--answers", "m.ndjson", status=2)
    assert "wanted a file of its own" in err and not (here.path / "rookery.ledger").exists()


def test_the_story_of_space_without_an_order_is_asked_elsewhere(here: Folder) -> None:
    out, _ = send(here, message("1", "hold_space", **WAREHOUSE), "--json")
    about = json.loads(out)["about"]
    assert f"ask `rookery why {about}`" in here("track", about, status=1).err


def test_what_was_printed_names_the_space_later_in_either_notation(here: Folder) -> None:
    out, _ = send(here, message("1", "hold_space", **WAREHOUSE) + message("2", "hold_space", **WAREHOUSE))
    first, second = (line.split(", ")[1] for line in out.splitlines() if ": held, " in line)
    digits = read_id(second)[1].hex()  # as answers had them once
    for key, name, said in (("3", first, first), ("4", digits, second)):
        out, _ = send(here, message(key, "take_space", space=name), "--json")
        assert json.loads(out)["outcome"] == "done" and json.loads(out)["about"] == said
    assert len({here("why", name, status=1).err.replace(name, "") for name in (second, digits)}) == 1


def test_an_order_is_found_by_what_its_message_was_answered_about(here: Folder) -> None:
    body = {
        "reference": "R1",
        "owner": "teahouse",
        "ordered_at": "2026-11-02T01:00Z",
        "product": "std",
        "from_facility": "HKG",
        "to_facility": "HKG",
        "weight_g": 1,
    }
    out, _ = send(here, message("1", "order", **body), "--json")
    about = json.loads(out).get("about", "")
    assert about.startswith("ord_")
    for name in (about, read_id(about)[1].hex()):
        assert here("track", name).out.startswith(f"order R1 of teahouse  {about}")
