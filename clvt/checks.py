"""Is everything that a night needs there: site, contracts, sources, partners?

Tries every connection without sending anything.
"""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from clvt.connections import look_for
from connectors.endpoints import EndpointError
from connectors.sources import intelligence
from connectors.store.private import readable_by_others
from expectations.contracts import contract, tables
from expectations.recipients import Recipient, broken, unmet
from expectations.recipients import load as load_recipients
from night.check_recipient import check_endpoint, check_recipient
from night.engine import named_engine
from night.pull import source_columns, wanted
from night.run import Run
from transforms.export.drops import shortfalls


def checks(run: Run) -> Iterator[tuple[str, list[str]]]:
    """What was tried, and a sentence for each thing that is wrong with it."""
    look_for(["intelligence_db", "partner_inbox", *_partners(run)])
    yield "site", _tried(lambda: _nothing(run.site))
    yield "table contracts", _tried(lambda: _nothing([contract(name).schema for name in tables()]))
    yield "gpg", [] if shutil.which("gpg") else ["GnuPG is missing: apt-get install gnupg."]
    yield "link engine", _tried(lambda: _nothing(named_engine()))
    yield "private", _readable(run)
    yield "register", _tried(lambda: _nothing(run.register))
    yield "intelligence_db", _tried(lambda: _intelligence(run))
    yield "partner_inbox", _tried(lambda: _inbox(run))
    yield from ((name, [sentence]) for name, sentence in broken(run.home.recipients).items())
    for name, recipient in load_recipients(run.home.recipients).items():
        yield name, _tried(partial(_contract, run, recipient)) + _tried(partial(_connection, run, recipient))


def _readable(run: Run) -> list[str]:
    """Every part of the home that others on this machine can read."""
    paths = readable_by_others(run.home) if run.home.root.is_dir() else []
    return [f"{path} can be read by other users of this machine: chmod -R go= {run.home.root}." for path in paths]


def _partners(run: Run) -> list[str]:
    return [recipient.delivery.connection for recipient in load_recipients(run.home.recipients).values()]


def _tried(check: Callable[[], list[str]]) -> list[str]:
    from night.failures import sentence_of

    try:
        return check()
    except Exception as error:
        return [sentence_of(error)]


def _nothing(_found: object) -> list[str]:
    return []


def _intelligence(run: Run) -> list[str]:
    intelligence.check(run.endpoint("intelligence_db"), wanted(run), source_columns())
    return []


def _contract(run: Run, recipient: Recipient) -> list[str]:
    """What no night could carry out, found without any connection."""
    return [f"Contract {recipient.name}: {one}." for one in shortfalls(recipient) + unmet(recipient, run.site)]


def _connection(run: Run, recipient: Recipient) -> list[str]:
    return check_recipient(recipient, run.home, run.endpoint(recipient.delivery.connection))


def _inbox(run: Run) -> list[str]:
    endpoint = run.endpoint("partner_inbox")
    if endpoint.kind == "sftp":
        return check_endpoint(endpoint, [str(endpoint.extra.get("directory") or ".")])
    if not Path(endpoint.extra.get("path") or endpoint.host or endpoint.schema).is_dir():
        raise EndpointError("Connection partner_inbox: there is no folder at the path it names.")
    return []
