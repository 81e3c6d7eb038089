"""Compiled mathematics: one way to make a kernel, one place where the machine code is kept.

A kernel is a function of numbers and arrays that Numba compiles once per machine and version of this package;
its pure-Python twin is `plain(kernel)`. Kernels release the interpreter's lock.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core.caching import FunctionCache
from numba.core.runtime import rtsys

F = TypeVar("F", bound=Callable[..., object])
ENGINES = Path(__file__).parent
WARM = "warm"


def cache_folder() -> Path:
    """Where machine code is kept: a folder per state of these sources.

    Numba notices an edit of a kernel's own file, and misses one in another file from which it took a helper;
    a folder named by all the sources together does not.
    """
    words = hashlib.sha256()
    for source in sorted(ENGINES.rglob("*.py")):
        words.update(source.read_bytes())
    home = os.environ.get("ROOKERY_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "rookery" / f"kernels-{words.hexdigest()[:16]}"


def _choose_folder() -> None:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return  # a home that cannot be written to: Numba keeps the code beside the sources, or compiles each time
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]


_choose_folder()


def is_warm() -> bool:
    """True if `keep_warm` was called under these sources: what there is to compile is compiled."""
    return (cache_folder() / WARM).exists()


def keep_warm() -> None:
    """Remember that everything is compiled. Where nothing can be written, nothing is remembered."""
    try:
        (cache_folder() / WARM).touch()
    except OSError:
        return


class _Kept(FunctionCache):
    """Where a kernel's machine code is looked up.

    Numba makes ready all that compiling may need before it looks: a quarter of a second for each process that then
    compiles nothing. Machine code needs the counting of references alone; a compiler that has to work makes itself
    ready.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        rtsys.initialize(target_context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)


def _compile(function: F, **options: bool) -> F:
    compiled: F = numba.njit(nogil=True, error_model="numpy", **options)(function)
    compiled._cache = _Kept(function)  # type: ignore[attr-defined]
    return compiled


def kernel(function: F) -> F:
    """The function, compiled at its first call and kept for the next process."""
    return _compile(function)


def lean(function: F) -> F:
    """A kernel that makes no array. Numba then counts no references to those that it is handed.

    Counting them is an atomic step each time an array is taken out of a tuple: a search over tuples of forty arrays
    ran forty times slower with it.
    """
    return _compile(function, _nrt=False)


def part(function: F) -> F:
    """A helper of kernels, put into its callers' machine code, and kept there: whole tuples of arrays cost it nothing."""
    helper: F = numba.njit(nogil=True, error_model="numpy", forceinline=True, _nrt=False)(function)
    return helper


def plain(compiled: F) -> F:
    """The pure-Python twin of a kernel: the same words, run by the interpreter."""
    twin: F = compiled.py_func  # type: ignore[attr-defined]
    return twin
