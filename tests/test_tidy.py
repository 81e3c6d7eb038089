"""Sizes, names and leftovers. Each rule says what to do instead."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from program_text import ROOT, files, functions, modules, ours, tree

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 400

# Names that say nothing, and what to name the file after instead.
BANNED_NAMES = {
    "util": "what it does", "utils": "what they do", "helper": "whom it serves", "helpers": "whom they serve",
    "common": "the idea that is shared", "shared": "the idea that is shared", "base": "the law that it guards",
    "core": "what it is the heart of", "manager": "the thing that it looks after", "misc": "each thing by itself",
    "tools": "what they are for",
}  # fmt: skip

# Pieces are joined here so that this file passes its own test.
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "XX*", "HA" + "CK")) + r")\b(?=:|\(|\s)")
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("py" + "pi", "org"), ("files", "python" + "hosted", "org"), ("registry", "npm" + "js", "org"),
        ("registry", "yarn" + "pkg", "com"), ("conda", "ana" + "conda", "org"), ("proxy", "go" + "lang", "org"),
        ("static", "crates", "io"), ("index", "crates", "io"), ("rubygems", "org"),
    )
)  # fmt: skip
ABSOLUTE = re.compile(r"(?<![\w.)/:}>-])/(?:home|root|work|tmp|opt|usr|var|etc|mnt|srv|private|Users)/\w")

CODE = tuple(path for path in files() if path.suffix == ".py")
PROGRAM = tuple(modules().values())
DATA = {".csv", ".svg", ".png", ".parquet", ".zip", ".pdf"}


def text_files() -> Iterator[tuple[Path, str]]:
    """Every file of the project that a person writes or reads, with its text."""
    for path in files():
        try:
            yield path, (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


@pytest.mark.parametrize("path", CODE, ids=str)
def test_a_file_fits_in_the_head(path: Path) -> None:
    count = len((ROOT / path).read_text(encoding="utf-8").splitlines())
    assert count <= FILE_LINES_MAX, f"{count} lines, {FILE_LINES_MAX} are allowed; split it where its subject changes"


@pytest.mark.parametrize("path", CODE, ids=str)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    for node in functions(path):
        if not isinstance(node, ast.ClassDef):
            count = node.end_lineno - node.lineno + 1 if node.end_lineno else 0
            assert count <= FUNCTION_LINES_MAX, (
                f"{node.name}, line {node.lineno}: {count} lines, {FUNCTION_LINES_MAX} are allowed;"
                " leave the decisions here and move the details below"
            )


def test_file_names_say_what_is_inside() -> None:
    for path in files():
        for part in (*path.parts[:-1], path.stem):
            assert part.lower() not in BANNED_NAMES, f"{path}: name it after {BANNED_NAMES[part.lower()]}"


def test_nothing_is_left_for_later_in_a_comment() -> None:
    for path, text in text_files():
        if path.suffix not in DATA:
            found = UNFINISHED.search(text)
            assert not found, f"{path}: {found and found[0]}; do it now, or write it into docs/roadmap.md"


def test_no_file_names_a_package_registry_or_a_place_on_one_machine() -> None:
    for path, text in text_files():
        for host in REGISTRIES:
            assert host not in text.lower(), f"{path}: names {host}; pin ranges in pyproject.toml instead"
        for number, line in enumerate(text.splitlines(), 1):
            found = ABSOLUTE.search(line) if not line.startswith("#!") else None
            assert not found, f"{path} line {number}: {line.strip()!r}; paths are relative to the project"


def test_only_the_command_line_prints() -> None:
    for path in PROGRAM:
        calls = [n for n in ast.walk(tree(path)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
        lines = [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]
        assert not lines or "cli" in path.parts or "screen" in path.parts, f"{path} lines {lines}: return text instead"


@pytest.mark.parametrize("path", PROGRAM, ids=str)
def test_everything_public_says_what_you_get(path: Path) -> None:
    module = tree(path)
    if module.body:
        assert ast.get_docstring(module), f"{path}: wanted a first line that says what the module is for"
    for node in functions(path):
        if not node.name.startswith("_") and node in _public(module):
            assert ast.get_docstring(node), f"{path} line {node.lineno}: {node.name} has no docstring"


def _public(module: ast.Module) -> list[ast.stmt]:
    """Functions and classes at the top of a module, and methods of its public classes."""
    classes = [n for n in module.body if isinstance(n, ast.ClassDef) and not n.name.startswith("_")]
    return [*module.body, *(inner for one in classes for inner in one.body)]


def test_no_module_is_dead() -> None:
    used = {other for path in PROGRAM for other in ours(path)}
    entries = {"cli.__main__", "rookery", *(name for name, path in modules().items() if path.name == "__init__.py")}
    entries.add("ledger.postgres")  # opened by its name: only who has a server waits for its driver
    # Used from outside the program: a page is made with one of them, examples write folders with another.
    outside = {other for path in CODE if path not in PROGRAM for other in ours(path)} - used
    # These wait for the journey, or an open port, to call them; their line goes when it does.
    waiting = {"ledger.reads", "tell.sender", "client.api"}  # the server calls them; the client is its callers'
    assert outside & set(modules()) <= entries | waiting | {
        "partners.folder.describe", "partners.folder.write",
    }  # fmt: skip
    dead = set(modules()) - used - entries - outside
    assert not dead, f"{sorted(dead)}: nothing imports them; remove them, or use them"


def test_no_data_file_of_the_program_is_dead() -> None:
    for path in files():
        if path.parts[0] == "src" and path.suffix not in (".py", ".typed"):
            readers = [p for p in PROGRAM if p.parent == path.parent and path.name in (ROOT / p).read_text("utf-8")]
            assert readers, f"{path}: no module beside it names it"


def test_no_public_function_or_class_of_the_program_is_dead() -> None:
    """A public name of a module is used somewhere: in the program, by an example, a benchmark, or a test of it."""
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in CODE}
    words = {path: set(re.findall(r"\w+", text)) for path, text in texts.items()}
    for path in PROGRAM:
        if "cli" in path.parts:
            continue
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                inside = len(re.findall(rf"\b{node.name}\b", texts[path])) > 1
                assert inside or any(node.name in words[other] for other in CODE if other != path), (
                    f"{path} line {node.lineno}: {node.name} is used nowhere; remove it"
                )
