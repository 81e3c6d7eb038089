"""Who may say what: a company of the network, in a role that fits the kind of message."""

from rookery.journey.company import Company
from rookery.journey.departure import NETWORK as NETWORK
from rookery.journey.network.whole import Network
from rookery.journey.state import State

_ROLES = {
    "order": None,
    "order_for_round": None,
    "cancel_order": None,
    "close_round": frozenset[str](),
    "clock": frozenset[str](),
    "scans": frozenset({"operator", "carrier", "warehouse", "broker", "station"}),
    "departure": frozenset({"operator", "carrier"}),
    "capacity": frozenset({"operator", "carrier", "warehouse"}),
    "packing": frozenset({"operator", "carrier", "warehouse"}),
    "quote_space": None,
    "hold_space": None,
    "take_space": None,
    "change_space": None,
    "release_space": None,
    "company": frozenset[str](),
    "user": None,
    "key": None,
    "connection": None,
    "grant": None,
    "request": None,
    "set_endpoint": None,
    "rotate_secret": None,
    "disable_endpoint": None,
    "enable_endpoint": None,
    "test_endpoint": None,
}


class Access:
    """The companies of a network and their roles. `state`: what was said of companies since; None: nothing."""

    def __init__(self, network: Network, state: State | None = None):
        self._state = state
        self._roles = {company.company_id: frozenset(company.roles) for company in network.companies}

    def find_refusal(self, sender: str, kind: str) -> str:
        """Why the sender may not send such a message; blank if it may."""
        if kind not in _ROLES:
            return f"message kind {kind!r}: wanted one of {', '.join(_ROLES)}"
        if sender == NETWORK:
            return ""
        roles, needed = self._roles.get(sender), _ROLES[kind]
        row = self._state[Company].find(sender) if self._state is not None else None
        if row is not None and row.suspended:
            return f"sender {sender!r}: wanted a company that takes part, found a suspended one; ask the network"
        if row is not None and row.added:
            roles = frozenset(row.roles)
        if roles is None:
            wanted = "a company of the network, found none; add it to companies.csv, or by a `company` message"
            return f"sender {sender!r}: wanted {wanted}"
        if needed is not None and not roles & needed:
            wanted = " or ".join(sorted(needed)) or "operator of the network"
            return f"sender {sender!r}: wanted the role {wanted}, found {' '.join(sorted(roles)) or 'none'}"
        return ""
