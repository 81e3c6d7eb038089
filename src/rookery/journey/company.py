"""Companies beyond the network folder, and the people of each company.

    added ----> suspended ----> active again        the folder's companies are active from the start
Only the network's operator adds, suspends and restores. A suspended company says nothing, reads nothing, shows nothing.
"""

from typing import Literal

import msgspec

from rookery.journey.departure import NETWORK
from rookery.journey.desk import Desk, World
from rookery.journey.state import Refusal, State, ViewRow

ROLES = ("operator", "carrier", "warehouse", "broker", "shipper", "platform", "customer", "station")

UserRole = Literal["admin", "member", "viewer"]


class AddCompany(msgspec.Struct, frozen=True):
    """Ask: let a company take part that is not in the network's folder."""

    company_id: str
    name: str
    country: str
    roles: tuple[str, ...]


class SuspendCompany(msgspec.Struct, frozen=True):
    """Ask: a company takes part no more, until it is restored."""

    company_id: str
    why: str = ""


class RestoreCompany(msgspec.Struct, frozen=True):
    """Ask: a suspended company takes part again."""

    company_id: str


class AddUser(msgspec.Struct, frozen=True):
    """Ask: a person acts for a company."""

    by: str
    company: str
    email: str
    name: str
    role: UserRole


class ChangeUser(msgspec.Struct, frozen=True):
    """Ask: a person has another name or role. Fields as in AddUser."""

    by: str
    company: str
    email: str
    name: str
    role: UserRole


class RemoveUser(msgspec.Struct, frozen=True):
    """Ask: a person acts for a company no more."""

    by: str
    company: str
    email: str


class CompanyAdded(msgspec.Struct, frozen=True):
    """A company takes part that is not in the network's folder."""

    company_id: str
    name: str
    country: str
    roles: tuple[str, ...]


class CompanySuspended(msgspec.Struct, frozen=True):
    """A company takes part no more, until it is restored."""

    company_id: str
    why: str


class CompanyRestored(msgspec.Struct, frozen=True):
    """A suspended company takes part again."""

    company_id: str


class UserAdded(msgspec.Struct, frozen=True):
    """A person acts for a company."""

    company: str
    email: str
    name: str
    role: UserRole


class UserChanged(msgspec.Struct, frozen=True):
    """A person has another name or role."""

    company: str
    email: str
    name: str
    role: UserRole


class UserRemoved(msgspec.Struct, frozen=True):
    """A person acts for a company no more; keys of theirs are revoked."""

    company: str
    email: str


class Company(ViewRow, frozen=True):
    """What was said of a company since the network's folder was made.

    added   True: it is not in the folder, and name, country and roles are those that it was added with
    why     it is suspended, as the network's operator said
    """

    company_id: str
    name: str = ""
    country: str = ""
    roles: tuple[str, ...] = ()
    added: bool = False
    suspended: bool = False
    why: str = ""


class User(ViewRow, frozen=True):
    """A person who acts for a company. `account`: `company/e-mail`, under which keys name them."""

    account: str
    company: str
    email: str
    name: str
    role: UserRole


def user_account(company: str, email: str) -> str:
    """The name of a person at a company: one e-mail address may be known at several."""
    return f"{company}/{email.lower()}"


def find_absent(state: State, world: World, company: str) -> Refusal | None:
    """Why a company does not take part, or None. The network's operator is no company.

    Refuses  unknown: no such company; suspended: it takes part no more
    """
    row = state[Company].find(company)
    if row is not None and row.suspended:
        return Refusal("suspended", f"company {company}", "one that takes part", "a suspended one", "ask the network")
    if company in world.timetable.companies or row is not None:
        return None
    return Refusal("unknown", f"company {company}", "a company of the network", "none", "correct the name")


def find_stranger(state: State, world: World, *, by: str, company: str) -> Refusal | None:
    """Why one may not speak for a company, or None: it does so itself, or the network's operator does.

    Refuses  barred: another one's; and as `find_absent`
    """
    if by not in (company, NETWORK):
        return Refusal("barred", f"company {company}", f"a word of {company} or of the network", f"one of {by}")
    return None if company == NETWORK else find_absent(state, world, company)


# --- companies


def add(state: State, ask: AddCompany, desk: Desk) -> list[CompanyAdded] | Refusal:
    """Let a company take part. Refuses  duplicate: there is one of that id; unknown: no such country"""
    known = desk.world.timetable
    thing = f"company {ask.company_id}"
    if ask.company_id in (*known.companies, NETWORK) or state[Company].find(ask.company_id) is not None:
        return Refusal("duplicate", thing, "a new id", "one that is taken", "take another id")
    if ask.country not in known.territory:
        return Refusal("unknown", thing, "a country of the network", repr(ask.country), "correct the country")
    return [CompanyAdded(ask.company_id, ask.name, ask.country, ask.roles)]


def suspend(state: State, ask: SuspendCompany, desk: Desk) -> list[CompanySuspended] | Refusal:
    """Let a company take part no more. Refuses  unknown, suspended: it is already"""
    return find_absent(state, desk.world, ask.company_id) or [CompanySuspended(ask.company_id, ask.why)]


def restore(state: State, ask: RestoreCompany, desk: Desk) -> list[CompanyRestored] | Refusal:
    """Let a suspended company take part again. Refuses  unknown; closed: it is not suspended"""
    absent = find_absent(state, desk.world, ask.company_id)
    if absent is None:
        return Refusal("closed", f"company {ask.company_id}", "a suspended company", "one that takes part")
    return [CompanyRestored(ask.company_id)] if absent.code == "suspended" else absent


# --- people


def add_user(state: State, ask: AddUser, desk: Desk) -> list[UserAdded] | Refusal:
    """Let a person act for a company. Refuses  barred, unknown, suspended; duplicate: the address is known there"""
    refusal = find_stranger(state, desk.world, by=ask.by, company=ask.company)
    if refusal is not None:
        return refusal
    if state[User].find(user_account(ask.company, ask.email)) is not None:
        return Refusal(
            "duplicate", f"user {ask.email}", "a new address", "one that is known", "change the user instead"
        )
    return [UserAdded(ask.company, ask.email.lower(), ask.name, ask.role)]


def change_user(state: State, ask: ChangeUser, desk: Desk) -> list[UserChanged] | Refusal:
    """Give a person another name or role. Refuses  barred, unknown, suspended"""
    refusal = find_stranger(state, desk.world, by=ask.by, company=ask.company)
    refusal = refusal or find_no_user(state, ask.company, ask.email)
    return refusal or [UserChanged(ask.company, ask.email.lower(), ask.name, ask.role)]


def remove_user(state: State, ask: RemoveUser, desk: Desk) -> list[UserRemoved] | Refusal:
    """Let a person act no more. Refuses  barred, unknown, suspended"""
    refusal = find_stranger(state, desk.world, by=ask.by, company=ask.company)
    refusal = refusal or find_no_user(state, ask.company, ask.email)
    return refusal or [UserRemoved(ask.company, ask.email.lower())]


def find_no_user(state: State, company: str, email: str) -> Refusal | None:
    """Why there is no such person at a company, or None."""
    if state[User].find(user_account(company, email)) is not None:
        return None
    return Refusal("unknown", f"user {email}", f"a user of {company}", "none", "add the user first")


# --- folding


def added(state: State, fact: CompanyAdded) -> None:
    """Fold CompanyAdded."""
    state[Company].new(Company(fact.company_id, fact.name, fact.country, fact.roles, added=True))


def suspended(state: State, fact: CompanySuspended) -> None:
    """Fold CompanySuspended."""
    row = state[Company].find(fact.company_id) or Company(fact.company_id)
    state[Company].put(msgspec.structs.replace(row, suspended=True, why=fact.why))


def restored(state: State, fact: CompanyRestored) -> None:
    """Fold CompanyRestored."""
    row = state[Company].get(fact.company_id)
    state[Company].put(msgspec.structs.replace(row, suspended=False, why=""))


def user_known(state: State, fact: UserAdded | UserChanged) -> None:
    """Fold UserAdded and UserChanged."""
    account = user_account(fact.company, fact.email)
    state[User].put(User(account, fact.company, fact.email, fact.name, fact.role))


def user_removed(state: State, fact: UserRemoved) -> None:
    """Fold UserRemoved."""
    state[User].drop(user_account(fact.company, fact.email))
