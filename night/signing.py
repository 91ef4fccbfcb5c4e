"""With what is the force's own key opened?

The passphrase of the key that files are signed with and that decrypts what partners send: of the connection
`signing_key`, from Airflow's secrets backend or database, or of the file that the connection names. Without the
connection the key has none.
"""

from pathlib import Path

from connectors.delivery.openpgp import SIGNING_KEY, Keyring, KeyringError
from connectors.endpoints import EndpointError
from night.run import Run


def own_keyring(run: Run) -> Keyring:
    """The home's keyring, opened; KeyringError where the passphrase cannot be read."""
    return Keyring(run.home.keyring, passphrase=passphrase_of(run))


def passphrase_of(run: Run) -> str:
    """What opens the force's key; empty where nothing is configured. KeyringError where its file is not there."""
    try:
        found = run.connection(SIGNING_KEY)
    except EndpointError:
        return ""
    file = found.extra.get("passphrase_file")
    if not file:
        return found.password
    try:
        return Path(str(file)).read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise KeyringError(
            f"Connection {SIGNING_KEY}: its passphrase_file cannot be read ({error.strerror})."
        ) from None
