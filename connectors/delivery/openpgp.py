"""Who can read a file, and who wrote it?

Files are signed with the force's key and encrypted for exactly one recipient, whose key is pinned by its full
fingerprint. The work is done by `gpg`, with a keyring that is the data home's own; nothing is compressed, and a `gpg`
that does not come to an end is an error.
"""

import os
import subprocess
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import gnupg

PATIENCE_SECONDS = 120.0
# Of links alone: the home's own folder for the moment has as long a path as the home.
SHORT_PATHS = Path("/tmp")  # noqa: S108
WARN_BEFORE = timedelta(days=30)
SIGNING_KEY = "signing_key"  # the connection that holds its passphrase
SOCKET_PATH_LIMIT = 80  # gpg's agent listens below the keyring, where a socket's path may have 107 bytes

T = TypeVar("T")


class KeyringError(Exception):
    """A key is missing, expired, revoked or not the pinned one, or gpg failed; the text is a sentence for people."""


class NotDecrypted(KeyringError):
    """A file that came in cannot be decrypted, is larger than allowed, or is not signed by a known key."""


@dataclass(frozen=True)
class PublicKey:
    """A key of the keyring: its fingerprint, the ids of its parts that encrypt, and until when it is valid."""

    fingerprint: str
    encrypting_ids: frozenset[str]
    expires: datetime | None
    validity: str  # as gpg prints it: r revoked, e expired, d disabled, i invalid; anything else is usable

    def refusal(self, now: datetime) -> str | None:
        """Why nothing may be encrypted for this key; None where it may."""
        if self.validity in ("r", "d", "i"):
            return f"key {self.fingerprint} is {dict(r='revoked', d='disabled', i='invalid')[self.validity]}"
        if self.validity == "e" or (self.expires is not None and self.expires <= now):
            return f"key {self.fingerprint} has expired"
        if not self.encrypting_ids:
            return f"key {self.fingerprint} has no part that encrypts"
        return None

    def warning(self, now: datetime) -> str | None:
        """A sentence where the key expires soon."""
        if self.expires is None or self.expires > now + WARN_BEFORE:
            return None
        return f"Key {self.fingerprint} expires on {self.expires:%Y-%m-%d}: ask for the next one now."


class Keyring:
    """A GnuPG home: the force's signing key, and the pinned public keys of the recipients.

    `passphrase` opens the signing key, where it is locked; gpg gets it by a pipe, never as an argument.
    """

    def __init__(self, folder: Path, patience: float = PATIENCE_SECONDS, passphrase: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        self.folder = folder
        self._patience = patience
        self._passphrase = passphrase or None
        try:
            self._gpg = gnupg.GPG(gnupghome=str(_short(folder)))
        except (OSError, ValueError) as error:
            raise KeyringError(
                "gpg cannot be started: install GnuPG (on Debian: apt-get install gnupg), then run this again."
            ) from error

    def public_key(self, fingerprint: str) -> PublicKey:
        """The key with exactly this fingerprint; KeyringError where the keyring does not hold it."""
        wanted = normal(fingerprint)
        if len(wanted) != 40:
            raise KeyringError(
                "A recipient's key is pinned by its full fingerprint, 40 hexadecimal digits: write it as "
                "delivery.fingerprint into the contract. Nothing was sent; what cannot wait, tell them yourself."
            )
        for key in self._bounded(lambda: self._gpg.list_keys(keys=[wanted])):
            if key["fingerprint"] == wanted:
                return _public_key(key)
        raise KeyringError(f"The keyring {self.folder} holds no key {wanted}: import the recipient's public key.")

    def signing_key(self) -> str:
        """The fingerprint of the force's own key: the only secret key of the keyring."""
        own = [key["fingerprint"] for key in self._bounded(lambda: self._gpg.list_keys(secret=True))]
        if len(own) != 1:
            raise KeyringError(
                f"The keyring {self.folder} holds {len(own)} secret keys; it has to hold one, the force's own, that "
                "files are signed with."
            )
        return str(own[0])

    def has_signing_key(self) -> bool:
        """True where the keyring holds a secret key."""
        return bool(self._bounded(lambda: self._gpg.list_keys(secret=True)))

    def expect_open(self) -> None:
        """KeyringError where the force's key does not sign: it is locked with another passphrase than is known."""
        signer = self.signing_key()
        if not self._bounded(lambda: self._gpg.sign(b"", keyid=signer, passphrase=self._passphrase)):
            raise KeyringError(f"The force's key {signer} is locked: put its passphrase into connection {SIGNING_KEY}.")

    def generate(self, owner: str, expires: str = "0") -> str:
        """A new key pair (Ed25519 to sign, Cv25519 to encrypt), locked with the keyring's passphrase; its fingerprint.

        `expires` is as gpg writes it: `0` never, `2y`, `seconds=60`.
        """
        request = self._gpg.gen_key_input(
            key_type="EDDSA",
            key_curve="ed25519",
            key_usage="sign",
            subkey_type="ECDH",
            subkey_curve="cv25519",
            subkey_usage="encrypt",
            name_real=owner,
            name_email="",
            name_comment="",
            expire_date=expires,
            **({"passphrase": self._passphrase} if self._passphrase else {"no_protection": True}),
        )
        made = self._bounded(lambda: self._gpg.gen_key(request))
        if not made.fingerprint:
            raise KeyringError(f"gpg could not make a key pair in {self.folder}.")
        return str(made.fingerprint)

    def export(self, fingerprint: str) -> str:
        """A public key as text."""
        return str(self._bounded(lambda: self._gpg.export_keys([normal(fingerprint)])))

    def take(self, public_key: str) -> str:
        """Import a public key from its text; its fingerprint."""
        result = self._bounded(lambda: self._gpg.import_keys(public_key))
        if not result.fingerprints:
            raise KeyringError("The text holds no OpenPGP public key.")
        return str(result.fingerprints[0])

    def encrypt_all(self, files: Iterable[tuple[Path, Path]], recipient: str) -> None:
        """Sign files (source, into) and encrypt them for one recipient's pinned key; nothing is compressed.

        Each `into` appears whole or not at all. Raises KeyringError before anything is written where the key is
        unknown, expired or revoked.
        """
        key = self.public_key(recipient)
        if refusal := key.refusal(datetime.now(UTC)):
            raise KeyringError(f"Nothing was encrypted: {refusal}. Ask the recipient for a valid key, and pin it.")
        signer = self.signing_key()
        for source, into in files:
            self._encrypt(source, into, key, signer)

    def _encrypt(self, source: Path, into: Path, key: PublicKey, signer: str) -> None:
        part = _part(into)
        done = self._bounded(
            lambda: self._gpg.encrypt_file(
                str(source),
                [key.fingerprint],
                sign=signer,
                passphrase=self._passphrase,
                always_trust=True,  # trust is the pinned fingerprint, not the web of trust
                armor=False,
                output=str(part),
                extra_args=["--compress-algo", "none", "--cipher-algo", "AES256", "--digest-algo", "SHA512"],
            )
        )
        if not done.ok or not part.is_file():
            part.unlink(missing_ok=True)
            self.expect_open()
            raise KeyringError(f"gpg could not sign and encrypt for key {key.fingerprint}: {done.status}.")
        _keep(part, into, key)

    def decrypt(self, source: Path, into: Path, most_bytes: int) -> str:
        """Decrypt a file that came in, at most `most_bytes` of it; the fingerprint of the known key that signed it."""
        part = _part(into)
        done = self._bounded(
            lambda: self._gpg.decrypt_file(
                str(source),
                always_trust=True,
                passphrase=self._passphrase,
                output=str(part),
                extra_args=["--max-output", str(most_bytes)],
            )
        )
        if not done.ok or not done.valid or not part.is_file() or part.stat().st_size > most_bytes:
            part.unlink(missing_ok=True)
            raise NotDecrypted("The file could not be decrypted, is too large, or carries no valid signature.")
        os.replace(part, into)
        return str(done.pubkey_fingerprint or done.fingerprint)

    def rest(self) -> None:
        """End the agent that gpg leaves running for this keyring; the next use starts another."""
        subprocess.run(["gpgconf", "--homedir", str(_short(self.folder)), "--kill", "all"], check=False, timeout=30)

    def _bounded(self, work: Callable[[], T]) -> T:
        """What `work` returns; KeyringError where gpg does not come to an end."""
        outcome: list[T] = []
        failure: list[Exception] = []

        def run() -> None:
            try:
                outcome.append(work())
            except Exception as error:
                failure.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(self._patience)
        if failure:
            raise KeyringError(f"gpg could not be used with {self.folder}: {type(failure[0]).__name__}.") from failure[
                0
            ]
        if not outcome:
            raise KeyringError(f"gpg has not come to an end within {self._patience:.0f} seconds.")
        return outcome[0]


def normal(fingerprint: str) -> str:
    """A fingerprint without spaces, in capitals."""
    return fingerprint.replace(" ", "").upper()


def encrypted_for(content: bytes) -> list[str]:
    """Key ids that an OpenPGP message can be decrypted with, as its first packets say (RFC 4880 section 5.1)."""
    ids, at = [], 0
    while at + 12 <= len(content):
        tag, length, body = _packet(content, at)
        if tag != 1:
            break
        ids.append(content[body + 1 : body + 9].hex().upper())
        at = body + length
    return ids


def _packet(content: bytes, at: int) -> tuple[int, int, int]:
    """(tag, length of the body, offset of the body) of the packet at an offset (RFC 4880 section 4.2)."""
    head = content[at]
    if head & 0x40:
        length = content[at + 1]
        if length < 192:
            return head & 0x3F, length, at + 2
        return head & 0x3F, ((length - 192) << 8) + content[at + 2] + 192, at + 3
    size = 1 << (head & 0x03)
    return (head >> 2) & 0x0F, int.from_bytes(content[at + 1 : at + 1 + size], "big"), at + 1 + size


def _part(into: Path) -> Path:
    """Where a file is written before it gets its place; a gpg that outlived a killed process writes to another one."""
    part = into.with_name(f"{into.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    return part


def _keep(part: Path, into: Path, key: PublicKey) -> None:
    """Give an encrypted file its place, once it is seen to be for the pinned key and nobody else."""
    with part.open("rb") as file:
        head = file.read(8192)
        os.fsync(file.fileno())
    readers = encrypted_for(head)
    if len(readers) != 1 or readers[0] not in key.encrypting_ids:
        part.unlink()
        raise KeyringError(f"gpg did not encrypt for key {key.fingerprint} alone; the file was thrown away.")
    part.chmod(0o600)
    os.replace(part, into)


def _public_key(row: dict[str, Any]) -> PublicKey:
    parts = [(row["keyid"], row["cap"])] + [(sub[0], sub[1]) for sub in row["subkeys"]]
    return PublicKey(
        fingerprint=row["fingerprint"],
        encrypting_ids=frozenset(key_id for key_id, capability in parts if "e" in capability),
        expires=datetime.fromtimestamp(int(row["expires"]), UTC) if row["expires"] else None,
        validity=row["trust"],
    )


def _short(folder: Path) -> Path:
    """The folder, or a short link to it where its path is too long for the socket of gpg's agent."""
    folder = folder.resolve()
    if len(os.fsencode(folder)) <= SOCKET_PATH_LIMIT:
        return folder
    links = SHORT_PATHS / f"clvt-gpg-{os.getuid()}"
    links.mkdir(mode=0o700, exist_ok=True)
    link = links / sha256(os.fsencode(folder)).hexdigest()[:16]
    if links.stat().st_uid != os.getuid() or links.is_symlink():
        raise KeyringError(f"{links} belongs to another user: remove it.")
    if not link.is_symlink():
        link.symlink_to(folder)
    return link
