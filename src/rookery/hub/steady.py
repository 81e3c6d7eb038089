"""A hub that answers steadily: the garbage collector does not stop it to look at all that it holds, again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG, MIDDLE, OLD = 5_000, 200, 100  # new things between looks; looks between looks at what has survived


@contextmanager
def steady() -> Iterator[None]:
    """What is there by now is never looked at inside, and what comes later seldom.

    A hub holds a million rows and makes next to no circles of references; a look at all of them takes a tenth of a
    second, at whoever's cost is next (`bench.share`, the peak).
    """
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
