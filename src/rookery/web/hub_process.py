"""The process of a hub, which decides, or of who quotes beside it: each has an interpreter to itself. Requests, reads
and pages are the server's.

It ends with the server: nothing else has the other end of its socket. What was let in is finished first.
"""

import pickle
import socket
import sys
import threading
from functools import partial

from rookery.hub.admission import Admission
from rookery.hub.open import open_hub, open_replica
from rookery.hub.spine import STORE_FAULTS
from rookery.hub.steady import steady
from rookery.hub.tenants import Limits, tenants_of
from rookery.journey.network.whole import Network
from rookery.ledger.fault import LedgerFault
from rookery.web.asking import Wanted
from rookery.web.every import load_routes
from rookery.web.logs import start_logs
from rookery.web.pipe import News, Opening, Pipe, Stands, frames, read_asked
from rookery.web.worker import Worker

# A request changes threads on its way, each time behind whoever computes: Python's own 5 ms each would be long.
SWITCH_S = 0.0005
STANDS_S = 0.5  # between words on how it stands


def make_worker(opening: Opening, pipe: Pipe | None = None, **options: object) -> Worker:
    """The hub of a ledger in a thread. `pipe`: to who asks from another process; `options`: as the worker has them."""
    open_it = open_replica if opening.is_replica else open_hub
    make = partial(open_it, opening.network, opening.ledger, opening.policy, again=opening.again)
    tell = None if pipe is None else pipe.tell
    return Worker(make, partial(_door, opening.network, opening.limits), tell=tell, **options)  # type: ignore[arg-type]


def _door(network: Network, limits: Limits, _: object) -> Admission:
    return Admission(tenants_of(network), limits)


def main() -> None:
    """Decide what comes through the socket until it is closed."""
    line = socket.socket(fileno=int(sys.argv[1]))
    pipe, come = Pipe(line), frames(line)
    start_logs()
    load_routes()  # their modules have the questions
    words = next(come, None)
    if words is None:
        return
    opening: Opening = pickle.loads(words)
    over, wake = threading.Event(), threading.Event()
    worker = make_worker(opening, pipe, changed=wake.set)
    try:
        worker.start()
    except (*STORE_FAULTS, ValueError, OSError) as fault:
        told = (
            fault if isinstance(fault, ValueError | LedgerFault) else LedgerFault(f"ledger {opening.ledger}: {fault}")
        )
        pipe.send(News(fault=pickle.dumps(told)))
        return
    sys.setswitchinterval(SWITCH_S)
    beat = threading.Thread(target=_beat, args=(worker, pipe, over, wake), daemon=True)
    beat.start()
    try:
        with steady():
            for words in come:
                asked = read_asked(words)
                question = pickle.loads(asked.question) if asked.question else None
                worker.put(Wanted(asked.message, None, question, asked.number))
    finally:
        worker.stop()
        over.set()
        wake.set()
        beat.join()


def _beat(worker: Worker, pipe: Pipe, over: threading.Event, wake: threading.Event) -> None:
    """Say how it stands, now and again, and at once when that changes."""
    while not over.is_set():
        wake.clear()
        pipe.send(News(stands=Stands(*worker.stands(), worker.waiting, worker.figures)))
        wake.wait(STANDS_S)


if __name__ == "__main__":
    main()
