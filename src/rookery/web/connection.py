"""A connection of the server: HTTP by uvicorn, with the limits that it has not."""

import asyncio
import resource

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES_MAX = 64_000  # of a request line and its headers
HEAD_S = 15  # within which they have to come
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\nconnection: close\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 46\r\n\r\n"
    b"The hub has all connections that it may have.\n"
)


def connections_max() -> int:
    """How many connections a server takes: three quarters of the files that the process may open."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(16, min(most, 65_536) * 3 // 4)


class Connection(HttpToolsProtocol):
    """HTTP of a connection. uvicorn's own keeps headers of any length, for ever, of any number of connections."""

    _head_bytes: int | None = 0  # of a request whose headers have begun; None: they are over
    _too_slow: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """As uvicorn's, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > connections_max():
            transport.write(_FULL)
            transport.close()
            return
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """As uvicorn's."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """As uvicorn's, up to so long a head."""
        if self._head_bytes is not None:
            if self._head_bytes > HEAD_BYTES_MAX:
                self.send_400_response("The headers are too large.")
                return
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes and self._too_slow is None:  # a head in pieces; most come whole
            self._wait_for_head()

    def on_headers_complete(self) -> None:
        """As uvicorn's."""
        self._head_bytes = None
        self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """As uvicorn's."""
        super().on_message_complete()
        self._head_bytes = 0

    def _wait_for_head(self) -> None:
        self._too_slow = self.loop.call_later(HEAD_S, self._end)

    def _stop_waiting(self) -> None:
        if self._too_slow is not None:
            self._too_slow.cancel()
            self._too_slow = None

    def _end(self) -> None:
        if self._head_bytes and not self.transport.is_closing():
            self.send_400_response(f"The headers have not come within {HEAD_S} s.")
        self.transport.close()
