"""The network as it stands in its folder: about it, its facilities, services and companies."""

import datetime as dt

import msgspec

from rookery.journey.network.line import Service
from rookery.journey.network.place import Facility
from rookery.web.call import Call
from rookery.web.paging import Page, Paged, page_of
from rookery.web.problems import Problem, check_known
from rookery.web.table import TABLE

GROUP = "Network"


class NetworkOut(msgspec.Struct, frozen=True):
    """A network. `snapshot`: SHA-256 of its files."""

    network: str
    version: str
    name: str
    currency: str
    valid_from: dt.date
    valid_to: dt.date
    snapshot: str
    facilities: int
    services: int
    companies: int


class FacilityOut(msgspec.Struct, frozen=True):
    """A place where goods are handled. `lat`, `lon`: degrees, or null where they are not known."""

    facility: str
    name: str
    kind: str
    country: str
    time_zone: str
    lat: float | None
    lon: float | None


class ServiceOut(msgspec.Struct, frozen=True):
    """What an operator runs on a timetable."""

    service: str
    name: str
    operator: str
    mode: str


class FacilityPage(Page[FacilityOut], frozen=True):
    """A page of facilities, by id."""


class ServicePage(Page[ServiceOut], frozen=True):
    """A page of services, by id."""


class FacilityQuery(Paged, frozen=True, forbid_unknown_fields=True):
    """Which facilities: of a country, of a kind."""

    country: str = ""
    kind: str = ""


class ServiceQuery(Paged, frozen=True, forbid_unknown_fields=True):
    """Which services: of an operator, of a mode."""

    operator: str = ""
    mode: str = ""


@TABLE.add("GET", "/v1/network", title="The network", scope="network:read", answers={200: NetworkOut}, group=GROUP)
async def network(call: Call) -> NetworkOut:
    """What the network is called, from when to when its timetable holds, how large it is."""
    whole = call.serving.network
    about = whole.about
    return NetworkOut(
        network=about.network_id,
        version=about.version,
        name=about.name,
        currency=about.currency,
        valid_from=about.valid_from,
        valid_to=about.valid_to,
        snapshot=whole.snapshot,
        facilities=len(whole.facilities),
        services=len(whole.services),
        companies=len(whole.companies),
    )


@TABLE.add(
    "GET", "/v1/facilities", title="Facilities", scope="network:read", answers={200: FacilityPage}, group=GROUP,
    query=FacilityQuery,
)  # fmt: skip
async def facilities(call: Call) -> FacilityPage:
    """By id; a cursor is the id after which the next page begins."""
    asked: FacilityQuery = call.query
    there = call.serving.network.facilities
    check_known("query/country", asked.country, (one.country for one in there))
    check_known("query/kind", asked.kind, (one.kind for one in there))
    rows = [one for one in call.serving.network.facilities
            if asked.country in ("", one.country) and asked.kind in ("", one.kind)]  # fmt: skip
    return FacilityPage(*page_of(rows, lambda row: row.facility_id, _facility, asked))


@TABLE.add(
    "GET", "/v1/facilities/{facility}", title="A facility", scope="network:read", answers={200: FacilityOut},
    group=GROUP, problems=("not_found",), about={"facility": "its id, such as LGG"},
)  # fmt: skip
async def facility(call: Call) -> FacilityOut:
    """Where it is and what it does."""
    found = call.serving.world.timetable.facilities.get(call.path["facility"])
    if found is None:
        raise Problem("not_found", f"facility {call.path['facility']}: none of this network")
    return _facility(found)


@TABLE.add(
    "GET", "/v1/services", title="Services", scope="network:read", answers={200: ServicePage}, group=GROUP,
    query=ServiceQuery,
)  # fmt: skip
async def services(call: Call) -> ServicePage:
    """What runs on a timetable, by id."""
    asked: ServiceQuery = call.query
    there = call.serving.network.services
    check_known("query/operator", asked.operator, (one.company_id for one in call.serving.network.companies))
    check_known("query/mode", asked.mode, (one.mode for one in there))
    rows = [one for one in call.serving.network.services
            if asked.operator in ("", one.company_id) and asked.mode in ("", one.mode)]  # fmt: skip
    return ServicePage(*page_of(rows, lambda row: row.service_id, _service, asked))


def _facility(row: Facility) -> FacilityOut:
    lat, lon = (None if micro is None else micro / 1_000_000 for micro in (row.lat, row.lon))
    return FacilityOut(row.facility_id, row.name, row.kind, row.country, row.time_zone, lat, lon)


def _service(row: Service) -> ServiceOut:
    return ServiceOut(row.service_id, row.name, row.company_id, row.mode)
