"""Who may import whom. Imports point left: units <- engines <- journey <- partners, ledger <- hub <- sim <- cli.

The two tables below are the architecture; docs/map.md draws them. A new package or step gets its line here first.
"""

import ast

import pytest

from program_text import SRC, imports, modules, ours, tree

# A package or module, and the packages or modules that it may import beside its own insides.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "rookery": (),
    "units": (),
    "spans": (),
    "engines": (),
    "engines.kernel": (),
    "engines.eta": ("units", "engines.kernel"),
    "engines.network": ("units", "engines.kernel"),
    "engines.share": ("engines.kernel",),
    "engines.stock": ("units",),
    "journey": ("units", "engines"),
    "partners": (),
    "partners.port": (),
    "partners.folder": ("units", "journey", "partners.port"),
    "partners.capacity": ("units", "journey", "partners.port"),
    "partners.endpoints": ("units", "journey", "partners.port"),
    "partners.departures": ("units", "journey", "partners.port"),
    "partners.orders": ("units", "journey", "partners.port"),
    "partners.messages": ("units", "partners.port"),
    "partners.space": ("units", "journey", "partners.port"),
    "partners.scans": ("units", "journey", "partners.port"),
    "partners.trust": ("units", "journey", "partners.port"),
    "partners.assumed": ("units", "journey"),
    "partners.gtfs": ("units", "journey", "partners.port", "partners.assumed"),
    "partners.openflights": ("units", "journey", "partners.port", "partners.assumed"),
    "ledger": ("units",),
    "hub": ("rookery", "units", "journey", "partners", "ledger"),
    "sim": ("units", "journey", "partners", "hub"),
    "tell": ("units", "spans", "ledger.beside", "hub.clock"),
    "screen": ("units", "hub"),
    "web": ("rookery", "units", "spans", "journey", "partners", "ledger", "hub", "sim.magic", "tell", "screen"),
    "client": ("hub", "partners", "web"),  # for the structs that its routes take and answer with
    "cli": (
        "rookery", "units", "hub", "sim", "screen", "web",
        "engines.kernel",  # to say what is being compiled
        "journey.desk", "journey.network.whole", "journey.state",  # to make a world for a question
        "partners.folder", "partners.gtfs.network", "partners.openflights.network",  # to make networks
        "partners.port", "journey.network.rows",
        "partners.orders.file", "partners.messages.file",
        "ledger.fault", "ledger.log", "ledger.url",  # to show what there is, and what is wrong
    ),
}  # fmt: skip

# The steps of the journey. A step imports only what stands before it.
STEPS = (
    "trail", "state", "follower", "account", "network",  # what is known, what is limited, what is there
    "calendars", "service", "shelves", "price",  # the network made ready for questions
    "expand", "sharing", "unkept", "doubts",  # who may use how much of what; what of that cannot be kept, or may not
    "lines", "dated", "terms",  # the same as arrays for the engine
    "desk", "departure",  # where a decision is taken; what runs and how late
    "deadline", "company",  # what ends by itself; who takes part
    "limited", "tally", "released", "share", "booking", "book",  # whose space it is; what is held; all legs or none
    "live", "past",  # arrays in step with the state; how long things took
    "order", "room", "atlas", "walk", "route", "forecast",  # from what is asked to the ways there are
    "rides", "transit",  # the same for all pairs of facilities at once
    "carbon", "burden", "choices",  # what ways burden besides time and money; what a person chooses from
    "product", "stock", "option", "source", "involved", "itinerary", "handlers",  # what is decided, and for whom
    "waits", "entry", "space", "rounds",  # what waits, and is decided together
    "shipment", "promise", "waybill", "unit", "track", "deliver",  # from what is decided to the door
    "key", "connection", "request",  # who is let in; who works together, and asks what of whom
    "profiles", "grant", "lapse", "hops", "reading",  # what is shown to whom; what ends by itself; who may read what
    "endpoint",  # where companies want to be told
    "whereabouts", "disrupt", "at_risk", "replan", "fallback", "instruct",  # where goods are; what is struck; new plans
    "cutting", "capacity", "reweigh",  # who loses space; capacity lost or added; goods heavier than booked
    "facts", "fair_round", "steps", "chain",  # every fact; who is served; what answers an ask and follows it
    "standing", "recalling",  # how holders stand, and why loans had to go, for a person
)  # fmt: skip

# Inside journey/network: how a row is declared, the rows, the whole.
NETWORK_STEPS = ("rows", "place", "offer", "line", "plant", "sharing", "whole")

# What mathematics and the business may not touch: files, processes, the machine's clock and chance.
IMPURE = {
    "io", "logging", "os", "pathlib", "random", "secrets", "shutil", "socket", "sqlite3", "subprocess", "sys",
    "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip

COMPILER = "engines.kernel"  # the only mathematics that knows of files: where machine code is kept
CLOCK = "hub.clock"  # the only module that knows what time it is


def part_of(name: str) -> str:
    """The longest entry of the table that a module falls under."""
    at = name
    while at not in MAY_IMPORT:
        at, dot, _ = at.rpartition(".")
        assert dot, f"{name}: no line in MAY_IMPORT; a new package is an architectural decision, add it there"
    return at


def within(name: str, parts: tuple[str, ...]) -> bool:
    return any(name == part or name.startswith(f"{part}.") for part in parts)


@pytest.mark.parametrize("name", modules())
def test_imports_point_left(name: str) -> None:
    own = part_of(name)
    allowed = (own, *MAY_IMPORT[own])
    wrong = [f"line {line}: {other}" for other, line in ours(modules()[name]).items() if not within(other, allowed)]
    assert not wrong, f"{name} may import {', '.join(allowed)}; found {'; '.join(wrong)}"


def test_every_line_of_the_table_is_about_something() -> None:
    assert set(MAY_IMPORT) == {part_of(name) for name in modules()}


@pytest.mark.parametrize(("prefix", "steps"), [("journey", STEPS), ("journey.network", NETWORK_STEPS)])
def test_a_step_imports_only_earlier_steps(prefix: str, steps: tuple[str, ...]) -> None:
    found = {name.removeprefix(f"{prefix}.").split(".")[0] for name in modules() if name.startswith(f"{prefix}.")}
    assert found == set(steps), "a new step gets its place in the order"
    wrong = []
    for name, path in modules().items():
        if name.startswith(f"{prefix}."):
            step = name.removeprefix(f"{prefix}.").split(".")[0]
            for other in ours(path):
                later = other.removeprefix(f"{prefix}.").split(".")[0]
                if other.startswith(f"{prefix}.") and steps.index(later) > steps.index(step):
                    wrong.append(f"{step} imports {later}, which comes later")
    assert not wrong, wrong


def test_no_engine_and_no_partner_imports_another() -> None:
    for name, path in modules().items():
        for kind in ("engines.", "partners."):
            others = {o.split(".")[1] for o in ours(path) if name.startswith(kind) and o.startswith(kind)}
            assert others <= {name.split(".")[1] if "." in name else "", "port", "kernel", "assumed"}, (
                f"{name} imports {others}"
            )


def test_the_modules_import_each_other_in_no_circle() -> None:
    waiting = {name: set(ours(path)) - {name} for name, path in modules().items()}
    while waiting:
        free = {name for name, wants in waiting.items() if not wants & waiting.keys()}
        assert free, f"a circle among {sorted(waiting)}"
        waiting = {name: wants for name, wants in waiting.items() if name not in free}


@pytest.mark.parametrize("name", modules())
def test_imports_are_absolute_and_stand_at_the_top(name: str) -> None:
    for one in imports(modules()[name]):
        assert not one.relative, f"{name} line {one.line}: a relative import slips past the table above"
        assert one.at_top or name.split(".")[0] == "cli", (
            f"{name} line {one.line}: only the command's edge imports late"
        )


@pytest.mark.parametrize(
    "name", [name for name in modules() if name.split(".")[0] in ("units", "engines", "journey") and name != COMPILER]
)
def test_mathematics_and_business_are_pure(name: str) -> None:
    used = {one.name.split(".")[0] for one in imports(modules()[name])}
    assert not used & IMPURE, f"{name}: time and chance are arguments, files belong to partners and ledger"


def test_one_module_knows_what_time_it_is() -> None:
    readers = {name for name, path in modules().items() if _reads_clock(tree(path))}
    assert readers == {CLOCK}


def _reads_clock(module: ast.Module) -> bool:
    """True where `time.time()`, `datetime.now()` and the like are called. `perf_counter` only measures."""
    calls = [node.func for node in ast.walk(module) if isinstance(node, ast.Call)]
    names = {f"{c.value.id}.{c.attr}" for c in calls if isinstance(c, ast.Attribute) and isinstance(c.value, ast.Name)}
    attributes = {c.attr for c in calls if isinstance(c, ast.Attribute)}
    return bool({"time.time", "time.time_ns"} & names or {"utcnow", "today"} & attributes or "now" in attributes)


def test_the_journey_has_nine_ends_and_every_other_step_leads_to_a_later_one() -> None:
    used = {other for name, path in modules().items() if name.startswith("journey.") for other in ours(path)}
    ends = {step for step in STEPS if not any(within(other, (f"journey.{step}",)) for other in used)}
    wanted = {"instruct", "chain", "choices", "doubts", "reading", "recalling", "standing", "transit", "unkept"}
    assert ends == wanted, (
        "chain leads, instruct tells partners, reading says who is shown what, choices, transit times, how holders"
        " stand and why loans went are for a person, a reader of networks asks what cannot be kept, or may not"
    )


def test_packages_say_what_they_are_in_no_code() -> None:
    """A package's __init__ holds at most its docstring, so that nothing is imported by the way. The command gathers
    its rooms there."""
    for path in SRC.rglob("__init__.py"):
        if path.parent.name == "cli":
            continue
        body = tree(path.relative_to(SRC.parent)).body
        assert all(isinstance(node, ast.Expr | ast.Assign) for node in body), path
