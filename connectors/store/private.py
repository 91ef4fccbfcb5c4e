"""Does what a process writes stay its own: files that nobody else can read, in the home, gone when it is?

Set at the start of every command, stage and screen. Libraries put what they need for a moment where Python's `tempfile`
does: that is a folder of the home, one for each process, and whoever begins clears those of processes that ended.
"""

import os
import resource
import shutil
import socket
import tempfile
from pathlib import Path

from connectors.store.paths import Home

ONLY_ITS_OWN = 0o077


def keep_private(home: Home | None = None) -> None:
    """From now on no file of this process can be read by another user, no crash leaves its memory in a file.

    With a home, what is written for a moment lies in it.
    """
    os.umask(ONLY_ITS_OWN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if home is not None and home.root.is_dir():
        _clear(home.temporary)
        own = home.temporary / f"{socket.gethostname()}-{os.getpid()}"
        own.mkdir(parents=True, exist_ok=True, mode=0o700)
        tempfile.tempdir = os.environ["TMPDIR"] = str(own)


def _clear(folder: Path) -> None:
    """What processes of this machine left that were killed; those of others are theirs to clear."""
    for path in folder.glob(f"{socket.gethostname()}-*"):
        number = path.name.rsplit("-", 1)[1]
        if number.isdigit() and not _is_running(int(number)):
            shutil.rmtree(path, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def readable_by_others(home: Home) -> list[Path]:
    """Files and folders of a home that users beside its owner could read, as far as the way to them is open."""
    if not home.root.stat().st_mode & ONLY_ITS_OWN:
        return []
    return [path for path in sorted(home.root.iterdir()) if path.lstat().st_mode & ONLY_ITS_OWN]
