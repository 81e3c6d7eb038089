"""The pages are true: every command, option, fact, view, field, column and law stands there, and every link leads."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import msgspec
import pytest

from program_text import ROOT, files, modules, tree
from rookery.cli import app
from rookery.hub.access import Access
from rookery.hub.look import Result
from rookery.hub.network import open_network
from rookery.hub.readers import READERS
from rookery.hub.summary import Summary
from rookery.hub.tenants import Limits
from rookery.journey import steps
from rookery.journey.desk import Policy
from rookery.journey.facts import FACTS, VIEWS
from rookery.journey.track import MILESTONES
from rookery.ledger.tables import LOG
from rookery.partners.capacity.read import CapacityWord, read_capacity
from rookery.partners.departures.read import DepartureWord, read_departure
from rookery.partners.folder.describe import format_page
from rookery.partners.messages.file import FIELDS, read_message
from rookery.partners.orders.file import read_orders
from rookery.partners.orders.read import OrderLine, OrderText, read_order
from rookery.partners.scans.read import Event, Packing, read_packing, read_scans
from rookery.partners.space.read import WishText, read_change

DOCS = ROOT / "docs"
PAGES = tuple(path for path in files() if path.suffix == ".md")
TESTS = tuple(path for path in files() if path.parts[0] == "tests" and path.name.startswith("test_"))


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    """A section of a page: from its title to the next title of the same or a higher level."""
    found = re.search(rf"^(#+) {re.escape(title)}$", text, re.MULTILINE)
    assert found, f"no section {title!r}"
    rest = text[found.end() :]
    after = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: after.start()] if after else rest


def first_cells(text: str) -> list[str]:
    """The words in code type in the first column of the tables of a text."""
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    return [word for cell in rows for word in re.findall(r"`([^`]+)`", cell)]


def blocks(text: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def defaults(row: type[msgspec.Struct]) -> dict[str, object]:
    """Default of each field of a struct; NODEFAULT where one is needed."""
    return {field.name: field.default for field in msgspec.structs.fields(row)}


# --- commands


def commands(at: object = app, path: tuple[str, ...] = ()) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Every command by its words, with the names of each of its arguments."""
    for name in at:  # type: ignore[attr-defined]
        if not name.startswith("-"):
            command = at[name]  # type: ignore[index]
            if any(not inner.startswith("-") for inner in command):
                yield from commands(command, (*path, name))
            else:
                yield " ".join((*path, name)), [one.names for one in command.assemble_argument_collection()]


COMMANDS = dict(commands())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_section_with_exactly_its_arguments(command: str) -> None:
    told = first_cells(section(page("cli.md"), f"rookery {command}"))
    names = {name for names in COMMANDS[command] for name in names}
    assert {word for word in told if word.startswith("-")} == names


def test_the_page_lists_every_command() -> None:
    listed = re.findall(r"^\| \[`rookery ([a-z -]+)`\]", page("cli.md"), re.MULTILINE)
    assert listed == re.findall(r"^## rookery (.+)$", page("cli.md"), re.MULTILINE)
    assert set(listed) == set(COMMANDS)


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_every_command_line_on_a_page_could_be_typed(path: Path) -> None:
    text = (ROOT / path).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for block in blocks(text, "(?:sh)?") for line in block.splitlines()]
    for line in [*lines, *re.findall(r"`(rookery [a-z][^`]*)`", text)]:
        found = re.match(r"(?:\$ )?rookery ((?:network |shares )?[a-z-]+)(.*)", line)
        if found:
            groups = ("admin", "network", "shares")
            assert found[1] in COMMANDS or found[1] in groups, f"{path}: {line!r} names no command"
            known = {name for names in COMMANDS.get(found[1], []) for name in names} | {"--help", "--version"}
            used = set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", found[2].partition("#")[0]))
            assert used <= known, f"{path}: {line!r} has options that do not exist: {used - known}"


def test_the_makefile_and_the_page_about_it_agree() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+)(?:-%)?:.*##", makefile, re.MULTILINE)) - {"help"}
    told = set(re.findall(r"^make ([a-z]+)", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert told == targets


# --- what goes in


def test_every_field_of_an_order_is_documented_with_its_default() -> None:
    told = section(page("orders.md"), "The fields of an order")
    assert first_cells(told) == list(OrderText.__struct_fields__)
    assert set(OrderLine.__struct_fields__) < set(OrderText.__struct_fields__), "a short form for each field of a line"
    _check_defaults(told, OrderText)


@pytest.mark.parametrize(
    ("title", "row"),
    [("Events", Event), ("Packing", Packing), ("Departures", DepartureWord), ("Capacity", CapacityWord)],
)
def test_every_field_of_events_and_packing_is_documented_with_its_default(title: str, row: type) -> None:
    told = section(page("orders.md"), title)
    assert first_cells(told) == list(row.__struct_fields__)
    _check_defaults(told, row)


def _check_defaults(text: str, row: type[msgspec.Struct]) -> None:
    """The second column begins with the default: needed, blank, none, 0, 1, a word; a time may name another field."""
    told = {m[1]: m[2] for m in re.finditer(r"^\| `(\w+)` \| ([^|]+?) \|", text, re.MULTILINE)}
    for name, default in defaults(row).items():
        beginning = {msgspec.NODEFAULT: "needed", "": ("blank", "`ordered_at`"), (): "none", None: "None"}.get(
            default, str(default)
        )  # type: ignore[call-overload]
        assert told[name].strip("`").startswith(beginning) or told[name].startswith(beginning), f"{name}: {told[name]}"


def test_the_orders_on_the_page_can_be_read_and_name_what_the_backbone_knows(tmp_path: Path) -> None:
    text, network = section(page("orders.md"), "A file of orders"), open_network("backbone")
    orders = []
    for kind, ending in (("csv", "csv"), ("json", "ndjson")):
        (block,) = blocks(text, kind)
        (tmp_path / f"orders.{ending}").write_text(block, encoding="utf-8")
        orders += list(read_orders(tmp_path / f"orders.{ending}"))
    assert [order.faults for order in orders] == [()] * 6
    for order in orders:
        assert order.asked and not Access(network).find_refusal(order.asked.parties.owner, "order")
        assert order.asked.product_id in {product.product_id for product in network.products}


def test_the_messages_on_the_page_can_be_read() -> None:
    (events,) = blocks(section(page("orders.md"), "Events"), "json")
    assert [scan.status for scan in read_scans(events.encode(), "carrier")] == ["in_transit", "delivered"]
    (packing,) = blocks(section(page("orders.md"), "Packing"), "json")
    assert read_packing(packing.encode(), "haul").unit == json.loads(packing)["unit"]
    (capacity,) = blocks(section(page("orders.md"), "Capacity"), "json")
    assert read_capacity(capacity.encode(), "carrier").resource == json.loads(capacity)["resource"]
    (word,) = blocks(section(page("orders.md"), "Departures"), "json")
    assert read_departure(word.encode(), "carrier").departure == json.loads(word)["departure"]


def test_the_fields_and_messages_of_the_page_about_space_are_those_of_its_readers() -> None:
    text = page("space.md")
    assert set(first_cells(section(text, "Asking").partition("| resource")[0])) == set(WishText.__struct_fields__)
    assert first_cells(section(text, "A file of messages")) == [*FIELDS]
    change, lines = blocks(text, "json")
    assert read_change(change.encode(), "shop").uses
    for row in lines.splitlines():
        told = read_message(1, row.encode())
        assert not told.faults and READERS[told.kind](told.body, told.sender, lambda: b"")


def test_every_kind_of_message_is_documented() -> None:
    assert sorted(first_cells(section(page("orders.md"), "Messages and who may send them"))) == sorted(READERS)


def test_the_page_about_the_network_format_is_current() -> None:
    assert page("network-format.md") == format_page(ROOT / "tests" / "networks" / "tiny"), (
        "renew it: python tests/partners/folder/renew_page.py"
    )


def test_every_rule_of_the_order_reader_is_on_the_page_where_it_is_a_number() -> None:
    with pytest.raises(Exception, match="10000"):
        read_order(
            b'{"reference":"1","owner":"a","ordered_at":"2026-11-23T00:00Z","product":"p","to_facility":"F","pieces":10001}'
        )
    assert "1 to 10,000" in page("orders.md")


# --- what comes out


def test_every_column_of_the_results_is_documented_in_its_order() -> None:
    text = page("results.md").partition("## Why")[0]
    assert first_cells(text) == [*Result.__dataclass_fields__]


def test_every_code_of_a_refusal_is_documented() -> None:
    assert set(first_cells(section(page("results.md"), "Why an order is refused"))) == _codes()


def _codes() -> set[str]:
    """The first argument, or `code`, of everything that makes a refusal."""
    makers = {"Refusal": 0, "_misfit": 1, "_refused": 1}
    found: set[str] = set()
    for path in modules().values():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in makers:
                at = makers[node.func.id]
                given = [*node.args[at : at + 1], *(word.value for word in node.keywords if word.arg == "code")]
                found |= {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found


def test_every_status_of_a_parcel_is_documented() -> None:
    text = section(page("results.md"), "Parcel status")
    assert set(MILESTONES) <= set(re.findall(r"\w+", text.partition(".")[0]))


def test_every_number_of_the_summary_is_documented() -> None:
    told = set(re.findall(r"`(\w+)`", section(page("results.md"), "The summary")))
    assert set(Summary.__dataclass_fields__) <= told


# --- the ledger


def test_every_fact_is_documented_with_its_type() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", section(page("ledger.md"), "Facts"), re.MULTILINE)
    assert rows == [(name, kind.__name__) for name, (kind, _) in FACTS.items()]


def test_every_view_is_documented_with_its_key() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|.*\| (yes)? ?\|$", section(page("ledger.md"), "Views"), re.MULTILINE)
    assert rows == [(view.name, view.key, "yes" if view.resident else "") for view in VIEWS]


def test_every_table_of_the_log_is_documented() -> None:
    assert first_cells(section(page("ledger.md"), "Tables")) == re.findall(r"CREATE TABLE (\w+)", LOG)


# --- words


def test_every_ask_and_what_decides_it_stands_in_the_glossary() -> None:
    text = section(page("glossary.md"), "Asks")
    assert set(first_cells(text)) == {ask.__name__ for ask in steps.STEPS}
    for step in re.findall(r"`(\w+\.\w+)`", text):
        file, _, name = step.partition(".")
        assert name in {
            node.name for node in tree(modules()[f"journey.{file}"]).body if isinstance(node, ast.FunctionDef)
        }


def test_every_public_class_of_journey_engines_hub_and_ledger_stands_in_the_glossary_or_beside_the_facts() -> None:
    words = set(re.findall(r"\b[A-Z]\w+", page("glossary.md") + section(page("ledger.md"), "Facts")))
    missing = [
        f"{name}.{node.name}"
        for name, path in modules().items()
        if name.split(".")[0] in ("journey", "engines", "hub", "ledger", "sim")
        and not name.startswith("journey.network")
        for node in tree(path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and node.name not in words
    ]
    assert not missing, f"{missing}: a new word arrives with its line in docs/glossary.md"


def test_every_word_in_code_type_in_the_glossary_is_in_the_code() -> None:
    words = {word for path in modules().values() for word in re.findall(r"\w+", (ROOT / path).read_text("utf-8"))}
    for line in page("glossary.md").splitlines():
        if line.startswith("| ") and line.count("|") == 4:
            for word in re.findall(r"`([A-Za-z_]+)`", line.split("|")[3]):
                assert word in words, f"{line}: {word} is nowhere in the code"


def test_no_word_is_explained_twice() -> None:
    words = [
        word.strip()
        for line in page("glossary.md").splitlines()
        if line.startswith("| ") and "`" not in line.split("|")[1]
        for word in line.split("|")[1].split(",")
        if word.strip() not in ("word", "ask", "field")
    ]
    assert sorted(words) == sorted(set(words))


def test_every_setting_of_the_policy_is_documented() -> None:
    assert first_cells(section(page("glossary.md"), "Policy")) == list(Policy.__dataclass_fields__)


def test_every_limit_of_the_front_door_is_documented_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", section(page("admission.md"), "Limits"), re.MULTILINE)
    assert [(name, int(default.replace(",", ""))) for name, default in rows] == [*asdict(Limits()).items()]


# --- laws


def laws() -> list[tuple[int, str, list[tuple[str, str]]]]:
    """Number, text and tests (file, function) of every law."""
    found = []
    for part in re.split(r"^(?=\d+\. )", page("invariants.md"), flags=re.MULTILINE)[1:]:
        number, _, text = part.partition(". ")
        found.append((int(number), text, re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)))
    return found


def test_laws_are_numbered_and_each_names_a_test_that_exists() -> None:
    assert [number for number, _, _ in laws()] == list(range(1, len(laws()) + 1))
    for number, text, tests in laws():
        assert tests, f"law {number} names no test: {text}"
        for file, name in tests:
            assert Path(file) in TESTS, f"law {number}: no file {file}"
            assert name in _functions(Path(file)), f"law {number}: no test {name} in {file}"


def test_every_test_of_a_law_is_named_by_one() -> None:
    named = {(file, name) for _, _, tests in laws() for file, name in tests}
    found = {(str(path), name) for path in TESTS for name in _functions(path) if name.startswith("test_law_")}
    assert found <= named, f"{sorted(found - named)}: write the law into docs/invariants.md"


def _functions(path: Path) -> set[str]:
    return {node.name for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)}


# --- pages


def test_every_link_leads_somewhere() -> None:
    wrong = []
    for path in PAGES:
        text = re.sub(r"```.*?```", "", (ROOT / path).read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if not target.startswith(("http://", "https://")):
                file, _, anchor = target.partition("#")
                there = (ROOT / path.parent / file).resolve() if file else ROOT / path
                if not there.exists() or (anchor and anchor not in _anchors(there)):
                    wrong.append(f"{path}: {target}")
    assert not wrong, wrong


def _anchors(path: Path) -> set[str]:
    """Anchors of a page's titles, as code hosts make them."""
    titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, todo = set(), [ROOT / "README.md"]
    while todo:
        at = todo.pop()
        if at not in reached:
            reached.add(at)
            links = re.findall(r"\]\(([^)\s#]+)", at.read_text(encoding="utf-8"))
            todo += [
                there for link in links if (there := (at.parent / link).resolve()).suffix == ".md" and there.is_file()
            ]
    assert {ROOT / path for path in PAGES} <= reached


def test_every_file_named_in_a_page_exists() -> None:
    """Paths in code type that begin with a folder of the project, and file names of the journey."""
    starts = ("src/", "tests/", "docs/", "examples/", "networks/", "bench/")
    for path in PAGES:
        for word in re.findall(r"`([\w./-]+)`", (ROOT / path).read_text(encoding="utf-8")):
            if word.startswith(starts) and not re.search(r"NAME|\*", word) and "build/" not in word:
                assert (ROOT / word).exists(), f"{path}: {word} does not exist"
            if re.fullmatch(r"(journey|hub|ledger|partners|engines|sim)/[\w/]+\.py", word):
                assert (ROOT / "src" / "rookery" / word).exists(), f"{path}: {word} does not exist"


def test_the_readme_fits_on_two_screens() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


def test_every_decision_has_its_four_parts_and_its_line_in_the_list() -> None:
    listed = re.findall(r"^\| \[(\d{4})\]\(([\w.-]+)\) \| (.+) \|$", page("decisions/README.md"), re.MULTILINE)
    pages = sorted(path for path in PAGES if path.match("docs/decisions/0*.md"))
    assert [path.name for path in pages] == [file for _, file, _ in listed]
    for path, (number, _, title) in zip(pages, listed, strict=True):
        text = (ROOT / path).read_text(encoding="utf-8")
        assert text.startswith(f"# {number} {title}\n"), path
        for part in ("**Context.**", "**Decision.**", "**Consequences.**", "**Also looked at.**"):
            assert part in text, f"{path}: no {part}"
