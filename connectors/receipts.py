"""What did a partner say about the files that it received?

An acknowledgement is a JSON file in the partner's receipts directory: `file`, `sha256` of what it received, and
`status`, "accepted" or "rejected". Whatever else such a file holds is not read. A receipt is taken once, and matched by
its hash.
"""

import hashlib
import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from connectors import outbox, sftp, transfer
from connectors.outbox import Receipt

MOST_BYTES = 64 * 1024
MOST_RECEIPTS = 1_000  # of one visit; the rest is taken at the next
HASH = re.compile(r"^[0-9a-f]{64}$")
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$")
OUTCOMES = {"accepted": "ACCEPTED", "rejected": "REJECTED"}


def fetch(session: sftp.Session, directory: str, recipient: str, known: set[str]) -> list[Receipt]:
    """Receipts that are not `known` by their receipt_key yet."""
    new = [
        (entry, key)
        for entry in session.entries(directory)
        if entry.is_file and entry.name.endswith(".json") and not entry.name.startswith(".")
        if (key := _key(entry)) not in known
    ]
    with TemporaryDirectory(prefix="receipts-") as folder:
        return [
            _receipt(session, transfer.at(directory, entry.name), Path(folder) / "receipt", recipient, key)
            for entry, key in new[:MOST_RECEIPTS]
        ]


def _key(entry: sftp.Entry) -> str:
    return hashlib.sha256(f"{entry.name}\x1f{entry.size}\x1f{entry.modified}".encode()).hexdigest()


def _receipt(session: sftp.Session, path: str, into: Path, recipient: str, key: str) -> Receipt:
    try:
        transfer.download(session, path, into, MOST_BYTES)
        file, sha256, outcome = read(into.read_bytes())
    except (transfer.CutShort, ValueError):
        file, sha256, outcome = "", "", outbox.UNREADABLE
    return Receipt(recipient, key, file, sha256, outcome, outbox.now())


def read(content: bytes) -> tuple[str, str, str]:
    """(file, sha256, outcome) of a receipt; ValueError where it is not of the agreed form."""
    try:
        said = json.loads(content)
        file, sha256, status = str(said["file"]), str(said["sha256"]).lower(), str(said["status"]).lower()
    except (KeyError, TypeError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError("not a receipt") from error
    if not HASH.match(sha256) or status not in OUTCOMES or not NAME.match(file):
        raise ValueError("not a receipt")
    return file, sha256, OUTCOMES[status]
