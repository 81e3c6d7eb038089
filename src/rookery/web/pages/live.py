"""Telling an open page that something has changed, by server-sent events.

A page is told at most every other second, and asks again for what it shows.
"""

import asyncio
from collections.abc import AsyncIterator

from rookery.hub.access import NETWORK
from rookery.hub.callers import Caller
from rookery.web.pulse import Pulse

APART_S = 2.0  # between two events of one page
BEAT_S = 15.0  # a line that says nothing, so that nobody between takes the connection for dead


async def changes(pulse: Pulse, caller: Caller) -> AsyncIterator[bytes]:
    """What a page of a caller is told, as long as it listens."""
    with pulse.seat(caller.company):
        seen, count = await pulse.last(), 0
        yield b"retry: 5000\nevent: ready\ndata: {}\n\n"
        while not pulse.is_ended:
            found = await pulse.after(seen, BEAT_S)
            if pulse.is_ended:
                return
            if found == seen:
                yield b": still here\n\n"
                continue
            seen, count = found, count + 1
            # How much happens is the operator's to know: others hear only that they may look again.
            facts = f', "facts": {found}' if caller.company == NETWORK else ""
            yield f'event: changed\nid: {count}\ndata: {{"changes": {count}{facts}}}\n\n'.encode()
            await _rest(pulse)


async def _rest(pulse: Pulse) -> None:
    for _ in range(int(APART_S / 0.25)):
        if pulse.is_ended:
            return
        await asyncio.sleep(0.25)
