"""The name of a ledger on a PostgreSQL server: `postgresql://user@host:5432/database?schema=name`."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

SCHEMES = ("postgresql", "postgres")
SCHEMA = "rookery"
CONNECT_S = 10
# A server that is gone without a word is known to be within half a minute, and not after TCP's own quarter of an hour.
REACH = {
    "connect_timeout": str(CONNECT_S), "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}  # fmt: skip
_SCHEMA_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
OPTIONS = (
    "host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "application_name", "passfile",
    "service", "target_session_attrs",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServerLedger:
    """A ledger on a PostgreSQL server: how to connect, as libpq names it, and the schema that holds it.

    Its text never shows the password.
    """

    options: tuple[tuple[str, str], ...] = field(repr=False)
    schema: str = SCHEMA

    def reach(self, application: str) -> dict[str, str]:
        """How libpq connects to it, in the name of an application."""
        return REACH | {"application_name": application} | dict(self.options)

    def __str__(self) -> str:
        of = dict(self.options)
        user = f"{of['user']}@" if "user" in of else ""
        port = f":{of['port']}" if "port" in of else ""
        return f"postgresql://{user}{of.get('host', '')}{port}/{of.get('dbname', '')}?schema={self.schema}"


def is_url(text: str) -> bool:
    """True if a text names a ledger on a server."""
    return text.startswith(tuple(f"{scheme}://" for scheme in SCHEMES))


def read_url(text: str) -> ServerLedger:
    """A ledger on a server from its URL. What the URL leaves out, libpq finds where it always does.

    Raises  ValueError: it cannot be read; the words do not repeat it, since a password may stand in it
    """
    try:
        parts = urlsplit(text)
        told = {"host": parts.hostname, "port": parts.port, "user": parts.username, "password": parts.password}
    except ValueError:
        raise ValueError("wanted postgresql://user@host:port/database, found another form") from None
    options = {name: unquote(str(value)) for name, value in told.items() if value}
    if parts.path.strip("/"):
        options["dbname"] = unquote(parts.path.strip("/"))
    schema = SCHEMA
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name == "schema":
            schema = value
        elif name in OPTIONS:
            options[name] = value
        else:
            raise ValueError(f"wanted options among schema, {', '.join(OPTIONS)}, found {name!r}")
    if not _SCHEMA_NAME.fullmatch(schema):
        raise ValueError(f"wanted a schema named by small letters, digits and _, found {schema!r}")
    return ServerLedger(tuple(options.items()), schema)
