"""A PostgreSQL of one's own, for a test: made in an empty folder, on a free port, gone afterwards; it syncs nothing.

Run as root, as in a container, the server runs as Debian's user postgres, because it refuses root.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ports import free_port

INSTALL = "PostgreSQL's server is not installed here: apt-get install postgresql"


def programs() -> Path:
    """The folder of initdb and pg_ctl; without them the test is skipped, but never where CI is set."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        if os.environ.get("CI"):
            pytest.fail(INSTALL)
        pytest.skip(INSTALL)
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


@contextmanager
def cluster(*settings: str, log: Path | None = None) -> Iterator[str]:
    """The URL of a database on a new server, which takes connections on loopback, with a password, alone.

    Further `settings` are as on its command line; what it logged is in the file `log` afterwards.
    """
    bin_folder = programs()
    folder = Path(tempfile.mkdtemp(prefix="clvt-postgres-"))
    password = secrets.token_urlsafe(16)
    try:
        (folder / "password").write_text(password)
        if os.geteuid() == 0:
            for path in (folder, folder / "password"):
                shutil.chown(path, "postgres", "postgres")
        port = free_port()
        _run(bin_folder / "initdb", "-D", folder / "data", "-U", "clvt", "-A", "scram-sha-256", "-N",
             f"--pwfile={folder / 'password'}", "-E", "UTF8", "--no-locale")  # fmt: skip
        own = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        enough = "-c max_connections=500"  # the engine of each test of a process keeps one
        options = " ".join([own, enough, *settings])
        _run(bin_folder / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-o", options, "-w", "start")
        try:
            yield f"postgresql+psycopg://clvt:{password}@127.0.0.1:{port}/postgres"
        finally:
            _run(bin_folder / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop")
            if log is not None:
                shutil.copy(folder / "log", log)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(program: Path, *arguments: object) -> None:
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*as_postgres, str(program), *map(str, arguments)],
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
