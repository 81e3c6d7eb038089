"""Who may say what: a company of the network, in a role that fits the kind of message."""

from rookery.journey.departure import NETWORK as NETWORK
from rookery.journey.network.whole import Network

_ROLES = {
    "order": None,
    "order_for_round": None,
    "cancel_order": None,
    "close_round": frozenset[str](),
    "clock": frozenset[str](),
    "scans": frozenset({"operator", "carrier", "warehouse", "broker"}),
    "departure": frozenset({"operator", "carrier"}),
    "capacity": frozenset({"operator", "carrier", "warehouse"}),
    "packing": frozenset({"operator", "carrier", "warehouse"}),
    "quote_space": None,
    "hold_space": None,
    "take_space": None,
    "change_space": None,
    "release_space": None,
}


class Access:
    """The companies of a network and their roles."""

    def __init__(self, network: Network):
        self._roles = {company.company_id: frozenset(company.roles) for company in network.companies}

    def find_refusal(self, sender: str, kind: str) -> str:
        """Why the sender may not send such a message; blank if it may."""
        if kind not in _ROLES:
            return f"message kind {kind!r}: wanted one of {', '.join(_ROLES)}"
        if sender == NETWORK:
            return ""
        roles, needed = self._roles.get(sender), _ROLES[kind]
        if roles is None:
            return f"sender {sender!r}: wanted a company of the network, found none; add it to companies.csv"
        if needed is not None and not roles & needed:
            wanted = " or ".join(sorted(needed)) or "operator of the network"
            return f"sender {sender!r}: wanted the role {wanted}, found {' '.join(sorted(roles)) or 'none'}"
        return ""
