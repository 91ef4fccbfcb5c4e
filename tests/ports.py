"""Which port may a service of a test listen on? One that nobody else gets, in whatever process other tests run.

A port that the system names is anyone's again before the service listens on it. These stay with the process that asked
until it ends, by a lock on a file, and lie below those that the system gives to connections.
"""

import fcntl
import getpass
import random
import socket
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TextIO

PORTS = range(20_000, 30_000)
LOCKS = Path(tempfile.gettempdir()) / f"clvt-ports-{getpass.getuser()}"
HELD: list[TextIO] = []


def free_port() -> int:
    """A port of loopback that nobody listens on, ours until this process ends."""
    LOCKS.mkdir(exist_ok=True)
    return next(port for port in random.SystemRandom().sample(PORTS, len(PORTS)) if _is_ours(port))


def _is_ours(port: int) -> bool:
    lock = (LOCKS / str(port)).open("w")
    with suppress(OSError), socket.socket() as free:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
        HELD.append(lock)
        return True
    lock.close()
    return False


def wait_for(port: int, seconds: float = 60) -> None:
    """Until something listens on a port of loopback; ConnectionRefusedError where nothing does in time."""
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
