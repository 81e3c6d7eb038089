"""The server: opened, run until it is told to stop, and closed without losing anything."""

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import uvicorn
from opentelemetry.trace import Tracer

from rookery.hub.first_key import test_ledger
from rookery.hub.open import open_ledger
from rookery.hub.steady import steady
from rookery.hub.tenants import Limits
from rookery.journey.desk import Policy, World
from rookery.journey.network.whole import Network
from rookery.ledger.beside import LedgerName
from rookery.ledger.reads import ReadLog
from rookery.tell.guard import Guard
from rookery.tell.post import PostOptions
from rookery.units import DAY_S
from rookery.web.access import Accesses
from rookery.web.apart import Apart
from rookery.web.app import make_app
from rookery.web.asking import Asker
from rookery.web.connection import Connection
from rookery.web.every import load_routes
from rookery.web.hub_process import SWITCH_S, make_worker
from rookery.web.listen import listen
from rookery.web.operations import Operations
from rookery.web.pages.entry import Pages
from rookery.web.pipe import Opening
from rookery.web.pulse import Pulse
from rookery.web.serving import Mode, Readers, Reads, Serving
from rookery.web.telling import Deliveries, deliver, keep_on
from rookery.web.versions import HISTORY, History

# Test mode's carriers tell the whole of a plan at once.
POLICIES = {"live": Policy(), "test": Policy(scans_ahead_s=60 * DAY_S)}
STOP_S = 30  # how long requests that have begun may take when the server is told to stop


@dataclass(frozen=True, slots=True)
class Options:
    """How a server runs.

    port     0: any that is free
    guard    which addresses may be called with notices
    delivers whether it sends notices itself; else `rookery deliver` does
    tracer   of what it does; None: nothing is traced
    history  of the API: which versions it speaks
    apart    whether the live hub decides in a process of its own
    """

    ledger: LedgerName
    host: str = "127.0.0.1"
    port: int = 8750
    limits: Limits = field(default_factory=Limits)
    guard: Guard = field(default_factory=Guard)
    delivers: bool = True
    tracer: Tracer | None = None
    history: History = HISTORY
    apart: bool = False


def open_serving(network: Network, options: Options) -> Serving:
    """Open both ledgers and start their hubs.

    Raises  LedgerFault: a ledger cannot serve
    """
    modes = {}
    ledgers = {"live": options.ledger, "test": test_ledger(options.ledger)}
    openings = {name: Opening(network, path, options.limits, POLICIES[name]) for name, path in ledgers.items()}
    workers = {name: _make_worker(opening, options, name) for name, opening in openings.items()}
    _start_all(list(workers.values()))
    quotes = {name: _make_quotes(opening, options, workers[name]) for name, opening in openings.items()}
    try:
        _start_all([one for name, one in quotes.items() if one is not workers[name]])
    except BaseException:
        for worker in workers.values():
            worker.stop()
        raise
    for name, path in ledgers.items():
        operations = Operations(partial(open_ledger, path))
        readers = Readers(partial(open_ledger, path), is_near=isinstance(path, Path))
        reads = Reads(partial(ReadLog, path))
        pulse = Pulse(partial(readers.read, lambda look: look.ledger.last_fact()))
        modes[name] = Mode(name, workers[name], quotes[name], readers, reads, Deliveries(path), operations, path, pulse)
    return Serving(
        network, World(network, Policy()), modes, options.guard, tracer=options.tracer, history=options.history
    )


def _make_worker(opening: Opening, options: Options, mode: str) -> Asker:
    if options.apart and mode == "live":
        return Apart(opening, options.tracer)
    return make_worker(opening, tracer=options.tracer)


def _make_quotes(opening: Opening, options: Options, worker: Asker) -> Asker:
    """Who quotes: beside a hub in a process of its own another one, once its ledger is there."""
    if isinstance(worker, Apart):
        return Apart(replace(opening, is_replica=True), options.tracer)
    return worker


def _start_all(workers: list[Asker]) -> None:
    """Start hubs side by side; if one cannot be, those that could are stopped."""
    with ThreadPoolExecutor(len(workers) or 1) as pool:
        started = [pool.submit(one.start) for one in workers]
    faults = [one.exception() for one in started]
    if not any(faults):
        return
    for worker, fault in zip(workers, faults, strict=True):
        if fault is None:
            worker.stop()
    raise next(filter(None, faults))


def close_serving(serving: Serving) -> None:
    """Finish what was let in, then close. The hub is last: who may write leaves no journal behind."""
    for mode in serving.modes.values():
        mode.readers.close()
        mode.reads.close()
        mode.deliveries.close()
        mode.operations.close()
    for asker in reversed(serving.askers().values()):
        asker.stop()


def make_server(serving: Serving, options: Options, told: Callable[[str], None]) -> uvicorn.Server:
    """A server of what is open. `told`: is given the address once requests are taken."""
    pages = Pages(serving)
    app = Accesses(make_app(serving, load_routes(), pages.routes(), pages.tell))
    config = uvicorn.Config(
        app, options.host, options.port, log_config=None, access_log=False, timeout_graceful_shutdown=STOP_S,
        server_header=False, lifespan="off", http=Connection, ws="none",
    )  # fmt: skip
    return _Server(config, told, serving, sends=options.delivers)


def serve(network: Network, options: Options, told: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM. `told`: is given the address once requests are taken.

    Raises  ValueError: it cannot listen there; LedgerFault: a ledger cannot serve
    """
    sockets = listen(options.host, options.port)
    try:
        serving = open_serving(network, options)
    except BaseException:
        for one in sockets:
            one.close()
        raise
    sys.setswitchinterval(SWITCH_S)
    try:
        with steady():
            make_server(serving, options, told).run(sockets)
    finally:
        close_serving(serving)


class _Server(uvicorn.Server):
    """A server that says where it listens once it does, and leaves what is to be closed to whoever runs it.

    sends  whether it sends notices meanwhile
    """

    def __init__(
        self,
        config: uvicorn.Config,
        told: Callable[[str], None],
        serving: Serving,
        *,
        sends: bool,
    ):
        super().__init__(config)
        self._told, self._serving, self._sends = told, serving, sends
        self._stop, self._senders = asyncio.Event(), list[asyncio.Task[None]]()

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """As uvicorn's, then tell."""
        for asker in self._serving.askers().values():
            await asker.begin()
        await super().startup(sockets)  # type: ignore[arg-type]
        if self._sends:
            one = self._serving
            for mode in one.modes.values():
                post = PostOptions(guard=one.guard, tracer=one.tracer, word=one.history.older_notice)
                figures = mode.deliveries.figures
                begin = partial(deliver, mode.ledger, post, self._stop, mode.worker.send, figures)
                self._senders.append(asyncio.create_task(keep_on(begin, self._stop, figures, mode.name)))
        for server in self.servers:
            for socket in server.sockets:
                host, port = socket.getsockname()[:2]
                self._told(f"http://{host}:{port}")

    async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """As uvicorn's, once what would go on for ever has been ended; what is being sent is finished."""
        for mode in self._serving.modes.values():
            mode.pulse.end()
        self._stop.set()
        await super().shutdown(sockets)  # type: ignore[arg-type]
        await asyncio.gather(*self._senders)
        for asker in self._serving.askers().values():
            await asker.end()
        for mode in self._serving.modes.values():
            mode.readers.let_go()

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
