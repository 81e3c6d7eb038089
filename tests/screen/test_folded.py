"""Long lines are folded for a terminal, and whole for everything else."""

import os
import pty
import subprocess
import sys
import termios

from rookery.screen.folded import folded, screen_text

ID = "hld_06gvnu8qc17iqpg0tt392u3emc"
LINE = f"  line 2: hold_space of lumen_gadgets: done, {ID}, until 2026-11-20T09:01Z and so on"


def test_what_is_short_stays_as_it_is() -> None:
    assert [folded(line, 20) for line in ("", "   a   b", "x" * 20)] == [[""], ["   a   b"], ["x" * 20]]


def test_the_rest_of_a_line_hangs_behind_its_indent() -> None:
    assert folded(LINE, 80) == [
        f"  line 2: hold_space of lumen_gadgets: done, {ID},",
        "      until 2026-11-20T09:01Z and so on",
    ]


def test_ids_and_names_are_never_broken() -> None:
    long = f"  departure:{'x-' * 40}/2026-11-24/1: 40 grams"
    assert folded(long, 40) == [long.rpartition(" 40")[0], "      40 grams"]


def test_lines_go_whole_to_a_file() -> None:
    assert screen_text(["a", LINE * 3]) == f"a\n{LINE * 3}"


def test_a_terminal_gets_lines_of_its_width() -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 60))
    code = f"from rookery.screen.folded import screen_text\nprint(screen_text([{LINE!r}]))"
    told = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    subprocess.run([sys.executable, "-c", code], stdout=theirs, env=told, check=True)
    with open(ours, "rb", buffering=0) as screen:
        lines = screen.read(1000).decode().splitlines()
    assert len(lines) == 3 and max(map(len, lines)) <= 60
