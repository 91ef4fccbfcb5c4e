"""An SFTP server that fails in a chosen way, at a chosen file, until it is repaired."""

import os
import threading
from dataclasses import dataclass, field
from typing import Any

import paramiko
from paramiko import SFTPServer
from paramiko.sftp import CMD_CLOSE, SFTP_FAILURE, SFTP_OK, SFTP_PERMISSION_DENIED

from demo.standin.server import Drop, OpenFile


@dataclass
class Plan:
    """What fails (`fault`), for files whose name holds `where`; and what the server was seen to do."""

    fault: str = ""
    where: str = "drop"
    arrivals: list[str] = field(default_factory=list)
    transports: list[paramiko.Transport] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def hits(self, path: str, *faults: str) -> bool:
        """True where one of these faults is planned for this path."""
        return self.fault in faults and self.where in os.path.basename(path)

    def cut(self) -> None:
        """Cut every connection, as a fallen cable does."""
        for transport in self.transports:
            transport.sock.close()
            transport.close()

    def repair(self) -> None:
        """From now on nothing fails."""
        self.fault = ""
        self.released.set()


class FaultyFile(OpenFile):
    """An open file whose reads and writes fail as planned."""

    plan: Plan
    path: str

    def write(self, offset: int, data: bytes) -> int:
        if self.plan.hits(self.path, "the first write fails") and offset == 0:
            return SFTP_FAILURE
        if self.plan.hits(self.path, "the last write fails") and len(data) < 32_000:
            return SFTP_FAILURE
        if self.plan.hits(self.path, "a write says it is done and is not") and offset <= 64_000 < offset + len(data):
            return SFTP_OK
        if self.plan.hits(self.path, "the disk is full", "the quota is used up") and offset + len(data) > 50_000:
            return SFTP_FAILURE
        if self.plan.hits(self.path, "the second half is dropped") and offset > 100_000:
            return SFTP_OK
        if self.plan.hits(self.path, "one byte is stored wrong") and offset == 0:
            data = bytes([data[0] ^ 1]) + data[1:]
        if self.plan.hits(self.path, "the connection is cut in the middle") and offset > 100_000:
            self.plan.cut()
        if self.plan.hits(self.path, "the server stops answering") and offset > 100_000:
            self.plan.released.wait(30)
        return super().write(offset, data)

    def read(self, offset: int, length: int) -> bytes | int:
        if self.plan.hits(self.path, "reading fails") and offset > 0:
            return SFTP_FAILURE
        if self.plan.hits(self.path, "reading ends early") and offset > 0:
            return b""
        if self.plan.hits(self.path, "the connection is cut while reading") and offset > 0:
            self.plan.cut()
        if self.plan.hits(self.path, "the server stops answering reads") and offset > 0:
            self.plan.released.wait(30)
        content = super().read(offset, length)
        if self.plan.hits(self.path, "one byte is read wrong") and isinstance(content, bytes) and offset == 0:
            self.plan.fault = ""
            return bytes([content[0] ^ 1]) + content[1:]
        if self.plan.hits(self.path, "reads give less than asked") and isinstance(content, bytes):
            return content[:10_000]
        return content


class FaultyDrop(Drop):
    """A partner's folder whose operations fail as planned."""

    plan: Plan

    def opened(self, path: str, flags: int) -> OpenFile:
        made = FaultyFile(flags)
        made.plan, made.path = self.plan, path
        return made

    def open(self, path: str, flags: int, attr: Any) -> Any:
        if self.plan.hits(path, "permission is lost"):
            return SFTP_PERMISSION_DENIED
        if self.plan.hits(path, "reading back is forbidden") and not flags & os.O_WRONLY:
            return SFTP_PERMISSION_DENIED
        return super().open(path, flags, attr)

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        if self.plan.hits(newpath, "the rename fails"):
            return SFTP_FAILURE
        if self.plan.hits(newpath, "the rename says it is done and is not"):
            return SFTP_OK
        done = super().posix_rename(oldpath, newpath)
        self.plan.arrivals.append(os.path.basename(newpath))
        if self.plan.hits(newpath, "the connection is cut after the rename"):
            self.plan.cut()
        return done


class FaultyProtocol(SFTPServer):
    """The server's side of SFTP; only closing can fail here, as paramiko reports every close as done."""

    plan: Plan

    def start_subsystem(self, name: str, transport: Any, channel: Any) -> None:
        self.plan.transports.append(transport)
        super().start_subsystem(name, transport, channel)

    def _process(self, t: int, request_number: int, msg: Any) -> None:
        if t == CMD_CLOSE and self.plan.fault == "the close fails":
            handle = self.file_table.get(msg.get_binary())
            msg.rewind()
            msg.get_int()
            if isinstance(handle, FaultyFile) and self.plan.hits(handle.path, "the close fails") and handle.writefile:
                self._send_status(request_number, SFTP_FAILURE)
                return
        super()._process(t, request_number, msg)


def faulty(plan: Plan) -> tuple[type[Drop], type[SFTPServer]]:
    """A drop and a protocol that follow a plan."""
    kinds = (("PlannedDrop", FaultyDrop), ("PlannedProtocol", FaultyProtocol))
    drop, protocol = (type(name, (kind,), {"plan": plan}) for name, kind in kinds)
    return drop, protocol
