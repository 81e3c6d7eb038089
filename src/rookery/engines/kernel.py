"""Compiled mathematics: one way to make a kernel, one place where the machine code is kept.

A kernel is a function of numbers and arrays that Numba compiles once per machine and version of this package;
its pure-Python twin is `plain(kernel)`. Kernels release the interpreter's lock.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numba

F = TypeVar("F", bound=Callable[..., object])
ENGINES = Path(__file__).parent
WARM, GREEN = "warm", "warm-green"  # marks: the searches by arrival and cost are compiled; those by four criteria


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


def is_warm(mark: str = WARM) -> bool:
    """True if `keep_warm` was called under these sources: what there is to compile is compiled."""
    return (cache_folder() / mark).exists()


def keep_warm(mark: str = WARM) -> None:
    """Remember that what a mark stands for is compiled. Where nothing can be written, nothing is remembered."""
    try:
        (cache_folder() / mark).touch()
    except OSError:
        return


def _compile(function: F, **options: object) -> F:
    compiled: F = numba.njit(**options)(function)  # type: ignore[call-overload]
    return compiled


def kernel(function: F) -> F:
    """The function, compiled at its first call and kept for the next process."""
    return _compile(function, cache=True, nogil=True, error_model="numpy")


def lean(function: F) -> F:
    """A kernel that makes no array. Numba then counts no references to those that it is handed.

    Counting them is an atomic step each time an array is taken out of a tuple: a search over tuples of forty arrays
    ran forty times slower with it.
    """
    return _compile(function, cache=True, nogil=True, error_model="numpy", _nrt=False)


def part(function: F) -> F:
    """A helper of kernels, put into its callers' machine code: whole tuples of arrays cost it nothing."""
    return _compile(function, cache=True, nogil=True, error_model="numpy", forceinline=True, _nrt=False)


def plain(compiled: F) -> F:
    """The pure-Python twin of a kernel: the same words, run by the interpreter."""
    twin: F = compiled.py_func  # type: ignore[attr-defined]
    return twin
