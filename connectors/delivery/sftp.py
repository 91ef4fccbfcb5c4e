"""What does a partner's SFTP server answer, to each single request?

SFTP version 3 (draft-ietf-secsh-filexfer-02, and OpenSSH's PROTOCOL file for its extensions) over a paramiko channel.
Many requests are under way at once, and none is forgotten: clients that look at only some of the answers report success
for files that the server failed to store.
"""

import stat
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue

import paramiko
from paramiko.buffered_pipe import BufferedPipe, PipeTimeout

from connectors.delivery.ssh import PATIENCE_SECONDS, PartnerError, Silent, Unreachable, answer, connect, where
from connectors.endpoints import Endpoint

IN_FLIGHT = 64  # requests under way at once
BLOCK_BYTES = 32_000  # of one read or write: with its header it fits the 32 KB that every server has to take
MOST_BLOCK_BYTES = 1 << 17  # where the server takes more: fewer answers to wait for, and enough requests under way
PACKET_BYTES = 32_768 - 64  # what paramiko puts into one SSH packet of the usual size
SEND_BYTES = 1 << 18  # gathered before it is sent
RECEIVE_BYTES = 1 << 24  # all that has come in
MAX_PACKET_BYTES = 1 << 20  # a longer answer is not SFTP

INIT, VERSION, OPEN, CLOSE, READ, WRITE, LSTAT = 1, 2, 3, 4, 5, 6, 7
OPENDIR, READDIR, REMOVE, REALPATH, RENAME = 11, 12, 13, 16, 18
STATUS, HANDLE, DATA, NAME, ATTRS, EXTENDED, EXTENDED_REPLY = 101, 102, 103, 104, 105, 200, 201
FOR_READING, FOR_WRITING, CREATE, TRUNCATE = 0x01, 0x02, 0x08, 0x10
OK, END_OF_FILE, NO_SUCH_FILE, PERMISSION_DENIED, FAILURE = 0, 1, 2, 3, 4

FSYNC = "fsync@openssh.com"
POSIX_RENAME = "posix-rename@openssh.com"
LIMITS = "limits@openssh.com"

MEANINGS = {
    END_OF_FILE: "end of file",
    NO_SUCH_FILE: "there is no such file or directory",
    PERMISSION_DENIED: "permission denied",
    FAILURE: "the server failed (a full disk or a quota often shows like this)",
    5: "the server did not understand the request",
    8: "the server does not support it",
}


class Refused(PartnerError):
    """The server answered a request with a failure; `code` is its SFTP status."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Request:
    """One request: its packet kind, its content after the request number, and what it is for, in words."""

    kind: int
    body: bytes
    purpose: str
    key: tuple[int, ...] = ()  # the caller's own: a file's number, an offset, a length


@dataclass(frozen=True)
class Reply:
    """The server's answer to one request."""

    kind: int
    body: bytes


@dataclass(frozen=True)
class Entry:
    """A file or directory on the server: size in bytes, time of its last change in seconds since 1970."""

    name: str
    size: int
    mode: int
    modified: int

    @property
    def is_file(self) -> bool:
        """True for a regular file: not a directory, a link, a device."""
        return stat.S_ISREG(self.mode)

    @property
    def is_directory(self) -> bool:
        """True for a directory."""
        return stat.S_ISDIR(self.mode)


def text(value: str) -> bytes:
    """A string as SFTP writes it."""
    raw = value.encode()
    return struct.pack(">I", len(raw)) + raw


def blob(value: bytes) -> bytes:
    """Bytes as SFTP writes them."""
    return struct.pack(">I", len(value)) + value


class Arrivals(BufferedPipe):  # type: ignore[type-arg]  # generic in its stubs only
    """What a channel has received, packet by packet as it came.

    paramiko gathers it in one array instead: a large file is then copied three times more than needed, into memory that
    is fetched and given back all the time.
    """

    def __init__(self) -> None:
        super().__init__()
        self._packets: SimpleQueue[bytes] = SimpleQueue()

    def feed(self, data: bytes) -> None:
        """Take in a packet; an empty one is nothing, as `read` means the end by that."""
        if data:
            self._packets.put(data)

    def read(self, nbytes: int, timeout: float | None = None) -> bytes:
        """The next packet, whatever its length; nothing at the end of the connection. PipeTimeout where none comes."""
        try:
            packet = self._packets.get(timeout=timeout)
        except Empty:
            raise PipeTimeout from None
        if not packet:
            self._packets.put(packet)
        return packet

    def close(self) -> None:
        """Nothing will come any more."""
        self._packets.put(b"")


class Session:
    """One SFTP session. `server` names it in messages; `extensions` are those that it offers."""

    def __init__(self, channel: paramiko.Channel, server: str, patience: float = PATIENCE_SECONDS) -> None:
        self.server = server
        self._channel = channel
        self._patience = patience
        self._outgoing = bytearray()
        self._incoming = bytearray()
        self._number = 0
        channel.settimeout(patience)
        self.extensions = self._greet()
        self.read_bytes, self.write_bytes = self._block_bytes()

    # The pump

    def exchange(self, requests: Iterable[Request | None]) -> Iterator[tuple[Request, Reply]]:
        """Send requests, IN_FLIGHT of them at once, and give each with its answer as the answers come.

        `requests` may give None for "nothing is due before more answers are there".
        """
        source = iter(requests)
        waiting: dict[int, Request] = {}
        while True:
            while len(waiting) < IN_FLIGHT and (request := next(source, None)) is not None:
                waiting[self._send(request)] = request
            if not waiting:
                return
            number, reply = self._receive()
            if number in waiting:  # else it answers an exchange that was given up
                yield waiting.pop(number), reply

    def one(self, request: Request) -> Reply:
        """The answer to a single request."""
        ((_, reply),) = self.exchange([request])
        return reply

    def all_ok(self, requests: Iterable[Request]) -> None:
        """Send requests that are answered by a status; raise Refused at the first that is not OK."""
        for request, reply in self.exchange(requests):
            self.expect_ok(request, reply)

    def expect_ok(self, request: Request, reply: Reply) -> None:
        """Raise Refused unless the answer is the status OK."""
        if status_of(reply) != OK:
            raise self.refusal(request, reply)

    def refusal(self, request: Request, reply: Reply) -> Refused:
        """The error that an unwelcome answer is."""
        code = status_of(reply)
        meaning = (
            "the answer was of another kind than asked for" if code is None else MEANINGS.get(code, f"status {code}")
        )
        return Refused(f"{self.server} could not {request.purpose}: {meaning}.", FAILURE if code is None else code)

    def _send(self, request: Request) -> int:
        self._number = (self._number + 1) & 0xFFFFFFFF
        self._outgoing += struct.pack(">IBI", len(request.body) + 5, request.kind, self._number)
        self._outgoing += request.body
        if len(self._outgoing) >= SEND_BYTES:
            self._flush()
        return self._number

    def _flush(self) -> None:
        content, self._outgoing = memoryview(self._outgoing), bytearray()
        at = 0
        try:
            while at < len(content):  # in pieces of one SSH packet: `sendall` would copy the rest again for each
                at += self._channel.send(bytes(content[at : at + PACKET_BYTES]))
        except TimeoutError:
            raise self._silence() from None
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise Unreachable(f"{self.server} cut the connection.") from error

    def _receive(self) -> tuple[int, Reply]:
        """The next answer, and the number of the request that it is for; of the first one, the protocol's version."""
        length = int.from_bytes(self._need(4)[:4], "big")
        if not 5 <= length <= MAX_PACKET_BYTES:
            raise PartnerError(f"{self.server} does not answer in SFTP.")
        with memoryview(self._need(4 + length)) as packet:
            kind, number = struct.unpack_from(">BI", packet, 4)
            body = bytes(packet[9 : 4 + length])
        del self._incoming[: 4 + length]
        return number, Reply(kind, body)

    def _need(self, count: int) -> bytearray:
        """What came in, once it is `count` bytes; a server that drips is as silent as one that says nothing."""
        if len(self._incoming) >= count:
            return self._incoming
        if self._outgoing:
            self._flush()
        until = time.monotonic() + self._patience
        while len(self._incoming) < count:
            self._channel.settimeout(max(0.01, until - time.monotonic()))
            try:
                more = self._channel.recv(RECEIVE_BYTES)
            except TimeoutError:
                raise self._silence() from None
            if not more:
                raise Unreachable(f"{self.server} cut the connection.")
            self._incoming += more
        self._channel.settimeout(self._patience)
        return self._incoming

    def _silence(self) -> Silent:
        return Silent(f"{self.server} has not answered for {self._patience:.0f} seconds.")

    def _greet(self) -> frozenset[str]:
        self._outgoing += struct.pack(">IBI", 5, INIT, 3)
        _version, reply = self._receive()
        if reply.kind != VERSION:
            raise PartnerError(f"{self.server} does not answer in SFTP.")
        return frozenset(name.decode(errors="replace") for name in _strings(reply.body)[::2])

    def _block_bytes(self) -> tuple[int, int]:
        """Bytes of one read and of one write: up to the server's limits where it tells them, else what all take."""
        reply = self.one(Request(EXTENDED, text(LIMITS), "tell its limits")) if LIMITS in self.extensions else None
        if reply is None or reply.kind != EXTENDED_REPLY or len(reply.body) < 32:
            return BLOCK_BYTES, BLOCK_BYTES
        _longest_packet, longest_read, longest_write, _most_handles = struct.unpack(">QQQQ", reply.body[:32])
        return min(longest_read, MOST_BLOCK_BYTES) or BLOCK_BYTES, min(longest_write, MOST_BLOCK_BYTES) or BLOCK_BYTES

    # Single questions

    def shell(self, command: str) -> bytes:
        """What a command of the server's shell prints; only for partners who agreed to it."""
        return answer(self._channel.get_transport(), command, self.server, self._patience)

    def real_path(self, path: str) -> str:
        """The path as the server writes it in full."""
        request = Request(REALPATH, text(path), f"find {path}")
        reply = self.one(request)
        if reply.kind != NAME:
            raise self.refusal(request, reply)
        return next((entry.name for entry in _names(reply.body)), path)

    def entry(self, path: str) -> Entry | None:
        """What lies at a path, links not followed; None where nothing does."""
        request = look(path)
        return self.entry_in(request, self.one(request))

    def entry_in(self, request: Request, reply: Reply) -> Entry | None:
        """What the answer to `look` says; None where nothing lies there."""
        if reply.kind == ATTRS:
            return _attributes(reply.body, 0, "")[0]
        if status_of(reply) == NO_SUCH_FILE:
            return None
        raise self.refusal(request, reply)

    def entries(self, directory: str, most: int = 100_000) -> list[Entry]:
        """What lies in a directory, by name; more than `most` names are an error."""
        request = Request(OPENDIR, text(directory), f"open directory {directory}")
        handle = self.handle_in(request, self.one(request))
        found: list[Entry] = []
        while (more := self._more_entries(handle, directory)) is not None:
            found += more
            if len(found) > most:
                raise PartnerError(
                    f"{self.server} lists more than {most} names in {directory}: have them cleared away."
                )
        self.one(close(handle, directory))
        return sorted((entry for entry in found if entry.name not in (".", "..")), key=lambda entry: entry.name)

    def _more_entries(self, handle: bytes, directory: str) -> list[Entry] | None:
        request = Request(READDIR, blob(handle), f"list directory {directory}")
        reply = self.one(request)
        if reply.kind == NAME:
            return _names(reply.body)
        if status_of(reply) == END_OF_FILE:
            return None
        raise self.refusal(request, reply)

    def handle_in(self, request: Request, reply: Reply) -> bytes:
        """The handle that an answer gives."""
        if reply.kind != HANDLE:
            raise self.refusal(request, reply)
        return _string(reply.body, 0)[0]

    def remove(self, path: str) -> None:
        """Remove a file; one that is not there is no error."""
        request = Request(REMOVE, text(path), f"remove {path}")
        reply = self.one(request)
        if status_of(reply) not in (OK, NO_SUCH_FILE):
            raise self.refusal(request, reply)

    def rename_request(self, old: str, new: str) -> Request:
        """The request to rename: atomic, by OpenSSH's extension, where the server offers it."""
        purpose = f"rename {old} to {new}"
        if POSIX_RENAME in self.extensions:
            return Request(EXTENDED, text(POSIX_RENAME) + text(old) + text(new), purpose)
        return Request(RENAME, text(old) + text(new), purpose)


@contextmanager
def session(endpoint: Endpoint) -> Iterator[Session]:
    """An SFTP session at an endpoint, closed at the end; `endpoint.extra` may set its own `timeout` in seconds.

    Raises PartnerError where the server cannot be reached, is not the pinned one, or does not speak SFTP.
    """
    patience = float(endpoint.extra.get("timeout") or PATIENCE_SECONDS)
    transport = connect(endpoint, patience)
    try:
        yield _start(transport, where(endpoint), patience)
    except struct.error as error:  # an answer that ends before what it announces
        raise PartnerError(f"{where(endpoint)} does not answer in SFTP.") from error
    finally:
        transport.close()


def _start(transport: paramiko.Transport, server: str, patience: float) -> Session:
    try:
        channel = transport.open_session(window_size=transport.default_window_size, timeout=patience)
        channel.in_buffer = Arrivals()
        channel.settimeout(patience)
        channel.invoke_subsystem("sftp")
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise Unreachable(f"{server} lets us in but starts no SFTP.") from error
    return Session(channel, server, patience)


def open_to_write(path: str, *key: int) -> Request:
    """Ask to open a file for writing, empty, made where it is missing."""
    flags = struct.pack(">II", FOR_WRITING | CREATE | TRUNCATE, 0)
    return Request(OPEN, text(path) + flags, f"open {path} for writing", key)


def open_to_read(path: str, *key: int) -> Request:
    """Ask to open a file for reading."""
    return Request(OPEN, text(path) + struct.pack(">II", FOR_READING, 0), f"open {path} for reading", key)


def write(handle: bytes, offset: int, content: bytes, path: str) -> Request:
    """Ask to write at an offset."""
    body = blob(handle) + struct.pack(">QI", offset, len(content)) + content
    return Request(WRITE, body, f"write {path}")


def read(handle: bytes, path: str, number: int, offset: int, length: int) -> Request:
    """Ask to read a span of a file; the request's key is (number, offset, length)."""
    body = blob(handle) + struct.pack(">QI", offset, length)
    return Request(READ, body, f"read {path}", (number, offset, length))


def sync(handle: bytes, path: str) -> Request:
    """Ask to bring a file's content to the disk."""
    return Request(EXTENDED, text(FSYNC) + blob(handle), f"bring {path} to its disk")


def close(handle: bytes, path: str) -> Request:
    """Ask to close a handle."""
    return Request(CLOSE, blob(handle), f"close {path}")


def look(path: str, *key: int) -> Request:
    """Ask what lies at a path, links not followed."""
    return Request(LSTAT, text(path), f"look at {path}", key)


def status_of(reply: Reply) -> int | None:
    """The status that an answer holds; None where it is of another kind."""
    if reply.kind != STATUS or len(reply.body) < 4:
        return None
    return int.from_bytes(reply.body[:4], "big")


def data_in(reply: Reply) -> memoryview | None:
    """The bytes that a read gave; None where the answer is of another kind."""
    return memoryview(reply.body)[4:] if reply.kind == DATA else None


def _strings(body: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(body):
        value, at = _string(body, at)
        found.append(value)
    return found


def _names(body: bytes) -> list[Entry]:
    found, at = [], 4
    for _ in range(int.from_bytes(body[:4], "big")):
        name, at = _string(body, at)
        _long_form, at = _string(body, at)
        entry, at = _attributes(body, at, name.decode(errors="replace"))
        found.append(entry)
    return found


def _string(body: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from(">I", body, at)
    return body[at + 4 : at + 4 + length], at + 4 + length


def _attributes(body: bytes, at: int, name: str) -> tuple[Entry, int]:
    """The attributes at an offset (draft-ietf-secsh-filexfer-02 section 5), and the offset behind them."""
    size = mode = modified = 0
    (flags,) = struct.unpack_from(">I", body, at)
    at += 4
    if flags & 0x1:
        (size,) = struct.unpack_from(">Q", body, at)
        at += 8
    if flags & 0x2:
        at += 8  # owner and group
    if flags & 0x4:
        (mode,) = struct.unpack_from(">I", body, at)
        at += 4
    if flags & 0x8:
        _, modified = struct.unpack_from(">II", body, at)
        at += 8
    if flags & 0x80000000:
        (pairs,) = struct.unpack_from(">I", body, at)
        at += 4
        for _ in range(2 * pairs):
            _, at = _string(body, at)
    return Entry(name, size, mode, modified), at
