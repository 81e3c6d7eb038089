"""What `rookery serve` and `rookery admin key` say of places that are not there, and that they leave nothing behind."""

import socket

import pytest
from typed import TINY, Folder


def fails(here: Folder, *words: str) -> str:
    """The one line that a command ends with; nothing is left behind."""
    said = here(*words, "--network", TINY, status=2)
    assert not said.out and not list(here.path.iterdir()), said.out
    (line,) = said.err.splitlines()
    return line


def test_a_port_in_use_and_a_host_that_is_none_are_told_in_a_line(here: Folder) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        line = fails(here, "serve", "--port", port)
        assert line.startswith(f"127.0.0.1:{port}: wanted to listen there, found: Address already in use; name another")
    assert "no.such.host.invalid:8750: wanted to listen" in fails(here, "serve", "--host", "no.such.host.invalid")
    assert "Cannot assign" in fails(here, "serve", "--host", "192.0.2.1", "--port", "0")
    assert fails(here, "serve", "--port", "70000") == "--port: wanted 0 to 65535, found 70000; correct it"


def test_a_network_that_cannot_be_read_is_told_with_its_option(here: Folder) -> None:
    line = fails(here, "serve", "--port", "0", "--allow", "banana")
    assert line.startswith("--allow: wanted networks such as 10.0.0.0/8, found 'banana'")


@pytest.mark.parametrize("words", [("serve", "--port", "0"), ("admin", "key", "teahouse")])
@pytest.mark.parametrize("option", ["--ledger", "--database"])
def test_a_folder_that_is_missing_is_told_and_not_made(here: Folder, words: tuple[str, ...], option: str) -> None:
    line = fails(here, *words, option, "none/a.ledger")
    assert line == (
        "ledger none/a.ledger: wanted its folder none, found no such folder; make it, or name another --ledger"
    )


def test_a_key_that_is_refused_leaves_no_new_ledger_behind(here: Folder) -> None:
    assert "nosuch" in fails(here, "admin", "key", "nosuch")
    assert "wanted the id of a company" in fails(here, "admin", "key", "")
    assert "nosuch" in fails(here, "admin", "key", "nosuch", "--mode", "test")
    assert here("admin", "key", "teahouse", "--network", TINY, "--database", "a.ledger").out.startswith("live_")
    assert [path.name for path in here.path.iterdir()] == ["a.ledger"]


def test_a_file_that_is_no_ledger_is_told_before_anything_is_made(here: Folder) -> None:
    (here.path / "notes.txt").write_text("no ledger")
    said = here("serve", "--ledger", "notes.txt", "--port", "0", "--network", TINY, status=2)
    assert "notes.txt" in said.err and not said.out
    assert [path.name for path in here.path.iterdir()] == ["notes.txt"]
