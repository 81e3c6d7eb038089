"""HTTP/1.1 as a sender of webhooks needs it: a POST, one bounded answer, connections that are used again.

A connection belongs to a name and port, and was made to an address of that name that the guard has checked. An answer
that is not read to its end closes its connection.

A pool of a general client (httpcore) was tried: at 256 connections under way it took most of a core, for it goes
through all of them at each request.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httptools

from rookery.tell.guard import Guard

READ_BYTES = 16_384
HEAD_BYTES_MAX = 65_536
RESOLVERS = 32  # names that are looked up at once; one that hangs takes a thread until the system gives up
IDLE_S = 20.0  # how long a connection is kept that nobody uses
IDLE_MAX = 256
PORTS = {"https": 443, "http": 80}

Headers = Iterable[tuple[bytes, bytes]]
Origin = tuple[str, str, int]  # scheme, name, port


class Unspeakable(Exception):
    """What came back is no HTTP."""


@dataclass(slots=True)
class Reply:
    """An answer; `body`: its beginning, at most as much as was asked for."""

    limit: int
    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    has_head: bool = False
    is_done: bool = False
    keeps: bool = False
    parser: "httptools.HttpResponseParser | None" = None

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header field."""
        self.headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        """The head is there."""
        assert self.parser is not None, "set before anything is parsed"
        self.has_head, self.status = True, self.parser.get_status_code()

    def on_body(self, data: bytes) -> None:
        """A piece of the body; what is beyond the limit is dropped."""
        self.body += data[: self.limit - len(self.body)]

    def on_message_complete(self) -> None:
        """All of it is there; that of a status below 200 comes before the answer itself."""
        assert self.parser is not None, "set before anything is parsed"
        self.is_done = self.has_head = self.status >= 200
        self.keeps = self.parser.should_keep_alive()  # known only now


@dataclass(frozen=True, slots=True)
class Line:
    """A connection, and the instant of the loop's clock since which nobody uses it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    idle_at: float = 0.0


class Wire:
    """Connections to receivers, those under way and those to be used again."""

    def __init__(self, guard: Guard, context: ssl.SSLContext | None = None):
        self._guard = guard
        self._tls = context or ssl.create_default_context()
        self._threads = ThreadPoolExecutor(RESOLVERS, "resolve")
        self._idle: dict[Origin, list[Line]] = {}
        self._idle_count = 0

    async def post(self, url: str, headers: Headers, body: bytes, *, limit: int) -> Reply:
        """The answer to a POST, of its body at most `limit` bytes.

        Raises  Barred: the address may not be called; OSError, Unspeakable: no answer
        """
        self._guard.check_url(url)
        parts = urlsplit(url)
        origin = parts.scheme, parts.hostname or "", parts.port or PORTS[parts.scheme]
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        words = [f"POST {target} HTTP/1.1\r\nhost: {parts.netloc}\r\ncontent-length: {len(body)}\r\n".encode()]
        words += [b"%b: %b\r\n" % field for field in headers]
        request = b"".join((*words, b"\r\n", body))
        line = self._take(origin)
        if line is not None:
            with suppress(ConnectionError, EOFError):  # closed while nobody used it: nothing of an answer came
                return await self._exchange(origin, line, request, limit)
        return await self._exchange(origin, await self._connect(origin), request, limit)

    async def _exchange(self, origin: Origin, line: Line, request: bytes, limit: int) -> Reply:
        reply = Reply(limit)
        parser = reply.parser = httptools.HttpResponseParser(reply)
        keep = False
        try:
            line.writer.write(request)
            await line.writer.drain()
            await self._read(line.reader, parser, reply)
            keep = reply.is_done and reply.keeps
        except httptools.HttpParserError as fault:
            raise Unspeakable(f"the answer is no HTTP: {fault}") from None
        finally:
            if keep:
                self._give_back(origin, line)
            else:
                line.writer.close()
        return reply

    async def _read(self, reader: asyncio.StreamReader, parser: httptools.HttpResponseParser, reply: Reply) -> None:
        head_bytes = 0
        while not reply.is_done and len(reply.body) < reply.limit:
            data = await reader.read(READ_BYTES)
            if not data:
                if head_bytes == 0:
                    raise EOFError("the connection was closed without an answer")
                if not reply.has_head:
                    raise Unspeakable("the connection was closed within the head of an answer")
                return  # without a length, or cut short: what there is counts
            head_bytes += 0 if reply.has_head else len(data)
            if head_bytes > HEAD_BYTES_MAX:
                raise Unspeakable(f"the head of the answer is longer than {HEAD_BYTES_MAX} bytes")
            parser.feed_data(data)

    # --- connections

    def _take(self, origin: Origin) -> Line | None:
        lines, now = self._idle.get(origin, []), asyncio.get_running_loop().time()
        while lines:
            line = lines.pop()
            self._idle_count -= 1
            if now - line.idle_at < IDLE_S and not line.reader.at_eof() and not line.writer.is_closing():
                return line
            line.writer.close()
        self._idle.pop(origin, None)
        return None

    def _give_back(self, origin: Origin, line: Line) -> None:
        now = asyncio.get_running_loop().time()
        self._idle.setdefault(origin, []).append(Line(line.reader, line.writer, now))
        self._idle_count += 1
        while self._idle_count > IDLE_MAX:
            oldest = min(self._idle, key=lambda one: self._idle[one][0].idle_at)
            self._idle[oldest].pop(0).writer.close()
            self._idle_count -= 1
            if not self._idle[oldest]:
                del self._idle[oldest]

    async def _connect(self, origin: Origin) -> Line:
        """A connection to the first address of a name that answers, after all of them were checked."""
        scheme, name, port = origin
        fault: OSError | None = None
        for address in await self._resolve(name, port):
            try:
                if scheme == "http":
                    return Line(*await asyncio.open_connection(address, port))
                return Line(*await asyncio.open_connection(address, port, ssl=self._tls, server_hostname=name))
            except OSError as failed:
                fault = failed
        raise fault or OSError(f"{name}: has no address")

    async def _resolve(self, name: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._threads, _look_up, name, port)
        except UnicodeError:
            raise OSError(f"{name}: is no name") from None
        addresses = list(dict.fromkeys(found))
        for address in addresses:
            self._guard.check(ipaddress.ip_address(address.partition("%")[0]))
        return addresses

    def close(self) -> None:
        """Close connections that nobody uses, and let go of the threads that look up names."""
        for lines in self._idle.values():
            for line in lines:
                line.writer.close()
        self._idle.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(name: str, port: int) -> list[str]:
    return [str(to[0]) for *_, to in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)]
