"""Machine code from a function, with its type kept."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """The function as Numba compiles it: kept on disk between runs, and other threads may run beside it."""
    return cast(F, numba.njit(cache=True, nogil=True)(function))
