"""One message to a hub that is opened for it: of the operator's commands, beside a server or without one."""

from rookery.hub.message import Answer, Message
from rookery.hub.open import open_hub
from rookery.journey.network.whole import Network
from rookery.ledger.beside import LedgerName


def say_once(network: Network, ledger: LedgerName, message: Message) -> Answer:
    """What a hub answers to a message. On a ledger that is served it waits for its turn like another hub.

    Raises  LedgerFault: the ledger cannot be opened, or is bound to another network; what else the store raises
    """
    hub = open_hub(network, ledger)
    try:
        ((_, answer),) = hub.receive([message])
    finally:
        hub.ledger.close()
    return answer
