"""The program's own text as tests read it: every file, every module as a tree, and what each module imports."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src"
MADE = {".git", ".venv", "build", "dist", "__pycache__", "node_modules"}  # made here, and in no clean clone


@dataclass(frozen=True, slots=True)
class Import:
    """One import of a module: the name as it stands there, its line, whether it stands at the top of the file."""

    name: str
    line: int
    at_top: bool
    relative: bool


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project that a clean clone would have, relative to its root."""
    return tuple(sorted(_walk(ROOT)))


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in MADE or (path.name.startswith(".") and path.name.endswith("_cache")):
            continue
        if path.is_dir():
            if path.name != ".hypothesis":
                yield from _walk(path)
        elif ".ledger" not in path.name:
            yield path.relative_to(ROOT)


@cache
def tree(path: Path) -> ast.Module:
    """A Python file of the project, parsed."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


@cache
def modules() -> dict[str, Path]:
    """The program's modules by name without `rookery.`; packages by their own name, the program itself by `rookery`."""
    found = {}
    for path in sorted(SRC.rglob("*.py")):
        parts = path.relative_to(SRC / "rookery").with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        found[name or "rookery"] = path.relative_to(ROOT)
    return found


@cache
def imports(path: Path) -> tuple[Import, ...]:
    """All imports of a file, wherever they stand."""
    top = {id(node) for node in _top(tree(path).body)}
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += [Import(alias.name, node.lineno, id(node) in top, False) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" if node.module else alias.name for alias in node.names]
            found += [Import(name, node.lineno, id(node) in top, node.level > 0) for name in names]
    return tuple(found)


def _top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements outside functions and classes; those under `if TYPE_CHECKING` count."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try):
            yield from _top([*node.body, *node.orelse])


def ours(path: Path) -> dict[str, int]:
    """The program's modules that a file imports, each with the line: the longest name that is a module."""
    found: dict[str, int] = {}
    for one in imports(path):
        if one.name.split(".")[0] != "rookery":
            continue
        name = one.name.removeprefix("rookery.")
        while name not in modules():
            name = name.rpartition(".")[0] or "rookery"
        found.setdefault(name, one.line)
    return found


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Every function and class of a file, nested ones too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node
