"""Does the file lie at the partner, whole, under its name?

A file is written under a hidden temporary name, brought to the disk, read back, compared by SHA-256, and only then
given its final name: nobody ever sees a part of it there. What is fetched from a partner is read to its announced end,
or not taken.
"""

import hashlib
import re
import shlex
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from connectors.delivery import sftp
from connectors.delivery.sftp import Entry, Request, Session
from connectors.delivery.ssh import PartnerError

WAVE = 50  # files whose handles are open at once
COMMANDS = {"sha256sum": "sha256sum", "openssl": "openssl dgst -sha256 -r", "b2sum": "b2sum"}
HASHES = {"sha256sum": "sha256", "openssl": "sha256", "b2sum": "blake2b"}  # what these commands count
HASH_LINE = re.compile(r"(?P<hash>[0-9a-f]+) [ *](?P<path>.+)")  # a line of their answers


class StoredDifferently(PartnerError):
    """What lies at the partner is not what was sent."""


class NameTaken(PartnerError):
    """Another file lies at the partner under the name: nothing is overwritten."""

    worth_another_try = False


class CutShort(PartnerError):
    """A file ended before, or went on after, its announced size; or changed while it was read."""


@dataclass(frozen=True)
class Upload:
    """A local file to be sent: its final name, size in bytes and SHA-256."""

    source: Path
    name: str
    size: int
    sha256: str

    @property
    def temporary(self) -> str:
        """The hidden name under which it is written; the same each time, so that a new attempt replaces an old one."""
        return f".{self.name}.{self.sha256[:8]}.part"


def lying(session: Session, directory: str, uploads: Sequence[Upload]) -> set[str]:
    """Names of those files that already lie at the partner, read and compared; NameTaken for any other content."""
    paths = [at(directory, upload.name) for upload in uploads]
    found = _look_all(session, paths)
    for number, entry in sorted(found.items()):
        upload = uploads[number]
        if entry.size != upload.size or _digest(session, paths[number], entry.size) != upload.sha256:
            raise NameTaken(
                f"{session.server} already holds another file named {upload.name}. Nothing was overwritten: ask the "
                "partner where it comes from, and have it removed."
            )
    return {uploads[number].name for number in found}


def _look_all(session: Session, paths: Sequence[str]) -> dict[int, Entry]:
    """What lies at the paths, by their number; a path where nothing lies is left out."""
    looks = (sftp.look(path, number) for number, path in enumerate(paths))
    seen = ((request.key[0], session.entry_in(request, reply)) for request, reply in session.exchange(looks))
    return {number: entry for number, entry in seen if entry is not None}


def upload_all(session: Session, directory: str, uploads: Sequence[Upload], *, read_back: str = "sftp") -> None:
    """Send files; when this returns, all of them lie under their final names, whole.

    Several are under way at once. Where one fails, an error names it, and none of its wave of files has its final
    name unless all of them were proved, in the way that `read_back` names: a key of READ_BACK in
    expectations.recipients. Raises Refused, StoredDifferently, NameTaken or Unreachable.
    """
    for start in range(0, len(uploads), WAVE):
        _upload_wave(session, directory, uploads[start : start + WAVE], read_back)


def _upload_wave(session: Session, directory: str, wave: Sequence[Upload], read_back: str) -> None:
    try:
        _write_all(session, directory, wave)
        if read_back != "none":
            _prove_all(session, directory, wave, read_back)
    except PartnerError:
        with suppress(PartnerError):
            remove_temporaries(session, directory, wave)
        raise
    _name_all(session, directory, wave)


def _write_all(session: Session, directory: str, wave: Sequence[Upload]) -> None:
    paths = [at(directory, upload.temporary) for upload in wave]
    handles = _open_all(session, [sftp.open_to_write(path, number) for number, path in enumerate(paths)])
    session.all_ok(_writes(handles, paths, wave, session.write_bytes))
    if sftp.FSYNC in session.extensions:
        session.all_ok(sftp.sync(handle, path) for handle, path in zip(handles, paths, strict=True))
    session.all_ok(sftp.close(handle, path) for handle, path in zip(handles, paths, strict=True))


def _open_all(session: Session, requests: Sequence[Request]) -> list[bytes]:
    handles = {request.key[0]: session.handle_in(request, reply) for request, reply in session.exchange(requests)}
    return [handles[number] for number in range(len(requests))]


def _writes(
    handles: Sequence[bytes], paths: Sequence[str], wave: Sequence[Upload], block_bytes: int
) -> Iterator[Request]:
    for handle, path, upload in zip(handles, paths, wave, strict=True):
        with upload.source.open("rb") as file:
            offset = 0
            while content := file.read(block_bytes):
                yield sftp.write(handle, offset, content, path)
                offset += len(content)


def _prove_all(session: Session, directory: str, wave: Sequence[Upload], read_back: str) -> None:
    if read_back == "sftp":
        sent, stored = [upload.sha256 for upload in wave], _read_again(session, directory, wave)
    else:
        with ThreadPoolExecutor(1) as here:  # while the server counts, so do we
            counting = here.submit(_digests, wave, read_back)
            stored = _hashed_there(session, directory, wave, read_back)
            sent = counting.result()
    for upload, ours, theirs in zip(wave, sent, stored, strict=True):
        if ours != theirs:
            raise StoredDifferently(
                f"{session.server} stored {upload.name} differently from what was sent (read back and compared). "
                "It was not given its final name."
            )


def _read_again(session: Session, directory: str, wave: Sequence[Upload]) -> list[str]:
    """SHA-256 of each file as it is read again, all of it."""
    paths = [at(directory, upload.temporary) for upload in wave]
    handles = _open_all(session, [sftp.open_to_read(path, number) for number, path in enumerate(paths)])
    digests = [hashlib.sha256() for _ in wave]
    files = [(handle, path, upload.size) for handle, path, upload in zip(handles, paths, wave, strict=True)]
    for number, content in _contents(session, files):
        digests[number].update(content)
    session.all_ok(sftp.close(handle, path) for handle, path in zip(handles, paths, strict=True))
    return [digest.hexdigest() for digest in digests]


def _hashed_there(session: Session, directory: str, wave: Sequence[Upload], read_back: str) -> list[str]:
    """The hash of each file as a command of the server's shell tells it; anything else that it says is an error."""
    from_root = session.real_path(directory)
    paths = [at(from_root, upload.temporary) for upload in wave]
    command = COMMANDS[read_back]
    answer = session.shell(f"{command} -- {shlex.join(paths)}").decode(errors="replace").splitlines()
    hashes = [HASH_LINE.fullmatch(line) for line in answer]
    if [match and match["path"] for match in hashes] != paths:
        raise StoredDifferently(
            f"{session.server} does not tell the hashes of the files that were sent, by {command} in its shell. None "
            "was given its final name. Have the partner allow the command, or set read_back: sftp in the contract."
        )
    return [match["hash"] for match in hashes if match]


def _digests(wave: Sequence[Upload], read_back: str) -> list[str]:
    """The hash of each file here, of the kind that the server's command tells."""
    return [digest_here(upload.source, HASHES[read_back]) for upload in wave]


def _name_all(session: Session, directory: str, wave: Sequence[Upload]) -> None:
    finals = [at(directory, upload.name) for upload in wave]
    temporaries = [at(directory, upload.temporary) for upload in wave]
    for number in sorted(_look_all(session, finals)):
        raise NameTaken(f"{session.server}: another file named {wave[number].name} appeared while ours was sent.")
    _expect_whole(session, temporaries, wave)
    session.all_ok(session.rename_request(old, new) for old, new in zip(temporaries, finals, strict=True))
    _expect_whole(session, finals, wave)


def _expect_whole(session: Session, paths: Sequence[str], wave: Sequence[Upload]) -> None:
    found = _look_all(session, paths)
    for number, upload in enumerate(wave):
        if number not in found or found[number].size != upload.size:
            raise StoredDifferently(
                f"{session.server} reports success for {upload.name}, but it does not lie there whole."
            )


def remove_temporaries(session: Session, directory: str, uploads: Sequence[Upload]) -> None:
    """Remove what interrupted attempts at these files left."""
    for upload in uploads:
        session.remove(at(directory, upload.temporary))


def download(session: Session, path: str, into: Path, most_bytes: int) -> tuple[str, int]:
    """Fetch a regular file of at most `most_bytes`; its SHA-256 and size in bytes. `into` appears whole or not at all.

    Raises CutShort where it is not read to exactly the end that the server announced, or changed meanwhile.
    """
    before = session.entry(path)
    if before is None or not before.is_file:
        raise CutShort(f"{session.server}: {path} is not a file any more.")
    if before.size > most_bytes:
        raise CutShort(f"{session.server}: {path} is larger than the {most_bytes} bytes that are taken.")
    part = into.with_name(into.name + ".part")
    digest = hashlib.sha256()
    try:
        with part.open("wb") as file:
            for content in _content(session, path, before.size):
                digest.update(content)
                file.write(content)
        if part.stat().st_size != before.size or session.entry(path) != before:
            raise CutShort(f"{session.server}: {path} was cut short, or changed, while it was read.")
        part.replace(into)
    finally:
        part.unlink(missing_ok=True)
    return digest.hexdigest(), before.size


def digest_here(path: Path, kind: str = "sha256") -> str:
    """The hash of a local file, of a kind that hashlib knows, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()


def _digest(session: Session, path: str, size: int) -> str:
    digest = hashlib.sha256()
    for content in _content(session, path, size):
        digest.update(content)
    return digest.hexdigest()


def _content(session: Session, path: str, size: int) -> Iterator[memoryview]:
    (handle,) = _open_all(session, [sftp.open_to_read(path, 0)])
    for _, content in _contents(session, [(handle, path, size)]):
        yield content
    session.all_ok([sftp.close(handle, path)])


def at(directory: str, name: str) -> str:
    """The path of a name in a directory of the server."""
    return name if directory in ("", ".") else f"{directory.rstrip('/')}/{name}"


def _contents(session: Session, files: Sequence[tuple[bytes, str, int]]) -> Iterator[tuple[int, memoryview]]:
    """(number of the file, content), each file's bytes in order, from (handle, path, size) of files open for reading.

    A server may give less than was asked for; the rest is then asked for again.
    """
    due = deque(
        (number, offset, min(session.read_bytes, size - offset))
        for number, (_, _, size) in enumerate(files)
        for offset in range(0, size, session.read_bytes)
    )
    early: dict[tuple[int, int], memoryview] = {}
    reached = [0] * len(files)
    for request, reply in session.exchange(_reads(files, due)):
        number, offset, length = request.key
        content = sftp.data_in(reply)
        if not content:
            raise CutShort(str(session.refusal(request, reply)))
        if len(content) < length:
            due.appendleft((number, offset + len(content), length - len(content)))
        early[number, offset] = content
        while (ready := early.pop((number, reached[number]), None)) is not None:
            reached[number] += len(ready)
            yield number, ready


def _reads(files: Sequence[tuple[bytes, str, int]], due: deque[tuple[int, int, int]]) -> Iterator[Request | None]:
    while True:
        if due:
            number, offset, length = due.popleft()
            handle, path, _ = files[number]
            yield sftp.read(handle, path, number, offset, length)
        else:
            yield None
