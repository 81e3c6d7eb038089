"""What is said about companies, their people and their keys: messages `company`, `user` and `key`. See docs/trust.md.

{"do": "add", "company": "north_post", "name": "North Post", "country": "BE", "roles": ["carrier"]}
{"do": "revoke", "id": "4c2Jx0QpWq7bZ1aR", "why": "lost"}
"""

import re
from typing import Any

from rookery.journey.company import (
    ROLES,
    AddCompany,
    AddUser,
    ChangeUser,
    RemoveUser,
    RestoreCompany,
    SuspendCompany,
    UserRole,
)
from rookery.journey.key import SCOPES, SECRET, MakeKey, MakeToken, Mode, RevokeKey, RotateKey
from rookery.partners.port import BadMessage, FieldFault
from rookery.partners.trust.shape import EMAIL, Fields, Said, read_said

KEY_ID = re.compile(r"[0-9A-Za-z]{16}")
HASH = re.compile(r"[0-9a-f]{64}")
VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
COUNTRY = re.compile(r"[A-Z]{2}")


class CompanyText(Said, frozen=True):
    """A company is added."""

    company: str
    name: str
    country: str
    roles: tuple[str, ...]


class CompanyNamed(Said, frozen=True):
    """A company is suspended or restored."""

    company: str
    why: str = ""


class UserText(Said, frozen=True):
    """A person is added or changed. Blank company: the sender."""

    email: str
    name: str
    role: UserRole
    company: str = ""


class UserNamed(Said, frozen=True):
    """A person is removed."""

    email: str
    company: str = ""


class KeyText(Said, frozen=True):
    """A key is made."""

    id: str
    hash: str
    scopes: tuple[str, ...]
    mode: Mode
    version: str
    company: str = ""
    user: str = ""
    expires_at: str = ""
    note: str = ""


class KeyRotated(Said, frozen=True):
    """A key gets a successor."""

    id: str
    new_id: str
    hash: str
    until: str


class KeyNamed(Said, frozen=True):
    """A key is revoked."""

    id: str
    why: str = ""


class TokenText(Said, frozen=True):
    """A key is exchanged for a token. `key`: its id."""

    key: str
    id: str
    hash: str
    expires_at: str
    scopes: tuple[str, ...] = ()


def read_company(body: bytes, sender: str) -> list[Any]:
    """A word on a company. Raises  BadMessage: with every bad field"""
    do, text = read_said(body, {"add": CompanyText, "suspend": CompanyNamed, "restore": CompanyNamed})
    checks = Fields()
    checks.company("company", text.company)
    if do == "add":
        checks.match("country", text.country, COUNTRY, "an ISO 3166-1 alpha-2 code, such as BE")
        checks.short(name=text.name)
        checks.words("roles", text.roles, ROLES)
    else:
        checks.short(why=text.why)
    checks.end()
    if do == "add":
        return [AddCompany(text.company, text.name, text.country, text.roles)]
    return [SuspendCompany(text.company, text.why) if do == "suspend" else RestoreCompany(text.company)]


def read_user(body: bytes, sender: str) -> list[Any]:
    """A word on a person. Raises  BadMessage: with every bad field"""
    do, text = read_said(body, {"add": UserText, "change": UserText, "remove": UserNamed})
    checks, company = Fields(), text.company or sender
    checks.company("company", company)
    checks.match("email", text.email, EMAIL, "an e-mail address")
    if do == "remove":
        checks.end()
        return [RemoveUser(sender, company, text.email)]
    checks.short(name=text.name)
    checks.end()
    return [(AddUser if do == "add" else ChangeUser)(sender, company, text.email, text.name, text.role)]


def read_key(body: bytes, sender: str) -> list[Any]:
    """A word on a key. A secret that slips in is not read, and nothing of such a message is repeated.

    Raises  BadMessage: with every bad field
    """
    if SECRET.search(body.decode("latin-1")):
        found = "a secret; it is spent: make another, and send its hash"
        raise BadMessage([FieldFault("message", "no secret", found, "see docs/trust.md")])
    do, text = read_said(
        body, {"make": KeyText, "rotate": KeyRotated, "revoke": KeyNamed, "token": TokenText}, quiet=True
    )
    checks = Fields(quiet=True)
    for name in {"id", "new_id", "key"} & set(text.__struct_fields__):
        checks.match(name, getattr(text, name), KEY_ID, "16 letters and digits")
    if do == "revoke":
        checks.short(why=text.why)
        checks.end()
        return [RevokeKey(sender, text.id, text.why)]
    checks.match("hash", text.hash, HASH, "the SHA-256 of the secret, 64 hexadecimal digits")
    if do == "make":
        return [_key(text, sender, checks)]
    if do == "rotate":
        until = checks.instant("until", text.until)
        checks.end()
        return [RotateKey(sender, text.id, text.new_id, text.hash, until)]
    expires_at = checks.instant("expires_at", text.expires_at)
    if text.scopes:
        checks.words("scopes", text.scopes, SCOPES)
    checks.end()
    return [MakeToken(sender, text.id, text.hash, text.key, expires_at, text.scopes)]


def _key(text: KeyText, sender: str, checks: Fields) -> MakeKey:
    company = text.company or sender
    checks.company("company", company)
    checks.words("scopes", text.scopes, SCOPES)
    checks.match("version", text.version, VERSION, "a date such as 2026-11-28")
    checks.short(note=text.note)
    if text.user:
        checks.match("user", text.user, EMAIL, "an e-mail address")
    expires_at = checks.instant("expires_at", text.expires_at, needed=False)
    checks.end()
    return MakeKey(
        sender, text.id, text.hash, company, text.scopes, text.mode, text.version, text.user, expires_at, text.note
    )
