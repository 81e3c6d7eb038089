"""A PostgreSQL server of the tests' own, and ledgers on it where a test names a file."""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rookery.ledger.url import ServerLedger, read_url

SETTINGS = (
    "fsync=off", "full_page_writes=off", "autovacuum=off", "listen_addresses=", "shared_buffers=64MB",
    "max_connections=60",
)  # fmt: skip
WHOEVER = ("postgres", "nobody")  # as whom the server runs where the tests run as root, which it refuses
CLERK, WORD = "clerk", "open sesame"  # who needs a password


def find_programs() -> Path | None:
    """The folder of PostgreSQL's programs, or None."""
    of_path = shutil.which("initdb")
    of_debian = sorted(Path("/", "usr", "lib", "postgresql").glob("*/bin"), reverse=True)
    found = [*([Path(of_path).resolve().parent] if of_path else []), *of_debian]
    return next((folder for folder in found if (folder / "pg_ctl").exists() and (folder / "initdb").exists()), None)


@contextmanager
def running_server(programs: Path, settings: tuple[str, ...] = SETTINGS) -> Iterator[Path]:
    """The folder of the socket of a server that runs as long as this."""
    with tempfile.TemporaryDirectory(prefix="rookery-pg-", ignore_cleanup_errors=True) as name:
        folder, user = Path(name), _unprivileged()
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)

        def run(program: str, *words: str) -> None:
            as_user = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            done = subprocess.run(
                [str(programs / program), *words], cwd=folder, capture_output=True, text=True, check=False, **as_user
            )  # type: ignore[call-overload]
            assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

        data, log = str(folder / "data"), str(folder / "log")
        run("initdb", "-D", data, "-U", "rookery", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        hba = folder / "data" / "pg_hba.conf"
        hba.write_text(f"local all {CLERK} scram-sha-256\n{hba.read_text()}")
        words = " ".join(f"-c {setting!r}" for setting in (*settings, f"unix_socket_directories={folder}"))
        run("pg_ctl", "-D", data, "-l", log, "-o", words, "-w", "-t", "60", "start")
        try:
            yield folder
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def _unprivileged() -> pwd.struct_passwd | None:
    if os.geteuid():
        return None
    known = {one.pw_name: one for one in pwd.getpwall()}
    return next(known[name] for name in WHOEVER if name in known)


def url(server: Path, schema: str, *, user: str = "rookery", password: str = "") -> str:
    """A ledger on the server by its URL."""
    word = f":{password}" if password else ""
    return f"postgresql://{user}{word}@/postgres?host={server}&schema={schema}"


def ledger_for(server: Path, path: Path) -> ServerLedger:
    """The ledger on the server that stands for a file."""
    digest = hashlib.sha256(str(path).encode()).hexdigest()[:16]
    return read_url(url(server, f"of_{digest}"))
