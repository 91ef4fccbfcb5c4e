"""Which stand-in partners are there, with which keys?

Each recipient gets an SSH login, an OpenPGP key pair and a folder below `drops/`. Its key is pinned beside it, below
`standin/`, and never in its contract, which is its owner's file; its connection is set for this process and those that
it starts. Keys are made once a data home.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import paramiko
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paramiko import SFTPServer

from connectors.delivery.openpgp import Keyring, normal
from connectors.endpoints import variable
from connectors.store.forces import force_of
from connectors.store.paths import Home
from demo.standin.server import Account, Drop, Server
from expectations.recipients import Recipient


class StandInError(Exception):
    """A stand-in cannot take a partner's place; the text is a sentence for people."""


@dataclass(frozen=True)
class Partner:
    """A stand-in partner: the recipient it stands in for, its SSH key file, and the fingerprint of its OpenPGP key."""

    recipient: Recipient
    key_file: Path
    fingerprint: str
    folder: Path

    @property
    def connection(self) -> str:
        """The id of its Airflow Connection: one of its own, or the contract's where nothing is encrypted."""
        delivery = self.recipient.delivery
        return delivery.connection if delivery.encryption == "plain" else f"partner_{self.recipient.name}"

    @property
    def account(self) -> Account:
        """Its account on the stand-ins' server."""
        return Account(ssh_key(self.key_file), self.folder, self.recipient.delivery.receipts)


@contextmanager
def start(
    home: Home,
    recipients: Mapping[str, Recipient],
    drop: type[Drop] = Drop,
    protocol: type[SFTPServer] = SFTPServer,
) -> Iterator[Server]:
    """Stand-in partners for these recipients, for as long as the context lasts.

    Their keys are in `home.standin`, their connections in the environment (`AIRFLOW_CONN_…`), what they receive is
    below `home.drops`. The data home gets a signing key where it has none. Another kind of `drop` or `protocol` makes
    partners that behave otherwise.
    """
    force = Keyring(home.keyring)
    if not force.has_signing_key():
        force.generate("County Lines tracker (made for a try-out)")
    partners = [_partner(home, force, recipient) for recipient in recipients.values()]
    host_key, ours = ssh_key(home.standin / "host_key"), force_of(home)
    with ExitStack() as stack:
        server = stack.enter_context(Server(host_key, {p.connection: p.account for p in partners}, drop, protocol))
        for partner in partners:
            stack.enter_context(_environment(variable(ours.connection(partner.connection)), partner, server))
        yield server


def ssh_key(path: Path) -> paramiko.PKey:
    """The Ed25519 key in a file, made where there is none yet."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        )
        with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as file:
            file.write(made)
    return paramiko.Ed25519Key.from_private_key_file(str(path))


def _partner(home: Home, force: Keyring, recipient: Recipient) -> Partner:
    own = home.standin / recipient.name
    folder = home.drops / recipient.name
    for directory in (recipient.delivery.directory, recipient.delivery.receipts):
        (folder / directory.lstrip("/")).mkdir(parents=True, exist_ok=True)
    partner = Partner(recipient, own / "login_key", _fingerprint(own, force, recipient), folder)
    ssh_key(partner.key_file)
    return partner


def _fingerprint(own: Path, force: Keyring, recipient: Recipient) -> str:
    """The fingerprint of the stand-in's OpenPGP key; made, and the public keys exchanged, where there is none yet."""
    note = own / "fingerprint"
    made, pinned = note.read_text(encoding="ascii") if note.is_file() else "", recipient.delivery.fingerprint
    if made and pinned in ("", made):
        return made
    if pinned:
        raise StandInError(
            f"{recipient.name} has the key {normal(pinned)} pinned, which is not a stand-in's: a stand-in never takes "
            "a real partner's place. Use another data home."
        )
    theirs = Keyring(own / "keyring")
    fingerprint = theirs.generate(f"Stand-in for {recipient.name}")
    force.take(theirs.export(fingerprint))
    theirs.take(force.export(force.signing_key()))
    theirs.rest()
    note.write_text(fingerprint, encoding="ascii")
    return fingerprint


@contextmanager
def _environment(name: str, partner: Partner, server: Server) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = json.dumps(
        {
            "conn_type": "sftp",
            "host": "127.0.0.1",
            "port": server.port,
            "login": partner.connection,
            "extra": {
                "host_key": f"{server.host_key.get_name()} {server.host_key.get_base64()}",
                "key_file": str(partner.key_file),
                "stand_in": True,
            },
        }
    )
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
