"""Starting a process of this program beside another one, which it ends with; what is said between them."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

HEAD_BYTES = 8  # how long what follows is
_OF_THE_SESSION = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def start_process(module: str, *words: str, **options: Any) -> "subprocess.Popen[bytes]":
    """Run a module of this program. `options`: of Popen.

    Signals that stop a whole session are for whoever starts it: it has them blocked from its first moment on.
    Raises  OSError: it cannot be started
    """
    package = str(Path(__file__).resolve().parents[2])
    paths = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH", ""))))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _OF_THE_SESSION)
    try:  # -P: the folder that it is started in is not looked in
        return subprocess.Popen(
            [sys.executable, "-P", "-m", module, *words], env=os.environ | {"PYTHONPATH": paths}, **options
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def frame(words: bytes) -> bytes:
    """Words with their length before them."""
    return len(words).to_bytes(HEAD_BYTES, "little") + words
