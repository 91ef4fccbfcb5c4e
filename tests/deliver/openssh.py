"""A real OpenSSH server for tests and benchmarks: its own keys and folder, a free port of the loopback, this user."""

import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.endpoints import Endpoint
from demo.standin.partners import ssh_key
from tests.ports import free_port, wait_for

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
SFTP_SERVERS = ("/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/libexec/sftp-server")
SFTP_SERVER = next((path for path in SFTP_SERVERS if Path(path).is_file()), "")


@dataclass(frozen=True)
class OpenSSH:
    """A running server: where it listens, its keys, and the folder that its users see."""

    port: int
    keys: Path
    folder: Path
    process: int

    @property
    def host_key(self) -> str:
        """The server's public key as one line."""
        key = ssh_key(self.keys / "host_key")
        return f"{key.get_name()} {key.get_base64()}"

    def endpoint(self, name: str = "partner_openssh", **extra: object) -> Endpoint:
        """The server as a connection."""
        given = {"host_key": self.host_key, "key_file": str(self.keys / "login_key"), "stand_in": True, **extra}
        return Endpoint(name, "sftp", "127.0.0.1", self.port, getpass.getuser(), extra=given)


@contextmanager
def running(keys: Path, folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[OpenSSH]:
    """A server over `folder`, whose sftp-server has these variables in its environment.

    Its sessions have a home of their own: bash reads the user's start files there, each time, which can take longer
    than what is tested or timed.
    """
    keys.mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    login = ssh_key(keys / "login_key")
    ssh_key(keys / "host_key")
    (keys / "authorized").write_text(f"{login.get_name()} {login.get_base64()}\n")
    port = free_port()
    settings = " ".join(f"{name}={value}" for name, value in (environment or {}).items())
    (keys / "sshd_config").write_text(
        f"""\
Port {port}
ListenAddress 127.0.0.1
HostKey {keys}/host_key
PidFile {keys}/sshd.pid
AuthorizedKeysFile {keys}/authorized
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
MaxStartups 100
MaxSessions 100
SetEnv HOME={keys}
Subsystem sftp /usr/bin/env {settings} {SFTP_SERVER} -d {folder}
"""
    )
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    process = subprocess.Popen(
        [SSHD or "sshd", "-D", "-e", "-f", str(keys / "sshd_config")], stderr=(keys / "sshd.log").open("ab")
    )
    try:
        wait_for(port)
        yield OpenSSH(port, keys, folder, process.pid)
    finally:
        process.terminate()
        process.wait(10)
