"""A sender that is killed: started by test_sender_killed.py, in a process of its own.

python killable.py LEDGER WORKER
"""

import asyncio
import sys
from ipaddress import ip_network
from pathlib import Path
from random import Random

from rookery.ledger.beside import open_database
from rookery.tell.guard import Guard
from rookery.tell.post import PostOptions
from rookery.tell.sender import SenderOptions, run_sender
from rookery.tell.store import Store, Terms

TERMS = Terms(lease_s=1, waits_s=(0, 0, 0), probes_s=(0,))
OPTIONS = SenderOptions(PostOptions(timeout_s=0.5, guard=Guard((ip_network("127.0.0.0/8"),), plain=True)))


async def _run(ledger: Path, worker: str) -> None:
    store = Store(open_database(ledger), worker, Random(worker), TERMS)
    await run_sender(store, OPTIONS, asyncio.Event())


if __name__ == "__main__":
    asyncio.run(_run(Path(sys.argv[1]), sys.argv[2]))
