"""Where a company wants to be told: addresses of its own, each with the types of notices that it wants.

set ----> rotated, tried         of the secret that signs only its version is known here, never the secret
 |  `---> disabled ----> enabled
 `------> set again: another address, other types
"""

from collections.abc import Iterator

import msgspec

from rookery.journey.departure import NETWORK
from rookery.journey.desk import Desk
from rookery.journey.follower import Follower
from rookery.journey.state import Refusal, State, ViewRow
from rookery.units import DAY_S, id_text

EVERY = "*"  # type of notices: all of them
ENDPOINTS_MAX = 20  # of one company
OVERLAP_S = DAY_S  # how long the secret before still signs, unless the company says otherwise


class SetEndpoint(msgspec.Struct, frozen=True):
    """Ask: tell a company here. `endpoint_id` blank: a new one.

    url          blank: nobody is called, and the company fetches what it is told
    api_version  of the API in whose words it is told; blank: as it is, of a new one the newest
    """

    company: str
    endpoint_id: str
    url: str
    types: tuple[str, ...]
    description: str = ""
    api_version: str = ""


class RotateSecret(msgspec.Struct, frozen=True):
    """Ask: sign by a new secret; the one before signs too for `overlap_s` more."""

    company: str
    endpoint_id: str
    overlap_s: int = OVERLAP_S


class DisableEndpoint(msgspec.Struct, frozen=True):
    """Ask: tell nothing here from now on. `company`: who says so."""

    company: str
    endpoint_id: str
    why: str = ""


class EnableEndpoint(msgspec.Struct, frozen=True):
    """Ask: tell here again what happens from now on."""

    company: str
    endpoint_id: str


class TryEndpoint(msgspec.Struct, frozen=True):
    """Ask: send a test notice here."""

    company: str
    endpoint_id: str


class EndpointSet(msgspec.Struct, frozen=True, omit_defaults=True):
    """A company is told here from an instant on. Fields as in SetEndpoint."""

    endpoint_id: str
    company: str
    url: str
    types: tuple[str, ...]
    since_at: int
    description: str = ""
    api_version: str = ""


class SecretRotated(msgspec.Struct, frozen=True):
    """An endpoint's notices are signed by a new secret, until `old_until` by the one before too."""

    endpoint_id: str
    secret_version: int
    old_until: int


class EndpointDisabled(msgspec.Struct, frozen=True):
    """Nothing is told here any more."""

    endpoint_id: str
    by: str
    why: str


class EndpointEnabled(msgspec.Struct, frozen=True):
    """What happens from an instant on is told here again."""

    endpoint_id: str
    since_at: int


class EndpointTried(msgspec.Struct, frozen=True):
    """A test notice goes to an endpoint."""

    endpoint_id: str
    company: str


class Endpoint(ViewRow, frozen=True):
    """Where a company is told what.

    since_at        what happened before is not told here, unless it is replayed
    version         how often it has changed; secret_version: how often its secret has
    old_until       until when the secret before signs too
    disabled        why nothing is told here; blank: it is
    api_version     of the API in whose words it is told; blank: the newest
    """

    endpoint_id: str
    company: str
    url: str
    types: tuple[str, ...]
    since_at: int
    description: str = ""
    version: int = 1
    secret_version: int = 1
    old_until: int = 0
    enabled: bool = True
    disabled: str = ""
    api_version: str = ""

    def takes(self, type_: str) -> bool:
        """True if it is to be told notices of this type."""
        return EVERY in self.types or type_ in self.types


class Wants:
    """What the enabled endpoints of each company want to be told, in step with their table."""

    def __init__(self, state: State):
        self._follower = Follower(state[Endpoint])
        self._by_company: dict[str, list[Endpoint]] = {}

    def follow(self) -> "Wants":
        """As the table now is."""
        if self._follower.changed() != []:
            self._by_company = {}
            for row in self._follower.table:
                self._by_company.setdefault(row.company, []).append(row)
        return self

    def any(self) -> bool:
        """True if any endpoint is known at all."""
        return bool(self._by_company)

    def of(self, company: str) -> tuple[Endpoint, ...]:
        """The endpoints of a company, disabled or not."""
        return tuple(self._by_company.get(company, ()))

    def wants(self, company: str, type_: str) -> bool:
        """True if an endpoint of the company is told notices of this type."""
        rows = self._by_company.get(company, ())
        return any(row.enabled and row.takes(type_) for row in rows)

    def companies(self, type_: str) -> Iterator[str]:
        """The companies that are told notices of this type."""
        return (company for company in self._by_company if self.wants(company, type_))


def wants(state: State) -> Wants:
    """What companies want to be told, as things stand."""
    return state.derive(Wants, lambda: Wants(state)).follow()


def set_endpoint(state: State, ask: SetEndpoint, desk: Desk) -> list[EndpointSet] | Refusal:
    """Tell a company at an address. Nothing if that is so already.

    Refuses  unknown: the endpoint is not the company's; too_many: it has ENDPOINTS_MAX
    """
    if not ask.endpoint_id:
        own = wants(state).of(ask.company)
        if len(own) >= ENDPOINTS_MAX:
            todo = "set one of them anew instead"
            return Refusal("too_many", "endpoint", f"at most {ENDPOINTS_MAX} of a company", str(len(own)), todo)
        new = id_text("whk", desk.new_id())
        return [EndpointSet(new, ask.company, ask.url, ask.types, desk.now, ask.description, ask.api_version)]
    row = _find(state, ask.company, ask.endpoint_id)
    if isinstance(row, Refusal):
        return row
    spoken = ask.api_version or row.api_version
    if (row.url, row.types, row.description, row.api_version) == (ask.url, ask.types, ask.description, spoken):
        return []
    return [EndpointSet(row.endpoint_id, row.company, ask.url, ask.types, row.since_at, ask.description, spoken)]


def rotate(state: State, ask: RotateSecret, desk: Desk) -> list[SecretRotated] | Refusal:
    """Sign by a new secret. Refuses  unknown: the endpoint is not the company's; closed: nothing is sent there"""
    row = _find(state, ask.company, ask.endpoint_id)
    if isinstance(row, Refusal):
        return row
    if not row.url:
        return not_called(row)
    return [SecretRotated(row.endpoint_id, row.secret_version + 1, desk.now + ask.overlap_s)]


def disable(state: State, ask: DisableEndpoint) -> list[EndpointDisabled] | Refusal:
    """Tell nothing at an endpoint. Refuses  unknown: the endpoint is not the company's"""
    row = _find(state, ask.company, ask.endpoint_id)
    if isinstance(row, Refusal):
        return row
    why = ask.why or f"{ask.company} said so"
    return [EndpointDisabled(row.endpoint_id, ask.company, why)] if row.enabled else []


def enable(state: State, ask: EnableEndpoint, desk: Desk) -> list[EndpointEnabled] | Refusal:
    """Tell at an endpoint again. Refuses  unknown: the endpoint is not the company's"""
    row = _find(state, ask.company, ask.endpoint_id)
    if isinstance(row, Refusal):
        return row
    return [] if row.enabled else [EndpointEnabled(row.endpoint_id, desk.now)]


def try_endpoint(state: State, ask: TryEndpoint) -> list[EndpointTried] | Refusal:
    """Send a test notice. Refuses  unknown: the endpoint is not the company's; closed: it is disabled"""
    row = _find(state, ask.company, ask.endpoint_id)
    if isinstance(row, Refusal):
        return row
    if not row.enabled:
        return not_enabled(row)
    return [EndpointTried(row.endpoint_id, row.company)]


def not_enabled(row: Endpoint) -> Refusal:
    """Why nothing is sent to an endpoint that is disabled: `closed`."""
    found = f"a disabled one: {row.disabled}" if row.disabled else "a disabled one"
    return Refusal("closed", f"endpoint {row.endpoint_id}", "an enabled one", found, "enable it first")


def not_called(row: Endpoint) -> Refusal:
    """Why nothing is sent to an endpoint without an address: `closed`."""
    return Refusal("closed", f"endpoint {row.endpoint_id}", "one with an address", "one that is fetched", "set one")


def _find(state: State, company: str, endpoint_id: str) -> Endpoint | Refusal:
    row = state[Endpoint].find(endpoint_id)
    if row is None or company not in (row.company, NETWORK):
        wanted = f"an endpoint of {company}"
        return Refusal("unknown", f"endpoint {endpoint_id}", wanted, "none", "list them, or set a new one")
    return row


# --- folding


def was_set(state: State, fact: EndpointSet) -> None:
    """Fold EndpointSet."""
    row = state[Endpoint].find(fact.endpoint_id)
    if row is None:
        new = Endpoint(fact.endpoint_id, fact.company, fact.url, fact.types, fact.since_at, fact.description)
        state[Endpoint].new(msgspec.structs.replace(new, api_version=fact.api_version))
        return
    said = {name: getattr(fact, name) for name in ("url", "types", "description", "api_version")}
    state[Endpoint].put(msgspec.structs.replace(row, **said, version=row.version + 1))


def rotated(state: State, fact: SecretRotated) -> None:
    """Fold SecretRotated."""
    row = state[Endpoint].get(fact.endpoint_id)
    new = {"secret_version": fact.secret_version, "old_until": fact.old_until}
    state[Endpoint].put(msgspec.structs.replace(row, **new))


def disabled(state: State, fact: EndpointDisabled) -> None:
    """Fold EndpointDisabled."""
    row = state[Endpoint].get(fact.endpoint_id)
    new = {"version": row.version + 1, "enabled": False, "disabled": fact.why}
    state[Endpoint].put(msgspec.structs.replace(row, **new))


def enabled(state: State, fact: EndpointEnabled) -> None:
    """Fold EndpointEnabled."""
    row = state[Endpoint].get(fact.endpoint_id)
    new = {"version": row.version + 1, "enabled": True, "disabled": "", "since_at": fact.since_at}
    state[Endpoint].put(msgspec.structs.replace(row, **new))


def tried(state: State, fact: EndpointTried) -> None:
    """Fold EndpointTried: it is told, and nothing else changes."""
