"""Who hears that a night failed, or where the register ended after it, and how?

By mail (Airflow Connection `night_mail`) and by a webhook (`night_webhook`), each where it is configured. What is sent
holds the night, the stages and where to look: no sentence of an error, and nobody's data. Where the register ended goes
by mail (`register_digest`) to people who keep it where nobody who runs the pipeline can change it.
"""

import json
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from email.message import EmailMessage
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.endpoints import Endpoint, EndpointError

if TYPE_CHECKING:
    from connectors.register.database import Head  # what a DAG imports to be read stays little

MAIL = "night_mail"
WEBHOOK = "night_webhook"
DIGEST = "register_digest"
SECONDS = 20
TLS = ("starttls", "ssl", "none")
THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


class NotNotified(Exception):
    """Nobody could be reached on one of the ways; the message says on which."""


@dataclass(frozen=True)
class Failure:
    """A night that failed: its date, the stages that did not end, partners not reached, its page's address if known.

    One that `is_late` has not failed so far. `held` says what and how many, where the brakes hold it; `force` whose
    night it is, where there are several.
    """

    night: date
    stages: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    link: str = ""
    held: str = ""
    force: str = ""
    is_late: bool = False

    @property
    def subject(self) -> str:
        """One line."""
        stages = ", ".join(self.stages)
        how = f"is not over in time: {stages} has not ended" if self.is_late else f"failed in {stages}"
        missed = f"; not reached: {', '.join(self.partners)}" if self.partners else ""
        whose = f", force {self.force}" if self.force else ""
        return f"County Lines tracker{whose}: the night of {self.night} {how}{missed}"

    @property
    def text(self) -> str:
        """The line, and where to look."""
        where = f"\n\nLook here: {self.link}" if self.link else ""
        held = f"\n\nIt is held, and nothing leaves until a person confirms it: {self.held}" if self.held else ""
        return f"{self.subject}.{held}{where}\n"


@dataclass(frozen=True)
class Digest:
    """Where the register ended after a night, as its anchor has it; `force` whose night it is, where there are several.

    Whoever changed the register and all anchors since cannot change this.
    """

    night: date
    end: "Head"
    force: str = ""

    @property
    def subject(self) -> str:
        """One line."""
        whose = f", force {self.force}" if self.force else ""
        return f"County Lines tracker{whose}: end of the register, night of {self.night}"

    @property
    def text(self) -> str:
        """The anchor, in the form of the files that hold anchors."""
        return f"{json.dumps(asdict(self.end))}\n\nKeep this mail: `clvt audit --verify` can be held against it.\n"


def tell(failure: Failure, endpoint: Callable[[str], Endpoint]) -> list[str]:
    """Tell of a failure on every way that is configured; returns their names.

    Raises NotNotified, after every way was tried, where one of them did not work.
    """
    ways = {MAIL: partial(mail, failure), WEBHOOK: partial(post, failure)}
    return _tell(f"The failure of the night of {failure.night}", ways, endpoint)


def tell_end(digest: Digest, endpoint: Callable[[str], Endpoint]) -> list[str]:
    """Mail where the register ended, where that is configured; NotNotified where it did not work."""
    ways = {DIGEST: partial(mail, digest)}
    return _tell(f"Where the register ended after the night of {digest.night}", ways, endpoint)


def _tell(what: str, ways: Mapping[str, Callable[[Endpoint], None]], endpoint: Callable[[str], Endpoint]) -> list[str]:
    reached, failed = [], []
    for name, send in ways.items():
        found = _configured(endpoint, name)
        if found is None:
            continue
        try:
            send(found)
            reached.append(name)
        except (OSError, smtplib.SMTPException, ValueError, KeyError) as error:
            failed.append(f"{name} ({type(error).__name__})")
    if failed:
        raise NotNotified(f"{what} could not be told by {', '.join(failed)}.")
    return reached


def mail(news: Failure | Digest, endpoint: Endpoint) -> None:
    """Send a mail; the connection's extra has `from`, `to` (a list), and `tls`: starttls (the default), ssl or none.

    Raises ValueError where `tls` is another word, or none for a server that is not this machine: a password and the
    mail would cross the network in clear.
    """
    message = EmailMessage()
    message["Subject"], message["From"] = news.subject, endpoint.extra["from"]
    message["To"] = ", ".join(_listed(endpoint.extra["to"]))
    message.set_content(news.text)
    tls = _tls(endpoint)
    with _connected(endpoint, tls) as server:
        if tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        if endpoint.login:
            server.login(endpoint.login, endpoint.password)
        server.send_message(message)


def post(failure: Failure, endpoint: Endpoint) -> None:
    """Post JSON to the connection's extra `url`: text, night, stages, partners, link; its password is a bearer token.

    Raises ValueError for an address without TLS. A redirect is an error: the token is for the address that was
    configured and no other.
    """
    url = str(endpoint.extra["url"])
    parts = urlsplit(url)
    if parts.scheme != "https" and (parts.scheme, parts.hostname) != ("http", "127.0.0.1"):
        raise ValueError("a webhook's address begins with https://")
    body = {
        "text": failure.text.strip(),
        "night": failure.night.isoformat(),
        **({"force": failure.force} if failure.force else {}),
        "stages": list(failure.stages),
        "partners": list(failure.partners),
        "link": failure.link,
    }
    headers = {"Content-Type": "application/json"}
    if endpoint.password:
        headers["Authorization"] = f"Bearer {endpoint.password}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")  # noqa: S310
    urllib.request.build_opener(_NoRedirect).open(request, timeout=SECONDS).close()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow nothing: what answered is then raised as an HTTPError."""


def _tls(endpoint: Endpoint) -> str:
    given = endpoint.extra.get("tls", TLS[0])
    tls = given.strip().lower() if isinstance(given, str) else ""
    if tls not in TLS:
        raise ValueError(f"tls is one of {', '.join(TLS)}")
    if tls == "none" and endpoint.host not in THIS_MACHINE:
        raise ValueError("only a server on this machine may be written to without TLS")
    return tls


def _connected(endpoint: Endpoint, tls: str) -> smtplib.SMTP:
    if tls == "ssl":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(endpoint.host, endpoint.port or 465, timeout=SECONDS, context=context)
    return smtplib.SMTP(endpoint.host, endpoint.port or 587, timeout=SECONDS)


def _listed(to: str | Iterable[str]) -> list[str]:
    return [to] if isinstance(to, str) else list(to)


def _configured(endpoint: Callable[[str], Endpoint], name: str) -> Endpoint | None:
    try:
        return endpoint(name)
    except EndpointError:
        return None
