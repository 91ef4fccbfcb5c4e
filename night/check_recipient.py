"""Could a file be delivered to this recipient now?

Everything that a delivery needs, tried without sending anything: the contract, the key, the host key, the login, the
directories.
"""

from datetime import UTC, datetime

from connectors.delivery import sftp
from connectors.delivery.openpgp import Keyring, KeyringError
from connectors.delivery.ssh import PartnerError
from connectors.endpoints import Endpoint
from connectors.store.paths import Home
from expectations.recipients import Recipient


def check_recipient(recipient: Recipient, home: Home, endpoint: Endpoint) -> list[str]:
    """One sentence for each thing that is wrong, or soon will be; empty where a file could be delivered."""
    return check_key(recipient, home) + check_endpoint(
        endpoint, [recipient.delivery.directory, *filter(None, [recipient.delivery.receipts])]
    )


def check_key(recipient: Recipient, home: Home) -> list[str]:
    """What is wrong with the force's signing key and the recipient's pinned key."""
    if recipient.delivery.encryption == "plain":
        return []
    try:
        keyring = Keyring(home.keyring)
        keyring.signing_key()
        key = keyring.public_key(recipient.delivery.fingerprint)
    except KeyringError as problem:
        return [str(problem)]
    now = datetime.now(UTC)
    if refusal := key.refusal(now):
        return [f"Nothing can be encrypted for {recipient.name}: {refusal}."]
    return [warning] if (warning := key.warning(now)) else []


def check_endpoint(endpoint: Endpoint, directories: list[str]) -> list[str]:
    """What is wrong with a connection: reached, the pinned host key shown, logged in, directories there."""
    try:
        with sftp.session(endpoint) as session:
            return [wrong for directory in directories if (wrong := _check_directory(session, directory))]
    except PartnerError as problem:
        return [str(problem)]


def _check_directory(session: sftp.Session, directory: str) -> str | None:
    found = session.entry(session.real_path(directory))
    if found is None or not found.is_directory:
        return f"{session.server} has no directory {directory}: ask the partner to make it."
    return None
