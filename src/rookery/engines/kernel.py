"""Compiled mathematics: one way to make a kernel, one place where the machine code is kept.

A kernel is a function of numbers and arrays that Numba compiles once per machine and version of this package;
its pure-Python twin is `plain(kernel)`. Kernels release the interpreter's lock.
"""

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np
import numpy.typing as npt
from numba.core.caching import FunctionCache
from numba.core.runtime.nrt import rtsys

F = TypeVar("F", bound=Callable[..., object])
Numbers = npt.NDArray[np.integer[Any]]
ENGINES = Path(__file__).parent
WARM, GREEN = "warm", "warm-green"  # marks: all that a hub decides by is compiled; the searches by four criteria


def cache_folder() -> Path:
    """Where machine code is kept: a folder per state of these sources and place of them.

    Numba notices an edit of a kernel's own file, and misses one in another file from which it took a helper;
    a folder named by all the sources together does not.
    """
    home = os.environ.get("ROOKERY_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "rookery" / f"kernels-{_sources_name()}"


@cache
def _sources_name() -> str:
    words = hashlib.sha256(bytes(ENGINES))  # Numba keeps code by the path of its source
    for source in sorted(ENGINES.rglob("*.py")):
        words.update(source.read_bytes())
    return words.hexdigest()[:16]


def _choose_folder() -> None:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return  # a home that cannot be written to: Numba keeps the code beside the sources, or compiles each time
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]


_choose_folder()


def is_warm(mark: str = WARM) -> bool:
    """True if `keep_warm` was called under these sources: what there is to compile is compiled."""
    return (cache_folder() / mark).exists()


def keep_warm(mark: str = WARM) -> None:
    """Remember that what a mark stands for is compiled. Where nothing can be written, nothing is remembered."""
    try:
        (cache_folder() / mark).touch()
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
            return self._load_overload(sig, target_context)  # type: ignore[no-untyped-call]


def _compile(function: F, **options: object) -> F:
    compiled: F = numba.njit(nogil=True, error_model="numpy", **options)(function)  # type: ignore[call-overload]
    return compiled


def _compile_once(function: F, **options: object) -> F:
    compiled = _compile(function, **options)
    compiled._cache = _Kept(function)  # type: ignore[attr-defined, no-untyped-call]
    return compiled


def kernel(function: F) -> F:
    """The function, compiled at its first call and kept for the next process."""
    return _compile_once(function)


def lean(function: F) -> F:
    """A kernel that makes no array. Numba then counts no references to those that it is handed.

    Counting them is an atomic step each time an array is taken out of a tuple: a search over tuples of forty arrays
    ran forty times slower with it.
    """
    return _compile_once(function, _nrt=False)


def part(function: F) -> F:
    """A helper of kernels, put into its callers' machine code and kept in it: whole tuples of arrays cost nothing."""
    return _compile(function, forceinline=True, _nrt=False)


def plain(compiled: F) -> F:
    """The pure-Python twin of a kernel: the same words, run by the interpreter."""
    twin: F = compiled.py_func  # type: ignore[attr-defined]
    return twin


# --- what Numba has as well, but for which it then brings SciPy's linear algebra, a tenth of a second of a command


@part
def least_of(values: Numbers) -> int:
    """The least of some values, one or more: `values.min()`."""
    found: int = values[0]
    for n in range(1, len(values)):
        found = min(found, values[n])
    return found


@part
def count_before(rising: Numbers, end: int) -> int:
    """How many of these rising values lie before an end: `np.searchsorted(rising, end)`."""
    low, high = 0, len(rising)
    while low < high:
        middle = (low + high) // 2
        if rising[middle] < end:
            low = middle + 1
        else:
            high = middle
    return low
