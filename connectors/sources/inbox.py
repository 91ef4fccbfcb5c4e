"""What did partners put into the inbox?

Over SFTP or from a folder. A file is taken only when it is complete, only under an agreed name, only within limits, and
once by its content; an encrypted one only with a valid signature. A file that is not taken stays where it is, with a
reason that its sender is told where the inbox has a place for that. No XML and no archive is taken at all.
"""

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from connectors.delivery import openpgp, sftp, transfer
from connectors.delivery.sftp import Entry
from connectors.delivery.ssh import NotConfigured
from connectors.endpoints import Endpoint
from connectors.sources import feeds

DONE, ENCRYPTED = ".done", ".gpg"

REASONS = {
    "FILE_NAME_NOT_AGREED": "The name is not <feed>_<YYYYMMDD>.csv or .json: the sender has to name it as agreed.",
    "FILE_NOT_A_FILE": "It is a link or a device, not a file: the sender has to send the file itself.",
    "FILE_NOT_COMPLETE": "The file still grows, or differs from its .done marker: it is taken when it is complete.",
    "FILE_EMPTY": "The file is empty, as after an interrupted transfer: the sender has to send it again.",
    "FILE_TOO_LARGE": "The file is larger than is taken: the sender has to split it.",
    "FILE_CUT_SHORT": "The file could not be read to its end, twice the same: it is tried again the next night.",
    "FILE_NOT_DECRYPTED": "The file cannot be decrypted, expands too far, or has no valid signature by a known key: "
    "the sender has to sign it and encrypt it for the force's key.",
}


@dataclass(frozen=True)
class Limits:
    """Bytes of a file as it lies there, and after decryption."""

    file_bytes: int = 64_000_000
    expanded_bytes: int = 256_000_000


@dataclass(frozen=True)
class InboxFile:
    """A file that was taken: its agreed name, SHA-256 and size of its plain content, and where that lies now.

    `encrypted_sha256` is of the file as it came, where that was encrypted.
    """

    name: str
    sha256: str
    size: int
    path: Path
    encrypted_sha256: str = ""


Refusal = tuple[str, str]  # (a key that is safe to show, reason code)


class Place(Protocol):
    """An inbox: a folder here or at a partner.

    A file without a marker is complete when it was not touched for `settled_seconds`, or is the same at a second look
    `look_again_seconds` later.
    """

    settled_seconds: float
    look_again_seconds: float

    def entries(self) -> list[Entry]:
        """What lies in it."""

    def read(self, name: str, scratch: Path, most_bytes: int) -> tuple[Path, str]:
        """Where the file can be read on this machine, and its SHA-256. Raises transfer.CutShort."""

    def move(self, name: str, directory: str) -> None:
        """Move a file to another directory of the same place."""

    def leave(self, name: str, content: Path, directory: str) -> None:
        """Leave a file in another directory of the same place, where it does not lie there yet."""


class Folder:
    """A local folder as an inbox."""

    settled_seconds = 5.0
    look_again_seconds = 0.5

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def entries(self) -> list[Entry]:
        """What lies in it."""
        found = ((path.name, path.lstat()) for path in sorted(self._folder.iterdir()))
        return [Entry(name, seen.st_size, seen.st_mode, int(seen.st_mtime)) for name, seen in found]

    def read(self, name: str, scratch: Path, most_bytes: int) -> tuple[Path, str]:
        """The file itself."""
        path = self._folder / name
        if path.stat().st_size > most_bytes:
            raise transfer.CutShort(f"{path} grew beyond what is taken.")
        return path, transfer.digest_here(path)

    def move(self, name: str, directory: str) -> None:
        """Move a file."""
        (self._folder / directory).mkdir(exist_ok=True)
        (self._folder / name).replace(self._folder / directory / name)

    def leave(self, name: str, content: Path, directory: str) -> None:
        """Leave a file."""
        (self._folder / directory).mkdir(exist_ok=True)
        place = self._folder / directory / name
        part = place.with_name(f".{name}.part")
        part.write_bytes(content.read_bytes())
        part.replace(place)


class Remote:
    """A directory of an SFTP server as an inbox."""

    settled_seconds = 60.0
    look_again_seconds = 2.0

    def __init__(self, session: sftp.Session, directory: str) -> None:
        self._session = session
        self._directory = directory

    def entries(self) -> list[Entry]:
        """What lies in it."""
        return self._session.entries(self._directory)

    def read(self, name: str, scratch: Path, most_bytes: int) -> tuple[Path, str]:
        """A copy, read twice: nothing else shows that a server gave a wrong byte."""
        path, into = transfer.at(self._directory, name), scratch / hashlib.sha256(name.encode()).hexdigest()
        first, _ = transfer.download(self._session, path, into, most_bytes)
        second, _ = transfer.download(self._session, path, into, most_bytes)
        if first != second:
            raise transfer.CutShort(f"{self._session.server} gave two different contents for one file.")
        return into, second

    def move(self, name: str, directory: str) -> None:
        """Move a file."""
        target = transfer.at(transfer.at(self._directory, directory), name)
        self._session.all_ok([self._session.rename_request(transfer.at(self._directory, name), target)])

    def leave(self, name: str, content: Path, directory: str) -> None:
        """Leave a file, checked like every file that leaves."""
        data = content.read_bytes()
        upload = transfer.Upload(content, name, len(data), hashlib.sha256(data).hexdigest())
        target = transfer.at(self._directory, directory)
        if not transfer.lying(self._session, target, [upload]):
            transfer.upload_all(self._session, target, [upload])


def fetch(
    endpoint: Endpoint,
    known: set[str],
    into: Path,
    until: date,
    keyring: Path | None = None,
    limits: Limits | None = None,
) -> tuple[list[InboxFile], list[Refusal]]:
    """Take files dated `until` or earlier that are not `known` by their SHA-256; they lie in `into` by that hash.

    `known` holds hashes of plain contents and of encrypted files, so that nothing taken is decrypted again.

    `endpoint.extra` may name directories of the inbox: `taken`, where files go once a later night finds them known, and
    `notices`, where senders find why a file was refused. Raises PartnerError where the inbox cannot be read.
    """
    with _place(endpoint) as place:
        visit = _Visit(place, known, into, until, keyring, limits or Limits(), endpoint.extra)
        return visit.run()


@contextmanager
def _place(endpoint: Endpoint) -> Iterator[Place]:
    if endpoint.kind == "sftp":
        with sftp.session(endpoint) as session:
            yield Remote(session, str(endpoint.extra.get("directory") or "."))
        return
    folder = Path(endpoint.extra.get("path") or endpoint.host or endpoint.schema)
    if not folder.is_dir():
        raise NotConfigured(f"Connection {endpoint.name}: there is no folder at the path it names.")
    yield Folder(folder)


class _Refused(Exception):
    """A file is not taken; the message is its reason code."""


@dataclass(frozen=True)
class _Visit:
    place: Place
    known: set[str]
    into: Path
    until: date
    keyring: Path | None
    limits: Limits
    directories: dict[str, str]

    def run(self) -> tuple[list[InboxFile], list[Refusal]]:
        listed = self.place.entries()
        settled = self._settled(listed)
        names = {entry.name for entry in listed}
        taken: dict[str, InboxFile] = {}
        refused = []
        with TemporaryDirectory(prefix="inbox-", dir=self.into) as scratch:
            for entry in self._wanted(listed):
                try:
                    _expect_takeable(entry, self.limits)
                    _expect_complete(entry, names, settled)
                    self._take(entry, listed, Path(scratch), taken)
                except _Refused as reason:
                    refused.append((_key(entry), str(reason)))
                    self._tell(entry, str(reason), Path(scratch))
        return sorted(taken.values(), key=lambda file: file.name), sorted(refused)

    def _wanted(self, listed: list[Entry]) -> list[Entry]:
        """Files that are there for us: no directory, nothing hidden, no marker, nothing of a later night."""
        candidates = [e for e in listed if not e.is_directory and (not e.name.startswith(".") or "/" in e.name)]
        names = {entry.name for entry in candidates}
        wanted = [e for e in candidates if not (e.name.endswith(DONE) and e.name.removesuffix(DONE) in names)]
        return [entry for entry in wanted if (_day(entry) or self.until) <= self.until]

    def _settled(self, listed: list[Entry]) -> set[str]:
        """Names of files that no longer change: untouched for a while, or the same at a second look."""
        limit = time.time() - self.place.settled_seconds
        old = {entry.name for entry in listed if entry.modified < limit}
        young = {entry for entry in self._wanted(listed) if entry.name not in old}
        if not young:
            return old
        time.sleep(self.place.look_again_seconds)
        return old | {entry.name for entry in young & set(self.place.entries())}

    def _take(self, entry: Entry, listed: list[Entry], scratch: Path, taken: dict[str, InboxFile]) -> None:
        try:
            came, digest = self.place.read(entry.name, scratch, self.limits.file_bytes)
        except (transfer.CutShort, sftp.Refused):
            raise _Refused("FILE_CUT_SHORT") from None
        if digest in self.known:
            self._put_away(entry)
            return
        self._expect_marked(entry, listed, digest, scratch)
        encrypted = digest if entry.name.endswith(ENCRYPTED) else ""
        if encrypted:
            came, digest = self._decrypted(came, scratch)
        if digest in self.known:
            self._put_away(entry)
        elif digest not in taken:
            taken[digest] = self._kept(entry, came, digest, encrypted)

    def _kept(self, entry: Entry, came: Path, digest: str, encrypted: str) -> InboxFile:
        content, place = came.read_bytes(), self.into / digest
        if hashlib.sha256(content).hexdigest() != digest:  # it changed between two looks
            raise _Refused("FILE_NOT_COMPLETE")
        place.write_bytes(content)
        return InboxFile(entry.name.removesuffix(ENCRYPTED), digest, len(content), place, encrypted)

    def _expect_marked(self, entry: Entry, listed: list[Entry], digest: str, scratch: Path) -> None:
        """Where the file's marker holds a SHA-256, the file has to have it."""
        marker = next((other for other in listed if other.name == entry.name + DONE), None)
        if marker is None or not 64 <= marker.size <= 200 or not marker.is_file:
            return
        path, _ = self.place.read(marker.name, scratch, 200)
        said = path.read_text(encoding="ascii", errors="replace").split()
        if said and len(said[0]) == 64 and said[0].lower() != digest:
            raise _Refused("FILE_NOT_COMPLETE")

    def _decrypted(self, came: Path, scratch: Path) -> tuple[Path, str]:
        plain = scratch / "plain"
        try:
            if self.keyring is None:
                raise openpgp.NotDecrypted("no keyring")
            openpgp.Keyring(self.keyring).decrypt(came, plain, self.limits.expanded_bytes)
        except openpgp.NotDecrypted:
            raise _Refused("FILE_NOT_DECRYPTED") from None
        return plain, transfer.digest_here(plain)

    def _put_away(self, entry: Entry) -> None:
        """Move a file that an earlier night landed, where the partner wants that."""
        if directory := self.directories.get("taken"):
            self.place.move(entry.name, directory)

    def _tell(self, entry: Entry, code: str, scratch: Path) -> None:
        """Leave the sender a notice of what was refused and why, where the inbox has a place for it."""
        directory = self.directories.get("notices")
        if not directory or code in ("FILE_NOT_COMPLETE", "FILE_CUT_SHORT"):
            return
        notice = {"file": entry.name, "bytes": entry.size, "reason_code": code, "reason": REASONS[code]}
        content = scratch / "notice"
        content.write_text(json.dumps(notice, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        name = hashlib.sha256(content.read_bytes()).hexdigest()[:16]
        self.place.leave(f"{name}.refused.json", content, directory)


def _expect_complete(entry: Entry, names: set[str], settled: set[str]) -> None:
    if entry.name + DONE not in names and entry.name not in settled:
        raise _Refused("FILE_NOT_COMPLETE")


def _day(entry: Entry) -> date | None:
    name = entry.name.removesuffix(ENCRYPTED)
    found = feeds.feed_of(name)
    return found[1] if found else None


def _expect_takeable(entry: Entry, limits: Limits) -> None:
    if _day(entry) is None:
        raise _Refused("FILE_NAME_NOT_AGREED")
    if not entry.is_file:
        raise _Refused("FILE_NOT_A_FILE")
    if entry.size == 0:
        raise _Refused("FILE_EMPTY")
    if entry.size > limits.file_bytes:
        raise _Refused("FILE_TOO_LARGE")


def _key(entry: Entry) -> str:
    """What a refusal is shown by: an agreed name; of any other only a hash, since it may say anything."""
    return entry.name if _day(entry) else f"file {hashlib.sha256(entry.name.encode()).hexdigest()[:12]}"
