"""Where is a named connection, and how does one log in?

An endpoint is what Airflow calls a connection. `clvt` finds it, as Airflow does, in the environment variable
`AIRFLOW_CONN_<ID>`, as JSON or as a URL. Secrets are in no printed form of it.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import sqlalchemy as sa

LOGIN_REFUSED = ("28000", "28P01")  # SQLSTATE of PostgreSQL
LOGIN_REFUSED_WORDS = ("authentication failed", "Access denied for user", "ORA-01017", "Login failed for user")


class EndpointError(Exception):
    """A connection is not configured, or not readable."""


@dataclass(frozen=True)
class Endpoint:
    """A connection: host, port, user, and what else its kind needs in `extra`."""

    name: str
    kind: str
    host: str = ""
    port: int | None = None
    login: str = ""
    password: str = field(default="", repr=False)
    schema: str = ""
    extra: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def path(self) -> Path:
        """The file or folder of this machine that it names, in `extra` or where another kind has its host."""
        return Path(self.extra.get("path") or self.host or self.schema)


def variable(name: str) -> str:
    """The environment variable that holds a connection, for Airflow too."""
    return f"AIRFLOW_CONN_{name.upper()}"


def from_environment(name: str) -> Endpoint:
    """The endpoint that `AIRFLOW_CONN_<NAME>` holds; EndpointError where that is not set or cannot be read."""
    text = os.environ.get(variable(name), "")
    if not text:
        raise EndpointError(f"Connection {name} is not configured: set {variable(name)}, or add it in Airflow.")
    return parsed(name, text)


def parsed(name: str, text: str) -> Endpoint:
    """The endpoint that a text describes, as JSON or as a URL; EndpointError where it is neither."""
    try:
        return _from_json(name, text) if text.lstrip().startswith("{") else _from_url(name, text)
    except (ValueError, TypeError):
        raise EndpointError(f"Connection {name} cannot be read: {variable(name)} is neither JSON nor a URL.") from None


def of_airflow(name: str, found: Any) -> Endpoint:
    """The endpoint of a connection as Airflow hands it out."""
    return Endpoint(
        name=name,
        kind=found.conn_type,
        host=found.host or "",
        port=found.port,
        login=found.login or "",
        password=found.password or "",
        schema=found.schema or "",
        extra=found.extra_dejson,
    )


def as_json(endpoint: Endpoint) -> str:
    """The text of an endpoint, as `parsed` and Airflow read it; it holds the endpoint's secrets."""
    fields = ("host", "port", "login", "password", "schema", "extra")
    given = {name: getattr(endpoint, name) for name in fields if getattr(endpoint, name)}
    return json.dumps({"conn_type": endpoint.kind, **given})


def _from_json(name: str, text: str) -> Endpoint:
    raw = json.loads(text)
    extra = raw.get("extra") or {}
    return Endpoint(
        name=name,
        kind=raw.get("conn_type", ""),
        host=raw.get("host") or "",
        port=int(raw["port"]) if raw.get("port") else None,
        login=raw.get("login") or "",
        password=raw.get("password") or "",
        schema=raw.get("schema") or "",
        extra=json.loads(extra) if isinstance(extra, str) else extra,
    )


def _from_url(name: str, text: str) -> Endpoint:
    parts = urlsplit(text)
    return Endpoint(
        name=name,
        kind=parts.scheme,
        host=unquote(parts.hostname or ""),
        port=parts.port,
        login=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        schema=unquote(parts.path.lstrip("/")),
        extra=dict(parse_qsl(parts.query)),
    )


def refuses_login(error: sa.exc.DBAPIError) -> bool:
    """True where a database was reached and refuses the login: to ask again changes nothing."""
    return getattr(error.orig, "sqlstate", None) in LOGIN_REFUSED or any(
        words in str(error.orig) for words in LOGIN_REFUSED_WORDS
    )
