"""The server: opened, run until it is told to stop, and closed without losing anything."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from rookery.hub.admission import Admission
from rookery.hub.first_key import test_ledger
from rookery.hub.open import open_hub, open_ledger
from rookery.hub.spine import Hub
from rookery.hub.steady import steady
from rookery.hub.tenants import Limits, tenants_of
from rookery.journey.desk import Policy, World
from rookery.journey.network.whole import Network
from rookery.ledger.beside import LedgerName
from rookery.web.app import make_app
from rookery.web.every import load_routes
from rookery.web.serving import Mode, Readers, Serving
from rookery.web.worker import Worker

HEAD_BYTES_MAX = 64_000  # of a request line and its headers
STOP_S = 30  # how long requests that have begun may take when the server is told to stop


@dataclass(frozen=True, slots=True)
class Options:
    """How a server runs. `port` 0: any that is free."""

    ledger: LedgerName
    host: str = "127.0.0.1"
    port: int = 8750
    limits: Limits = field(default_factory=Limits)


def open_serving(network: Network, options: Options) -> Serving:
    """Open both ledgers and start their hubs.

    Raises  LedgerFault: a ledger cannot serve
    """
    modes = {}
    for name, path in (("live", options.ledger), ("test", test_ledger(options.ledger))):
        worker = Worker(partial(open_hub, network, path), _door_maker(network, options.limits))
        worker.start()
        modes[name] = Mode(name, worker, Readers(partial(open_ledger, path)))
    return Serving(network, World(network, Policy()), modes)


def _door_maker(network: Network, limits: Limits) -> Callable[[Hub], Admission]:
    return lambda hub: Admission(tenants_of(network), limits)


def close_serving(serving: Serving) -> None:
    """Finish what was let in, then close."""
    for mode in serving.modes.values():
        mode.worker.stop()
        mode.readers.close()


def make_server(serving: Serving, options: Options, told: Callable[[str], None]) -> uvicorn.Server:
    """A server of what is open. `told`: is given the address once requests are taken."""
    app = make_app(serving, load_routes())
    config = uvicorn.Config(
        app, options.host, options.port, log_config=None, access_log=False, timeout_graceful_shutdown=STOP_S,
        server_header=False, lifespan="off", http=_Protocol, ws="none",
    )  # fmt: skip
    return _Server(config, told)


def serve(network: Network, options: Options, told: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM. `told`: is given the address once requests are taken."""
    serving = open_serving(network, options)
    try:
        with steady():
            make_server(serving, options, told).run()
    finally:
        close_serving(serving)


class _Protocol(HttpToolsProtocol):
    """HTTP of a connection. uvicorn's own keeps headers of any length."""

    _head_bytes: int | None = 0  # of a request whose headers have begun; None: they are over

    def data_received(self, data: bytes) -> None:
        if self._head_bytes is not None:
            if self._head_bytes > HEAD_BYTES_MAX:
                self.send_400_response("The headers are too large.")
                return
            self._head_bytes += len(data)
        super().data_received(data)

    def on_headers_complete(self) -> None:
        self._head_bytes = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._head_bytes = 0


class _Server(uvicorn.Server):
    """A server that says where it listens once it does, and leaves what is to be closed to whoever runs it."""

    def __init__(self, config: uvicorn.Config, told: Callable[[str], None]):
        super().__init__(config)
        self._told = told

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """As uvicorn's, then tell."""
        await super().startup(sockets)  # type: ignore[arg-type]
        for server in self.servers:
            for socket in server.sockets:
                host, port = socket.getsockname()[:2]
                self._told(f"http://{host}:{port}")

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at SIGINT and SIGTERM; the second one does not wait for open requests."""
        if threading.current_thread() is not threading.main_thread():
            yield  # only the main thread hears of signals
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
