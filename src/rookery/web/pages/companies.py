"""Who takes part, who works together, what is shown to whom, and who has read what."""

from typing import Any

from rookery.hub.ids import told_id
from rookery.journey.company import Company
from rookery.journey.connection import Connection, pair_name
from rookery.journey.grant import Grant, stands
from rookery.ledger.reads import ReadLog
from rookery.units import id_text
from rookery.web.call import Call, Reply
from rookery.web.pages.paper import PAGES, paper
from rookery.web.pages.sight import Sight, see
from rookery.web.table import HTML

LIST_MAX = 200


@PAGES.add("GET", "/companies", title="Companies", scope="trust:read", answers={200: HTML}, group="Pages")
async def list_companies(call: Call) -> Reply:
    """The companies, and of connections, grants and reads those that are the caller's; the operator sees all."""
    known = [
        {"id": one.company_id, "name": one.name, "country": one.country, "roles": one.roles, "state": "active"}
        for one in call.serving.network.companies
    ]

    def ask(sight: Sight) -> dict[str, Any]:
        links = _connections(sight)
        return {
            "companies": _companies(sight, known, links), "connections": links, "given": _grants(sight, "owner"),
            "received": [] if sight.is_operator else _grants(sight, "to_company"), "reads": _reads(sight),
        }  # fmt: skip

    return paper(call, "companies.html", **await see(call, "companies", ask))


def _companies(sight: Sight, known: list[dict[str, Any]], links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = {one["id"]: dict(one) for one in known}
    added: list[Company] = sight.look.ledger.list_newest("company", LIST_MAX)
    for one in added:
        if one.added:
            rows[one.company_id] = {
                "id": one.company_id, "name": one.name, "country": one.country, "roles": one.roles, "state": "active",
            }  # fmt: skip
        if one.suspended and one.company_id in rows:
            rows[one.company_id]["state"] = "suspended"
    for link in links:
        for company in link["pair"]:
            if company in rows and company != sight.company and not sight.is_operator:
                rows[company]["connection"] = link["state"]
    return sorted(rows.values(), key=lambda one: one["id"])


def _connections(sight: Sight) -> list[dict[str, Any]]:
    rows = sight.look.ledger.list_rows_naming("connection", "pair", "|" if sight.is_operator else sight.company)
    found = []
    for row in rows:
        pair = row.pair.split("|")
        if sight.is_operator or sight.company in pair:
            assert row.pair == pair_name(*pair), "both ids by alphabet"
            sight.note_between("connection", *pair)
            found.append(
                {
                    "pair": pair,
                    "state": row.state,
                    "by": row.invited_by,
                    "until": row.expires_at,
                    "note": row.note,
                    "why": row.why,
                }
            )
        if len(found) == LIST_MAX:
            break
    return found


def _grants(sight: Sight, side: str) -> list[dict[str, Any]]:
    columns = {} if sight.is_operator else {side: sight.company}
    rows: list[Grant] = sight.look.ledger.list_newest("grants", LIST_MAX, **columns)
    for row in rows:
        sight.note_between("grant", row.owner, row.to_company)
    return [
        {
            "id": id_text("grt", row.grant_id),
            "owner": row.owner,
            "to": row.to_company,
            "kinds": row.kinds,
            "profile": row.profile,
            "purpose": row.purpose,
            "until": row.expires_at,
            "state": stands(row, sight.find(Connection, pair_name(row.owner, row.to_company)), sight.at),
            "object": told_id(sight.look.ledger, row.object_id),
            "what": _what(row),
        }
        for row in rows
    ]


def _what(row: Grant) -> str:
    """Which orders a grant by query is about, in words."""
    parts = [f"to {row.query.country}" if row.query.country else "", f"as {row.query.product_id}"]
    return " ".join(parts if row.query.product_id else parts[:1]) or "everything"


def _reads(sight: Sight) -> list[Any]:
    """The last reads of what is the caller's."""
    log = ReadLog(sight.look.ledger.path)
    try:
        return [read for _, read in log.list(sight.company)][::-1][:20]
    finally:
        log.close()
