"""How fast is a checked delivery beside OpenSSH's sftp, rclone and paramiko's put?

One file of 256 MB and 1,000 files of 10 KB go to a real OpenSSH server on the loopback, every client in turn, in
several rounds; the medians are printed as ratios, because absolute speeds are the machine's. Each client's time is that
of a whole process, with its start. Needs sshd, sftp and rclone (Debian: openssh-server, openssh-client, rclone).

    python -m bench.deliver [--rounds 3] [--large-mb 256] [--small 1000] [--folder DIR]
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.deliver_client import OURS, OURS_B2, OURS_READ, OURS_SHA, OURS_SSL, PARAMIKO
from tests.deliver import openssh

SFTP, RCLONE = "OpenSSH sftp", "rclone with hashes"


@dataclass(frozen=True)
class Trial:
    """Files to be sent, and the server that takes them."""

    server: openssh.OpenSSH
    sources: list[Path]

    def clear(self) -> None:
        """Empty the server's folder."""
        shutil.rmtree(self.server.folder)
        self.server.folder.mkdir()

    def expect_arrived(self) -> None:
        """Every file lies there, whole."""
        for source in self.sources:
            if (self.server.folder / source.name).stat().st_size != source.stat().st_size:
                raise SystemExit(f"{source.name} did not arrive whole")


def main() -> None:
    """Run the benchmark and print it."""
    given = _arguments()
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="bench-deliver-") as name:
        folder = Path(name)
        with openssh.running(folder / "keys", folder / "drop") as server:
            large = Trial(server, _files(folder / "large", 1, given.large_mb * 1_000_000))
            small = Trial(server, _files(folder / "small", given.small, 10_000))
            _print(f"one file of {given.large_mb} MB", _measure(large, given.rounds))
            _print(f"{given.small} files of 10 KB", _measure(small, given.rounds))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--large-mb", type=int, default=256)
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--folder", default="/dev/shm" if os.path.isdir("/dev/shm") else None)
    return parser.parse_args()


def _files(folder: Path, count: int, size: int) -> list[Path]:
    folder.mkdir()
    for number in range(count):
        (folder / f"file_{number:04d}.gpg").write_bytes(os.urandom(size))
    return sorted(folder.iterdir())


def _measure(trial: Trial, rounds: int) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in CLIENTS}
    for _ in range(rounds):
        for name, send in CLIENTS.items():
            trial.clear()
            start = time.perf_counter()
            send(trial)
            times[name].append(time.perf_counter() - start)
            trial.expect_arrived()
    return {name: statistics.median(taken) for name, taken in times.items()}


def _print(title: str, taken: dict[str, float]) -> None:
    print(f"\n{title}\n{'client':28} {'seconds':>8} {'x sftp':>8} {'x put':>8} {'x rclone':>8}")
    for name, seconds in taken.items():
        ratios = "".join(f"{seconds / taken[other]:9.2f}" for other in (SFTP, PARAMIKO, RCLONE))
        print(f"{name:28} {seconds:8.2f}{ratios}")


def _by_sftp(trial: Trial) -> None:
    batch = "".join(f"put {source} {source.name}\n" for source in trial.sources)
    _run(["sftp", "-q", "-b", "-", *_ssh_options(trial), "-P", str(trial.server.port), "127.0.0.1"], batch)


def _by_rclone(trial: Trial) -> None:
    server = trial.server
    settings = {
        "type": "sftp",
        "host": "127.0.0.1",
        "port": server.port,
        "user": server.endpoint().login,
        "key_file": server.keys / "login_key",
        "shell_type": "unix",
        "md5sum_command": "md5sum",
        "sha1sum_command": "sha1sum",
    }
    environment = {f"RCLONE_CONFIG_DROP_{key.upper()}": str(value) for key, value in settings.items()}
    _run(["rclone", "copy", "-q", str(trial.sources[0].parent), f"drop:{server.folder}"], "", environment)


def _by_python(client: str) -> Callable[[Trial], None]:
    def send(trial: Trial) -> None:
        server = trial.server
        given = [client, str(trial.sources[0].parent), str(server.port), server.host_key]
        _run([sys.executable, "-m", "bench.deliver_client", *given, str(server.keys / "login_key")], "")

    return send


def _ssh_options(trial: Trial) -> list[str]:
    options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
    return ["-i", str(trial.server.keys / "login_key"), *(part for option in options for part in ("-o", option))]


def _run(command: list[str], given: str, environment: dict[str, str] | None = None) -> None:
    settings = {**os.environ, **(environment or {})}
    subprocess.run(command, input=given, text=True, check=True, stdout=subprocess.DEVNULL, env=settings)


CLIENTS: dict[str, Callable[[Trial], None]] = {
    SFTP: _by_sftp,
    OURS: _by_python(OURS),
    OURS_READ: _by_python(OURS_READ),
    OURS_SHA: _by_python(OURS_SHA),
    OURS_SSL: _by_python(OURS_SSL),
    OURS_B2: _by_python(OURS_B2),
    PARAMIKO: _by_python(PARAMIKO),
    RCLONE: _by_rclone,
}


if __name__ == "__main__":
    main()
