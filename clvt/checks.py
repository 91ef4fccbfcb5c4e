"""Is everything that a night needs there: site, contracts, sources, partners?

First what the files say, which needs no connection; then every connection is tried, without sending anything.
"""

import shutil
from collections.abc import Callable, Iterator
from functools import partial

from clvt.connections import look_for
from connectors.endpoints import EndpointError
from connectors.sources import intelligence
from connectors.store.forces import force_of
from connectors.store.private import readable_by_others
from expectations import misfits
from expectations.contracts import contract, tables
from expectations.recipients import Recipient, broken, load, unmet
from expectations.settings import settings_of
from expectations.site import SiteError
from night.agreed import expect_seen_by_another
from night.belongs import expect_home_of_site
from night.check_recipient import check_endpoint, check_recipient
from night.engine import named_engine
from night.pull import source_columns, wanted
from night.run import Run
from night.signing import own_keyring
from transforms.export.drops import shortfalls


def checks(run: Run) -> Iterator[tuple[str, list[str]]]:
    """What was tried, and a sentence for each thing that is wrong with it."""
    contracts = _contracts(run)[0]
    found = of_files(run)
    yield from ((name, sentences) for name, sentences in found.items() if name not in contracts)
    yield "table contracts", _tried(lambda: _nothing([contract(name).schema for name in tables()]))
    connections = _tried(lambda: _connections(run, contracts))
    yield "gpg", [] if shutil.which("gpg") else ["GnuPG is missing: apt-get install gnupg."]
    yield "signing key", _tried(lambda: _signing_key(run))
    yield "link engine", _tried(lambda: _nothing(named_engine()))
    yield "private", _readable(run)
    yield "register", _tried(lambda: _nothing(run.register))
    if connections:
        yield "connections", connections
    yield "intelligence_db", _tried(lambda: _intelligence(run))
    yield "partner_inbox", _tried(lambda: _inbox(run))
    for name, recipient in contracts.items():
        yield name, found[name] + _tried(partial(_connection, run, recipient))


def _signing_key(run: Run) -> list[str]:
    """Whether the force's key can be opened, where there is one: a recipient's check tells where there is none."""
    keyring = own_keyring(run)
    if keyring.has_signing_key():
        keyring.expect_open()
    return []


def _readable(run: Run) -> list[str]:
    """Every part of the home that others on this machine can read."""
    paths = readable_by_others(run.home) if run.home.root.is_dir() else []
    return [f"{path} can be read by other users of this machine: chmod -R go= {run.home.root}." for path in paths]


def of_files(run: Run) -> dict[str, list[str]]:
    """What is wrong with the site and with each contract, alone and beside the others, before there is a connection."""
    contracts, unread = _contracts(run)
    return {
        "site": _tried(lambda: _site(run)),
        **{name: [sentence] for name, sentence in unread.items()},
        **{name: _tried(partial(_contract, run, one)) for name, one in contracts.items()},
    }


def _contracts(run: Run) -> tuple[dict[str, Recipient], dict[str, str]]:
    """The contracts of the home; where its site cannot be read, those in its own folder."""
    try:
        return run.contracts(), run.broken_contracts()
    except SiteError:
        return load(run.home.recipients, (), run.home.standin), broken(run.home.recipients, ())


def _connections(run: Run, contracts: dict[str, Recipient]) -> list[str]:
    names = ["intelligence_db", "partner_inbox", *(one.delivery.connection for one in contracts.values())]
    look_for(map(force_of(run.home).connection, names))
    return []


def _tried(check: Callable[[], list[str]]) -> list[str]:
    from night.failures import sentence_of

    try:
        return check()
    except Exception as error:
        return [sentence_of(error)]


def _nothing(_found: object) -> list[str]:
    return []


def _site(run: Run) -> list[str]:
    """What the site file lacks, and what of it does not fit the national list or the recipients."""
    expect_home_of_site(run)
    site, file = run.site, run.home.root / "site.yml"
    written = settings_of(file) if file.is_file() else {}
    wrong = misfits.of_site(site, written) + misfits.of_recipients(site, run.contracts().values())
    return [f"{file}: {one}." for one in wrong]


def _intelligence(run: Run) -> list[str]:
    intelligence.check(run.connection("intelligence_db"), wanted(run), source_columns())
    return []


def _contract(run: Run, recipient: Recipient) -> list[str]:
    """What no night could carry out, found without any connection."""
    wrong = shortfalls(recipient) + unmet(recipient, run.site) + misfits.of_recipient(run.site, recipient)
    where = "" if recipient.written_in == recipient.name else f" in {recipient.written_in}.yml"
    return [f"Contract {recipient.name}{where}: {one}." for one in wrong]


def _connection(run: Run, recipient: Recipient) -> list[str]:
    expect_seen_by_another(run, recipient)
    return check_recipient(recipient, run.home, run.connection(recipient.delivery.connection))


def _inbox(run: Run) -> list[str]:
    endpoint = run.connection("partner_inbox")
    if endpoint.kind == "sftp":
        return check_endpoint(endpoint, [str(endpoint.extra.get("directory") or ".")])
    if not endpoint.path.is_dir():
        raise EndpointError("Connection partner_inbox: there is no folder at the path it names.")
    return []
