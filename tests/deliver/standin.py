"""A stand-in partner for single tests: its own keys and drop below a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.endpoints import Endpoint
from demo.standin.partners import ssh_key
from demo.standin.server import Account, Server
from tests.deliver.nights import PATIENCE


@contextmanager
def running(folder: Path) -> Iterator[Endpoint]:
    """How the partner is reached; what it receives lies in `drop`."""
    (folder / "drop").mkdir()
    account = Account(ssh_key(folder / "login_key"), folder / "drop")
    with Server(ssh_key(folder / "host_key"), {"force": account}) as server:
        key = f"{server.host_key.get_name()} {server.host_key.get_base64()}"
        extra = {"host_key": key, "key_file": str(folder / "login_key"), "timeout": PATIENCE}
        yield Endpoint("partner_mash", "sftp", "127.0.0.1", server.port, "force", extra=extra)
