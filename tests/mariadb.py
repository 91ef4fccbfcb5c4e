"""A MariaDB of one's own, for a test: made in an empty folder, on a free port, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.ports import free_port

INSTALL = "MariaDB's server is not installed here: apt-get install mariadb-server"


@contextmanager
def cluster() -> Iterator[str]:
    """The URL of a database on a new server, which takes connections on loopback alone."""
    server = shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin")
    if server is None:
        if os.environ.get("CI"):
            pytest.fail(INSTALL)
        pytest.skip(INSTALL)
    folder = Path(tempfile.mkdtemp(prefix="clvt-mariadb-"))
    user = "mysql" if os.geteuid() == 0 else ""
    try:
        if user:
            shutil.chown(folder, user, user)
        as_user = [f"--user={user}"] if user else []
        made = ["mariadb-install-db", f"--datadir={folder}/data", "--auth-root-authentication-method=normal", *as_user]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
        port = free_port()
        running = subprocess.Popen(
            [server, "--no-defaults", f"--datadir={folder}/data", f"--socket={folder}/socket", f"--port={port}",
             "--bind-address=127.0.0.1", f"--pid-file={folder}/pid", *as_user],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            url = f"mariadb+pymysql://root@127.0.0.1:{port}/test"
            _wait(url)
            yield url
        finally:
            running.terminate()
            running.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(url: str) -> None:
    engine = sa.create_engine(sa.make_url(url).set(database=""))
    until = time.monotonic() + 90
    while True:
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql("CREATE DATABASE IF NOT EXISTS test CHARACTER SET utf8mb4")
            engine.dispose()
            return
        except sa.exc.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
