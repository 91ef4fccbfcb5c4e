"""How does the stand-in partners' SFTP server take files?

Paramiko's server side over plain folders. A file that gets its final name is acknowledged at once, by its name and the
SHA-256 of what lies there, as an agreed partner does.
"""

import hashlib
import json
import os
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import paramiko
from paramiko import SFTPAttributes, SFTPServer, common
from paramiko.sftp import SFTP_FAILURE, SFTP_OK, SFTP_PERMISSION_DENIED


@dataclass(frozen=True)
class Account:
    """A user of the server: the key that logs in, the user's folder, and where in it acknowledgements appear."""

    public_key: paramiko.PKey
    folder: Path
    receipts: str = ""


class Login(paramiko.ServerInterface):
    """Lets users in by their keys, to SFTP only."""

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        self._accounts = accounts
        self.account: Account | None = None

    def get_allowed_auths(self, username: str) -> str:  # noqa: D102
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:  # noqa: D102
        account = self._accounts.get(username)
        if account is None or key != account.public_key:
            return common.AUTH_FAILED
        self.account = account
        return common.AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: D102
        return common.OPEN_SUCCEEDED if kind == "session" else common.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED


class OpenFile(paramiko.SFTPHandle):
    """An open file of a user's folder."""

    readfile: Any
    writefile: Any

    def stat(self) -> SFTPAttributes | int:  # noqa: D102
        return SFTPAttributes.from_stat(os.fstat((self.readfile or self.writefile).fileno()))


class Drop(paramiko.SFTPServerInterface):
    """A user's folder over SFTP; no path leads out of it."""

    def __init__(self, server: Login, *args: Any, **kwargs: Any) -> None:
        super().__init__(server, *args, **kwargs)
        if server.account is None:
            raise PermissionError("nobody is logged in")
        self.account = server.account

    def local(self, path: str) -> Path:
        """The local path of what a user names."""
        return self.account.folder / self.canonicalize(path).lstrip("/")

    def list_folder(self, path: str) -> list[SFTPAttributes] | int:  # noqa: D102
        try:
            found = sorted(self.local(path).iterdir())
            return [SFTPAttributes.from_stat(entry.lstat(), entry.name) for entry in found]
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)

    def lstat(self, path: str) -> SFTPAttributes | int:  # noqa: D102
        try:
            return SFTPAttributes.from_stat(self.local(path).lstat())
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)

    stat = lstat

    def open(self, path: str, flags: int, attr: SFTPAttributes) -> paramiko.SFTPHandle | int:  # noqa: D102
        try:
            number = os.open(self.local(path), flags | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)
        handle = self.opened(path, flags)
        if flags & (os.O_WRONLY | os.O_RDWR):
            handle.writefile = os.fdopen(number, "r+b" if flags & os.O_RDWR else "wb")
            handle.readfile = handle.writefile if flags & os.O_RDWR else None
        else:
            handle.readfile, handle.writefile = os.fdopen(number, "rb"), None
        return handle

    def opened(self, path: str, flags: int) -> OpenFile:
        """What reads and writes a file that was opened."""
        return OpenFile(flags)

    def remove(self, path: str) -> int:  # noqa: D102
        try:
            self.local(path).unlink()
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)
        return SFTP_OK

    def rename(self, oldpath: str, newpath: str) -> int:  # noqa: D102
        if self.local(newpath).exists():
            return SFTP_FAILURE
        return self.posix_rename(oldpath, newpath)

    def posix_rename(self, oldpath: str, newpath: str) -> int:  # noqa: D102
        old, new = self.local(oldpath), self.local(newpath)
        try:
            old.replace(new)
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)
        if self.account.receipts and not new.name.startswith("."):
            self.acknowledge(new)
        return SFTP_OK

    def mkdir(self, path: str, attr: SFTPAttributes) -> int:  # noqa: D102
        return SFTP_PERMISSION_DENIED

    def acknowledge(self, arrived: Path) -> None:
        """Say what arrived: its name, and the hash of what lies there."""
        digest = hashlib.sha256(arrived.read_bytes()).hexdigest()
        receipt = {"file": arrived.name, "sha256": digest, "status": "accepted"}
        folder = self.account.folder / self.account.receipts
        part = folder / f".{arrived.name}.part"
        part.write_text(json.dumps(receipt, sort_keys=True) + "\n", encoding="utf-8")
        part.replace(folder / f"{arrived.name}.receipt.json")


class Server:
    """An SFTP server on a free port of the loopback, until it is left as a context."""

    def __init__(
        self,
        host_key: paramiko.PKey,
        accounts: Mapping[str, Account],
        drop: type[Drop] = Drop,
        protocol: type[SFTPServer] = SFTPServer,
    ) -> None:
        self.host_key = host_key
        self._accounts = accounts
        self._drop = drop
        self._protocol = protocol
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._transports: list[paramiko.Transport] = []
        self._thread = threading.Thread(target=self._accept, daemon=True, name="stand-in partners")

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> "Server":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for transport in self._transports:
            transport.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # the listener was closed: the end
                return
            self._transports = [transport for transport in self._transports if transport.is_active()]
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            transport = paramiko.Transport(connection)
            transport.add_server_key(self.host_key)
            transport.set_subsystem_handler("sftp", self._protocol, self._drop)
            self._transports.append(transport)
            threading.Thread(target=self._serve, args=(transport,), daemon=True).start()

    def _serve(self, transport: paramiko.Transport) -> None:
        with suppress(paramiko.SSHException, EOFError, OSError):  # a visitor who leaves early is no error of ours
            transport.start_server(server=Login(self._accounts))
