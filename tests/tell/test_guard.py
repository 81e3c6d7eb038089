"""Which addresses may be called, and that the connection goes to the address that was checked."""

import asyncio
import ipaddress
import socket
from typing import Any

import pytest
from receivers import LOOPBACK, Receiver

from rookery.tell.guard import Barred, Guard
from rookery.tell.wire import Unspeakable, Wire

PRIVATE = (
    "127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fd00::1",
    "ff02::1", "fec0::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
    "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::", "::127.0.0.1", "2001:0:a00:1::",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8", "172.32.0.1", "11.0.0.1")


@pytest.mark.parametrize("text", PRIVATE)
def test_an_address_that_is_not_public_is_barred(text: str) -> None:
    with pytest.raises(Barred, match="wanted a public address"):
        Guard().check(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_may_be_called(text: str) -> None:
    Guard().check(ipaddress.ip_address(text))


def test_the_operator_may_allow_a_network_and_plain_http() -> None:
    guard = Guard(allowed=(ipaddress.ip_network("10.1.0.0/16"),), plain=True)
    guard.check(ipaddress.ip_address("10.1.2.3"))
    guard.check_url("http://shop.example/")
    with pytest.raises(Barred):
        guard.check(ipaddress.ip_address("10.2.0.1"))
    with pytest.raises(Barred, match="wanted https"):
        Guard().check_url("http://shop.example/")
    for url in ("https://10.0.0.1/", "https://[::1]/", "https://[::ffff:7f00:1]:8443/"):
        with pytest.raises(Barred):
            Guard().check_url(url)


def named(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Names have these addresses, another list each time; returns what was asked for, and later connected to."""
    asked, left, plain = [], list(answers), socket.getaddrinfo

    def look_up(host: str, port: Any, *args: Any, **fields: Any) -> Any:
        if host != "shop.example":
            return plain(host, port, *args, **fields)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in left.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def post(guard: Guard, url: str, times: int = 1) -> list[Any]:
    """What came of calling an address so often, by one wire."""

    async def run() -> list[Any]:
        wire, out = Wire(guard), []
        for _ in range(times):
            try:
                async with asyncio.timeout(5):
                    out.append((await wire.post(url, [], b"{}", limit=10)).status)
            except (Barred, OSError, EOFError, Unspeakable) as fault:
                out.append(fault)
        wire.close()
        return out

    return asyncio.run(run())


def test_one_private_address_among_several_bars_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = named(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    (fault,) = post(Guard(), "https://shop.example/")
    assert isinstance(fault, Barred) and "10.0.0.1" in str(fault) and asked == ["shop.example"]


def test_a_name_is_resolved_once_for_a_connection_so_rebinding_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with Receiver().open() as receiver:
            asked = named(monkeypatch, ["127.0.0.1"], ["10.9.9.9"])
            guard = Guard(allowed=(ipaddress.ip_network("127.0.0.1/32"),), plain=True)
            wire = Wire(guard)
            url = f"http://shop.example:{receiver.port}/"
            assert (await wire.post(url, [], b"{}", limit=10)).status == 200
            assert (await wire.post(url, [], b"{}", limit=10)).status == 200  # on the connection that was checked
            assert asked == ["shop.example"] and receiver.heard[0].headers["host"] == f"shop.example:{receiver.port}"
            wire.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (b"no http at all\r\n\r\n", Unspeakable),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000, Unspeakable),
        (b"HTTP/1.1 200 OK\r\ncontent-le", Unspeakable),
        (b"", EOFError),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n", 201),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200),
        (b"HTTP/1.0 202 Accepted\r\n\r\nuntil the end", 202),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\ncut", 200),
    ],
)
def test_whatever_comes_back_ends_in_a_status_or_a_fault(words: bytes, found: Any) -> None:
    async def run() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n{}")
            writer.write(words)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        wire = Wire(LOOPBACK)
        try:
            async with asyncio.timeout(5):
                status = (await wire.post(url, [], b"{}", limit=10)).status
            assert status == found
        except (OSError, EOFError, Unspeakable) as fault:
            assert isinstance(found, type) and isinstance(fault, (found, ConnectionError))
        finally:
            wire.close()
            server.close()

    asyncio.run(run())
