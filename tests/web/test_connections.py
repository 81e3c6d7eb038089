"""Connections that say nothing, half a head, or come in too great a number: those who ask are answered."""

import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from served import served
from test_serve import COMPANIES, network

from rookery.web import connection

WHOLE = b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n"


def connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    return socket.create_connection((parts.hostname, parts.port), timeout=10)


def answer(one: socket.socket) -> bytes:
    """All that is said until the other side ends."""
    words = b""
    with one:
        while more := one.recv(4096):
            words += more
    return words


def test_who_does_not_speak_is_let_go_and_half_a_head_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_S", 0.3)
    with served(network(), tmp_path / "hub.ledger", COMPANIES) as hub:
        silent, half, twice = (connect(hub.address) for _ in range(3))
        half.sendall(WHOLE[:20])
        twice.sendall(WHOLE)
        assert b"200 OK" in twice.recv(4096)
        twice.sendall(WHOLE[:20])
        assert answer(silent) == b""
        assert b"400 Bad Request" in (told := answer(half)) and b"have not come within 0.3 s" in told
        assert b"have not come within 0.3 s" in answer(twice), "also the second request of a connection"


def test_more_connections_than_there_may_be_are_told_and_room_comes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "connections_max", lambda: 3)
    with served(network(), tmp_path / "hub.ledger", COMPANIES) as hub:
        others = [connect(hub.address) for _ in range(3)]
        time.sleep(0.2)
        one = connect(hub.address)
        assert b"503 Service Unavailable" in (told := answer(one)) and b"retry-after: 2" in told
        for other in others:
            other.close()
        time.sleep(0.2)
        again = connect(hub.address)
        again.sendall(WHOLE)
        assert b"200 OK" in again.recv(4096)
        again.close()
