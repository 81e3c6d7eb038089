"""Lines as wide as the terminal, for a person; whole where they go to a file or to another program."""

import shutil
import sys
from collections.abc import Iterable
from textwrap import wrap

WIDTH, WIDTH_MAX = 80, 120  # where nobody tells; beyond this a line is hard to follow
HANGS = 4  # columns by which the rest of a line stands to the right of where it began


def screen_text(lines: Iterable[str]) -> str:
    """Lines as one text, folded where they are to be shown on a terminal."""
    if sys.stdout.isatty():
        width = min(shutil.get_terminal_size((WIDTH, 0)).columns, WIDTH_MAX)
        lines = [part for line in lines for part in folded(line, width)]
    return "\n".join(lines)


def folded(line: str, width: int) -> list[str]:
    """A line as lines of at most so many columns. No word is broken, since ids are copied: a longer one stands out."""
    if len(line) <= width:
        return [line]
    text = line.lstrip()
    indent = " " * (len(line) - len(text))
    hanging = indent + " " * HANGS
    return wrap(
        text, width, initial_indent=indent, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    )
