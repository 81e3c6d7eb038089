"""Compiled mathematics: one way to make a kernel.

A kernel is a function of numbers and arrays that Numba compiles once per machine and version of this package;
its pure-Python twin is `plain(kernel)`. Kernels release the interpreter's lock.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def kernel(function: F) -> F:
    """The function, compiled at its first call and kept for the next process."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def plain(compiled: F) -> F:
    """The pure-Python twin of a kernel: the same words, run by the interpreter."""
    twin: F = compiled.py_func  # type: ignore[attr-defined]
    return twin
