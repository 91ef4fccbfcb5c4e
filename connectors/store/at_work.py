"""Who works in a data home now: which process, and on which night?

One lock on the home ends with the process that holds it, however that ends. A stage takes it for its own time; who runs
many stages in several processes hands it on to them. Beside it the home remembers the night whose stages are being
made, so that no other one comes between two of them.
"""

import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any

from connectors.store.paths import Home

# A stage may take an hour (see dags/nightly.py): a night that showed no sign of life for twice as long was given up.
GIVEN_UP_SECONDS = 2 * 60 * 60
LOOK_AGAIN_SECONDS = 0.05
PATIENCE_SECONDS = 10.0  # for a process that is about to end
MOUNTS = Path("/proc/self/mounts")
HOLDS_HERE_ALONE = {"nolock", "local_lock=all", "local_lock=flock"}  # options of NFS


class HomeBusy(Exception):
    """Another process works in the home; it may be free a little later."""

    worth_another_try = True


class NoLocks(HomeBusy):
    """A lock in the home would not keep others out, so nobody may work in it."""

    worth_another_try = False


@dataclass(frozen=True)
class Held:
    """A lock that is held as long as any process has its file open; a spawned process that is given it holds it too."""

    descriptor: int

    def __reduce__(self) -> tuple[Callable[[Any], "Held"], tuple[Any]]:
        return _held_here, (DupFd(self.descriptor),)


def _held_here(duplicate: Any) -> Held:
    return Held(duplicate.detach())


@contextmanager
def alone(home: Home, patience_seconds: float) -> Iterator[Held]:
    """Nobody else works in the home meanwhile. Raises HomeBusy where somebody does after these seconds."""
    with _locked(home.lock, fcntl.LOCK_EX, patience_seconds) as held:
        yield held


@contextmanager
def side_by_side(home: Home, patience_seconds: float) -> Iterator[Held]:
    """Only others who came in side by side work in the home meanwhile. Raises HomeBusy as `alone` does."""
    with _locked(home.lock, fcntl.LOCK_SH, patience_seconds) as held:
        yield held


@contextmanager
def only_command(home: Home) -> Iterator[None]:
    """No other command runs nights in the home meanwhile. Raises HomeBusy at once where one does."""
    with _locked(home.command_lock, fcntl.LOCK_EX, 0):
        yield


@contextmanager
def _locked(path: Path, how: int, patience_seconds: float) -> Iterator[Held]:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(descriptor, how, time.monotonic() + patience_seconds, path)
        _expect_to_keep_others_out(path)
        yield Held(descriptor)
    finally:
        os.close(descriptor)  # never unlocked: a process that it was handed on to may still work


def _take(descriptor: int, how: int, until: float, path: Path) -> None:
    while True:
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                break
            time.sleep(LOOK_AGAIN_SECONDS)
        except OSError as error:
            raise NoLocks(_useless(path, str(error.strerror))) from None
    raise HomeBusy(f"Another process works in {path.parent}. Nothing was changed: wait until it has ended.")


def _expect_to_keep_others_out(path: Path) -> None:
    """NoLocks where a second one could take the lock that we hold, here or on another machine."""
    if MOUNTS.is_file() and holds_here_alone(path, MOUNTS.read_text(encoding="utf-8", errors="replace")):
        raise NoLocks(_useless(path, f"mounted with one of {', '.join(sorted(HOLDS_HERE_ALONE))}"))
    second = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    finally:
        os.close(second)
    raise NoLocks(_useless(path, "a second lock was given while one was held"))


def holds_here_alone(path: Path, mounts: str) -> bool:
    """True where a network's file system is mounted so that a lock is known to this machine alone."""
    lines = [line.split() for line in mounts.splitlines()]
    around = [one for one in lines if path.is_relative_to(one[1])]
    return bool(around) and not HOLDS_HERE_ALONE.isdisjoint(max(around, key=lambda one: len(one[1]))[3].split(","))


def _useless(path: Path, why: str) -> str:
    return (
        f"The file system of {path.parent} holds no lock for everybody who works there ({why}). Nothing was changed: "
        "put the data home on one that does, such as NFS version 4 without these options."
    )


def begin(home: Home, night: date) -> None:
    """From now on this night is made in the home, until it has ended."""
    part = home.at_work.with_suffix(".part")
    part.write_text(json.dumps({"night": night.isoformat(), "begun_by": _process()}) + "\n", encoding="utf-8")
    os.replace(part, home.at_work)


def sign_of_life(home: Home, night: date) -> None:
    """The night that is being made is still alive."""
    if night_at_work(home) == night:
        os.utime(home.at_work)


def end(home: Home, night: date) -> None:
    """The night is not being made any more: it was published, or its report says why not."""
    if night_at_work(home) == night:
        home.at_work.unlink(missing_ok=True)


def night_at_work(home: Home) -> date | None:
    """The night that was begun last and has not ended; None where there is none."""
    found = _mark(home)
    return date.fromisoformat(found["night"]) if found else None


def is_given_up(home: Home) -> bool:
    """True where the night at work goes on nowhere: it gave no sign of life for long, or it was begun by ourselves."""
    found = _mark(home)
    if not found or found["begun_by"] == _process():
        return True
    return time.time() - home.at_work.stat().st_mtime > GIVEN_UP_SECONDS


def _mark(home: Home) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(home.at_work.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _process() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
