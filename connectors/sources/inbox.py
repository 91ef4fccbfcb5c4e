"""What did partners put into the inbox?

Over SFTP or from a folder. A file is taken only when it is complete, only under an agreed name, only within limits, and
again only when another content lies there under its name; an encrypted one only with a valid signature by somebody who
may sign the feed. A file that is not taken stays where it is, with a reason that its sender is told where the inbox has
a place for that. No XML and no archive is taken at all, and no link is ever followed.
"""

import hashlib
import json
import os
import re
import stat
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from connectors.delivery import openpgp, sftp, transfer
from connectors.delivery.sftp import Entry
from connectors.delivery.ssh import NotConfigured
from connectors.endpoints import Endpoint
from connectors.sources import feeds
from expectations.feeds import INBOX, Feed

DONE, ENCRYPTED = ".done", ".gpg"
FAR_AHEAD_DAYS = 60  # a file that is dated so far ahead of all others was dated by a slip
ENDINGS = re.compile(  # those that say nothing but what kind of file it is
    r"\.(csv|json|xlsx?|xlsm|ods|txt|xml|html?|pdf|docx?|zip|gz|7z|gpg|pgp|asc|sig|part|filepart|tmp|bak|done)$",
    re.IGNORECASE,
)

REASONS = {
    "FILE_NAME_NOT_AGREED": "The name is not <feed>_<YYYYMMDD> and an ending: the sender has to name it as agreed.",
    "FILE_NOT_A_FILE": "It is a link or a device, not a file: the sender has to send the file itself.",
    "FILE_NOT_COMPLETE": "The file still grows, or differs from its .done marker: it is taken when it is complete.",
    "FILE_DATED_AHEAD": "The file is dated far ahead, as by a slip of the year: the sender has to name it for its day.",
    "FILE_SENT_TWICE": "The file lies there plain beside the encrypted one, which counts: the sender has to take it "
    "away.",
    "FILE_NOT_SIGNED": "The feed takes signed files alone: the sender has to sign it and encrypt it for the force's "
    "key.",
    "FILE_SIGNED_BY_ANOTHER": "The file is signed by somebody who may not sign this feed: ask the sender, and do "
    "not use it.",
    "FOLDER_IN_INBOX": "There is a folder in the inbox, of which nothing is read: the sender has to put files "
    "beside it.",
    "FOLDER_IS_A_LINK": "The place for files taken or for notices is a link or no folder, so nothing was put there: "
    "tell the engineer.",
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

    `encrypted_sha256` is of the file as it came, where that was encrypted, and `signed_by` the fingerprint of the key
    that signed it; `seen` is its size and time as it lay there.
    """

    name: str
    sha256: str
    size: int
    path: Path
    encrypted_sha256: str = ""
    signed_by: str = ""
    seen: str = ""


@dataclass(frozen=True)
class Seen:
    """What lay under a name when it was last taken: its SHA-256, and its size and time as they lay there."""

    sha256: str
    seen: str = ""


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
        found = []
        for path in sorted(os.scandir(self._folder), key=lambda one: one.name):
            with suppress(FileNotFoundError):  # taken away meanwhile
                seen = path.stat(follow_symlinks=False)
                found.append(Entry(path.name, seen.st_size, seen.st_mode, int(seen.st_mtime)))
        return found

    def read(self, name: str, scratch: Path, most_bytes: int) -> tuple[Path, str]:
        """A copy of the file, which has to be one when it is opened too."""
        into = scratch / hashlib.sha256(os.fsencode(name)).hexdigest()
        try:
            with _opened(self._folder) as here:
                source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=here)
            with open(source, "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise transfer.CutShort(f"{into.name} is no file any more.")
                content = file.read(most_bytes + 1)
        except OSError as error:
            raise transfer.CutShort(f"{into.name} could not be read.") from error
        if len(content) > most_bytes:
            raise transfer.CutShort(f"{into.name} grew beyond what is taken.")
        into.write_bytes(content)
        return into, hashlib.sha256(content).hexdigest()

    def move(self, name: str, directory: str) -> None:
        """Move a file."""
        with _opened(self._folder) as here, self._inside(directory) as there:
            os.replace(name, name, src_dir_fd=here, dst_dir_fd=there)

    def leave(self, name: str, content: Path, directory: str) -> None:
        """Leave a file; it appears whole, and replaces nothing."""
        part = f".{name}.part"
        with self._inside(directory) as there:
            if name in os.listdir(there):
                return
            with suppress(FileNotFoundError):
                os.unlink(part, dir_fd=there)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            with open(os.open(part, flags, 0o640, dir_fd=there), "wb") as file:
                file.write(content.read_bytes())
            os.replace(part, name, src_dir_fd=there, dst_dir_fd=there)

    @contextmanager
    def _inside(self, directory: str) -> Iterator[int]:
        """A directory of the inbox, made where it is missing; NotADirectoryError where a link stands in its way."""
        with suppress(FileExistsError):
            (self._folder / directory).mkdir()
        steps = Path(directory).parts
        with _opened(Path("/") if Path(directory).is_absolute() else self._folder) as start:
            there = os.dup(start)
            try:
                for step in steps:
                    deeper = os.open(step, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=there)
                    os.close(there)
                    there = deeper
                yield there
            except OSError as error:
                raise FolderIsALink(directory) from error
            finally:
                os.close(there)


class FolderIsALink(Exception):
    """The place where files are put is a link or no folder: nothing is put there."""


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield here
    finally:
        os.close(here)


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
        self._expect_folder(directory)
        target = transfer.at(transfer.at(self._directory, directory), name)
        self._session.all_ok([self._session.rename_request(transfer.at(self._directory, name), target)])

    def leave(self, name: str, content: Path, directory: str) -> None:
        """Leave a file, checked like every file that leaves."""
        self._expect_folder(directory)
        data = content.read_bytes()
        upload = transfer.Upload(content, name, len(data), hashlib.sha256(data).hexdigest())
        target = transfer.at(self._directory, directory)
        if not transfer.lying(self._session, target, [upload]):
            transfer.upload_all(self._session, target, [upload])

    def _expect_folder(self, directory: str) -> None:
        there = self._session.entry(transfer.at(self._directory, directory))
        if there is None or not there.is_directory:
            raise FolderIsALink(directory)


def fetch(
    endpoint: Endpoint,
    taken_before: Mapping[str, Seen],
    into: Path,
    until: date,
    keyring: Path | None = None,
    limits: Limits | None = None,
    agreed: Mapping[str, Feed] = INBOX,
    passphrase: str = "",
) -> tuple[list[InboxFile], list[Refusal]]:
    """Take files dated `until` or earlier whose content is not that last taken; they lie in `into` by their SHA-256.

    `taken_before` holds what was last taken under a name, of encrypted files as they came and as they were decrypted,
    so that nothing taken is read or decrypted again. `agreed` says by feed who may sign it (nobody named: any key of
    the keyring), and whether plain files count. `passphrase` opens the keyring's own key.

    `endpoint.extra` may name directories of the inbox: `taken`, where files go once a later night finds them known, and
    `notices`, where senders find why a file was refused. Raises PartnerError where the inbox cannot be read.
    """
    with _place(endpoint) as place:
        visit = _Visit(
            place, taken_before, into, until, keyring, limits or Limits(), endpoint.extra, agreed, passphrase
        )
        return visit.run()


@contextmanager
def _place(endpoint: Endpoint) -> Iterator[Place]:
    if endpoint.kind == "sftp":
        with sftp.session(endpoint) as session:
            yield Remote(session, str(endpoint.extra.get("directory") or "."))
        return
    if not endpoint.path.is_dir():
        raise NotConfigured(f"Connection {endpoint.name}: there is no folder at the path it names.")
    yield Folder(endpoint.path)


class _Refused(Exception):
    """A file is not taken; the message is its reason code."""


@dataclass
class _Visit:
    place: Place
    taken_before: Mapping[str, Seen]
    into: Path
    until: date
    keyring: Path | None
    limits: Limits
    directories: dict[str, str]
    agreed: Mapping[str, Feed]
    passphrase: str = field(repr=False)
    refused: list[Refusal] = field(default_factory=list)

    def run(self) -> tuple[list[InboxFile], list[Refusal]]:
        listed = self.place.entries()
        by_name = {entry.name: entry for entry in listed}
        settled = self._settled(listed)
        taken: list[InboxFile] = []
        strange = [entry.name for entry in listed if self._is_strange_folder(entry)]
        self.refused += [(_of_odd_name("folder", name), "FOLDER_IN_INBOX") for name in strange]
        self.refused += [(_key(entry), "FILE_DATED_AHEAD") for entry in _dated_ahead(listed, self.until)]
        with TemporaryDirectory(prefix="inbox-", dir=self.into) as scratch:
            for entry in self._wanted(listed):
                try:
                    self._expect_takeable(entry, by_name)
                    if self._is_known(entry):
                        self._put_away(entry)
                        continue
                    _expect_complete(entry, by_name, settled)
                    taken += self._take(entry, by_name, Path(scratch))
                except _Refused as reason:
                    self.refused.append((_key(entry), str(reason)))
                    self._tell(entry, str(reason), Path(scratch))
        return sorted(taken, key=lambda file: file.name), sorted(set(self.refused))

    def _wanted(self, listed: list[Entry]) -> list[Entry]:
        """Files that are there for us: no directory, nothing hidden, no marker, nothing of a later night."""
        candidates = [e for e in listed if not e.is_directory and (not e.name.startswith(".") or "/" in e.name)]
        names = {entry.name for entry in candidates}
        wanted = [e for e in candidates if not (e.name.endswith(DONE) and e.name.removesuffix(DONE) in names)]
        return [entry for entry in wanted if (_day(entry) or self.until) <= self.until]

    def _is_strange_folder(self, entry: Entry) -> bool:
        ours = {str(self.directories.get(name) or name).split("/")[0] for name in ("taken", "notices")}
        return entry.is_directory and not entry.name.startswith(".") and entry.name not in ours

    def _expect_takeable(self, entry: Entry, by_name: Mapping[str, Entry]) -> None:
        if _day(entry) is None:
            raise _Refused("FILE_NAME_NOT_AGREED")
        if not entry.is_file:
            raise _Refused("FILE_NOT_A_FILE")
        if entry.size == 0:
            raise _Refused("FILE_EMPTY")
        if entry.size > self.limits.file_bytes:
            raise _Refused("FILE_TOO_LARGE")
        is_plain = not entry.name.endswith(ENCRYPTED)
        if is_plain and entry.name + ENCRYPTED in by_name:
            raise _Refused("FILE_SENT_TWICE")
        if is_plain and not self._agreed(entry).takes_plain:
            raise _Refused("FILE_NOT_SIGNED")

    def _agreed(self, entry: Entry) -> Feed:
        feed, _ = feeds.feed_of(entry.name.removesuffix(ENCRYPTED)) or ("", None)
        return self.agreed[feed]

    def _is_known(self, entry: Entry) -> bool:
        before = self.taken_before.get(entry.name)
        return before is not None and before.seen == _seen(entry)

    def _settled(self, listed: list[Entry]) -> set[str]:
        """Names of files that no longer change: untouched for a while, or the same at a second look."""
        limit = time.time() - self.place.settled_seconds
        old = {entry.name for entry in listed if entry.modified < limit}
        young = {entry for entry in self._wanted(listed) if entry.name not in old}
        if not young:
            return old
        time.sleep(self.place.look_again_seconds)
        return old | {entry.name for entry in young & set(self.place.entries())}

    def _take(self, entry: Entry, by_name: Mapping[str, Entry], scratch: Path) -> list[InboxFile]:
        try:
            came, digest = self.place.read(entry.name, scratch, self.limits.file_bytes)
        except (transfer.CutShort, sftp.Refused):
            raise _Refused("FILE_CUT_SHORT") from None
        if self._has(entry.name, digest):
            self._put_away(entry)
            return []
        self._expect_marked(entry, by_name, digest, scratch)
        encrypted, signer = "", ""
        if entry.name.endswith(ENCRYPTED):
            encrypted = digest
            came, digest, signer = self._decrypted(entry, came, scratch)
        name = entry.name.removesuffix(ENCRYPTED)
        if encrypted and self._has(name, digest):
            self._put_away(entry)
            return []
        content, place = came.read_bytes(), self.into / digest
        place.write_bytes(content)
        return [InboxFile(name, digest, len(content), place, encrypted, signer, _seen(entry))]

    def _has(self, name: str, digest: str) -> bool:
        return name in self.taken_before and self.taken_before[name].sha256 == digest

    def _expect_marked(self, entry: Entry, by_name: Mapping[str, Entry], digest: str, scratch: Path) -> None:
        """Where the file's marker holds a SHA-256, the file has to have it."""
        marker = by_name.get(entry.name + DONE)
        if marker is None or not 64 <= marker.size <= 200 or not marker.is_file:
            return
        try:
            path, _ = self.place.read(marker.name, scratch, 200)
        except (transfer.CutShort, sftp.Refused):
            raise _Refused("FILE_NOT_COMPLETE") from None
        marked = path.read_text(encoding="ascii", errors="replace").split()
        if marked and len(marked[0]) == 64 and marked[0].lower() != digest:
            raise _Refused("FILE_NOT_COMPLETE")

    def _decrypted(self, entry: Entry, came: Path, scratch: Path) -> tuple[Path, str, str]:
        """The plain content, its SHA-256, and the fingerprint of the key that signed it, which may sign this feed."""
        plain = scratch / "plain"
        try:
            if self.keyring is None:
                raise openpgp.NotDecrypted("no keyring")
            ours = openpgp.Keyring(self.keyring, passphrase=self.passphrase)
            signer = ours.decrypt(came, plain, self.limits.expanded_bytes)
        except openpgp.KeyringError:
            raise _Refused("FILE_NOT_DECRYPTED") from None
        signers = {openpgp.normal(one) for one in self._agreed(entry).signers}
        if signers and openpgp.normal(signer) not in signers:
            plain.unlink()
            raise _Refused("FILE_SIGNED_BY_ANOTHER")
        return plain, transfer.digest_here(plain), openpgp.normal(signer)

    def _put_away(self, entry: Entry) -> None:
        """Move a file that an earlier night landed, where the partner wants that."""
        if directory := self.directories.get("taken"):
            self._put(directory, lambda: self.place.move(entry.name, directory))

    def _put(self, directory: str, put: Callable[[], None]) -> None:
        try:
            put()
        except FolderIsALink:
            self.refused.append((_of_odd_name("folder", directory), "FOLDER_IS_A_LINK"))

    def _tell(self, entry: Entry, code: str, scratch: Path) -> None:
        """Leave the sender a notice of what was refused and why, where the inbox has a place for it."""
        directory = self.directories.get("notices")
        if not directory or code in ("FILE_NOT_COMPLETE", "FILE_CUT_SHORT"):
            return
        notice = {"file": entry.name, "bytes": entry.size, "reason_code": code, "reason": REASONS[code]}
        content = scratch / "notice"
        content.write_text(json.dumps(notice, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        name = hashlib.sha256(content.read_bytes()).hexdigest()[:16]
        self._put(directory, lambda: self.place.leave(f"{name}.refused.json", content, directory))


def _seen(entry: Entry) -> str:
    """A file as it lies there: while this stays, its content does."""
    return f"{entry.size} {entry.modified}"


def _dated_ahead(listed: list[Entry], until: date) -> list[Entry]:
    """Files dated before they were made, or so far ahead of a feed's others that the year must have slipped."""
    later: dict[str, list[tuple[date, Entry]]] = {}
    for entry in listed:
        found = feeds.feed_of(entry.name.removesuffix(ENCRYPTED))
        if found and found[1] > until:
            later.setdefault(found[0], []).append((found[1], entry))
    nearest = [min(files, key=lambda one: one[0]) for files in later.values()]
    slipped = [entry for day, entry in nearest if (day - until).days > FAR_AHEAD_DAYS]
    early = [entry for files in later.values() for day, entry in files if _made_before(entry, day)]
    return [*{entry.name: entry for entry in slipped + early}.values()]


def _made_before(entry: Entry, day: date) -> bool:
    """True where a file was there two days or more before the day it is named for."""
    return entry.modified > 0 and datetime.fromtimestamp(entry.modified, UTC).date() + timedelta(days=1) < day


def _expect_complete(entry: Entry, names: Collection[str], settled: set[str]) -> None:
    if entry.name + DONE not in names and entry.name not in settled:
        raise _Refused("FILE_NOT_COMPLETE")


def _day(entry: Entry) -> date | None:
    found = feeds.feed_of(entry.name.removesuffix(ENCRYPTED))
    return found[1] if found else None


def _key(entry: Entry) -> str:
    """What a refusal is shown by: an agreed name; of any other what of it says nothing about a person."""
    return entry.name if _day(entry) else _of_odd_name("file", entry.name)


def _of_odd_name(kind: str, name: str) -> str:
    """Feed, day, ending and length of a name that is not agreed, and a mark to tell it from others."""
    feed = next((feed for feed in INBOX if feed in name), "")
    day = next((digits for digits in re.findall(r"(?<!\d)20\d{6}(?!\d)", name, re.ASCII) if feed), "")
    ending = ENDINGS.search(name)
    parts = (kind, feed, day, ending[0] if ending else "", f"{len(name)} characters")
    mark = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:6]
    return f"{' '.join(filter(None, parts))} ({mark})"
