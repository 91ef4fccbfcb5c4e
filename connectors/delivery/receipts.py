"""What did a partner say about the files that it received?

An acknowledgement is a JSON file in the partner's receipts directory: `file`, `sha256` of what it received, and
`status`, "accepted" or "rejected". A recipient that misses a file of its chain adds `"request": "FULL"`, to get all of
it again with the next night. Whatever else such a file holds is not read. A receipt is taken once, and matched by its
hash. Where a partner has several forces' receipts in one directory, of those that are about another's file nothing is
kept but that they were looked at.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from connectors.delivery import outbox, sftp, transfer
from connectors.delivery.outbox import Receipt

MOST_BYTES = 64 * 1024
MOST_RECEIPTS = 1_000  # of one visit; the rest is taken at the next
HASH = re.compile(r"^[0-9a-f]{64}$")
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$")
FORCE_OF_FILE = re.compile(r"^(?:[0-9]{8}_)?([0-9]{2})_")  # what a file's name begins with, after its night if need be
OUTCOMES = {"accepted": "ACCEPTED", "rejected": "REJECTED"}
REQUESTS = (None, "FULL")


@dataclass(frozen=True)
class Acknowledgement:
    """What a receipt file says: about which file, with which outcome, and whether its sender asks for a FULL."""

    file: str
    sha256: str
    outcome: str
    asks_full: bool = False


@dataclass(frozen=True)
class Asker:
    """Whose receipts are looked for: a recipient's, about the files of one force."""

    recipient: str
    force_code: str


def fetch(session: sftp.Session, directory: str, asker: Asker, known: set[str]) -> list[tuple[Receipt, bool]]:
    """Receipts that are not `known` by their receipt_key yet, each with True where it asks for a FULL."""
    new = [
        (entry, key)
        for entry in session.entries(directory)
        if entry.is_file and entry.name.endswith(".json") and not entry.name.startswith(".")
        if (key := _key(entry)) not in known
    ]
    with TemporaryDirectory(prefix="receipts-") as folder:
        return [
            _receipt(session, transfer.at(directory, entry.name), Path(folder) / "receipt", asker, key)
            for entry, key in new[:MOST_RECEIPTS]
        ]


def _key(entry: sftp.Entry) -> str:
    return hashlib.sha256(f"{entry.name}\x1f{entry.size}\x1f{entry.modified}".encode()).hexdigest()


def _receipt(session: sftp.Session, path: str, into: Path, asker: Asker, key: str) -> tuple[Receipt, bool]:
    try:
        transfer.download(session, path, into, MOST_BYTES)
        acknowledgement = read(into.read_bytes())
    except (transfer.CutShort, ValueError):
        acknowledgement = Acknowledgement("", "", outbox.UNREADABLE)
    force = FORCE_OF_FILE.match(acknowledgement.file)
    if force and force[1] != asker.force_code:
        acknowledgement = Acknowledgement("", "", outbox.OF_ANOTHER_FORCE)
    return Receipt(
        asker.recipient, key, acknowledgement.file, acknowledgement.sha256, acknowledgement.outcome, outbox.now()
    ), acknowledgement.asks_full


def read(content: bytes) -> Acknowledgement:
    """What a receipt says; ValueError where it is not of the agreed form."""
    try:
        given = json.loads(content)
        file, sha256, status = str(given["file"]), str(given["sha256"]).lower(), str(given["status"]).lower()
        request = given.get("request")
    except (AttributeError, KeyError, TypeError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError("not a receipt") from error
    if not HASH.match(sha256) or status not in OUTCOMES or not NAME.match(file) or request not in REQUESTS:
        raise ValueError("not a receipt")
    return Acknowledgement(file, sha256, OUTCOMES[status], request == "FULL")
