"""Who takes part; and one connection, grant or request by its name."""

from collections.abc import Iterator
from typing import Literal, TypeVar

import msgspec

from rookery.hub.access import NETWORK
from rookery.hub.callers import stored_rows
from rookery.hub.clock import now
from rookery.hub.look import Look
from rookery.journey.company import ROLES, Company
from rookery.journey.connection import Connection, pair_name
from rookery.journey.grant import Grant
from rookery.journey.network.whole import Network
from rookery.journey.request import Request
from rookery.ledger.reads import Read
from rookery.units import read_id
from rookery.web.call import Call, reads_between
from rookery.web.paging import Page, Paged, page_of
from rookery.web.problems import Problem, check_known
from rookery.web.routes.between import (
    ConnectionOut,
    GrantOut,
    RequestOut,
    connection_out,
    grant_out,
    request_out,
)
from rookery.web.table import TABLE

GROUP = "Trust"
T = TypeVar("T")


class CompanyOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A company that takes part. `roles`: as the network's folder has them, or as it was added with."""

    company: str
    name: str
    country: str
    roles: tuple[str, ...]
    status: Literal["active", "suspended"]


class CompanyPage(Page[CompanyOut], frozen=True):
    """A page of companies, by id."""


class CompanyQuery(Paged, frozen=True, forbid_unknown_fields=True):
    """Which companies: with a role, of a country."""

    role: str = ""
    country: str = ""


@TABLE.add(
    "GET", "/v1/companies", title="Companies", scope="trust:read", answers={200: CompanyPage}, group=GROUP,
    query=CompanyQuery,
)  # fmt: skip
async def list_companies(call: Call) -> CompanyPage:
    """Whom one may invite: those of the network's folder and those that were added since, by id."""
    asked: CompanyQuery = call.query
    rows = await call.read(lambda look: list(_companies(look, call.serving.network)))
    check_known("query/role", asked.role, ROLES)
    check_known("query/country", asked.country, (one.country for one in rows))
    kept = [one for one in rows
            if (not asked.role or asked.role in one.roles) and asked.country in ("", one.country)]  # fmt: skip
    return CompanyPage(*page_of(kept, lambda one: one.company, lambda one: one, asked))


def _companies(look: Look, network: Network) -> Iterator[CompanyOut]:
    """All of them: companies are few."""
    said: dict[str, Company] = {one.company_id: one for one in look.ledger.list_rows("company")}
    known = [(one.company_id, one.name, one.country, one.roles) for one in network.companies]
    known += [(one.company_id, one.name, one.country, one.roles) for one in said.values() if one.added]
    for company, name, country, roles in known:
        row = said.get(company)
        yield CompanyOut(company, name, country, roles, "suspended" if row is not None and row.suspended else "active")


@TABLE.add(
    "GET", "/v1/connections/{company}", title="A connection", scope="trust:read", answers={200: ConnectionOut},
    group=GROUP, problems=("not_found",), about={"company": "the other company"},
)  # fmt: skip
async def get_connection(call: Call) -> ConnectionOut:
    """How one's company stands with another: the last connection of the two."""
    own, other = call.caller.company, call.path["company"]
    row = await call.read(lambda look: stored_rows(look.ledger)(Connection, pair_name(own, other)))
    if row is None or own == other:
        raise Problem("not_found", f"{other[:80]}: there is no connection of this company with it")
    return connection_out(row, own)


@TABLE.add(
    "GET", "/v1/grants/{grant}", title="A grant", scope="trust:read", answers={200: GrantOut}, group=GROUP,
    problems=("not_found",), about={"grant": "its id, grt_..."},
)  # fmt: skip
async def get_grant(call: Call) -> GrantOut:
    """What is shown to whom, to either of the two companies."""
    text, own = call.path["grant"], call.caller.company
    id_ = _id(text, "grt")

    def look(into: Look) -> tuple[GrantOut, list[Read]]:
        row = stored_rows(into.ledger)(Grant, id_)
        sees = row is not None and own in (row.owner, row.to_company, NETWORK)
        grant = _found(row if sees else None, text)
        return grant_out(grant, into.ledger, now()), reads_between(call, "grant", [(grant.owner, grant.to_company)])

    return await call.show(look)


@TABLE.add(
    "GET", "/v1/requests/{request}", title="A request", scope="requests:read", answers={200: RequestOut},
    group=GROUP, problems=("not_found",), about={"request": "its id, req_..."},
)  # fmt: skip
async def get_request(call: Call) -> RequestOut:
    """What was asked and answered, to either of the two companies; a draft is its writer's alone."""
    text, own = call.path["request"], call.caller.company
    id_ = _id(text, "req")

    def look(into: Look) -> tuple[RequestOut, list[Read]]:
        row = stored_rows(into.ledger)(Request, id_)
        sees = row is not None and (own == row.from_company or (row.sent and own in (row.to_company, NETWORK)))
        asked = _found(row if sees else None, text)
        return request_out(asked), reads_between(call, "request", [(asked.from_company, asked.to_company)])

    return await call.show(look)


def _id(text: str, prefix: str) -> bytes:
    try:
        found, id_ = read_id(text)
    except ValueError:
        found, id_ = "", b""
    return _found(id_ if found == prefix else None, text)


def _found(row: T | None, text: str) -> T:
    if row is None:
        raise Problem("not_found", f"{text[:80]}: there is no such thing, or it is not shown to this company")
    return row
