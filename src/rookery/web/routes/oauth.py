"""Access tokens for machines: OAuth 2.0 client credentials, RFC 6749 4.4; the metadata of RFC 8414."""

import base64
import binascii
import datetime as dt
import re
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import msgspec

from rookery.hub.callers import Caller, find_caller, make_secret, stored_rows
from rookery.hub.clock import now
from rookery.journey.key import SCOPES, TOKEN_S_MAX
from rookery.units import UTC
from rookery.web.call import Call, Reply
from rookery.web.table import FORM, TABLE

GROUP = "Trust"
GRANT = "client_credentials"
_NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}
_ASK = {"www-authenticate": 'Basic realm="rookery"'}


class Token(msgspec.Struct, frozen=True):
    """An access token. `scope`: what it opens, with a blank between."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str


class OAuthFault(msgspec.Struct, frozen=True):
    """Why there is no token, as RFC 6749 5.2 says it."""

    error: str
    error_description: str


class TokenWish(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a client asks with; its id and secret may come by HTTP Basic instead."""

    grant_type: str
    scope: str = ""
    client_id: str = ""
    client_secret: str = ""


class AuthorizationServer(msgspec.Struct, frozen=True):
    """What the server says of itself."""

    issuer: str
    token_endpoint: str
    grant_types_supported: tuple[str, ...]
    token_endpoint_auth_methods_supported: tuple[str, ...]
    scopes_supported: tuple[str, ...]
    response_types_supported: tuple[str, ...] = ()
    service_documentation: str = ""


_UNTOLD = re.compile(r"[^ !#-\[\]-~]")  # what an error's description may not have, RFC 6749 5.2


def _refuse(error: str, text: str) -> Reply:
    unknown = error == "invalid_client"
    told = OAuthFault(error, _UNTOLD.sub("?", text))
    return Reply(told, 401 if unknown else 400, _NO_STORE | (_ASK if unknown else {}))


class _Bad(Exception):
    def __init__(self, error: str, text: str):
        super().__init__(text)
        self.error = error


@TABLE.add(
    "POST", "/v1/oauth/token", title="Exchange a key for an access token", scope="",
    answers={200: Token, 400: OAuthFault, 401: OAuthFault}, group=GROUP, body=TokenWish, reads=FORM,
    tells=partial(_refuse, "invalid_request"),
)  # fmt: skip
async def issue_token(call: Call) -> Reply:
    """For machines that speak OAuth 2.0 client credentials. `client_id`: the key's id; `client_secret`: the whole key.

    A token lasts an hour at most, opens what the key does or less, and is worth nothing once the key is.
    """
    try:
        asked = _read_form(call.raw)
        caller = await _client(call, asked)
        scopes = _scopes(asked, caller)
        return await _issue(call, caller, scopes)
    except _Bad as bad:
        return _refuse(bad.error, str(bad))


async def _issue(call: Call, caller: Caller, scopes: tuple[str, ...]) -> Reply:
    secret = make_secret(caller.mode)
    ends = dt.datetime.fromtimestamp(now() + TOKEN_S_MAX, UTC).isoformat()
    said: dict[str, Any] = {
        "do": "token", "key": caller.key_id, "id": secret.key_id, "hash": secret.hash_, "expires_at": ends,
        "scopes": scopes,
    }  # fmt: skip
    own = replace(call, caller=caller)
    answer = await own.tell("key", msgspec.json.encode(said), key=f"issue_token:{secret.key_id}")
    if answer.outcome == "refused":
        raise _Bad("invalid_grant", "; ".join(map(str, answer.refusals)))
    return Reply(Token(secret.text, "Bearer", TOKEN_S_MAX, " ".join(scopes)), 200, _NO_STORE)


def _read_form(raw: bytes) -> TokenWish:
    found: dict[str, str] = {}
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise _Bad("invalid_request", "body: wanted a form of at most 20 fields") from None
    for name, value in pairs:
        if name in found:
            raise _Bad("invalid_request", f"{name[:40]}: wanted it once")
        found[name] = value
    known = {name: found.get(name, "") for name in TokenWish.__struct_fields__}
    if not known["grant_type"]:
        raise _Bad("invalid_request", f"grant_type: wanted {GRANT}, found none")
    if known["grant_type"] != GRANT:
        raise _Bad("unsupported_grant_type", f"grant_type: wanted {GRANT}, found another")
    return TokenWish(**known)


async def _client(call: Call, asked: TokenWish) -> Caller:
    """The machine whose key comes with the request, in one way."""
    id_, secret = asked.client_id, asked.client_secret
    kind, _, words = call.headers.get("authorization", "").partition(" ")
    if words:
        if secret or kind.lower() != "basic":
            raise _Bad("invalid_request", "wanted client_id and client_secret by HTTP Basic or in the body, once")
        try:
            text = base64.b64decode(words, validate=True).decode("ascii")
        except (binascii.Error, UnicodeDecodeError):
            raise _Bad("invalid_client", "authorization: wanted Basic and base64") from None
        id_, _, secret = text.partition(":")
        id_, secret = unquote_plus(id_), unquote_plus(secret)
    mode = call.serving.modes.get(secret.partition("_")[0])
    if mode is None or len(secret) > 200:
        raise _Bad("invalid_client", "no such key")
    found = await mode.readers.read(lambda look: find_caller(stored_rows(look.ledger), secret, now()))
    if isinstance(found, str) or found.key_id != id_:
        raise _Bad("invalid_client", "no such key, or it is expired or revoked")
    row = await mode.readers.read(lambda look: look.ledger.find_row("api_key", id_))
    if row is None or row.parent:
        raise _Bad("invalid_client", "wanted a key, found a token")
    return found


def _scopes(asked: TokenWish, caller: Caller) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(asked.scope.split())) or tuple(sorted(caller.scopes))
    if not wanted or not set(wanted) <= caller.scopes:
        raise _Bad("invalid_scope", f"scope: wanted some of {' '.join(sorted(caller.scopes))}")
    return wanted


@TABLE.add(
    "GET", "/.well-known/oauth-authorization-server", title="What the server says of itself", scope="",
    answers={200: AuthorizationServer}, group=GROUP,
)  # fmt: skip
async def authorization_server(call: Call) -> AuthorizationServer:
    """Authorization server metadata, RFC 8414."""
    scheme = "https" if call.headers.get("x-forwarded-proto", "") == "https" else "http"
    issuer = f"{scheme}://{call.headers.get('host', '')}"
    return AuthorizationServer(
        issuer, f"{issuer}/v1/oauth/token", (GRANT,), ("client_secret_basic", "client_secret_post"), tuple(SCOPES),
    )  # fmt: skip
